// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/detail_blend.h"
#include "compose/overlay.h"
#include "compose/paste_back.h"

namespace fomo {

/// How animated crops become frames.
struct Presentation {
  bool whole_picture = false; ///< the crops in their picture instead of the one crop alone
  bool detail = true;         ///< take fine detail from the source
  /// Of the frames; {0, 0}: the picture's own, or of a crop alone the model's.
  PixelSize output;
  int channels = 3; ///< of the frames: 3, or 4 with straight alpha

  bool operator==(const Presentation& other) const;
};

/// A source picture prepared for one presentation. Immutable, shared by streams.
class PresentedSource {
 public:
  /// `crops`: what the network saw of the picture, one for each face; exactly one unless
  /// `whole_picture`. `at_rest`: what the network makes of each when nothing moves (RGB of `model`
  /// size, data may be null), see DetailSource. Throws Error (FOMO_SETTINGS).
  static std::shared_ptr<const PresentedSource> make(std::shared_ptr<const Picture> picture,
                                                     const std::vector<cv::Rect>& crops,
                                                     const std::vector<ConstImage>& at_rest,
                                                     PixelSize model, const Presentation& settings);

  const Presentation& settings() const { return settings_; }
  /// Size of the frames.
  PixelSize output() const { return output_; }
  int faces() const { return static_cast<int>(details_.size()); }
  /// Where face `face` is shown in the output; may leave it.
  cv::Rect place(int face) const { return places_.at(face); }

 private:
  friend class Presenter;

  std::shared_ptr<const Picture> picture_;
  std::vector<cv::Rect> crops_, places_;
  std::vector<std::shared_ptr<const DetailSource>> details_; ///< null: plain scaling does
  PixelSize model_, output_;
  Presentation settings_;
};

/// The network's picture of one face and the motion that made it.
struct GeneratedFace {
  ConstImage picture; ///< RGB of the model's size; null data: this face does not move
  MotionField field;  ///< without a deformation there is neither detail nor moving alpha
};

/// Makes the frames of one stream. Keeps buffers between frames and, in a picture, the colour
/// match.
class Presenter {
 public:
  Presenter();
  ~Presenter();

  /// One frame: `faces` as many as the source has; `output` of its size and channels. On at most
  /// `threads` threads. Throws Error (FOMO_SETTINGS) where sizes do not fit.
  void operator()(const std::shared_ptr<const PresentedSource>& source,
                  const std::vector<GeneratedFace>& faces, const FomoImage& output,
                  int threads = 1);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
