// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "common/error.h"
#include "pictures/picture.h"
#include "train/fit/perception.h"
#include "train/fit/stage.h"
#include "train/fit/transform.h"

namespace fomo::test {
namespace {

using namespace train;

TEST(Transform, JacobianIsTheDerivativeOfPoints) {
  render::Random random(4, 0);
  const Transform transform(2, at::kCPU, random);
  const at::Tensor z = at::rand({2, 7, 2}) * 1.8 - 0.9;
  const at::Tensor jacobian = transform.jacobian(z);
  const float step = 1e-2f;
  for (int64_t axis = 0; axis < 2; axis++) {
    at::Tensor move = at::zeros({2});
    move[axis] = step;
    const at::Tensor slope = (transform.points(z + move) - transform.points(z - move)) / (2 * step);
    EXPECT_LT((slope - jacobian.select(-1, axis)).abs().max().item<double>(), 2e-3);
  }
}

TEST(Transform, FrameIsWarpedAsPointsAre) {
  render::Random random(5, 0);
  const Transform transform(1, at::kCPU, random);
  // A frame whose colours are the coordinates of its pixels.
  const at::Tensor grid = coordinate_grid(64, 64, at::TensorOptions().dtype(at::kFloat));
  const at::Tensor frame = grid.permute({2, 0, 1}).unsqueeze(0);
  const at::Tensor seen = transform.frame(frame).permute({0, 2, 3, 1}).view({1, -1, 2});
  const at::Tensor expected = transform.points(grid.view({1, -1, 2}));
  const at::Tensor inside = (expected.abs() < 0.95).all(-1, true);
  EXPECT_LT(((seen - expected).abs() * inside).max().item<double>(), 1e-3);
}

TEST(Perception, DistanceIsZeroForEqualPicturesOnly) {
  const Perception perception("");
  const at::Tensor a = at::rand({1, 3, 32, 32}), b = at::rand({1, 3, 32, 32});
  EXPECT_EQ(perception.distance(a, a).item<double>(), 0);
  EXPECT_GT(perception.distance(a, b).item<double>(), 0.1);
  EXPECT_THROW(Perception("/nowhere/vgg19.safetensors"), Error);
}

// Two videos of a square that moves.
class VideoTraining : public testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    folder_ = testing::TempDir() + "/fomo-videos-" + std::to_string(::getpid());
    for (int v = 0; v < 2; v++) {
      const std::string video = folder_ + "/" + std::to_string(v);
      std::filesystem::create_directories(video);
      for (int f = 0; f < 4; f++) {
        Picture picture{64, 64, 3,
                        std::vector<uint8_t>(64 * 64 * 3, static_cast<uint8_t>(60 + 80 * v))};
        for (int y = 16; y < 40; y++)
          for (int x = 8 * f + 4; x < 8 * f + 28; x++)
            picture.pixels[static_cast<size_t>((y * 64 + x) * 3 + v)] = 250;
        save_picture(picture, video + "/" + std::to_string(f) + ".png");
      }
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(VideoTraining, GradientsReachEveryPart) {
  ModelConfig config; // in the official layout, but narrow and small
  config.num_kp = 3;
  config.frame_width = config.frame_height = 64;
  config.kp_detector.block_expansion = config.dense_motion.block_expansion =
      config.generator.block_expansion = 4;
  config.kp_detector.max_features = config.dense_motion.max_features =
      config.generator.max_features = 8;
  config.kp_detector.num_blocks = config.dense_motion.num_blocks = 2;
  config.kp_detector.pad = 3;
  config.generator.num_bottleneck_blocks = 1;
  TensorMap weights = initial_weights(config, 1);
  for (auto& [name, tensor] : weights)
    if (is_trainable(name))
      tensor.requires_grad_(true);
  const Videos videos(folder_);
  StageOptions options;
  options.batch = 2;
  options.validation_pairs = 4;
  const auto stage = video_stage(weights, config, videos, videos, options);
  stage->set_training(true);
  Drawn drawn = draw(*stage, 1, 0);
  Metrics metrics;
  const at::Tensor loss = stage->loss(drawn, 0, metrics);
  loss.backward();
  EXPECT_TRUE(std::isfinite(loss.item<double>()));
  for (const auto& [name, tensor] : weights)
    if (is_trainable(name)) {
      ASSERT_TRUE(tensor.grad().defined()) << name;
      EXPECT_TRUE(at::isfinite(tensor.grad()).all().item<bool>()) << name;
    }
  EXPECT_GT(stage->validate().at("copy"), 0);
}

TEST_F(VideoTraining, RefusesFoldersWithoutVideos) {
  EXPECT_THROW(Videos(folder_ + "/0"), Error); // a folder of frames, not of videos
  EXPECT_THROW(Videos("/nowhere"), Error);
  std::ofstream(folder_ + "/1/0.png") << "not a picture";
  const Videos videos(folder_);
  render::Random random(1, 1);
  EXPECT_THROW(
      {
        for (int i = 0; i < 50; i++)
          videos.draw(16, random);
      },
      Error);
}

} // namespace
} // namespace fomo::test
