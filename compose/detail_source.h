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

/// A source picture's own detail, prepared once for every frame that will show it: its high band at
/// the resolution of the output, and what tells where the network's picture agrees with it.
/// Immutable.
class DetailSource {
 public:
  /// `crop` is the part of `picture` that the network saw, as crop_region gives it; it may leave
  /// the picture, whose border is repeated there. `model` is the network's frame size, `output` the
  /// size that the animated crop is shown at. `at_rest` is what the network makes of the source
  /// when nothing moves (RGB, `model` size): with it, only real changes count as disagreement, not
  /// what the network always gets wrong; may be null. Throws Error (FOMO_SETTINGS) for sizes that
  /// cannot be.
  static std::shared_ptr<const DetailSource> make(const Picture& picture, const cv::Rect& crop,
                                                  PixelSize model, PixelSize output,
                                                  const ConstImage* at_rest = nullptr);

  PixelSize model() const { return model_; }
  PixelSize output() const { return output_; }
  /// Whether the source has transparency.
  bool has_alpha() const { return !low_.empty(); }
  /// Memory that it takes, bytes.
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
  std::vector<float> luma_;     // of what the network shows at rest, blurred as the gate blurs
};

} // namespace fomo
