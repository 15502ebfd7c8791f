// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include <opencv2/core.hpp>

#include "api/engine_api.h"
#include "compose/detail_source.h"
#include "compose/mouth_opening.h"
#include "model/motion/keypoints.h"
#include "model/motion/motion_field.h"

namespace fomo {

/// What is behind the lips of a picture: teeth that belong to the skull, before a dark cavity.
/// Made once for each crop and size. Immutable.
class SourceMouth {
 public:
  /// `place` of `picture`, which may leave it, at `size`, the size at which frames are composed;
  /// `keypoints` are those of this crop. Null if the model does not name the mouth's keypoints, and
  /// if the mouth is so wide open that upper and lower teeth cannot be told apart.
  static std::shared_ptr<const SourceMouth> make(const Picture& picture, const cv::Rect& place,
                                                 const KeypointSet& keypoints, PixelSize size);

  /// Draws teeth and cavity into `output`, which shows the picture moved to `driving`, as far as
  /// the mouth is opened wider than in the picture. Alpha stays.
  void draw(const MotionField& field, const KeypointSet& driving, const FomoImage& output) const;

 private:
  /// `behind` with the tooth before it that is at `source` of the picture, in pixels.
  cv::Vec3f over(const cv::Vec3f& behind, cv::Point2f source) const;

  /// Where frames show the opening, 0 to 1: what the occlusion map hides between the lips, and what
  /// shows the picture's own opening. CV_32F of `area`.
  cv::Mat opening_mask(const MotionField& field, const MouthOpening& now,
                       const cv::Rect& area) const;

  KeypointSet source_;
  PixelSize size_;
  MouthOpening opening_;
  bool shows_teeth_ = false;
  cv::Mat teeth_;                      ///< CV_32FC4: colour and share, of the pixels of `place_`
  cv::Rect place_;                     ///< of the teeth in the crop
  cv::Vec3f enamel_, cavity_, tongue_; ///< colours, RGB
};

} // namespace fomo
