// SPDX-License-Identifier: LGPL-2.1-or-later
// ModelOptions::deterministic: every newly loaded model gives the same bytes, for all measured
// times and numbers of threads.
#include <gtest/gtest.h>

#include <cmath>

#include "common/error.h"
#include "model/backend/cpu/cpu_backend.h"
#include "model/backend/device.h"
#include "model/checkpoint/checkpoint.h"
#include "model/model.h"
#include "model/model_path.h"

namespace fomo {
namespace {

using kernels::Algorithm;
using kernels::ChooseBy;
using kernels::Chooser;
using kernels::ConvShape;

/// A frame of the model's size; `phase` shifts its content.
std::vector<uint8_t> picture(const ModelConfig& config, double phase) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < config.frame_height; y++)
    for (int x = 0; x < config.frame_width; x++)
      for (int c = 0; c < 3; c++)
        pixels.push_back(
            uint8_t(128 + 100 * std::sin(x * 0.05 + phase) * std::cos(y * 0.04 * (c + 1) - phase)));
  return pixels;
}

/// Everything that a backend computes of a source and two driving frames.
struct Results {
  std::vector<float> keypoints, prediction;
  std::vector<uint8_t> frames;

  bool operator==(const Results& other) const {
    return keypoints == other.keypoints && prediction == other.prediction && frames == other.frames;
  }
};

Results results_of(Backend& backend, const ModelConfig& config, int threads) {
  Results results;
  const int width = config.frame_width, height = config.frame_height;
  const auto image = [&](std::vector<uint8_t>& pixels) {
    return FomoImage{pixels.data(), width, height, ptrdiff_t{3} * width, 3};
  };
  std::vector<uint8_t> pixels = picture(config, 0), frame(pixels.size());
  const auto source = backend.encode(image(pixels), threads);
  const auto workspace = backend.new_workspace();
  for (const double phase : {0.3, 0.9}) {
    pixels = picture(config, phase);
    const KeypointSet found = backend.detect(*workspace, image(pixels), threads).keypoints;
    for (const auto* values : {&found.value, &found.jacobian})
      results.keypoints.insert(results.keypoints.end(), values->begin(), values->end());
    backend.generate(*workspace, *source, found, {}, image(frame), nullptr, threads);
    results.frames.insert(results.frames.end(), frame.begin(), frame.end());
    results.prediction.resize(frame.size());
    backend.predict(*workspace, *source, found, results.prediction.data(), threads);
  }
  return results;
}

ModelOptions deterministic_options() {
  ModelOptions options;
  options.device = "cpu";
  options.deterministic = true;
  return options;
}

/// Opens models with different numbers of threads, one after the other.
void expect_same_results(ModelOptions options, int rounds) {
  Results expected;
  for (int round = 0; round < rounds; round++)
    for (const int threads : {1, 2, 3}) {
      options.threads = threads;
      const auto model = Model::open(options);
      FomoModelInfo info;
      model->describe(info);
      ASSERT_EQ(info.shared, 0);
      const Results results = results_of(model->backend(), model->config(), model->threads());
      if (expected.frames.empty())
        expected = results;
      EXPECT_TRUE(results == expected) << threads << " threads, round " << round;
    }
}

TEST(Deterministic, FreshModelsGiveTheSameBytesForEveryNumberOfThreads) {
  expect_same_results(deterministic_options(), 2);
}

TEST(Deterministic, FreshModelsGiveTheSameBytesInBf16) {
  ModelOptions options = deterministic_options();
  options.precision = FOMO_PRECISION_BF16;
  try {
    choose_precision(options.precision, {});
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  expect_same_results(options, 1);
}

// A fake clock prefers the first algorithm of each layer, and then the last one. When algorithms
// are chosen by timing, this changes the result; with the option it must not.
TEST(Deterministic, TheClockDoesNotMatter) {
  const Checkpoint checkpoint = Checkpoint::open(model_path("builtin"));
  const ModelConfig config = model_config(checkpoint, "");
  const auto results_by = [&](ChooseBy by, bool higher) {
    const auto timer = [higher](const ConvShape&, Algorithm algorithm) {
      return higher ? 10.0 - int(algorithm) : 10.0 + int(algorithm);
    };
    CpuBackend backend(checkpoint, config, true,
                       std::make_shared<Chooser>(kernels::Executor{}, by, timer, false));
    return results_of(backend, config, 2);
  };
  EXPECT_FALSE(results_by(ChooseBy::timing, false) == results_by(ChooseBy::timing, true));
  EXPECT_TRUE(results_by(ChooseBy::estimate, false) == results_by(ChooseBy::estimate, true));
}

TEST(Deterministic, SharesNoWeightsWithOtherModels) {
  const auto is_shared = [](const Model& model) {
    FomoModelInfo info;
    model.describe(info);
    return info.shared != 0;
  };
  ModelOptions options = deterministic_options();
  const auto model = Model::open(options);
  options.deterministic = false;
  const auto other = Model::open(options);
  EXPECT_FALSE(is_shared(*other));
  EXPECT_NE(&other->backend(), &model->backend());
  options.deterministic = true;
  const auto same = Model::open(options);
  EXPECT_TRUE(is_shared(*same));
  EXPECT_EQ(&same->backend(), &model->backend());
}

} // namespace
} // namespace fomo
