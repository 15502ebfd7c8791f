// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/light.h"

namespace fomo::render {

/// Shades the picture: as large as `backdrop`, 32-bit RGB, gamma-encoded, in [0, 1] and slightly
/// above. `backdrop`, of the same type and encoding, shows where no triangle was hit. `hits` are
/// those of `rasterize`, with a whole number of samples for each pixel.
cv::Mat shade(const Person& person, const TriangleTable& triangles, const Geometry& geometry,
              const std::vector<Hit>& hits, const Camera& camera, const Lighting& lighting,
              const VertexLight& light, const cv::Mat& backdrop);

} // namespace fomo::render
