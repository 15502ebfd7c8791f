// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compose/lines.h"
#include "pictures/picture.h"

namespace fomo {

/// Width and height, pixels.
struct PixelSize {
  int width = 0, height = 0;
};

/// The detail of a source picture, prepared once for all frames: its high band at the resolution of
/// the output, and its luma for DetailGate. Immutable.
class DetailSource {
 public:
  /// `crop`: the part of `picture` that the network animates; outside the picture its border is
  /// repeated. `model`: the frame size of the network. `output`: the size at which the animated
  /// crop is shown. `at_rest`: the generated picture when nothing moves (RGB of `model` size), or
  /// null; the gate compares frames with it instead of the source, so that errors which the network
  /// always makes do not count as differences. Throws Error (FOMO_SETTINGS) for impossible sizes.
  static std::shared_ptr<const DetailSource> make(const Picture& picture, const cv::Rect& crop,
                                                  PixelSize model, PixelSize output,
                                                  const ConstImage* at_rest = nullptr);

  PixelSize model() const { return model_; }
  PixelSize output() const { return output_; }
  /// Whether the source has transparency.
  bool has_alpha() const { return !low_.empty(); }
  /// Memory in bytes.
  size_t size() const;

 private:
  friend class DetailBlend;
  friend class DetailGate;

  compose::Texture detail() const;
  compose::Texture low() const;
  compose::FloatTexture luma() const;

  PixelSize model_, output_, texture_;
  compose::Placement across_ = {}, down_ = {};
  compose::VisiblePart visible_;
  std::vector<uint8_t> detail_; // r, g, b of the high band + 128, alpha
  std::vector<uint8_t> low_;    // r, g, b, alpha of the low band; empty where opaque
  std::vector<float> luma_;     // of the picture at rest, blurred by kGateSigma
};

} // namespace fomo
