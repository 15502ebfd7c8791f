// SPDX-License-Identifier: LGPL-2.1-or-later
// The network and the engine against the official Python code's results.
#include <cmath>

#include <gtest/gtest.h>

#include <c10/core/InferenceMode.h>

#include "model/backend/cpu/cpu_backend.h"
#include "model/backend/device.h"
#include "model/kernels/bf16_unit.h"
#include "model/model.h"
#include "tests/model/golden.h"
#include "tests/model/transfer.h"

namespace {

constexpr double kKeypointBar = 1e-4, kDeformationBar = 1e-4, kPredictionBar = 1e-3;
constexpr int kLevelBar = 1;
constexpr double kBf16Bar = 40; // dB
constexpr double kBf16KeypointBar = 1e-3;

using fomo::Checkpoint;
using fomo::Keypoints;
using fomo::Network;

class GoldenTest : public testing::TestWithParam<std::string> {
 protected:
  Network network(bool align_corners) const {
    const Checkpoint checkpoint = Checkpoint::open(golden.checkpoint());
    return Network(load_tensors(checkpoint), model_config(checkpoint, golden.config()),
                   align_corners);
  }
  /// Picture(s) [N, 3, H, W] in [0, 1].
  at::Tensor pictures(const std::string& name) const {
    at::Tensor tensor = golden.tensor(name) / 255;
    if (tensor.dim() == 3)
      tensor = tensor.unsqueeze(0);
    return tensor.permute({0, 3, 1, 2}).contiguous();
  }
  void expect_keypoints(const Keypoints& actual, const std::string& name) const {
    EXPECT_LE(largest_difference(actual.value, golden.tensor(name + ".value")), kKeypointBar)
        << name;
    EXPECT_EQ(actual.jacobian.defined(), golden.has(name + ".jacobian")) << name;
    if (actual.jacobian.defined()) {
      EXPECT_LE(largest_difference(actual.jacobian, golden.tensor(name + ".jacobian")),
                kKeypointBar)
          << name;
    }
  }

  Keypoints recorded(const std::string& name) const {
    Keypoints keypoints{golden.tensor(name + ".value"), {}};
    if (golden.has(name + ".jacobian"))
      keypoints.jacobian = golden.tensor(name + ".jacobian");
    return keypoints;
  }
  static Keypoints frame_of(const Keypoints& keypoints, int64_t frame) {
    Keypoints one{keypoints.value.narrow(0, frame, 1), {}};
    if (keypoints.jacobian.defined())
      one.jacobian = keypoints.jacobian.narrow(0, frame, 1);
    return one;
  }
  static double area(const Keypoints& keypoints) {
    const at::Tensor value = keypoints.value.contiguous();
    return fomo::hull_area(value.const_data_ptr<float>(), static_cast<int>(value.size(1)));
  }

  c10::InferenceMode inference;
  Golden golden{GetParam()};
};

TEST_P(GoldenTest, KeypointsOfThePlainPath) {
  const Network net = network(true);
  expect_keypoints(net.kp_detector(pictures("source")), "kp_source");
  expect_keypoints(net.kp_detector(pictures("driving")), "kp_driving");
}

TEST_P(GoldenTest, PlainPath) {
  const at::Tensor source = pictures("source"), driving = pictures("driving");
  for (const std::string& mode : golden.modes()) {
    SCOPED_TRACE(mode);
    const Network net = network(aligns_corners(mode));
    Keypoints reference;
    const at::Tensor levels = golden.tensor(mode + "prediction_u8");
    for (int64_t i = 0; i < driving.size(0); i++) {
      const Network::Frame frame = net.animate(source, net.kp_detector(source),
                                               driving.narrow(0, i, 1), reference, motion_of(mode));
      if (i == 0)
        reference = frame.kp_driving;
      const at::Tensor predicted = frame.prediction.permute({0, 2, 3, 1});
      EXPECT_LE(largest_difference((predicted * 255).round().squeeze(0), levels[i]), kLevelBar);
      const auto expect_close = [&](const at::Tensor& actual, const std::string& name, double bar) {
        if (i == 1 && golden.has(mode + name)) {
          EXPECT_LE(largest_difference(actual, golden.tensor(mode + name)), bar) << name;
        }
      };
      expect_close(frame.motion.deformation, "deformation", kDeformationBar);
      expect_close(frame.motion.mask, "mask", kDeformationBar);
      expect_close(frame.motion.occlusion, "occlusion", kDeformationBar);
      expect_close(predicted, "prediction_f32", kPredictionBar);
    }
  }
}

// Starts from the keypoints that the official code detected: two detections differ in their last
// bits, and a reference pose with a nearly singular Jacobian multiplies this difference beyond any
// tolerance.
TEST_P(GoldenTest, MotionTransfer) {
  const Keypoints source = recorded("kp_source"), driving = recorded("kp_driving");
  const Keypoints reference = frame_of(driving, 0);
  const double scale = fomo::movement_scale(area(source), area(reference));
  for (const std::string& mode : golden.modes()) {
    Keypoints all;
    std::vector<at::Tensor> values, jacobians;
    for (int64_t i = 0; i < driving.value.size(0); i++) {
      const Keypoints moved =
          transfer_motion(source, frame_of(driving, i), reference, motion_of(mode), scale);
      values.push_back(moved.value);
      if (moved.jacobian.defined())
        jacobians.push_back(moved.jacobian);
    }
    all.value = at::cat(values);
    if (!jacobians.empty())
      all.jacobian = at::cat(jacobians);
    expect_keypoints(all, mode + "kp");
  }
}

TEST_P(GoldenTest, Model) {
  const std::vector<uint8_t> source_bytes = golden.bytes("source"),
                             driving = golden.bytes("driving");
  for (const std::string& mode : golden.modes()) {
    SCOPED_TRACE(mode);
    fomo::ModelOptions options;
    options.model = golden.checkpoint();
    options.config = golden.config();
    options.device = "cpu";
    options.precision = FOMO_PRECISION_FP32;
    options.align_corners = aligns_corners(mode);
    const auto model = fomo::Model::open(options);
    const std::vector<uint8_t> expected = golden.bytes(mode + "prediction_u8");
    const std::vector<uint8_t> output =
        Transfer(*model, source_bytes).animate(driving, motion_of(mode));
    int worst = 0;
    for (size_t i = 0; i < output.size(); i++)
      worst = std::max(worst, std::abs(output[i] - expected[i]));
    EXPECT_LE(worst, kLevelBar);
  }
}

// `keep_source` is not in the official code, so the engine is compared with the plain path.
TEST_P(GoldenTest, EngineKeepsTheSourceAsThePlainPathDoes) {
  const Checkpoint checkpoint = Checkpoint::open(golden.checkpoint());
  fomo::ModelConfig config = model_config(checkpoint, golden.config());
  config.generator.keep_source = true;
  std::vector<uint8_t> source = golden.bytes("source"), driving = golden.bytes("driving");
  const int width = config.frame_width, height = config.frame_height, threads = 2;
  const ptrdiff_t stride = ptrdiff_t{3} * width;
  // The source is noise: neighbouring pixels differ by up to 1. A deformation within its tolerance
  // shifts pixels by kDeformationBar * width / 2.
  const double kept_bar = kPredictionBar + kDeformationBar * width / 2;
  const FomoImage picture = {source.data(), width, height, stride, 3},
                  frame = {driving.data(), width, height, stride, 3};
  for (const bool align : {true, false}) {
    const Network network(load_tensors(checkpoint), config, align);
    const at::Tensor expected =
        network
            .animate(fomo::from_rgb(picture), network.kp_detector(fomo::from_rgb(picture)),
                     fomo::from_rgb(frame), {}, {0, 0, 0})
            .prediction;
    const auto backend = fomo::make_backend(checkpoint, config, {}, FOMO_PRECISION_FP32, {align});
    const auto workspace = backend->new_workspace();
    const auto encoded = backend->encode(picture, threads);
    const auto moved = backend->detect(*workspace, frame, threads);
    at::Tensor predicted = at::empty_like(expected).contiguous();
    backend->predict(*workspace, *encoded, moved.keypoints, predicted.mutable_data_ptr<float>(),
                     threads);
    EXPECT_LE(largest_difference(predicted, expected), kept_bar);
    std::vector<uint8_t> levels(source.size());
    backend->generate(*workspace, *encoded, moved.keypoints, {},
                      {levels.data(), width, height, stride, 3}, nullptr, threads);
    EXPECT_LE(
        largest_difference(fomo::from_rgb({levels.data(), width, height, stride, 3}), expected),
        0.501 / 255 + kept_bar);
  }
}

TEST(KeptSource, IsShownWhereItIsVisible) {
  fomo::Generator generator;
  const int64_t size = 64, cells = 16;
  const at::Tensor source = at::rand({1, 3, size, size}), painted = at::rand({1, 3, size, size});
  const auto grid = fomo::coordinate_grid(cells, cells, source.options()).unsqueeze(0);
  for (const bool align : {true, false}) {
    generator.dense_motion.align_corners = align;
    const double cell = 2.0 / static_cast<double>(align ? cells - 1 : cells);
    // Each cell samples the source one cell, which is four pixels, to its right.
    fomo::DenseMotion motion{(align ? grid : grid * ((cells - 1.0) / cells)).clone(), {}, {}};
    motion.deformation.select(3, 0).add_(cell);
    motion.occlusion = at::ones({1, 1, cells, cells});
    motion.occlusion.slice(2, 0, cells / 2).zero_();
    const at::Tensor out = generator.keep(painted, source, motion);
    const int64_t top = size / 2 - 4; // nothing is visible above this row
    EXPECT_TRUE(at::equal(out.slice(2, 0, top), painted.slice(2, 0, top)));
    const auto inner = [&](const at::Tensor& x, int64_t left) {
      return x.slice(2, size / 2 + 4, size - 4).slice(3, left, left + 40);
    };
    EXPECT_LT(largest_difference(inner(out, 8), inner(source, 12)), 1e-4);
    // Beyond the source's border the generated picture shows.
    EXPECT_LT(largest_difference(out.slice(3, size - 2).slice(2, size / 2 + 4),
                                 painted.slice(3, size - 2).slice(2, size / 2 + 4)),
              1e-4);
  }
}

// The engine refuses bf16 on CPUs without bf16 arithmetic, because it is slow there. The results
// are right on every CPU: the test runs on the best unit that there is.
// The dense motion network inverts the Jacobians, which multiplies their errors: in bf16 the
// detector computes with pairs.
TEST_P(GoldenTest, KeypointsInBf16) {
  const Checkpoint checkpoint = Checkpoint::open(golden.checkpoint());
  const auto config = model_config(checkpoint, golden.config());
  const auto backend =
      fomo::make_cpu_backend(checkpoint, config, {}, &fomo::kernels::best_bf16_unit());
  const auto workspace = backend->new_workspace();
  std::vector<uint8_t> driving = golden.bytes("driving");
  const int width = config.frame_width, height = config.frame_height, threads = 2;
  const size_t size = size_t{3} * width * height;
  std::vector<float> values, jacobians;
  for (size_t frame = 0; frame < driving.size(); frame += size) {
    const auto found = backend->detect(
        *workspace, {driving.data() + frame, width, height, ptrdiff_t{3} * width, 3}, threads);
    values.insert(values.end(), found.keypoints.value.begin(), found.keypoints.value.end());
    jacobians.insert(jacobians.end(), found.keypoints.jacobian.begin(),
                     found.keypoints.jacobian.end());
  }
  const auto error = [&](const std::vector<float>& found, const std::string& name) {
    const at::Tensor expected = golden.tensor(name);
    return largest_difference(at::tensor(found).view(expected.sizes()), expected);
  };
  EXPECT_LE(error(values, "kp_driving.value"), kBf16KeypointBar);
  EXPECT_EQ(!jacobians.empty(), golden.has("kp_driving.jacobian"));
  if (!jacobians.empty()) {
    EXPECT_LE(error(jacobians, "kp_driving.jacobian"), kBf16KeypointBar);
  }
}

TEST_P(GoldenTest, Bf16IsCloseToFp32) {
  const Checkpoint checkpoint = Checkpoint::open(golden.checkpoint());
  const auto config = model_config(checkpoint, golden.config());
  const auto exact = fomo::make_cpu_backend(checkpoint, config, {});
  const auto rough =
      fomo::make_cpu_backend(checkpoint, config, {}, &fomo::kernels::best_bf16_unit());
  const int width = config.frame_width, height = config.frame_height, threads = 2;
  const ptrdiff_t stride = ptrdiff_t{3} * width;
  std::vector<uint8_t> source = golden.bytes("source"), driving = golden.bytes("driving");
  const FomoImage picture = {source.data(), width, height, stride, 3};
  std::vector<float> predictions[2];
  for (const auto& backend : {exact, rough}) {
    const auto moved = backend->detect(*backend->new_workspace(),
                                       {driving.data(), width, height, stride, 3}, threads);
    auto& prediction = predictions[backend == rough];
    prediction.resize(source.size());
    backend->predict(*backend->new_workspace(), *backend->encode(picture, threads), moved.keypoints,
                     prediction.data(), threads);
  }
  double sum = 0;
  for (size_t i = 0; i < source.size(); i++)
    sum += std::pow(double{predictions[0][i]} - double{predictions[1][i]}, 2);
  const double psnr = -10 * std::log10(sum / static_cast<double>(source.size()));
  EXPECT_GE(psnr, kBf16Bar); // also fails for NaN
}

INSTANTIATE_TEST_SUITE_P(Official, GoldenTest,
                         testing::Values("vox", "mgif", "zero-order", "vox-512"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           for (char& c : name)
                             c = c == '-' ? '_' : c;
                           return name;
                         });

} // namespace
