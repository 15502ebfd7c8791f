// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::render {

/// Something to stand in front of, 256x256, 32-bit RGB in [0, 1]: plain and graded walls, clouds of
/// noise, blurred lights and furniture-like shapes.
cv::Mat backdrop(Random& random);

/// A pattern that repeats: plain, knitted, striped or checked cloth, 8-bit BGR.
cv::Mat fabric(Random& random);

} // namespace fomo::render
