// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/calibration/confidence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fomo {

namespace {

/// 0 at `from`, 1 at `to`, either of which may be the larger.
double ramp(double value, double from, double to) {
  return std::clamp((value - from) / (to - from), 0.0, 1.0);
}

double peak_confidence(const std::vector<float>& peaks, const std::vector<float>& reference) {
  if (peaks.empty() || peaks.size() != reference.size())
    return 1;
  std::vector<double> ratios;
  for (size_t k = 0; k < peaks.size(); k++)
    ratios.push_back(peaks[k] / std::max(reference[k], 1e-6F));
  const auto middle = ratios.begin() + static_cast<ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return ramp(*middle, 0.15, 0.6);
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
  change /= static_cast<double>(jacobian.size() / 4);
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
                        const KeypointSet& reference, const FrameEvidence& reference_evidence) {
  if (!is_finite(driving))
    return 0;
  const double face = evidence.face < 0 ? 1 : std::min(evidence.face, 1.0);
  return std::min({face, peak_confidence(evidence.peaks, reference_evidence.peaks),
                   jacobian_confidence(driving.jacobian, reference.jacobian)});
}

} // namespace fomo
