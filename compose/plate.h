// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <opencv2/core.hpp>

#include "compose/detail_source.h"
#include "model/motion/keypoints.h"
#include "pictures/picture.h"

namespace fomo {

/// What the motion says about the person in a picture's crop.
struct PersonMap {
  cv::Mat matte;  ///< CV_32F of the model's size, see person_matte; empty: there is none
  cv::Mat moving; ///< CV_32F of the motion's cells: how far each moves with the head, 0 to 1
  float chin = 0; ///< how far down the picture it is, 0 to 1; what is above it belongs to the head
  KeypointSet keypoints; ///< those of the crop
};

/// What is behind the person of a picture: the picture itself where the person is not, and where
/// the person is, a continuation of that. Made once for each crop and size. Immutable.
class BackgroundPlate {
 public:
  /// `crop` of `picture`, which may leave it, at `size` with `channels` (4: straight alpha). Null
  /// where `person` has no matte. `over_grey`: transparency is laid over mid grey, as the network
  /// sees it, instead of continuing the colours.
  static std::shared_ptr<const BackgroundPlate> make(const Picture& picture, const cv::Rect& crop,
                                                     const PersonMap& person, PixelSize size,
                                                     int channels, bool over_grey);

  PixelSize size() const { return {pixels_.cols, pixels_.rows}; }
  int channels() const { return pixels_.channels(); }
  const uint8_t* line(int y) const { return pixels_.ptr(y); }
  /// A line of the crop itself.
  const uint8_t* picture_line(int y) const { return picture_.ptr(y); }
  /// Where what moves with the head was, and a margin; CV_32F of the motion's cells.
  const cv::Mat& was_head() const { return was_head_; }
  /// Where the person is in the picture; CV_32F, 0 to 1.
  const cv::Mat& matte() const { return matte_; }

 private:
  cv::Mat pixels_, picture_, was_head_, matte_;
};

} // namespace fomo
