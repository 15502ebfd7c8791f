// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/beard.h"

#include <opencv2/imgproc.hpp>

namespace fomo::render {
namespace {

constexpr int kTexture = 512;

// Which part of a beard there is, 0..1 each.
struct Cut {
  float jaw = 1, cheeks = 1, moustache = 1;
};

// How densely a beard grows at a point of the base mesh, 0..1. Lips stay free.
float density(const Vec3& at, const Cut& cut) {
  const float across = std::abs(at.x);
  // The upper edge runs from the ear to the corner of the mouth.
  const float edge = mix(6.62f, 6.98f, smoothstep(0.30f, 0.75f, across));
  const float under = smoothstep(5.95f, 6.15f, at.y) * smoothstep(0.35f, 0.6f, at.z);
  const float wide = mix(smoothstep(0.42f, 0.25f, across), 1, cut.cheeks);
  const float jaw = cut.jaw * wide * under * smoothstep(edge + 0.06f, edge - 0.10f, at.y);
  const float moustache = cut.moustache * smoothstep(0.36f, 0.26f, across) *
                          smoothstep(6.66f, 6.71f, at.y) * smoothstep(6.88f, 6.80f, at.y) *
                          smoothstep(1.3f, 1.4f, at.z);
  const float beside = cut.jaw * cut.moustache * smoothstep(0.25f, 0.29f, across) *
                       smoothstep(0.42f, 0.34f, across) * smoothstep(6.3f, 6.4f, at.y) *
                       smoothstep(6.8f, 6.7f, at.y) * smoothstep(1.0f, 1.2f, at.z);
  const float lips = smoothstep(1.25f, 0.95f, std::hypot(across / 0.27f, (at.y - 6.605f) / 0.085f));
  return std::max({jaw, moustache, beside}) * (1 - lips);
}

// Texture coordinates: around the jaw and down.
Vec2 place(const Vec3& at) {
  return {0.5f + std::atan2(at.x, at.z - 0.2f) / 4.2f,
          std::clamp((7.2f - at.y) / 1.5f, 0.0f, 1.0f)};
}

// Random heights of strands, 0..1: the strand at a texel reaches that far out of the skin.
cv::Mat strands(Random& random) {
  cv::Mat heights(kTexture, kTexture, CV_32F);
  for (int y = 0; y < kTexture; y++)
    for (int x = 0; x < kTexture; x++)
      heights.at<float>(y, x) = random.uniform();
  cv::Mat smooth;
  cv::GaussianBlur(heights, smooth, {}, 1.6, 6.0); // strands hang down
  cv::Mat mean, deviation;
  cv::meanStdDev(smooth, mean, deviation);
  return (smooth - mean.at<double>(0)) * (0.29 / deviation.at<double>(0)) + 0.5;
}

// The density on the texture, from the triangles that it lies on.
cv::Mat density_map(const Part& layer, const std::vector<float>& dense) {
  cv::Mat map(kTexture, kTexture, CV_32F, cv::Scalar(0));
  for (size_t i = 0; i < layer.triangles.size(); i++) {
    cv::Point corners[3];
    float sum = 0;
    for (size_t c = 0; c < 3; c++) {
      corners[c] = {static_cast<int>(layer.uv[i][c].x * kTexture),
                    static_cast<int>(layer.uv[i][c].y * kTexture)};
      sum += dense[static_cast<size_t>(layer.triangles[i][c])];
    }
    cv::fillConvexPoly(map, corners, 3, cv::Scalar(sum / 3));
  }
  cv::GaussianBlur(map, map, {}, 6);
  return map;
}

} // namespace

void add_beard(const Assets& assets, const Vec3& color, Random& random, Person& person) {
  Cut cut;
  const float kind = random.uniform();
  if (kind < 0.2f) // a moustache
    cut.jaw = cut.cheeks = 0;
  else if (kind < 0.4f) // around the mouth
    cut.cheeks = 0;
  else if (kind < 0.5f)
    cut.moustache = 0;
  const float length = random.chance(0.35f) ? 0.02f : random.uniform(0.04f, 0.16f);
  const int layers = length < 0.03f ? 1 : 5;
  const cv::Mat heights = strands(random);
  const Part& skin = person.parts.front();
  std::vector<Vec3> normals(skin.corners.size());
  for (const auto& t : skin.triangles) {
    const auto at = [&](int v) { return skin.place(static_cast<size_t>(v), person.neutral); };
    const Vec3 n = cross(at(t[1]) - at(t[0]), at(t[2]) - at(t[0]));
    for (int v : t)
      normals[static_cast<size_t>(v)] += n;
  }
  Part base; // the skin's triangles on which the beard grows
  std::vector<int> index(skin.corners.size(), -1);
  std::vector<float> dense;
  std::vector<Vec3> out;
  for (const auto& t : skin.triangles) {
    float most = 0, turned = 0;
    std::array<Vec2, 3> uv;
    for (size_t c = 0; c < 3; c++) {
      const Vec3& at =
          assets.vertices[static_cast<size_t>(skin.corners[static_cast<size_t>(t[c])][0])];
      most = std::max(most, inside_mouth(at) ? 0 : density(at, cut));
      turned = std::max(turned, std::abs(std::atan2(at.x, at.z - 0.2f)));
      uv[c] = place(at);
    }
    if (most < 0.02f || turned > 2)
      continue;
    std::array<int, 3> mapped{};
    for (size_t c = 0; c < 3; c++) {
      const auto v = static_cast<size_t>(t[c]);
      if (index[v] < 0) {
        index[v] = static_cast<int>(base.corners.size());
        base.corners.push_back(skin.corners[v]);
        const Vec3& at = assets.vertices[static_cast<size_t>(skin.corners[v][0])];
        dense.push_back(inside_mouth(at) ? 0 : density(at, cut));
        out.push_back(normalized(normalized(normals[v]) + Vec3{0, -0.5f, 0}));
      }
      mapped[c] = index[v];
    }
    base.triangles.push_back(mapped);
    base.uv.push_back(uv);
  }
  base.weights.assign(base.corners.size(), {1, 0, 0});
  const cv::Mat map = density_map(base, dense);
  base.material.surface = Surface::hair;
  base.material.gloss = 0.1f;
  base.material.cutout = true;
  base.material.tint = color;
  const float thick = random.uniform(0.8f, 1.2f);
  for (int l = 0; l < layers; l++) {
    Part layer = base;
    const float reach = static_cast<float>(l) / 5; // only the longer strands reach the outer layers
    layer.material.texture = cv::Mat(kTexture, kTexture, CV_8UC4);
    for (int y = 0; y < kTexture; y++)
      for (int x = 0; x < kTexture; x++) {
        const float h = heights.at<float>(y, x), d = thick * map.at<float>(y, x);
        const float cover = smoothstep(1.0f - d, 1.15f - d, h) * (h > reach ? 1.0f : 0.0f);
        const auto level = cv::saturate_cast<uint8_t>(110 + 90 * h + 40 * reach);
        const float stubble = layers == 1 ? 0.55f : 1.0f;
        layer.material.texture.at<cv::Vec4b>(y, x) = {
            level, level, level, cv::saturate_cast<uint8_t>(255 * cover * stubble)};
      }
    for (size_t i = 0; i < base.corners.size(); i++)
      layer.offsets.push_back(out[i] * (0.008f + length * dense[i] * reach));
    person.parts.push_back(std::move(layer));
  }
}

} // namespace fomo::render
