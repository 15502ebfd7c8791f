// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "tests/train/synthetic_head.h"
#include "train/data/dataset.h"
#include "train/data/shard.h"
#include "train/render/pair.h"

namespace fomo::test {
namespace {

using namespace render;
using train::kCells;

class Render : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    assets_ = new Assets(synthetic_head());
    fitter_ = new LandmarkFitter(*assets_);
  }
  static void TearDownTestSuite() {
    delete fitter_;
    delete assets_;
  }
  static Pair pair(uint64_t seed, uint64_t index) {
    return render_pair(*assets_, *fitter_, seed, index);
  }

  static Assets* assets_;
  static LandmarkFitter* fitter_;
};

Assets* Render::assets_ = nullptr;
LandmarkFitter* Render::fitter_ = nullptr;

bool same(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

// Samples the 64x64 flow at a normalised position (bilinear).
Vec2 flow_at(const TrueFlow& flow, const Vec2& at) {
  const float x = std::clamp((at.x + 1) / 2 * (kCells - 1), 0.0f, kCells - 1.001f);
  const float y = std::clamp((at.y + 1) / 2 * (kCells - 1), 0.0f, kCells - 1.001f);
  const int i = static_cast<int>(x), j = static_cast<int>(y);
  const float fx = x - static_cast<float>(i), fy = y - static_cast<float>(j);
  const auto cell = [&](int dx, int dy) {
    return flow.flow[static_cast<size_t>((j + dy) * kCells + i + dx)];
  };
  return {mix(mix(cell(0, 0).x, cell(1, 0).x, fx), mix(cell(0, 1).x, cell(1, 1).x, fx), fy),
          mix(mix(cell(0, 0).y, cell(1, 0).y, fx), mix(cell(0, 1).y, cell(1, 1).y, fx), fy)};
}

TEST_F(Render, SameSeedGivesSamePair) {
  const Pair a = pair(5, 3), b = pair(5, 3), other = pair(5, 4), reseeded = pair(6, 3);
  EXPECT_TRUE(same(a.frames[0], b.frames[0]));
  EXPECT_TRUE(same(a.frames[1], b.frames[1]));
  EXPECT_EQ(a.keypoints[0].value[0].x, b.keypoints[0].value[0].x);
  EXPECT_FALSE(same(a.frames[0], other.frames[0]));
  EXPECT_FALSE(same(a.frames[0], reseeded.frames[0]));
}

TEST_F(Render, FlowBringsSourceOntoDriving) {
  double warped_error = 0, copied_error = 0;
  for (uint64_t index = 0; index < 12; index++) {
    const Pair p = pair(11, index);
    cv::Mat map(kCells, kCells, CV_32FC2), weight(kCells, kCells, CV_32F), warped, source, driving;
    for (int i = 0; i < kCells * kCells; i++) {
      const Vec2& f = p.flow[1].flow[static_cast<size_t>(i)];
      // The map is in cells: both pictures are scaled down to 64x64 first.
      map.at<cv::Vec2f>(i / kCells, i % kCells) = {(f.x + 1) / 2 * (kCells - 1),
                                                   (f.y + 1) / 2 * (kCells - 1)};
      const auto at = static_cast<size_t>(i);
      weight.at<float>(i / kCells, i % kCells) =
          p.flow[1].visibility[at] == 255 && p.flow[1].person[at] == 255 ? 1.0f : 0.0f;
    }
    cv::resize(p.frames[0], source, {kCells, kCells}, 0, 0, cv::INTER_AREA);
    cv::resize(p.frames[1], driving, {kCells, kCells}, 0, 0, cv::INTER_AREA);
    cv::remap(source, warped, map, {}, cv::INTER_LINEAR);
    const auto error = [&](const cv::Mat& picture) {
      cv::Mat difference, gray;
      cv::absdiff(picture, driving, difference);
      cv::cvtColor(difference, gray, cv::COLOR_RGB2GRAY);
      gray.convertTo(gray, CV_32F);
      return cv::sum(gray.mul(weight))[0];
    };
    warped_error += error(warped);
    copied_error += error(source);
  }
  EXPECT_LT(warped_error, 0.55 * copied_error);
}

TEST_F(Render, KeypointsMoveWithTheFlow) {
  std::vector<double> errors;
  double moved = 0;
  for (uint64_t index = 0; index < 12; index++) {
    const Pair p = pair(21, index);
    for (size_t k = 0; k < train::kLandmarks; k++) {
      const Vec2 &to = p.keypoints[1].value[k], &from = p.keypoints[0].value[k];
      const auto cell = [](float x) { return std::lround((x + 1) / 2 * (kCells - 1)); };
      const auto i = cell(to.x), j = cell(to.y);
      if (i < 1 || j < 1 || i >= kCells - 1 || j >= kCells - 1 ||
          p.flow[1].visibility[static_cast<size_t>(j * kCells + i)] < 255)
        continue;
      const Vec2 flow = flow_at(p.flow[1], to);
      errors.push_back(std::hypot(flow.x - from.x, flow.y - from.y) * 126);
      moved += std::hypot(to.x - from.x, to.y - from.y) * 126;
    }
  }
  // The median, because some vertices lie on the far side of the egg or under its hair.
  ASSERT_GT(errors.size(), 50u);
  std::nth_element(errors.begin(), errors.begin() + static_cast<long>(errors.size() / 2),
                   errors.end());
  EXPECT_LT(errors[errors.size() / 2], 2.5);
  EXPECT_GT(moved / static_cast<double>(errors.size()), 6);
}

TEST(Landmarks, LipsDoNotStretchWhenTheyPart) {
  constexpr int lower_lip = 493; // vertex of the base mesh
  Assets assets = synthetic_head();
  Target jaw; // moves everything below the lips down by the same distance
  for (size_t i = 0; i < assets.vertices.size(); i++)
    if (assets.vertices[i].y <= assets.vertices[lower_lip].y) {
      jaw.index.push_back(static_cast<int>(i));
      jaw.delta.push_back({0, -0.3f, 0});
    }
  assets.targets["exp/mouth-open"] = jaw;
  const LandmarkFitter fitter(assets);
  Random random(3, 3);
  const Person person = Person::sample(assets, random);
  const Camera camera = Camera::sample(assets, person, random);
  Performance open;
  open.units["mouth-open"] = 1;
  const auto jacobian = [&](const Performance& action) {
    return fitter.fit(person, arrange(assets, person, action, camera)).jacobian[train::kLowerLip];
  };
  const auto shut_one = jacobian(neutral_performance()), open_one = jacobian(open);
  for (size_t e = 0; e < 4; e++)
    EXPECT_NEAR(open_one[e], shut_one[e], 0.1f);
}

TEST_F(Render, MouthCanBeAsymmetric) {
  Random random(3, 3);
  const Person person = Person::sample(*assets_, random);
  Performance smile;
  smile.units["mouth-corner-puller"] = 1;
  const auto moved = [&](bool left, auto coordinate) {
    const auto rest = express(*assets_, person, neutral_performance()),
               now = express(*assets_, person, smile);
    double sum = 0;
    for (size_t i = 0; i < rest.size(); i++)
      if (left ? assets_->vertices[i].x > 0.15f : assets_->vertices[i].x < -0.15f)
        sum += coordinate(now[i]) - coordinate(rest[i]);
    return sum;
  };
  const auto x = [](const Vec3& v) { return v.x; };
  const auto y = [](const Vec3& v) { return v.y; };
  ASSERT_LT(moved(true, y), -0.1);
  EXPECT_NEAR(moved(true, y), moved(false, y), 0.05 * std::abs(moved(true, y)));
  smile.sides = {1, 0};
  EXPECT_LT(moved(true, y), -0.1);
  EXPECT_EQ(moved(false, y), 0);
  smile.aside = 2;
  EXPECT_GT(moved(true, x), 0.1) << "the person's left is the positive side";
  smile.aside = -2;
  EXPECT_LT(moved(true, x), -0.1);
}

TEST_F(Render, OnlyTheMouthBehindTheFrontTeethIsDark) {
  Assets assets = synthetic_head();
  std::vector<Vec3>& teeth_at = assets.proxies["teeth"].front().offsets;
  teeth_at[0].z = 0;
  teeth_at[1].z = -0.5f;
  Random random(3, 3);
  const Person person = Person::sample(assets, random);
  const Part& skin = person.parts.front();
  int dark = 0;
  for (size_t i = 0; i < skin.open.size(); i++)
    if (skin.open[i] < 1) {
      const Vec3& at = assets.vertices[static_cast<size_t>(skin.corners[i][0])];
      EXPECT_TRUE(at.y > 6.3f && at.y < 7 && std::abs(at.x) < 0.35f) << at.y; // not the neck
      dark++;
    }
  EXPECT_GT(dark, 0);
  const auto teeth = std::find_if(person.parts.begin(), person.parts.end(), [](const Part& part) {
    return part.material.surface == Surface::mouth;
  });
  ASSERT_NE(teeth, person.parts.end());
  EXPECT_GT(teeth->open[0], 0.7f);
  EXPECT_LT(teeth->open[1], 0.1f);
}

TEST_F(Render, DriverOpensTheMouthAsThePairDoes) {
  const auto change = [](const std::array<TrueKeypoints, 2>& frames) {
    const auto open = [](const TrueKeypoints& kp) {
      cv::Vec2d mean, deviation;
      std::vector<cv::Vec2f> points;
      for (const Vec2& v : kp.value)
        points.emplace_back(v.x, v.y);
      cv::meanStdDev(points, mean, deviation);
      return (kp.value[train::kLowerLip].y - kp.value[train::kUpperLip].y) / deviation[1];
    };
    return open(frames[1]) - open(frames[0]);
  };
  double both = 0, own = 0, others = 0;
  for (uint64_t index = 0; index < 40; index++) {
    const Pair p = pair(31, index);
    const double a = change(p.keypoints), b = change(p.driver);
    both += a * b, own += a * a, others += b * b;
  }
  EXPECT_GT(both / std::sqrt(own * others), 0.7);
}

TEST(Performance, DriverMovesAsThePairButFacesTheCamera) {
  Random random(4, 4);
  double own = 0, others = 0;
  for (int i = 0; i < 200; i++) {
    const auto actions = sample_performances(random), mine = facing(actions, random);
    EXPECT_NEAR(mine[1].turn.y - mine[0].turn.y, actions[1].turn.y - actions[0].turn.y, 1e-5);
    EXPECT_EQ(mine[1].units, actions[1].units);
    own += std::min(std::abs(actions[0].turn.y), std::abs(actions[1].turn.y));
    others += std::min(std::abs(mine[0].turn.y), std::abs(mine[1].turn.y));
  }
  EXPECT_LT(others, 0.6 * own);
}

TEST_F(Render, JacobiansScaleWithTheFocalLength) {
  Random random(3, 3);
  const Person person = Person::sample(*assets_, random);
  Camera camera = Camera::sample(*assets_, person, random);
  const Performance action = sample_performances(random)[0];
  const TrueKeypoints small = fitter_->fit(person, arrange(*assets_, person, action, camera));
  camera.focal *= 1.25f;
  const TrueKeypoints large = fitter_->fit(person, arrange(*assets_, person, action, camera));
  int compared = 0;
  for (size_t k = 0; k < train::kLandmarks; k++) {
    const auto &a = small.jacobian[k], &b = large.jacobian[k];
    // Singular values at the clipping limits do not scale.
    cv::Matx21f singular;
    cv::SVD::compute(cv::Matx22f(a.data()), singular);
    if (singular(1) < 0.32f || singular(0) > 1.9f)
      continue;
    for (size_t e = 0; e < 4; e++)
      EXPECT_NEAR(b[e], 1.25f * a[e], 0.02f);
    compared++;
  }
  EXPECT_GT(compared, 0);
}

TEST(Shard, IsReadAsWritten) {
  const std::string folder = testing::TempDir() + "/fomo-shard-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  train::PairRecord record;
  const size_t cells = static_cast<size_t>(kCells) * kCells;
  for (size_t i = 0; i < 2 * 256 * 256 * 3; i++)
    record.frames.push_back(static_cast<uint8_t>(i * 7));
  record.keypoints.assign(2 * train::kLandmarks * 2, 0.25f);
  record.jacobians.assign(2 * train::kLandmarks * 4, 0.5f);
  record.driver_keypoints.assign(2 * train::kLandmarks * 2, -0.25f);
  record.driver_jacobians.assign(2 * train::kLandmarks * 4, 1.5f);
  record.flow.assign(2 * cells * 2, -123);
  record.visibility.assign(2 * cells, 51);
  record.person.assign(2 * cells, 255);
  train::write_shard(folder + "/0.safetensors", {record, record}, {});
  const train::Dataset data(folder);
  ASSERT_EQ(data.size(), 2u);
  const train::PairView view = data.at(1);
  EXPECT_TRUE(std::equal(record.frames.begin(), record.frames.end(), view.frames));
  EXPECT_EQ(view.flow[5], -123);
  EXPECT_EQ(view.jacobians[3], 0.5f);
  EXPECT_EQ(view.driver_keypoints[3], -0.25f);
  EXPECT_EQ(view.driver_jacobians[3], 1.5f);
  std::filesystem::remove_all(folder);
  EXPECT_THROW(train::Dataset{folder}, Error);
}

} // namespace
} // namespace fomo::test
