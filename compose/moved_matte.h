// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "model/motion/motion_field.h"

namespace fomo {

/// Where the moved person is in a driving frame, by the picture's matte. The dense motion T is a
/// mixture (equation (7)). Where a head covers or uncovers what is behind it, T lies between the
/// person's motion and the background's rest. With the background's mask m, the motion of the
/// person alone at the place z is then
///
///   T_p(z) = z + (T(z) - z) / (1 - m(z))
///
/// T_p is continued outwards from where the person is. Elsewhere T_p is T: the side of a head that
/// turns moves little, and a mixture with the background is how the network says so. The matte is
/// sampled at T_p(z). Keeps buffers.
class MovedMatte {
 public:
  /// `matte`: CV_32F of any size, 1 for the person. `field` needs a background. `mixed`: CV_32F of
  /// the field's cells, 1 where T is a mixture of two motions, 0 elsewhere. The results are valid
  /// until the next call.
  void operator()(const cv::Mat& matte, const MotionField& field, const cv::Mat& mixed);

  /// Places that the moved person covers, 0 to 1; CV_32F of the matte's size.
  const cv::Mat& covered() const { return covered_; }
  /// Places whose motion is that of the person, but which show background: the dense motion carries
  /// the background around a head along with the head. 0 to 1; CV_32F of the matte's size.
  const cv::Mat& carried() const { return carried_; }
  /// T_p(z) - z in pixels of the matte; CV_32FC2 of the field's cells.
  const cv::Mat& motion() const { return motion_; }
  /// Whether the person moves at all, and how it moves there is known: 0 no, 1 yes; CV_32F of the
  /// field's cells. Where it is 0, covered() and carried() are 0.
  const cv::Mat& known() const { return known_; }

 private:
  void divide_by_person(const MotionField& field, float scale_x, float scale_y);
  void continue_outwards();
  void take_dense_motion(const MotionField& field, const cv::Mat& mixed, float scale_x,
                         float scale_y);

  cv::Mat motion_, far_motion_, share_, far_share_, known_; // of the field's cells
  cv::Mat from_, covered_, carried_, wide_known_;           // of the matte's size
};

} // namespace fomo
