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
  void start(const compose::Lines& lines, const cv::Mat& matte, const MotionField& field,
             const KeypointSet* keypoints);
  const MovedMatte& moved() const { return moved_; }

  /// Buffers of one thread.
  struct Slot {
    std::vector<float> share, x, y, weight;
    std::vector<uint8_t> pixels;
  };
  /// MovedMatte::carried() in pixels `range` of line `y`.
  void carried(const compose::Lines& lines, int y, cv::Range range, float* out) const {
    carried_.line(lines, y, range.start, range.end, out);
  }
  /// MovedMatte::covered() in pixels `range` of line `y`.
  void covered(const compose::Lines& lines, int y, cv::Range range, float* out) const {
    covered_.line(lines, y, range.start, range.end, out);
  }
  /// Shows the picture's pixels in `range` of line `y`; `out` is the line's first pixel.
  void show(const compose::Lines& lines, const BackgroundPlate& plate, int y, cv::Range range,
            Slot& slot, uint8_t* out) const;

 private:
  void find_outside_of_face(const MotionField& field, const KeypointSet* keypoints);
  void find_mixed(const MotionField& field);
  void find_own_pixels(const MotionField& field);
  void sample(const BackgroundPlate& plate, int y, cv::Range range, Slot& slot) const;

  PixelSize size_;
  int channels_;
  cv::Size matte_;
  MovedMatte moved_;
  cv::Mat face_margin_, near_; // structuring elements
  cv::Mat outside_, hidden_, mixed_, share_, axes_[2];
  compose::WideMap carried_, covered_, own_, motion_x_, motion_y_;
  std::vector<float> none_;
};

} // namespace fomo
