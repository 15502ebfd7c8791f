// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/truth.h"

#include <opencv2/core.hpp>

namespace fomo::render {
namespace {

using train::kCells;
using train::kLandmarks;
using train::normalized_from_pixel;

// A vertex of the base mesh, and the radius, decimetres, of the neighbourhood that its Jacobian is
// fitted to.
struct Place {
  int vertex;
  float radius;
};
constexpr Place kPlaces[kLandmarks] = {{6785, .13f}, {6828, .13f},  {1, .13f},    {44, .13f},
                                       {6996, .22f}, {222, .22f},   {5054, .30f}, {7182, .22f},
                                       {422, .22f},  {474, .20f},   {493, .20f},  {5211, .30f},
                                       {5192, .40f}, {12225, .45f}, {5628, .45f}, {809, .45f}};

// Half the width, decimetres, of the picture in which the neutral face has identity Jacobians.
constexpr float kReferenceHalf = 1.5f;

// Whether a vertex lies behind the lips or behind the lids.
bool hidden_inside(const Vec3& v) {
  const bool socket =
      std::abs(std::abs(v.x) - 0.31f) < 0.2f && std::abs(v.y - 7.28f) < 0.12f && v.z < 1.3f;
  return inside_mouth(v) || socket;
}

// Clips the singular values to .3 – 2.5 and removes a reflection.
std::array<float, 4> clip_singular_values(const cv::Matx22f& m) {
  cv::Matx22f u, vt;
  cv::Matx21f w;
  cv::SVD::compute(m, w, u, vt);
  cv::Matx22f s(std::clamp(w(0), 0.3f, 2.5f), 0, 0, std::clamp(w(1), 0.3f, 2.5f));
  if (cv::determinant(u) * cv::determinant(vt) < 0)
    for (int c = 0; c < 2; c++)
      vt(1, c) = -vt(1, c);
  const cv::Matx22f clipped = u * s * vt;
  return {clipped(0, 0), clipped(0, 1), clipped(1, 0), clipped(1, 1)};
}

Vec2 normalized_place(const Vec2& pixel) {
  return {normalized_from_pixel(pixel.x), normalized_from_pixel(pixel.y)};
}

const Hit& hit_at(const std::vector<Hit>& hits, int x, int y) {
  return hits[static_cast<size_t>(y) * kSamples + x];
}

float pixel_of_sample(int sample) {
  return (static_cast<float>(sample) + 0.5f) / kSupersampling - 0.5f;
}

// Finds where the surface point at a sample of frame `to` is in frame `from`.
class Tracer {
 public:
  Tracer(const TriangleTable& triangles, const Geometry& from, const std::vector<Hit>& from_hits,
         const Camera& camera)
      : triangles_(triangles), from_(from), hits_(from_hits), camera_(camera) {}

  // The pixel of `from` at the same surface point, and whether the point is visible there.
  std::pair<Vec2, bool> trace(const Hit& hit, int x, int y) const {
    if (hit.triangle < 0)
      return {{pixel_of_sample(x), pixel_of_sample(y)}, hit_at(hits_, x, y).triangle < 0};
    const auto& v = triangles_.entries[hit.triangle].vertices;
    const Vec3 view = from_.view[v[0]] * (1 - hit.b - hit.c) + from_.view[v[1]] * hit.b +
                      from_.view[v[2]] * hit.c;
    const Vec2 pixel = camera_.project(view);
    return {pixel, seen(pixel, view.z)};
  }

 private:
  // A point is visible if at least one sample around the pixel has nothing nearer. So points behind
  // thin hair and on skin at a grazing angle count as visible.
  bool seen(const Vec2& pixel, float depth) const {
    constexpr float tolerance = 0.05f; // decimetres
    const int x = static_cast<int>(std::lround((pixel.x + 0.5f) * kSupersampling - 0.5f));
    const int y = static_cast<int>(std::lround((pixel.y + 0.5f) * kSupersampling - 0.5f));
    if (x < 1 || y < 1 || x >= kSamples - 1 || y >= kSamples - 1)
      return false;
    for (int dy = -1; dy <= 1; dy++)
      for (int dx = -1; dx <= 1; dx++) {
        const Hit& hit = hit_at(hits_, x + dx, y + dy);
        if (hit.triangle >= 0 && depth <= hit.depth + tolerance)
          return true;
      }
    return false;
  }

  const TriangleTable& triangles_;
  const Geometry& from_;
  const std::vector<Hit>& hits_;
  const Camera& camera_;
};

} // namespace

LandmarkFitter::LandmarkFitter(const Assets& assets) {
  std::vector<int> at(assets.vertices.size(), -1), skin;
  for (const auto& triangle : assets.triangles) // in the order of Person::sample's skin vertices
    for (int v : triangle)
      if (at[v] < 0) {
        at[v] = static_cast<int>(skin.size());
        skin.push_back(v);
      }
  // A lip's Jacobian is fitted to its own side of the mouth. A fit to both lips would read the
  // opening of the mouth as stretching, and the model would draw lips twice as thick in an open
  // mouth.
  constexpr float apart = 0.1f; // decimetres
  const std::vector<float> rise = assets.opening_rise();
  for (int k = 0; k < kLandmarks; k++) {
    const bool lip = k == train::kUpperLip || k == train::kLowerLip;
    const Vec3& middle = assets.vertices[kPlaces[k].vertex];
    vertices_[k] = at[kPlaces[k].vertex];
    for (size_t i = 0; i < skin.size(); i++) {
      const Vec3& v = assets.vertices[skin[i]];
      const float near = length(v - middle) / kPlaces[k].radius;
      const bool elsewhere = std::abs(rise[skin[i]] - rise[kPlaces[k].vertex]) > apart;
      if (near < 1 && !hidden_inside(v) && !(lip && elsewhere))
        neighbours_[k].push_back({static_cast<int>(i), 1 - near * near});
    }
  }
}

TrueKeypoints LandmarkFitter::fit(const Person& person, const Geometry& geometry) const {
  TrueKeypoints result;
  for (int k = 0; k < kLandmarks; k++) {
    result.value[k] = normalized_place(geometry.screen[vertices_[k]]);
    double total = 0, rx = 0, ry = 0, px = 0, py = 0;
    const auto reference = [&](int v) {
      return Vec2{person.rest[v].x / kReferenceHalf, -person.rest[v].y / kReferenceHalf};
    };
    for (const Neighbour& n : neighbours_[k]) {
      const Vec2 r = reference(n.vertex), p = normalized_place(geometry.screen[n.vertex]);
      total += n.weight;
      rx += n.weight * r.x, ry += n.weight * r.y, px += n.weight * p.x, py += n.weight * p.y;
    }
    rx /= total, ry /= total, px /= total, py /= total;
    // Least squares: J = (sum p r^T) (sum r r^T)^-1.
    cv::Matx22d pr = cv::Matx22d::zeros(), rr = cv::Matx22d::eye() * 1e-6;
    for (const Neighbour& n : neighbours_[k]) {
      const Vec2 r = reference(n.vertex), p = normalized_place(geometry.screen[n.vertex]);
      const cv::Matx21d dr(r.x - rx, r.y - ry), dp(p.x - px, p.y - py);
      pr += n.weight * dp * dr.t();
      rr += n.weight * dr * dr.t();
    }
    result.jacobian[k] = clip_singular_values(cv::Matx22f(pr * rr.inv()));
  }
  return result;
}

TrueFlow true_flow(const TriangleTable& triangles, const std::vector<Hit>& to_hits,
                   const Geometry& from, const std::vector<Hit>& from_hits, const Camera& camera) {
  constexpr int step = kSamples / kCells;
  const Tracer tracer(triangles, from, from_hits, camera);
  TrueFlow result;
  for (int j = 0; j < kCells; j++)
    for (int i = 0; i < kCells; i++) {
      const int x = i * step + step / 2 - 1, y = j * step + step / 2 - 1;
      const Hit& hit = hit_at(to_hits, x, y);
      const auto [pixel, seen] = tracer.trace(hit, x, y);
      // The sample lies a quarter of a pixel before the centre of the cell.
      const float shift = 0.5f / kSupersampling;
      result.flow.push_back(normalized_place({pixel.x + shift, pixel.y + shift}));
      int count = seen, person = hit.triangle >= 0;
      for (const int sy : {y - 2, y + 3})
        for (const int sx : {x - 2, x + 3}) {
          const Hit& other = hit_at(to_hits, sx, sy);
          count += tracer.trace(other, sx, sy).second;
          person += other.triangle >= 0;
        }
      result.visibility.push_back(static_cast<uint8_t>(count * 51));
      result.person.push_back(static_cast<uint8_t>(person * 51));
    }
  return result;
}

} // namespace fomo::render
