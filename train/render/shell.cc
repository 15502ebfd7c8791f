// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/shell.h"

namespace fomo::render {
namespace {

constexpr int kRing = 96; // points of a ring
constexpr float kTurn = 6.28318531f;

std::vector<Vec3> normals_of(const std::vector<Vec3>& at,
                             const std::vector<std::array<int, 3>>& triangles) {
  std::vector<Vec3> normals(at.size());
  for (const auto& t : triangles) {
    const Vec3 n = cross(at[t[1]] - at[t[0]], at[t[2]] - at[t[0]]);
    for (int v : t)
      normals[v] += n;
  }
  for (Vec3& n : normals)
    n = normalized(n);
  return normals;
}

// Takes what shows of a body through thick cloth out of the shell: each vertex moves to the mean of
// its neighbours, but never below the skin.
void smooth(const std::vector<Vec3>& skin, const std::vector<Vec3>& normal,
            const std::vector<float>& weight, const std::vector<std::array<int, 3>>& triangles,
            int rounds, std::vector<Vec3>& at) {
  for (int round = 0; round < rounds; round++) {
    std::vector<Vec3> sum(at.size());
    std::vector<float> count(at.size(), 0);
    for (const auto& t : triangles)
      for (size_t c = 0; c < 3; c++)
        for (const int other : {t[(c + 1) % 3], t[(c + 2) % 3]}) {
          sum[t[c]] += at[other];
          count[t[c]]++;
        }
    for (size_t i = 0; i < at.size(); i++)
      if (count[i] >= 8) { // not at the border, where neighbours lie on one side
        at[i] = mix(at[i], sum[i] * (1 / count[i]), 0.6f * weight[i]);
        const float inside = dot(skin[i] - at[i], normal[i]);
        if (inside > 0)
          at[i] += normal[i] * inside;
      }
  }
}

// A place where the edge of a shell crosses an edge of its mesh.
struct Crossing {
  Vec3 at, normal;
  int vertex;
};

std::vector<Crossing> crossings(const Shell& shell,
                                const std::function<bool(const Vec3&)>& wanted) {
  std::vector<Crossing> result;
  for (const auto& t : shell.part.triangles)
    for (size_t c = 0; c < 3; c++) {
      const auto a = static_cast<size_t>(t[c]), b = static_cast<size_t>(t[(c + 1) % 3]);
      const float fa = shell.part.cut[a], fb = shell.part.cut[b];
      if ((fa < 0) == (fb < 0))
        continue;
      const float share = fa / (fa - fb);
      const Vec3 at = mix(shell.at[a], shell.at[b], share);
      if (wanted(at))
        result.push_back({at, mix(shell.normal[a], shell.normal[b], share),
                          shell.part.corners[share < 0.5f ? a : b][0]});
    }
  return result;
}

// Fills the points of a ring that no crossing fell on from the nearest ones on both sides.
void fill_gaps(const std::vector<int>& count, std::vector<RingPoint>& ring) {
  for (size_t i = 0; i < kRing; i++) {
    if (count[i] > 0)
      continue;
    size_t before = 1, after = 1;
    while (count[(i + kRing - before) % kRing] == 0)
      before++;
    while (count[(i + after) % kRing] == 0)
      after++;
    const RingPoint &a = ring[(i + kRing - before) % kRing], &b = ring[(i + after) % kRing];
    const float share = static_cast<float>(before) / static_cast<float>(before + after);
    ring[i] = {mix(a.at, b.at, share),
               normalized(mix(a.normal, b.normal, share)),
               {},
               share < 0.5f ? a.vertex : b.vertex};
  }
}

} // namespace

Shell make_shell(const Assets& assets, const std::vector<float>& inside,
                 const std::vector<Vec3>& base, const Draping& draping) {
  Shell shell;
  std::vector<int> place(assets.vertices.size(), -1), vertices;
  for (const auto& triangle : assets.triangles) {
    float most = -1;
    for (int v : triangle)
      most = std::max(most, inside[static_cast<size_t>(v)]);
    if (most < -0.1f)
      continue;
    std::array<int, 3> mapped{};
    for (size_t c = 0; c < 3; c++) {
      int& at = place[static_cast<size_t>(triangle[c])];
      if (at < 0) {
        at = static_cast<int>(vertices.size());
        vertices.push_back(triangle[c]);
      }
      mapped[c] = at;
    }
    shell.part.triangles.push_back(mapped);
  }
  std::vector<Vec3> skin;
  std::vector<float> weight;
  for (int v : vertices) {
    const float in = inside[static_cast<size_t>(v)];
    skin.push_back(base[static_cast<size_t>(v)]);
    shell.part.cut.push_back(in);
    weight.push_back(smoothstep(0.05f, 0.5f, in));
  }
  const std::vector<Vec3> normal = normals_of(skin, shell.part.triangles);
  shell.at = skin;
  smooth(skin, normal, weight, shell.part.triangles, draping.smoothing, shell.at);
  for (size_t i = 0; i < skin.size(); i++) {
    float out = draping.thickness * (1 + 0.8f * weight[i]);
    if (draping.relief)
      out += draping.relief(skin[i], shell.part.cut[i]);
    shell.at[i] += normal[i] * std::max(out, 0.03f);
    shell.part.corners.push_back({vertices[i], vertices[i], vertices[i]});
    shell.part.weights.push_back({1, 0, 0});
    shell.part.offsets.push_back(shell.at[i] - skin[i]);
  }
  shell.normal = normals_of(shell.at, shell.part.triangles);
  return shell;
}

std::vector<RingPoint> outline(const Shell& shell, bool upright, int smoothing,
                               const std::function<bool(const Vec3&)>& wanted,
                               const std::function<Vec3(const Vec3&)>& away) {
  const std::vector<Crossing> found = crossings(shell, wanted);
  Vec3 middle;
  for (const Crossing& crossing : found)
    middle += crossing.at * (1.0f / static_cast<float>(found.size()));
  std::vector<RingPoint> ring(kRing);
  std::vector<int> count(kRing, 0);
  for (const Crossing& crossing : found) {
    const Vec3 from = crossing.at - middle;
    const float turn = std::atan2(from.x, upright ? from.y : from.z) / kTurn;
    const auto i = static_cast<size_t>((turn < 0 ? turn + 1 : turn) * kRing) % kRing;
    ring[i].at += crossing.at;
    ring[i].normal += crossing.normal;
    ring[i].vertex = crossing.vertex;
    count[i]++;
  }
  if (std::count(count.begin(), count.end(), 0) > kRing * 2 / 3)
    return {};
  for (size_t i = 0; i < kRing; i++)
    if (count[i] > 0) {
      ring[i].at = ring[i].at * (1.0f / static_cast<float>(count[i]));
      ring[i].normal = normalized(ring[i].normal);
    }
  fill_gaps(count, ring);
  for (int round = 0; round < smoothing; round++) {
    const std::vector<RingPoint> old = ring;
    for (size_t i = 0; i < kRing; i++) {
      const RingPoint &a = old[(i + kRing - 1) % kRing], &b = old[(i + 1) % kRing];
      ring[i].at = old[i].at * 0.5f + (a.at + b.at) * 0.25f;
      ring[i].normal = normalized(old[i].normal * 0.5f + (a.normal + b.normal) * 0.25f);
    }
  }
  for (RingPoint& point : ring) {
    const Vec3 direction = away(point.at);
    point.away = normalized(direction - point.normal * dot(direction, point.normal));
  }
  return ring;
}

Part sweep(const std::vector<RingPoint>& ring, const std::function<Section(float)>& section,
           float gap, const std::vector<Vec3>& base) {
  Part part;
  const size_t count = ring.size();
  for (size_t i = 0; i <= count; i++) {
    const RingPoint& point = ring[i % count];
    const float turn = static_cast<float>(i) / static_cast<float>(count);
    const Section points = section(0.5f + 0.5f * std::cos(kTurn * turn));
    for (const Vec2& s : points) {
      part.corners.push_back({point.vertex, point.vertex, point.vertex});
      part.weights.push_back({1, 0, 0});
      part.offsets.push_back(point.at + point.away * s.x + point.normal * s.y -
                             base[static_cast<size_t>(point.vertex)]);
    }
    if (i == count || turn < gap / 2 || turn >= 1 - gap / 2)
      continue;
    const int sides = static_cast<int>(points.size());
    for (int s = 0; s + 1 < sides; s++) {
      const int a = static_cast<int>(part.corners.size()) - sides + s;
      const int b = a + 1, c = a + sides, d = c + 1;
      const auto uv = [&](float along, int over) {
        return Vec2{turn + along / static_cast<float>(count),
                    static_cast<float>(over) / static_cast<float>(sides)};
      };
      part.triangles.push_back({a, c, b});
      part.uv.push_back({uv(0, s), uv(1, s), uv(0, s + 1)});
      part.triangles.push_back({b, c, d});
      part.uv.push_back({uv(0, s + 1), uv(1, s), uv(1, s + 1)});
    }
  }
  return part;
}

} // namespace fomo::render
