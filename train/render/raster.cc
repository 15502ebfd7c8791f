// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/raster.h"

namespace fomo::render {
namespace {

// A cut-out covers a sample where its alpha is above a threshold. Each of a pixel's samples has
// another threshold, so that their mean blends the cut-out without sorting (alpha to coverage).
constexpr int kAlphaSteps[4] = {32, 160, 208, 96};

uint8_t alpha_at(const cv::Mat& texture, const Vec2& uv) {
  const int x = static_cast<int>(uv.x * static_cast<float>(texture.cols));
  const int y = static_cast<int>(uv.y * static_cast<float>(texture.rows));
  return texture.ptr<cv::Vec4b>(
      std::clamp(y, 0, texture.rows - 1))[std::clamp(x, 0, texture.cols - 1)][3];
}

// A triangle ready for rasterization: screen positions in samples, and inverse depths.
struct Setup {
  Vec2 p[3];
  float w[3];
};

void fill(const Setup& t, float area, int32_t number, const Material& material,
          const std::array<Vec2, 3>& uv, std::vector<Hit>& hits) {
  const auto low = [](float a, float b, float c) { return std::ceil(std::min({a, b, c})); };
  const auto high = [](float a, float b, float c) { return std::floor(std::max({a, b, c})); };
  const int x0 = static_cast<int>(std::max(0.0f, low(t.p[0].x, t.p[1].x, t.p[2].x)));
  const int y0 = static_cast<int>(std::max(0.0f, low(t.p[0].y, t.p[1].y, t.p[2].y)));
  const int x1 = static_cast<int>(std::min(kSamples - 1.0f, high(t.p[0].x, t.p[1].x, t.p[2].x)));
  const int y1 = static_cast<int>(std::min(kSamples - 1.0f, high(t.p[0].y, t.p[1].y, t.p[2].y)));
  const float scale = 1 / area;
  const float bx = (t.p[2].y - t.p[0].y) * scale, by = -(t.p[2].x - t.p[0].x) * scale;
  const float cx = -(t.p[1].y - t.p[0].y) * scale, cy = (t.p[1].x - t.p[0].x) * scale;
  for (int y = y0; y <= y1; y++) {
    const float dy = static_cast<float>(y) - t.p[0].y;
    Hit* row = &hits[static_cast<size_t>(y) * kSamples];
    for (int x = x0; x <= x1; x++) {
      const float dx = static_cast<float>(x) - t.p[0].x;
      const float b = bx * dx + by * dy, c = cx * dx + cy * dy, a = 1 - b - c;
      if (a < 0 || b < 0 || c < 0)
        continue;
      // Under perspective the inverse depth, not the depth, is linear on the screen.
      const float inverse = a * t.w[0] + b * t.w[1] + c * t.w[2], depth = 1 / inverse;
      if (depth >= row[x].depth)
        continue;
      const float sb = b * t.w[1] * depth, sc = c * t.w[2] * depth;
      if (material.cutout &&
          alpha_at(material.texture, texture_at(uv, sb, sc)) <= kAlphaSteps[(y & 1) * 2 + (x & 1)])
        continue;
      row[x] = {depth, number, sb, sc};
    }
  }
}

void vertex_normals(const Person& person, Geometry& geometry) {
  geometry.normal.assign(geometry.world.size(), {});
  for (size_t p = 0; p < person.parts.size(); p++) {
    const size_t first = person.starts[p];
    for (const auto& t : person.parts[p].triangles) {
      const Vec3& a = geometry.world[first + t[0]];
      const Vec3 n = cross(geometry.world[first + t[1]] - a, geometry.world[first + t[2]] - a);
      for (int v : t)
        geometry.normal[first + v] += n;
    }
  }
  for (Vec3& n : geometry.normal)
    n = normalized(n);
}

} // namespace

Geometry arrange(const Assets& assets, const Person& person, const Performance& action,
                 const Camera& camera) {
  Geometry geometry;
  geometry.world = person.bind(express(assets, person, action));
  turn_eyes(person, action, geometry.world);
  pose(person, action, geometry.world);
  vertex_normals(person, geometry);
  geometry.view.reserve(geometry.world.size());
  geometry.screen.reserve(geometry.world.size());
  for (const Vec3& v : geometry.world) {
    geometry.view.push_back(camera.view(v));
    geometry.screen.push_back(camera.project(geometry.view.back()));
  }
  return geometry;
}

TriangleTable::TriangleTable(const Person& person) {
  for (size_t p = 0; p < person.parts.size(); p++) {
    const int first = static_cast<int>(person.starts[p]);
    const auto& triangles = person.parts[p].triangles;
    for (size_t i = 0; i < triangles.size(); i++)
      entries.push_back(
          {{first + triangles[i][0], first + triangles[i][1], first + triangles[i][2]},
           static_cast<uint16_t>(p),
           static_cast<uint32_t>(i)});
  }
}

std::vector<Hit> rasterize(const Person& person, const Geometry& geometry) {
  std::vector<Hit> hits(static_cast<size_t>(kSamples) * kSamples);
  int32_t number = 0;
  for (size_t p = 0; p < person.parts.size(); p++) {
    const Part& part = person.parts[p];
    const size_t first = person.starts[p];
    for (size_t i = 0; i < part.triangles.size(); i++, number++) {
      Setup setup;
      bool behind = false;
      for (size_t k = 0; k < 3; k++) {
        const size_t v = first + part.triangles[i][k];
        const Vec2& s = geometry.screen[v];
        setup.p[k] = {(s.x + 0.5f) * kSupersampling - 0.5f, (s.y + 0.5f) * kSupersampling - 0.5f};
        behind |= geometry.view[v].z < 1;
        setup.w[k] = 1 / geometry.view[v].z;
      }
      const float area = (setup.p[1].x - setup.p[0].x) * (setup.p[2].y - setup.p[0].y) -
                         (setup.p[1].y - setup.p[0].y) * (setup.p[2].x - setup.p[0].x);
      // Front faces are counter-clockwise in the world, and y points down on the screen: they have
      // a negative area there.
      if (behind || std::abs(area) < 1e-6f || (area > 0 && !part.material.two_sided))
        continue;
      fill(setup, area, number, part.material, part.uv[i], hits);
    }
  }
  return hits;
}

} // namespace fomo::render
