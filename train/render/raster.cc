// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/raster.h"

namespace fomo::render {
namespace {

// A cut-out covers a sample where its alpha is above a threshold. The samples of a pixel have
// different thresholds, so that their mean blends the cut-out without sorting (alpha to coverage).
// The pattern is shifted from triangle to triangle: with the same pattern, layers of hair would
// cover the same samples and thin hair would stay thin however many layers there are.
constexpr int kAlphaSteps[4][4] = {
    {8, 136, 40, 168}, {200, 72, 232, 104}, {56, 184, 24, 152}, {248, 120, 216, 88}};

int alpha_step(int32_t triangle, int x, int y) {
  const uint32_t shift = static_cast<uint32_t>(triangle) * 0x9e3779b1u >> 28;
  return kAlphaSteps[(static_cast<uint32_t>(y) + (shift >> 2)) & 3]
                    [(static_cast<uint32_t>(x) + shift) & 3];
}

// A triangle ready for rasterization: screen positions in samples, inverse depths, cut values.
struct Setup {
  Vec2 p[3];
  float w[3];
  float cut[3];
};

struct Target2d {
  int samples;
  std::vector<Hit>& hits;
};

void fill(const Setup& t, float area, int32_t number, const Material& material,
          const std::array<Vec2, 3>& uv, const Target2d& target) {
  const auto low = [](float a, float b, float c) { return std::ceil(std::min({a, b, c})); };
  const auto high = [](float a, float b, float c) { return std::floor(std::max({a, b, c})); };
  const float last = static_cast<float>(target.samples - 1);
  const int x0 = static_cast<int>(std::max(0.0f, low(t.p[0].x, t.p[1].x, t.p[2].x)));
  const int y0 = static_cast<int>(std::max(0.0f, low(t.p[0].y, t.p[1].y, t.p[2].y)));
  const int x1 = static_cast<int>(std::min(last, high(t.p[0].x, t.p[1].x, t.p[2].x)));
  const int y1 = static_cast<int>(std::min(last, high(t.p[0].y, t.p[1].y, t.p[2].y)));
  const float scale = 1 / area;
  const float bx = (t.p[2].y - t.p[0].y) * scale, by = -(t.p[2].x - t.p[0].x) * scale;
  const float cx = -(t.p[1].y - t.p[0].y) * scale, cy = (t.p[1].x - t.p[0].x) * scale;
  for (int y = y0; y <= y1; y++) {
    const float dy = static_cast<float>(y) - t.p[0].y;
    Hit* row = &target.hits[static_cast<size_t>(y) * static_cast<size_t>(target.samples)];
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
      if ((1 - sb - sc) * t.cut[0] + sb * t.cut[1] + sc * t.cut[2] < 0)
        continue;
      if (material.cutout &&
          alpha_at(material.texture, texture_at(uv, sb, sc)) <= alpha_step(number, x, y))
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

// Strands stand in all directions, and their cards too. Light falls on hair as on the volume that
// it fills, so its normals are bent outwards.
void bend_hair_normals(const Person& person, const Performance& action, Geometry& geometry) {
  const Vec3 middle = person.pivot + Vec3{0, 0.9f, 0.1f};
  const Vec3 turn{-action.turn.x, action.turn.y, action.turn.z};
  for (size_t p = 0; p < person.parts.size(); p++) {
    if (person.parts[p].material.surface != Surface::hair)
      continue;
    for (size_t i = person.starts[p]; i < person.starts[p + 1]; i++) {
      const Vec3 out = rotate(rotate(normalized(person.rest[i] - middle), turn), action.lean);
      const float side = dot(out, geometry.normal[i]) < 0 ? -0.6f : 0.6f;
      geometry.normal[i] = normalized(out + geometry.normal[i] * side);
    }
  }
}

} // namespace

uint8_t alpha_at(const cv::Mat& texture, const Vec2& uv) {
  const int x = static_cast<int>(uv.x * static_cast<float>(texture.cols));
  const int y = static_cast<int>(uv.y * static_cast<float>(texture.rows));
  return texture.ptr<cv::Vec4b>(
      std::clamp(y, 0, texture.rows - 1))[std::clamp(x, 0, texture.cols - 1)][3];
}

Geometry arrange(const Assets& assets, const Person& person, const Performance& action,
                 const Camera& camera) {
  Geometry geometry;
  geometry.world = person.bind(express(assets, person, action));
  turn_eyes(person, action, geometry.world);
  pose(person, action, geometry.world);
  vertex_normals(person, geometry);
  bend_hair_normals(person, action, geometry);
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

std::vector<Hit> rasterize(const Person& person, const Geometry& geometry, int samples) {
  std::vector<Hit> hits(static_cast<size_t>(samples) * static_cast<size_t>(samples));
  const Target2d target{samples, hits};
  const float scale = static_cast<float>(samples) / 256;
  int32_t number = 0;
  for (size_t p = 0; p < person.parts.size(); p++) {
    const Part& part = person.parts[p];
    const size_t first = person.starts[p];
    for (size_t i = 0; i < part.triangles.size(); i++, number++) {
      Setup setup;
      bool behind = false;
      for (size_t k = 0; k < 3; k++) {
        const auto corner = static_cast<size_t>(part.triangles[i][k]);
        const size_t v = first + corner;
        const Vec2& s = geometry.screen[v];
        setup.p[k] = {(s.x + 0.5f) * scale - 0.5f, (s.y + 0.5f) * scale - 0.5f};
        behind |= geometry.view[v].z < 1;
        setup.w[k] = 1 / geometry.view[v].z;
        setup.cut[k] = part.cut.empty() ? 1 : part.cut[corner];
      }
      const float area = (setup.p[1].x - setup.p[0].x) * (setup.p[2].y - setup.p[0].y) -
                         (setup.p[1].y - setup.p[0].y) * (setup.p[2].x - setup.p[0].x);
      // Front faces are counter-clockwise in the world, and y points down on the screen: they have
      // a negative area there.
      if (behind || std::abs(area) < 1e-6f || (area > 0 && !part.material.two_sided))
        continue;
      fill(setup, area, number, part.material, part.uv[i], target);
    }
  }
  return hits;
}

} // namespace fomo::render
