// SPDX-License-Identifier: LGPL-2.1-or-later
// Clothes, headwear, beards, light and the script of the driving clip.
#include <gtest/gtest.h>

#include "tests/train/synthetic_head.h"
#include "train/render/beard.h"
#include "train/render/garment.h"
#include "train/render/grade.h"
#include "train/render/headwear.h"
#include "train/render/script.h"
#include "train/render/shade.h"
#include "train/render/wardrobe.h"

namespace fomo::test {
namespace {

using namespace render;

class Wardrobe : public testing::Test {
 protected:
  Wardrobe() : assets_(synthetic_head()) {
    person_.neutral = assets_.vertices;
    person_.find_joints(assets_);
    person_.parts.push_back(make_skin(assets_, skin_material(assets_, random_)));
    camera_ = Camera::sample(assets_, person_, random_);
  }

  // The part that is visible at each sample; -1: background.
  std::vector<int> visible_parts(int samples = kSamples) {
    person_.finish();
    const TriangleTable table(person_);
    const Geometry geometry = arrange(assets_, person_, neutral_performance(), camera_);
    std::vector<int> parts;
    for (const Hit& hit : rasterize(person_, geometry, samples))
      parts.push_back(hit.triangle < 0 ? -1
                                       : table.entries[static_cast<size_t>(hit.triangle)].part);
    return parts;
  }

  Random random_{9, 9};
  Assets assets_;
  Person person_;
  Camera camera_;
};

TEST_F(Wardrobe, AGarmentEndsInACleanLineOutsideOfTheSkin) {
  GarmentStyle style;
  style.height = 6.6f;
  style.tilt = style.slope = 0;
  style.pattern = cv::Mat(128, 128, CV_8UC3, cv::Scalar(90, 80, 70));
  put_on(assets_, style, person_);
  ASSERT_EQ(person_.parts.size(), 3u) << "skin, shell, collar";
  person_.finish();
  const TriangleTable table(person_);
  const Geometry geometry = arrange(assets_, person_, neutral_performance(), camera_);
  int cloth = 0;
  for (const Hit& hit : rasterize(person_, geometry)) {
    if (hit.triangle < 0)
      continue;
    const auto& entry = table.entries[static_cast<size_t>(hit.triangle)];
    const auto at = [&](size_t k) { return person_.rest[static_cast<size_t>(entry.vertices[k])]; };
    const float y = at(0).y * (1 - hit.b - hit.c) + at(1).y * hit.b + at(2).y * hit.c;
    if (entry.part == 1) {
      cloth++;
      EXPECT_LT(y, style.height + 0.02f);
    } else if (entry.part == 0) {
      EXPECT_GT(y, style.height - 0.02f);
    }
  }
  EXPECT_GT(cloth, 1000);
  const Part& shell = person_.parts[1];
  const auto outside = std::count_if(shell.offsets.begin(), shell.offsets.end(),
                                     [](const Vec3& offset) { return length(offset) > 0.03f; });
  // Nearly all: the egg's mesh has no normals at its pole.
  EXPECT_GT(static_cast<double>(outside), 0.97 * static_cast<double>(shell.offsets.size()));
}

TEST_F(Wardrobe, AHatCoversTheHairAndNotTheFace) {
  person_.parts.push_back(make_hair(assets_.proxies.at("hair").front(), {1, 1, 1}, 0.2f));
  std::vector<int> parts = visible_parts();
  EXPECT_GT(std::count(parts.begin(), parts.end(), 1), 50);
  put_on_head(assets_, Headwear::beanie, random_, person_);
  ASSERT_EQ(person_.parts.size(), 4u) << "skin, hair, hat, band";
  parts = visible_parts();
  EXPECT_EQ(std::count(parts.begin(), parts.end(), 1), 0);
  EXPECT_GT(std::count(parts.begin(), parts.end(), 2), 1000);
}

TEST_F(Wardrobe, AScarfLeavesTheFaceFree) {
  put_on_head(assets_, Headwear::scarf, random_, person_);
  const Part& shell = person_.parts[1];
  int covered = 0;
  for (size_t i = 0; i < shell.corners.size(); i++) {
    const Vec3& at = assets_.vertices[static_cast<size_t>(shell.corners[i][0])];
    const bool in_face = std::abs(at.x) < 0.35f && at.y > 6.5f && at.y < 7.6f && at.z > 1;
    if (in_face) {
      EXPECT_LT(shell.cut[i], 0);
    }
    covered += !in_face && shell.cut[i] > 0;
  }
  EXPECT_GT(covered, 1000);
  const std::vector<int> parts = visible_parts();
  EXPECT_GT(std::count(parts.begin(), parts.end(), 0), 5000) << "the face is visible";
}

TEST_F(Wardrobe, ABeardMovesWithTheJaw) {
  add_beard(assets_, {.5f, .4f, .3f}, random_, person_);
  ASSERT_GT(person_.parts.size(), 1u);
  person_.finish();
  Performance open;
  open.units["mouth-open"] = 1;
  const std::vector<Vec3> rest = person_.bind(express(assets_, person_, neutral_performance())),
                          moved = person_.bind(express(assets_, person_, open));
  float most = 0;
  for (size_t i = person_.starts[1]; i < person_.starts[2]; i++) {
    const auto v = static_cast<size_t>(person_.parts[1].corners[i - person_.starts[1]][0]);
    const Vec3 by = moved[i] - rest[i];
    // Relative to the skin below it a strand does not move.
    const Vec3 skin = express(assets_, person_, open)[v] - person_.neutral[v];
    EXPECT_NEAR(by.y, skin.y, 1e-4f);
    most = std::max(most, length(by));
    if (i > person_.starts[1] + 40)
      break; // each comparison computes the whole expression
  }
  const cv::Mat& texture = person_.parts[1].material.texture;
  cv::Mat alpha;
  cv::extractChannel(texture, alpha, 3);
  EXPECT_GT(cv::countNonZero(alpha > 60), 500);
}

TEST_F(Wardrobe, MoreSamplesShowTheSamePicture) {
  const std::vector<int> few = visible_parts(512), many = visible_parts(1024);
  const auto share = [](const std::vector<int>& parts) {
    return 1 - static_cast<double>(std::count(parts.begin(), parts.end(), -1)) /
                   static_cast<double>(parts.size());
  };
  EXPECT_GT(share(few), 0.1);
  EXPECT_NEAR(share(few), share(many), 0.005);
}

TEST_F(Wardrobe, HairKeepsLightFromTheHead) {
  Lighting lighting;
  const auto mean_on_top = [&] {
    person_.finish();
    const Geometry geometry = arrange(assets_, person_, neutral_performance(), camera_);
    const VertexLight light = illuminate(person_, geometry, camera_, lighting, {128, 24, 1});
    double sum = 0, count = 0;
    for (size_t i = 0; i < person_.starts[1]; i++)
      if (person_.rest[i].y > 8.2f) {
        sum += light.sky[i];
        count++;
      }
    return sum / count;
  };
  const double bald = mean_on_top();
  EXPECT_GT(bald, 0.75);
  Part wig = make_hair(assets_.proxies.at("hair").front(), {1, 1, 1}, 0.2f);
  for (size_t i = 0; i < wig.offsets.size(); i++) // lies flat above the head
    wig.offsets[i] = {i % 2 ? 0.8f : -0.8f, 0.25f, i / 2 ? 0.8f : -0.8f};
  person_.parts.push_back(wig);
  EXPECT_LT(mean_on_top(), 0.8 * bald);
}

TEST(Grade, APencilDrawingHasNoColour) {
  Grade grade;
  grade.sketch = 1;
  cv::Mat picture(256, 256, CV_32FC3);
  cv::randu(picture, 0, 1);
  Random random(1, 1);
  const cv::Mat drawn = grade.apply(picture, random);
  for (int i = 0; i < 256; i++) {
    const cv::Vec3b& p = drawn.at<cv::Vec3b>(i, i);
    EXPECT_NEAR(p[0], p[1], 8);
    EXPECT_GE(p[0] + 1, p[2]); // the paper is warm
  }
}

TEST(Script, StartsAtRestWithTheMouthShutAndEndsThere) {
  const Performance first = scripted(0);
  EXPECT_LT(length(first.turn), 0.01f);
  for (float time = 0; time <= 0.56f; time += 0.04f) {
    const Performance now = scripted(time);
    EXPECT_LT(length(now.turn - first.turn), 0.005f) << time;
    EXPECT_LT(length(now.sway - first.sway), 0.005f) << time;
    EXPECT_LT(now.units.at("mouth-open"), 0.01f) << time;
    EXPECT_LT(now.closure[0], 0.1f) << time;
  }
  const Performance last = scripted(kScriptSeconds - 0.04f);
  EXPECT_LT(length(last.turn - first.turn), 0.005f);
  for (const auto& [unit, weight] : last.units) {
    const auto before = first.units.find(unit);
    EXPECT_NEAR(weight, before == first.units.end() ? 0 : before->second, 0.02f) << unit;
  }
}

TEST(Script, SpeaksBlinksAndTurnsModerately) {
  float widest = 0, smallest_yaw = 0, largest_yaw = 0, shut_in_speech = 1;
  int blinks = 0;
  bool shut = false;
  Performance before = scripted(0);
  for (float time = 0; time < kScriptSeconds; time += 0.04f) {
    Performance now = scripted(time);
    smallest_yaw = std::min(smallest_yaw, now.turn.y);
    largest_yaw = std::max(largest_yaw, now.turn.y);
    EXPECT_LT(length(now.turn - before.turn), 0.06f) << "a jerk at " << time;
    widest = std::max(widest, now.units["mouth-open"]);
    if (time > 1 && time < 7)
      shut_in_speech = std::min(shut_in_speech, now.units["mouth-open"]);
    const bool closed = now.closure[0] > 0.7f;
    blinks += closed && !shut;
    shut = closed;
    before = now;
  }
  constexpr float limit = 15 * 3.14159265f / 180;
  EXPECT_LT(largest_yaw, limit);
  EXPECT_GT(smallest_yaw, -limit);
  EXPECT_GT(largest_yaw - smallest_yaw, limit);
  EXPECT_GT(widest, 0.2f);
  EXPECT_LT(shut_in_speech, 0.02f); // an m shuts the lips
  EXPECT_GE(blinks, 4);
}

} // namespace
} // namespace fomo::test
