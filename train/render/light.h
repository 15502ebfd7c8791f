// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/raster.h"

namespace fomo::render {

/// Hemispherical ambient light (sky and ground) and two lamps, the first of which casts shadows.
struct Lighting {
  struct Lamp {
    Vec3 direction; ///< towards the lamp, unit
    Vec3 color;
  };
  Vec3 sky, ground;
  std::array<Lamp, 2> lamps;
  float shadow = 0.8f; ///< share of the first lamp's light that shadows remove

  static Lighting sample(Random& random);
};

/// Light at every vertex: `diffuse` multiplies the texture, `gloss` (highlights) is added.
struct VertexLight {
  std::vector<Vec3> diffuse;
  std::vector<Vec3> gloss;
};

VertexLight illuminate(const Person& person, const Geometry& geometry, const Camera& camera,
                       const Lighting& lighting);

/// Shades the picture: 256x256, 32-bit RGB, in [0, 1] and slightly above. `backdrop`, of the same
/// type, shows where no triangle was hit.
cv::Mat shade(const Person& person, const TriangleTable& triangles, const std::vector<Hit>& hits,
              const VertexLight& light, const cv::Mat& backdrop);

} // namespace fomo::render
