// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include "common/image.h"
#include "compose/border_match.h"
#include "compose/lines.h"
#include "compose/smooth_step.h"
#include "pictures/picture.h"

namespace fomo::compose {

/// Width of the feathered edge of a pasted crop as a part of the crop's width.
constexpr float kFeather = 0.09F;

/// The weight of a pasted crop `distance` pixels inside its edge: 0 at the edge, 1 from `width` on.
inline float feathered(float distance, float width) { return smooth_step(distance, 0, width); }

/// Pastes a crop that is turned about its centre. It is animated upright, matched to the picture's
/// colours upright, and turned back.
class TurnedPaste {
 public:
  /// `place`: a square in the output of size `output`. `aspect`: how much wider a pixel of the
  /// picture is shown than high.
  TurnedPaste(const PictureCrop& place, cv::Size output, double aspect, int channels);

  /// The part of the output that it writes; may be empty.
  const cv::Rect& seen() const { return seen_; }
  /// `patch`: the animated crop, of the size of its place. The rest as PasteBack::Face::paste.
  void paste(const Lines& lines, const cv::Mat& patch, const cv::Mat& background,
             const cv::Mat& under, const FomoImage& output);

 private:
  /// From pixels of the output to those of the upright crop.
  cv::Matx23d to_upright(const cv::Point& first) const;
  void make_weights(cv::Size output);
  const cv::Mat& matched(const Lines& lines, const cv::Mat& patch, const cv::Mat& background);

  PictureCrop place_;
  double aspect_;
  int channels_;
  cv::Rect seen_;
  cv::Mat weights_; ///< CV_8U, of the size of `seen_`
  bool has_edges_ =
      false; ///< false: the crop fills the output, nothing of the picture is beside it
  BorderMatch match_;
  cv::Mat upright_background_, matched_, turned_;
  std::vector<float> offset_, across_, none_;
};

} // namespace fomo::compose
