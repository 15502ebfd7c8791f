// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/studio.h"

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "train/render/garment.h"
#include "train/render/room.h"
#include "train/render/wardrobe.h"

namespace fomo::render {
namespace {

constexpr int kRoomSize = 512;

void add(const Assets& assets, const std::string& target, float weight,
         std::vector<Vec3>& vertices) {
  const Target& t = assets.target(target);
  for (size_t i = 0; i < t.index.size(); i++)
    vertices[static_cast<size_t>(t.index[i])] += t.delta[i] * weight;
}

const Proxy& named(const Assets& assets, const std::string& kind, const std::string& name) {
  for (const Proxy& proxy : assets.proxies.at(kind))
    if (proxy.name == name)
      return proxy;
  throw Error(FOMO_WRONG_TYPE, "The head assets have no " + kind + "/" + name +
                                   ". Use the MakeHuman assets that train/README.md describes.");
}

// A knitted fabric: columns of stitches in one colour.
cv::Mat knit(const Vec3& color) {
  constexpr int size = 256, stitch = 8;
  cv::Mat pattern(size, size, CV_8UC3);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      const float u = static_cast<float>(x % stitch) / stitch;
      const float v = std::fmod(static_cast<float>(y) / stitch + std::abs(u - 0.5f), 1.0f);
      const float level =
          0.86f + 0.14f * std::sin(3.14159265f * u) * (0.6f + 0.4f * std::sin(6.2831853f * v));
      pattern.at<cv::Vec3b>(y, x) = {cv::saturate_cast<uint8_t>(255 * color.z * level),
                                     cv::saturate_cast<uint8_t>(255 * color.y * level),
                                     cv::saturate_cast<uint8_t>(255 * color.x * level)};
    }
  return pattern;
}

Person cast_driver(const Assets& assets, Random& random) {
  Person person;
  person.neutral = assets.vertices;
  add(assets, "macro/caucasian-male-young", 0.85f, person.neutral);
  add(assets, "macro/african-male-young", 0.15f, person.neutral);
  add(assets, "macro/universal-male-young-averagemuscle-averageweight", 0.8f, person.neutral);
  for (const char* detail :
       {"head/head-oval", "chin/chin-width-incr", "mouth/mouth-scale-horiz-incr",
        "nose/nose-scale-horiz-decr", "eyes/l-eye-scale-incr", "eyes/r-eye-scale-incr"})
    add(assets, detail, random.uniform(0.1f, 0.3f), person.neutral);
  const Vec3 neck = assets.centre("joint-neck", person.neutral);
  lower_arms(1, neck, person.neutral);
  person.find_joints(assets);

  Material skin;
  skin.texture = assets.skins[17];
  skin.gloss = 0.11f;
  skin.relief = 0.9f;
  person.parts.push_back(make_skin(assets, skin));
  GarmentStyle jumper;
  jumper.height = neck.y - 0.20f;
  jumper.pattern = knit({.20f, .27f, .36f});
  jumper.collar_tint = Vec3{1, 1, 1} * 0.95f;
  jumper.thickness = 0.09f;
  put_on(assets, jumper, person);

  const Proxy& eyes = named(assets, "eyes", "HighPolyEyes");
  person.parts.push_back(make_eyes(eyes, eyes.textures[3], 0.95f, 0.9f));
  person.parts.push_back(
      make_teeth(assets, assets.proxies.at("teeth").front(), 1.12f, -0.03f, -0.07f));
  person.parts.push_back(make_tongue(assets, Vec3{.85f, .8f, .8f}));
  const Vec3 brown{.30f, .22f, .17f};
  person.parts.push_back(make_hair(named(assets, "eyebrows", "eyebrow008"), brown * 0.9f, 0.05f));
  person.parts.push_back(
      make_hair(named(assets, "eyelashes", "Eyelashes01"), Vec3{1, 1, 1} * 0.18f, 0.05f));
  person.parts.push_back(make_hair(named(assets, "hair", "short01"), brown, 0.30f));
  person.finish();
  return person;
}

// A large window at the side, a dim room, and a lamp behind that separates the head from the wall.
Lighting window_light() {
  Lighting light;
  light.sky = Vec3{.30f, .31f, .33f};
  light.ground = Vec3{.20f, .17f, .15f};
  light.lamps[0] = {normalized({-0.62f, 0.42f, 0.75f}), Vec3{.80f, .77f, .73f}, 0.40f};
  light.lamps[1] = {normalized({0.85f, 0.15f, 0.6f}), Vec3{.16f, .15f, .14f}, 0.30f};
  light.lamps[2] = {normalized({0.75f, 0.55f, -0.7f}), Vec3{.55f, .48f, .38f}, 0.20f};
  light.shadow = 0.95f;
  light.occlusion = 0.9f;
  return light;
}

Camera portrait_camera(const Assets& assets, const Person& person) {
  Camera camera;
  const Vec3 eyes = (person.eyes[0] + person.eyes[1]) * 0.5f;
  camera.target = mix(eyes, assets.centre("joint-mouth", person.neutral), 0.5f);
  camera.target.x = 0;
  camera.distance = 14;
  camera.focal = 256 * camera.distance / 3.7f;
  camera.centre = {127.5f, 117.0f};
  return camera;
}

} // namespace

Studio::Studio(const Assets& assets, uint64_t seed)
    : assets_(assets), person_([&] {
        Random random(seed, 1);
        return cast_driver(assets, random);
      }()),
      camera_(portrait_camera(assets, person_)), lighting_(window_light()), triangles_(person_) {
  Random random(seed, 2);
  room_ = room(random, kRoomSize, 0.022f);
}

cv::Mat Studio::frame(const Performance& action, int size) const {
  constexpr int supersampling = 4;
  const Geometry geometry = arrange(assets_, person_, action, camera_);
  const std::vector<Hit> hits = rasterize(person_, geometry, size * supersampling);
  const VertexLight light = illuminate(person_, geometry, camera_, lighting_, {320, 40, 12});
  cv::Mat behind = room_;
  if (behind.rows != size)
    cv::resize(room_, behind, {size, size}, 0, 0, cv::INTER_AREA);
  const cv::Mat picture =
      shade(person_, triangles_, geometry, hits, camera_, lighting_, light, behind);
  cv::Mat bytes;
  picture.convertTo(bytes, CV_8U, 255);
  return bytes;
}

} // namespace fomo::render
