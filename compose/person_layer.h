// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

#include "compose/moved_matte.h"
#include "compose/plate.h"
#include "compose/wide_map.h"

namespace fomo {

/// Shows the moved person's own pixels in place of what the generator drew for something hidden. At
/// the rim of a head the dense motion mixes that of the head and the background's, so that the
/// occlusion map calls hair hidden that the picture shows; the generator draws a smooth patch
/// there. The motion of the person alone (see MovedMatte) finds that hair in the picture. Within
/// the face, whose lips and lids really hide something, the generator's pixels stay.
class PersonLayer {
 public:
  PersonLayer(PixelSize size, int channels, cv::Size cells, cv::Size matte);

  /// Takes a frame's motion. `field` needs a background and an occlusion map. `keypoints`: those
  /// that the frame was generated with, which tell where the face is; null: unknown, no pixels are
  /// shown.
  void start(const compose::Lines& lines, const BackgroundPlate& plate, const MotionField& field,
             const KeypointSet* keypoints);
  /// Cells in which the layer shows the picture's pixels or what is behind the person; CV_8U, 0
  /// or 1.
  const cv::Mat& changed() const { return changed_; }

  /// Buffers of one thread.
  struct Slot {
    std::vector<float> share, x, y, weight;
    std::vector<uint8_t> pixels;
  };
  /// MovedMatte::covered() and MovedMatte::carried() in pixels `range` of line `y`.
  void cover(const compose::Lines& lines, int y, cv::Range range, float* covered,
             float* carried) const;
  /// Shows the picture's pixels in `range` of line `y`; `out` is the line's first pixel.
  void show(const compose::Lines& lines, const BackgroundPlate& plate, int y, cv::Range range,
            Slot& slot, uint8_t* out) const;

 private:
  void find_outside_of_face(const MotionField& field, const KeypointSet* keypoints);
  void find_mixed(const MotionField& field);
  void find_own_pixels(const MotionField& field);
  void find_changed(const MotionField& field, const cv::Mat& was_head);
  void sample(const BackgroundPlate& plate, int y, cv::Range range, Slot& slot) const;

  PixelSize size_;
  int channels_;
  cv::Size matte_;
  MovedMatte moved_;
  cv::Mat near_; // structuring element
  cv::Mat outside_, hidden_, mixed_, share_, axes_[2];
  cv::Mat carried_, changed_;
  compose::WideMap known_, covered_, own_, motion_x_, motion_y_;
  std::vector<float> none_;
};

} // namespace fomo
