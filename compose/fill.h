// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

namespace fomo::compose {

/// Push-pull: `known` times its weight (0 unknown, 1 known), filled up where the weight leaves room
/// from ever coarser means of what is known nearby. `known`: CV_32F of any channels; `weight`:
/// CV_32F of the same size. Without anything known the result is 0.
cv::Mat push_pull(const cv::Mat& known, const cv::Mat& weight);

} // namespace fomo::compose
