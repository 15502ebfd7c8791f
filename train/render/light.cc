// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/light.h"

namespace fomo::render {
namespace {

constexpr int kShadowSize = 192;
constexpr float kShadowExtent = 4.5f; // decimetres from the middle of the map to its border

// Orthographic depth map, seen from the first lamp, centred at the camera's target.
class ShadowMap {
 public:
  ShadowMap(const Person& person, const Geometry& geometry, const Vec3& middle, const Vec3& towards)
      : middle_(middle), towards_(towards), depth_(kShadowSize * kShadowSize, -1e9f) {
    right_ = normalized(cross(std::abs(towards.y) > 0.9f ? Vec3{1, 0, 0} : Vec3{0, 1, 0}, towards));
    up_ = cross(towards, right_);
    std::vector<Vec3> at;
    at.reserve(geometry.world.size());
    for (const Vec3& v : geometry.world)
      at.push_back(place(v));
    for (size_t p = 0; p < person.parts.size(); p++)
      if (person.parts[p].material.surface != Surface::frame)
        for (const auto& t : person.parts[p].triangles)
          splat(at[person.starts[p] + t[0]], at[person.starts[p] + t[1]],
                at[person.starts[p] + t[2]]);
  }

  // Share of the 3x3 cells around a point in which the point is lit (percentage-closer filtering).
  float lit(const Vec3& world) const {
    const Vec3 at = place(world);
    const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
    if (x < 2 || y < 2 || x >= kShadowSize - 2 || y >= kShadowSize - 2)
      return 1;
    int count = 0;
    for (int dy = -2; dy <= 2; dy += 2)
      for (int dx = -2; dx <= 2; dx += 2)
        count += at.z + 0.09f > depth_[(y + dy) * kShadowSize + x + dx];
    return static_cast<float>(count) / 9;
  }

 private:
  Vec3 place(const Vec3& world) const {
    const Vec3 from = world - middle_;
    const float scale = kShadowSize / (2 * kShadowExtent);
    return {(dot(from, right_) + kShadowExtent) * scale, (dot(from, up_) + kShadowExtent) * scale,
            dot(from, towards_)};
  }

  // Triangles are about as small as the map's cells: marking corners and middles is enough.
  void splat(const Vec3& a, const Vec3& b, const Vec3& c) {
    mark(a);
    mark(mix(a, b, 0.5f));
    mark(mix(b, c, 0.5f));
    mark(mix(c, a, 0.5f));
    mark((a + b + c) * (1.0f / 3));
  }

  void mark(const Vec3& at) {
    const int x = static_cast<int>(at.x), y = static_cast<int>(at.y);
    if (x < 0 || y < 0 || x >= kShadowSize || y >= kShadowSize)
      return;
    float& depth = depth_[y * kShadowSize + x];
    depth = std::max(depth, at.z);
  }

  Vec3 middle_, towards_, right_, up_;
  std::vector<float> depth_;
};

Vec3 color_of(const Material& material, const Vec2& uv) {
  const cv::Mat& t = material.texture;
  const float u = std::clamp(uv.x, 0.0f, 1.0f) * static_cast<float>(t.cols - 1);
  const float v = std::clamp(uv.y, 0.0f, 1.0f) * static_cast<float>(t.rows - 1);
  const int x = std::min(static_cast<int>(u), t.cols - 2),
            y = std::min(static_cast<int>(v), t.rows - 2);
  const float fx = u - static_cast<float>(x), fy = v - static_cast<float>(y);
  const cv::Vec4b *top = t.ptr<cv::Vec4b>(y) + x, *bottom = t.ptr<cv::Vec4b>(y + 1) + x;
  const auto channel = [&](int c) {
    return mix(mix(top[0][c], top[1][c], fx), mix(bottom[0][c], bottom[1][c], fx), fy);
  };
  Vec3 color{channel(2), channel(1), channel(0)};
  if (material.gray > 0) {
    const float gray = 0.3f * color.x + 0.59f * color.y + 0.11f * color.z;
    color = mix(color, {gray, gray, gray}, material.gray);
  }
  return color * material.tint * (1.0f / 255);
}

Vec3 cloth_color(const Garment& garment, const Vec3& rest) {
  const auto wrap = [](float x, int size) {
    const int i = static_cast<int>(std::floor(x * static_cast<float>(size) / 2)) % size;
    return i < 0 ? i + size : i;
  };
  const cv::Mat& p = garment.pattern;
  const cv::Vec3b& c = p.at<cv::Vec3b>(wrap(rest.y, p.rows), wrap(rest.x, p.cols));
  return Vec3{static_cast<float>(c[2]), static_cast<float>(c[1]), static_cast<float>(c[0])} *
         (1.0f / 255);
}

} // namespace

Lighting Lighting::sample(Random& random) {
  Lighting lighting;
  const float level = random.uniform(0.25f, 0.9f);
  lighting.sky = random.color(0.92f, 1.08f) * level;
  lighting.ground = lighting.sky * random.color(0.3f, 0.9f);
  for (size_t i = 0; i < 2; i++) {
    const float around = random.normal(i == 0 ? 0.6f : 1.1f);
    const float high = random.uniform(-0.2f, 0.9f);
    lighting.lamps[i].direction = normalized(
        {std::sin(around) * std::cos(high), std::sin(high), std::cos(around) * std::cos(high)});
    lighting.lamps[i].color = random.color(0.9f, 1.1f) *
                              ((i == 0 ? random.uniform(0.3f, 1.1f) : random.uniform(0.0f, 0.5f)) *
                               (1.3f - 0.6f * level));
  }
  lighting.shadow = random.uniform(0.2f, 0.95f);
  return lighting;
}

VertexLight illuminate(const Person& person, const Geometry& geometry, const Camera& camera,
                       const Lighting& lighting) {
  const ShadowMap shadows(person, geometry, camera.target, lighting.lamps[0].direction);
  const Vec3 eye{camera.target.x, camera.target.y, camera.target.z + camera.distance};
  VertexLight light;
  light.diffuse.resize(geometry.world.size());
  light.gloss.resize(geometry.world.size());
  for (size_t p = 0; p < person.parts.size(); p++) {
    const Part& part = person.parts[p];
    const float power = part.material.surface == Surface::eye ? 60.0f : 14.0f;
    for (size_t i = person.starts[p]; i < person.starts[p + 1]; i++) {
      const Vec3& at = geometry.world[i];
      const Vec3 towards = normalized(eye - at);
      Vec3 n = geometry.normal[i];
      if (part.material.two_sided && dot(n, towards) < 0)
        n = n * -1.0f;
      const float open = part.open.empty() ? 1 : part.open[i - person.starts[p]];
      Vec3 sum = mix(lighting.ground, lighting.sky, 0.5f + 0.5f * n.y) * open, gloss;
      for (size_t l = 0; l < 2; l++) {
        const auto& lamp = lighting.lamps[l];
        // Skin scatters light: the shading falls off softly where the surface turns away.
        const float facing = std::max(0.0f, (dot(n, lamp.direction) + 0.15f) / 1.15f);
        float reach = open;
        if (l == 0 && facing > 0)
          reach *= 1 - lighting.shadow * (1 - shadows.lit(at));
        sum += lamp.color * (facing * reach);
        const float shine = dot(n, normalized(lamp.direction + towards));
        if (shine > 0)
          gloss += lamp.color * (reach * part.material.gloss * std::pow(shine, power));
      }
      // Textures hold gamma-encoded values: the square root encodes the linear light alike.
      light.diffuse[i] = {std::sqrt(sum.x), std::sqrt(sum.y), std::sqrt(sum.z)};
      light.gloss[i] = gloss;
    }
  }
  return light;
}

cv::Mat shade(const Person& person, const TriangleTable& triangles, const std::vector<Hit>& hits,
              const VertexLight& light, const cv::Mat& backdrop) {
  cv::Mat picture(256, 256, CV_32FC3);
  const auto sample = [&](const Hit& hit, const Vec3& behind) -> Vec3 {
    if (hit.triangle < 0)
      return behind;
    const auto& entry = triangles.entries[hit.triangle];
    const auto& v = entry.vertices;
    const float a = 1 - hit.b - hit.c;
    const auto blend = [&](const std::vector<Vec3>& values) {
      return values[v[0]] * a + values[v[1]] * hit.b + values[v[2]] * hit.c;
    };
    const Part& part = person.parts[entry.part];
    if (part.material.surface == Surface::skin) {
      const Vec3 rest = blend(person.rest);
      if (rest.y < person.garment.collar(rest))
        return cloth_color(person.garment, rest) * blend(light.diffuse);
    }
    const Vec3 color = color_of(part.material, texture_at(part.uv[entry.index], hit.b, hit.c));
    return color * blend(light.diffuse) + blend(light.gloss);
  };
  for (int y = 0; y < 256; y++)
    for (int x = 0; x < 256; x++) {
      const cv::Vec3f& b = backdrop.at<cv::Vec3f>(y, x);
      const Vec3 behind{b[0], b[1], b[2]};
      Vec3 sum;
      for (int s = 0; s < kSupersampling * kSupersampling; s++) {
        const int sy = y * kSupersampling + s / kSupersampling,
                  sx = x * kSupersampling + s % kSupersampling;
        sum += sample(hits[static_cast<size_t>(sy) * kSamples + sx], behind);
      }
      sum = sum * (1.0f / (kSupersampling * kSupersampling));
      picture.at<cv::Vec3f>(y, x) = {sum.x, sum.y, sum.z};
    }
  return picture;
}

} // namespace fomo::render
