// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/fur.h"

#include <opencv2/imgproc.hpp>

namespace fomo::render {
namespace {

// The skin's triangles on which fur grows, with the strands' directions.
struct Ground {
  Part part; // without offsets and texture
  std::vector<Vec3> out;
};

std::vector<Vec3> skin_normals(const Part& skin, const std::vector<Vec3>& base) {
  std::vector<Vec3> normals(skin.corners.size());
  for (const auto& t : skin.triangles) {
    const auto at = [&](int v) { return skin.place(static_cast<size_t>(v), base); };
    const Vec3 n = cross(at(t[1]) - at(t[0]), at(t[2]) - at(t[0]));
    for (int v : t)
      normals[static_cast<size_t>(v)] += n;
  }
  for (Vec3& n : normals)
    n = normalized(n);
  return normals;
}

Ground ground_of(const Assets& assets, const Fur& fur, const Person& person) {
  const Part& skin = person.parts.front();
  const std::vector<Vec3> normals = skin_normals(skin, person.neutral);
  Ground ground;
  std::vector<int> index(skin.corners.size(), -1);
  for (const auto& t : skin.triangles) {
    float most = 0;
    std::array<Vec2, 3> uv;
    for (size_t c = 0; c < 3; c++) {
      const auto base = static_cast<size_t>(skin.corners[static_cast<size_t>(t[c])][0]);
      most = std::max(most, fur.density[base]);
      uv[c] = fur.place(assets.vertices[base]);
    }
    if (most < 0.02f)
      continue;
    std::array<int, 3> mapped{};
    for (size_t c = 0; c < 3; c++) {
      const auto v = static_cast<size_t>(t[c]);
      if (index[v] < 0) {
        index[v] = static_cast<int>(ground.part.corners.size());
        ground.part.corners.push_back(skin.corners[v]);
        ground.out.push_back(normalized(normals[v] + fur.lean));
      }
      mapped[c] = index[v];
    }
    ground.part.triangles.push_back(mapped);
    ground.part.uv.push_back(uv);
  }
  ground.part.weights.assign(ground.part.corners.size(), {1, 0, 0});
  return ground;
}

// The density on the texture, from the triangles that it lies on.
cv::Mat density_map(const Part& part, const std::vector<float>& density) {
  cv::Mat map(kFurTexture, kFurTexture, CV_32F, cv::Scalar(0));
  for (size_t i = 0; i < part.triangles.size(); i++) {
    cv::Point corners[3];
    float sum = 0;
    for (size_t c = 0; c < 3; c++) {
      corners[c] = {static_cast<int>(part.uv[i][c].x * kFurTexture),
                    static_cast<int>(part.uv[i][c].y * kFurTexture)};
      const int v = part.triangles[i][c];
      sum += density[static_cast<size_t>(part.corners[static_cast<size_t>(v)][0])];
    }
    cv::fillConvexPoly(map, corners, 3, cv::Scalar(sum / 3));
  }
  cv::GaussianBlur(map, map, {}, 6);
  return map;
}

// The cut-out of the layer at `reach`, 0..1, of the strands' length.
cv::Mat layer_texture(const Fur& fur, const cv::Mat& map, float reach) {
  cv::Mat texture(kFurTexture, kFurTexture, CV_8UC4);
  for (int y = 0; y < kFurTexture; y++)
    for (int x = 0; x < kFurTexture; x++) {
      const float h = fur.strands.at<float>(y, x), d = fur.cover * map.at<float>(y, x);
      const float cover = smoothstep(1.0f - d, 1.15f - d, h) * (h > reach ? 1.0f : 0.0f);
      const auto level = cv::saturate_cast<uint8_t>(110 + 90 * h + 40 * reach);
      const float stubble = fur.layers == 1 ? 0.55f : 1.0f;
      texture.at<cv::Vec4b>(y, x) = {level, level, level,
                                     cv::saturate_cast<uint8_t>(255 * cover * stubble)};
    }
  return texture;
}

} // namespace

cv::Mat random_strands(float across, float along, Random& random) {
  cv::Mat heights(kFurTexture, kFurTexture, CV_32F), smooth, mean, deviation;
  for (float *p = heights.ptr<float>(), *end = p + heights.total(); p < end; p++)
    *p = random.uniform();
  cv::GaussianBlur(heights, smooth, {}, across, along);
  cv::meanStdDev(smooth, mean, deviation);
  return (smooth - mean.at<double>(0)) * (0.29 / deviation.at<double>(0)) + 0.5;
}

void grow(const Assets& assets, const Fur& fur, Person& person) {
  const Ground ground = ground_of(assets, fur, person);
  if (ground.part.triangles.empty())
    return;
  const cv::Mat map = density_map(ground.part, fur.density);
  for (int l = 0; l < fur.layers; l++) {
    Part layer = ground.part;
    const float reach = static_cast<float>(l) / static_cast<float>(fur.layers);
    layer.material.surface = Surface::hair;
    layer.material.gloss = fur.gloss;
    layer.material.cutout = true;
    layer.material.tint = fur.color;
    layer.material.texture = layer_texture(fur, map, reach);
    for (size_t i = 0; i < layer.corners.size(); i++)
      layer.offsets.push_back(
          ground.out[i] * (0.008f + fur.length[static_cast<size_t>(layer.corners[i][0])] * reach));
    person.parts.push_back(std::move(layer));
  }
}

} // namespace fomo::render
