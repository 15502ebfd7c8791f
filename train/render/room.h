// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::render {

/// A room behind a person, out of focus: a wall with light from a window, shelves, a plant, a lamp.
/// `size` x `size`, 32-bit RGB in [0, 1], gamma-encoded. `blur`: radius of the circle of confusion,
/// as a share of the size.
cv::Mat room(Random& random, int size, float blur);

} // namespace fomo::render
