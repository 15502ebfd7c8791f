// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/train/synthetic_head.h"

#include <opencv2/imgproc.hpp>

#include "train/render/random.h"

namespace fomo::test {
namespace {

using render::Assets;
using render::Proxy;
using render::Target;
using render::Vec2;
using render::Vec3;

constexpr int kRows = 116, kColumns = 116; // more vertices than the base mesh's skin has

cv::Mat noise(int channels, uint64_t seed) {
  render::Random random(seed, 0);
  cv::Mat small(24, 24, CV_8UC(channels)), large;
  for (uint8_t* p = small.data; p < small.data + small.total() * static_cast<size_t>(channels); p++)
    *p = static_cast<uint8_t>(random.index(200) + 40);
  cv::resize(small, large, {96, 96}, 0, 0, cv::INTER_CUBIC);
  if (channels == 4)
    for (int i = 0; i < 96 * 96; i++)
      large.data[4 * i + 3] = 255;
  return large;
}

// Adds an egg-shaped mesh, row by row from the top, with the texture's seam at the back.
void add_egg(Assets& assets) {
  for (int r = 0; r < kRows; r++)
    for (int c = 0; c < kColumns; c++) {
      const float down = 3.14159265f * static_cast<float>(r) / (kRows - 1);
      const float around = 6.2831853f * static_cast<float>(c) / (kColumns - 1) - 3.14159265f;
      assets.vertices.push_back({0.85f * std::sin(down) * std::sin(around),
                                 7.1f + 1.3f * std::cos(down),
                                 0.4f + 1.2f * std::sin(down) * std::cos(around)});
    }
  const auto uv = [](int r, int c) {
    return Vec2{static_cast<float>(c) / (kColumns - 1), static_cast<float>(r) / (kRows - 1)};
  };
  for (int r = 0; r + 1 < kRows; r++)
    for (int c = 0; c + 1 < kColumns; c++) {
      const int a = r * kColumns + c;
      assets.triangles.push_back({a, a + kColumns, a + 1});
      assets.uv.push_back({uv(r, c), uv(r + 1, c), uv(r, c + 1)});
      assets.triangles.push_back({a + 1, a + kColumns, a + kColumns + 1});
      assets.uv.push_back({uv(r, c + 1), uv(r + 1, c), uv(r + 1, c + 1)});
    }
}

Target region(const Assets& assets, const Vec3& middle, float radius, const Vec3& move) {
  Target target;
  for (size_t i = 0; i < assets.vertices.size(); i++) {
    const float near = render::length(assets.vertices[i] - middle) / radius;
    if (near < 1) {
      target.index.push_back(static_cast<int>(i));
      target.delta.push_back(move * (1 - near));
    }
  }
  return target;
}

// A square on the skin, moved inwards by `inset`.
Proxy quad(const Assets& assets, const std::string& name, const Vec3& middle, float size,
           float inset) {
  Proxy proxy;
  proxy.name = name;
  int nearest = 0;
  for (size_t i = 0; i < assets.vertices.size(); i++)
    if (render::length(assets.vertices[i] - middle) <
        render::length(assets.vertices[static_cast<size_t>(nearest)] - middle))
      nearest = static_cast<int>(i);
  for (int i = 0; i < 4; i++) {
    proxy.corners.push_back({nearest, nearest, nearest});
    proxy.weights.push_back({1, 0, 0});
    proxy.offsets.push_back({i % 2 ? size : -size, i / 2 ? size : -size, -inset});
  }
  proxy.triangles = {{0, 1, 2}, {2, 1, 3}};
  proxy.uv = {{Vec2{0, 0}, Vec2{1, 0}, Vec2{0, 1}}, {Vec2{0, 1}, Vec2{1, 0}, Vec2{1, 1}}};
  proxy.textures = {noise(4, name.size())};
  return proxy;
}

void add_targets(Assets& assets) {
  for (const char* gender : {"female", "male"})
    for (const char* age : {"child", "young", "old"}) {
      const std::string kind = std::string(gender) + "-" + age;
      for (const char* race : {"african", "asian", "caucasian"})
        assets.targets[std::string("macro/") + race + "-" + kind] =
            region(assets, {0, 7, 1.5f}, 0.8f, {0, 0, 0.05f});
      for (const char* muscle : {"maxmuscle", "averagemuscle"})
        for (const char* weight : {"maxweight", "minweight", "averageweight"})
          assets.targets["macro/universal-" + kind + "-" + muscle + "-" + weight] = {};
    }
  assets.targets["nose/nose-scale-depth-incr"] =
      region(assets, {0, 6.9f, 1.6f}, 0.3f, {0, 0, 0.2f});
  for (const char* unit :
       {"mouth-open", "mouth-compression", "mouth-depression-retraction", "mouth-depression",
        "mouth-elevation", "mouth-eversion", "mouth-parling", "mouth-protusion", "mouth-pursing",
        "mouth-retraction", "mouth-corner-puller", "mouth-part-later", "mouth-upward-retraction"})
    assets.targets[std::string("exp/") + unit] =
        region(assets, {0, 6.5f, 1.5f}, 0.4f, {0, -0.1f, 0});
  for (const char* way : {"in", "out"})
    assets.targets[std::string("mouth/mouth-trans-") + way] =
        region(assets, {0, 6.5f, 1.5f}, 0.4f, {way[0] == 'o' ? 0.05f : -0.05f, 0, 0});
  for (const char* side : {"left", "right"}) {
    const float x = side[0] == 'l' ? 0.31f : -0.31f;
    for (const char* move : {"down", "extern-up", "inner-up", "up"})
      assets.targets[std::string("exp/eyebrows-") + side + "-" + move] =
          region(assets, {x, 7.5f, 1.4f}, 0.3f, {0, 0.05f, 0});
    assets.targets[std::string("exp/eye-") + side + "-closure"] =
        region(assets, {x, 7.3f, 1.4f}, 0.2f, {0, -0.08f, 0});
    assets.targets[std::string("exp/eye-") + side + "-opened-up"] =
        region(assets, {x, 7.3f, 1.4f}, 0.2f, {0, 0.03f, 0});
    assets.targets[std::string("exp/nose-") + side + "-elevation"] = {};
  }
  for (const char* unit : {"nose-compression", "nose-depression", "neck-platysma"})
    assets.targets[std::string("exp/") + unit] = {};
}

} // namespace

Assets synthetic_head() {
  Assets assets;
  add_egg(assets);
  add_targets(assets);
  const auto group = [&](const char* name, const Vec3& at) {
    assets.groups[name] = {static_cast<int>(assets.vertices.size())};
    assets.vertices.push_back(at);
  };
  group("joint-neck", {0, 5.9f, 0.07f});
  group("joint-head", {0, 7, 0.16f});
  group("joint-mouth", {0, 6.8f, 0.6f});
  group("joint-l-eye", {0.31f, 7.28f, 1.2f});
  group("joint-r-eye", {-0.31f, 7.28f, 1.2f});
  assets.proxies["eyes"] = {quad(assets, "eyes", {0.31f, 7.28f, 1.5f}, 0.1f, 0.3f)};
  assets.proxies["teeth"] = {quad(assets, "teeth", {0, 6.6f, 1.5f}, 0.2f, 0.4f)};
  assets.proxies["tongue"] = {quad(assets, "tongue", {0, 6.5f, 1.5f}, 0.1f, 0.5f)};
  assets.proxies["eyebrows"] = {quad(assets, "brow", {0.31f, 7.5f, 1.5f}, 0.1f, -0.02f)};
  assets.proxies["eyelashes"] = {quad(assets, "lash", {0.31f, 7.3f, 1.5f}, 0.05f, -0.02f)};
  assets.proxies["hair"] = {quad(assets, "wig", {0, 8.4f, 0.4f}, 0.5f, 0)};
  assets.skins = {noise(4, 1), noise(4, 2)};
  return assets;
}

} // namespace fomo::test
