// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/confidence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "driver/calibration/pose_distance.h"

namespace fomo {

namespace {

/// A linear ramp from 0 at `from` to 1 at `to`; `from` may be larger than `to`.
double ramp(double value, double from, double to) {
  return std::clamp((value - from) / (to - from), 0.0, 1.0);
}

double peak_confidence(const std::vector<float>& peaks, const std::vector<float>& reference) {
  if (peaks.empty() || peaks.size() != reference.size())
    return 1;
  std::vector<double> ratios;
  for (size_t k = 0; k < peaks.size(); k++)
    ratios.push_back(peaks[k] / std::max(reference[k], 1e-6F));
  const auto quartile = ratios.begin() + static_cast<ptrdiff_t>(ratios.size() / 4);
  std::nth_element(ratios.begin(), quartile, ratios.end());
  return ramp(*quartile, 0.2, 0.6);
}

double pose_confidence(const KeypointSet& driving, const KeypointSet& reference,
                       const KeypointSet& source) {
  if (reference.empty())
    return 1;
  const double apart = std::min(pose_distance(driving, reference), pose_distance(driving, source));
  return std::isfinite(apart) ? ramp(apart, 1.4, 0.6) : 0;
}

double determinant(const float* m) { return static_cast<double>(m[0]) * m[3] - m[1] * m[2]; }

double jacobian_confidence(const std::vector<float>& jacobian,
                           const std::vector<float>& reference) {
  if (jacobian.empty() || jacobian.size() != reference.size())
    return 1;
  const double mirrored = std::log(20.0);
  double change = 0;
  for (size_t i = 0; i < jacobian.size(); i += 4) {
    const double ratio = determinant(&jacobian[i]) / determinant(&reference[i]);
    change += ratio > 0 ? std::min(std::abs(std::log(ratio)), mirrored) : mirrored;
  }
  change /= static_cast<double>(jacobian.size()) / 4;
  return ramp(change, std::log(5.0), std::log(2.0));
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

} // namespace

bool is_finite(const KeypointSet& keypoints) {
  return all_finite(keypoints.value) && all_finite(keypoints.jacobian);
}

double frame_confidence(const KeypointSet& driving, const FrameEvidence& evidence,
                        const KeypointSet& reference, const FrameEvidence& reference_evidence,
                        const KeypointSet& source) {
  if (!is_finite(driving))
    return 0;
  const bool followed = evidence.face >= 0;
  return std::min({followed ? std::min(evidence.face, 1.0) : 1.0,
                   peak_confidence(evidence.peaks, reference_evidence.peaks),
                   jacobian_confidence(driving.jacobian, reference.jacobian),
                   followed ? pose_confidence(driving, reference, source) : 1.0});
}

} // namespace fomo
