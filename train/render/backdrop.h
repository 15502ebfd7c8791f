// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::render {

/// A random background, 256x256, 32-bit RGB in [0, 1]: plain walls, gradients, smooth noise,
/// blurred lights and furniture-like shapes.
cv::Mat backdrop(Random& random);

/// A random repeating pattern of cloth: plain, knitted, striped or checked, 8-bit BGR.
cv::Mat fabric(Random& random);

} // namespace fomo::render
