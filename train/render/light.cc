// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/light.h"

namespace fomo::render {
namespace {

constexpr float kShadowExtent = 4.5f; // decimetres from the middle of the map to its border
constexpr float kOffset = 0.03f;      // decimetres along the normal: no surface shadows itself

// Orthographic depth map, seen from a direction, centred at the camera's target.
class ShadowMap {
 public:
  ShadowMap(const Person& person, const Geometry& geometry, const Vec3& middle, const Vec3& towards,
            int size)
      : size_(size), middle_(middle), towards_(towards),
        depth_(static_cast<size_t>(size) * static_cast<size_t>(size), -1e9f) {
    right_ = normalized(cross(std::abs(towards.y) > 0.9f ? Vec3{1, 0, 0} : Vec3{0, 1, 0}, towards));
    up_ = cross(towards, right_);
    std::vector<Vec3> at;
    at.reserve(geometry.world.size());
    for (const Vec3& v : geometry.world)
      at.push_back(place(v));
    for (size_t p = 0; p < person.parts.size(); p++)
      if (person.parts[p].material.surface != Surface::frame)
        draw(person.parts[p], &at[person.starts[p]]);
  }

  // Share of the 3x3 cells around a point in which the point is lit (percentage-closer filtering).
  float lit(const Vec3& world) const {
    const Vec3 at = place(world);
    const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
    if (x < 1 || y < 1 || x >= size_ - 1 || y >= size_ - 1)
      return 1;
    int count = 0;
    for (int dy = -1; dy <= 1; dy++)
      for (int dx = -1; dx <= 1; dx++)
        count += at.z + 0.05f > depth_[static_cast<size_t>((y + dy) * size_ + x + dx)];
    return static_cast<float>(count) / 9;
  }

 private:
  Vec3 place(const Vec3& world) const {
    const Vec3 from = world - middle_;
    const float scale = static_cast<float>(size_) / (2 * kShadowExtent);
    return {(dot(from, right_) + kShadowExtent) * scale, (dot(from, up_) + kShadowExtent) * scale,
            dot(from, towards_)};
  }

  void draw(const Part& part, const Vec3* at) {
    for (size_t i = 0; i < part.triangles.size(); i++) {
      const auto& t = part.triangles[i];
      if (part.cut_away(t))
        continue;
      // A triangle of a cut-out casts a shadow if the texture is opaque at its middle.
      if (part.material.cutout &&
          alpha_at(part.material.texture, texture_at(part.uv[i], 1 / 3.0f, 1 / 3.0f)) < 128)
        continue;
      fill(at[t[0]], at[t[1]], at[t[2]]);
    }
  }

  void fill(const Vec3& a, const Vec3& b, const Vec3& c) {
    mark((a + b + c) * (1.0f / 3)); // a triangle that is smaller than a cell
    const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (std::abs(area) < 1e-6f)
      return;
    const int x0 = static_cast<int>(std::max(0.0f, std::ceil(std::min({a.x, b.x, c.x}))));
    const int y0 = static_cast<int>(std::max(0.0f, std::ceil(std::min({a.y, b.y, c.y}))));
    const float last = static_cast<float>(size_ - 1);
    const int x1 = static_cast<int>(std::min(last, std::max({a.x, b.x, c.x})));
    const int y1 = static_cast<int>(std::min(last, std::max({a.y, b.y, c.y})));
    for (int y = y0; y <= y1; y++)
      for (int x = x0; x <= x1; x++) {
        const float dx = static_cast<float>(x) - a.x, dy = static_cast<float>(y) - a.y;
        const float v = (dx * (c.y - a.y) - dy * (c.x - a.x)) / area;
        const float w = (dy * (b.x - a.x) - dx * (b.y - a.y)) / area;
        if (v >= 0 && w >= 0 && v + w <= 1)
          raise(x, y, a.z + (b.z - a.z) * v + (c.z - a.z) * w);
      }
  }

  void mark(const Vec3& at) {
    const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
    if (x >= 0 && y >= 0 && x < size_ && y < size_)
      raise(x, y, at.z);
  }

  void raise(int x, int y, float z) {
    float& depth = depth_[static_cast<size_t>(y * size_ + x)];
    depth = std::max(depth, z);
  }

  int size_;
  Vec3 middle_, towards_, right_, up_;
  std::vector<float> depth_;
};

// Direction `i` of `count` that are spread evenly over the sphere above `lowest` (a spiral).
Vec3 sky_direction(int i, int count, float lowest) {
  const float y = 1 - (1 - lowest) * (static_cast<float>(i) + 0.5f) / static_cast<float>(count);
  const float around = 2.3999632f * static_cast<float>(i), r = std::sqrt(1 - y * y);
  return {r * std::sin(around), y, r * std::cos(around)};
}

// Direction `i` of `count` within a lamp's spread.
Vec3 lamp_direction(const Lighting::Lamp& lamp, int i, int count) {
  if (count == 1)
    return lamp.direction;
  const Vec3 right = normalized(cross({0.1f, 1, 0}, lamp.direction)),
             up = cross(lamp.direction, right);
  const float r =
      std::tan(lamp.spread) * std::sqrt((static_cast<float>(i) + 0.5f) / static_cast<float>(count));
  const float around = 2.3999632f * static_cast<float>(i);
  return normalized(lamp.direction + right * (r * std::cos(around)) + up * (r * std::sin(around)));
}

// Inside a mouth `open` says how much light arrives. Maps alone would leave teeth as dark as the
// throat and eyes grey: lips and lids hide them from most directions, yet bright surfaces hand
// light on to each other.
void light_hollows(const Person& person, VertexLight& light) {
  for (size_t p = 0; p < person.parts.size(); p++) {
    const Surface surface = person.parts[p].material.surface;
    const float least = surface == Surface::mouth ? 0.5f : surface == Surface::eye ? 0.35f : 0;
    for (size_t i = 0; i < person.parts[p].corners.size(); i++) {
      const float open = person.parts[p].open.empty() ? 1 : person.parts[p].open[i];
      float& sky = light.sky[person.starts[p] + i];
      sky = mix(least, 1, sky) * open;
      for (float& lit : light.lit[person.starts[p] + i])
        lit = mix(least, 1, lit) * open;
    }
  }
}

} // namespace

Lighting Lighting::sample(Random& random) {
  Lighting lighting;
  const float level = random.uniform(0.25f, 0.9f);
  lighting.sky = random.color(0.92f, 1.08f) * level;
  lighting.ground = lighting.sky * random.color(0.3f, 0.9f);
  const bool colored = random.chance(0.12f); // a stage, a neon sign, a sunset
  for (size_t i = 0; i < 2; i++) {
    const float around = random.normal(i == 0 ? 0.6f : 1.1f);
    const float high = random.uniform(-0.2f, 0.9f);
    lighting.lamps[i].direction = normalized(
        {std::sin(around) * std::cos(high), std::sin(high), std::cos(around) * std::cos(high)});
    lighting.lamps[i].color = (colored ? random.color(0.2f, 1.4f) : random.color(0.9f, 1.1f)) *
                              ((i == 0 ? random.uniform(0.3f, 1.1f) : random.uniform(0.0f, 0.5f)) *
                               (1.3f - 0.6f * level));
  }
  if (random.chance(0.25f)) { // from behind, along the outline
    const float side = random.chance(0.5f) ? 1.0f : -1.0f;
    lighting.lamps[2].direction =
        normalized({side * random.uniform(0.5f, 1), random.uniform(0.1f, 0.8f), -0.8f});
    lighting.lamps[2].color = random.color(0.6f, 1.1f) * random.uniform(0.2f, 1.2f);
  }
  if (random.chance(0.15f)) { // hard light: little of it is ambient
    lighting.sky = lighting.sky * 0.45f;
    lighting.ground = lighting.ground * 0.45f;
    lighting.lamps[0].color = lighting.lamps[0].color * 1.6f;
  }
  lighting.shadow = random.uniform(0.2f, 0.95f);
  lighting.occlusion = random.uniform(0.3f, 1.0f);
  return lighting;
}

VertexLight illuminate(const Person& person, const Geometry& geometry, const Camera& camera,
                       const Lighting& lighting, const LightQuality& quality) {
  constexpr float lowest = -0.5f; // nearly no light comes from straight below
  const size_t count = geometry.world.size();
  VertexLight light{std::vector<float>(count, 0), {}};
  light.lit.resize(count, {1, 1, 1});
  std::vector<Vec3> outside(count);
  for (size_t i = 0; i < count; i++)
    outside[i] = geometry.world[i] + geometry.normal[i] * kOffset;
  std::vector<float> total(count, 1e-3f);
  for (int r = 0; r < quality.sky_rays; r++) {
    const Vec3 towards = sky_direction(r, quality.sky_rays, lowest);
    const ShadowMap map(person, geometry, camera.target, towards, quality.map_size);
    for (size_t i = 0; i < count; i++) {
      const float facing = dot(geometry.normal[i], towards);
      if (facing <= 0)
        continue;
      total[i] += facing;
      light.sky[i] += facing * map.lit(outside[i]);
    }
  }
  for (size_t i = 0; i < count; i++)
    light.sky[i] = mix(1, (light.sky[i] + 1e-3f) / total[i], lighting.occlusion);
  for (size_t l = 0; l < kLamps; l++) {
    const auto& lamp = lighting.lamps[l];
    if (length(lamp.color) <= 0)
      continue;
    std::vector<float> seen(count, 0);
    for (int r = 0; r < quality.lamp_rays; r++) {
      const ShadowMap map(person, geometry, camera.target,
                          lamp_direction(lamp, r, quality.lamp_rays), quality.map_size);
      for (size_t i = 0; i < count; i++)
        seen[i] += map.lit(outside[i]);
    }
    for (size_t i = 0; i < count; i++)
      light.lit[i][l] = 1 - lighting.shadow * (1 - seen[i] / static_cast<float>(quality.lamp_rays));
  }
  light_hollows(person, light);
  return light;
}

} // namespace fomo::render
