// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/raster.h"

namespace fomo::render {

constexpr size_t kLamps = 3;

/// Ambient light from above (sky) and below (ground), and lamps that cast shadows.
struct Lighting {
  struct Lamp {
    Vec3 direction{0, 0, 1}; ///< towards the lamp, unit
    Vec3 color;              ///< linear; zero: off
    float spread = 0;        ///< angular radius, radians: a wide lamp gives soft shadows
  };
  Vec3 sky, ground;
  std::array<Lamp, kLamps> lamps;
  float shadow = 0.8f; ///< share of a lamp's light that shadows remove
  float occlusion = 1; ///< share of the ambient light that nearby surfaces remove

  static Lighting sample(Random& random);
};

/// How exactly light is computed.
struct LightQuality {
  int map_size = 128; ///< cells along one side of a shadow map
  int sky_rays = 8;   ///< directions from which ambient light is tested for occlusion
  int lamp_rays = 1;  ///< directions within a lamp's spread
};

/// Light that reaches each vertex: its share of the ambient light and of each lamp's light, 0..1.
struct VertexLight {
  std::vector<float> sky;
  std::vector<std::array<float, kLamps>> lit;
};

VertexLight illuminate(const Person& person, const Geometry& geometry, const Camera& camera,
                       const Lighting& lighting, const LightQuality& quality = {});

} // namespace fomo::render
