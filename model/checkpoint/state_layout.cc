// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/state_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fomo {
namespace {

class LayoutBuilder {
 public:
  void convolution(const std::string& name, int out, int in, int kernel) {
    layout[name + ".weight"] = {out, in, kernel, kernel};
    layout[name + ".bias"] = {out};
  }

  void batch_norm(const std::string& name, int channels) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      layout[name + part] = {channels};
    layout[name + ".num_batches_tracked"] = {};
  }

  /// FOMM's Same, Down and Up blocks: a convolution and its norm.
  void block(const std::string& name, int out, int in, int kernel) {
    convolution(name + ".conv", out, in, kernel);
    batch_norm(name + ".norm", out);
  }

  void residual(const std::string& name, int channels) {
    for (const char* part : {"1", "2"}) {
      convolution(name + ".conv" + part, channels, channels, 3);
      batch_norm(name + ".norm" + part, channels);
    }
  }

  /// Returns the number of output channels: those of the last block and of the input.
  int hourglass(const std::string& name, int expansion, int max_features, int blocks, int in) {
    const auto width = [&](int level) { return level_width(expansion, max_features, level); };
    for (int i = 0; i < blocks; ++i)
      block(name + ".encoder.down_blocks." + std::to_string(i), width(i + 1),
            i == 0 ? in : width(i), 3);
    for (int i = 0; i < blocks; ++i) {
      const int level = blocks - 1 - i;
      block(name + ".decoder.up_blocks." + std::to_string(i), width(level),
            (i == 0 ? 1 : 2) * width(level + 1), 3);
    }
    return expansion + in;
  }

  void antialias(const std::string& name, int channels, double scale_factor) {
    const int taps = antialias_taps(scale_factor);
    if (scale_factor != 1)
      layout[name + ".down.weight"] = {channels, 1, taps, taps};
  }

  StateLayout layout;
};

void add_keypoint_detector(LayoutBuilder& builder, const ModelConfig& config) {
  const ModelConfig::Keypoints& keypoints = config.kp_detector;
  const std::string name = "kp_detector";
  const int features =
      builder.hourglass(name + ".predictor", keypoints.block_expansion, keypoints.max_features,
                        keypoints.num_blocks, config.num_channels);
  builder.convolution(name + ".kp", config.num_kp, features, 7);
  if (config.estimate_jacobian)
    builder.convolution(name + ".jacobian", 4 * (keypoints.single_jacobian_map ? 1 : config.num_kp),
                        features, 7);
  builder.antialias(name, config.num_channels, keypoints.scale_factor);
}

void add_dense_motion(LayoutBuilder& builder, const ModelConfig& config) {
  const ModelConfig::DenseMotion& motion = config.dense_motion;
  const std::string name = "generator.dense_motion_network";
  // For the background and every keypoint: a heatmap and the deformed source.
  const int in = (config.num_kp + 1) * (config.num_channels + 1);
  const int features = builder.hourglass(name + ".hourglass", motion.block_expansion,
                                         motion.max_features, motion.num_blocks, in);
  builder.convolution(name + ".mask", config.num_kp + 1, features, 7);
  if (config.generator.estimate_occlusion_map)
    builder.convolution(name + ".occlusion", 1, features, 7);
  builder.antialias(name, config.num_channels, motion.scale_factor);
}

void add_generator(LayoutBuilder& builder, const ModelConfig& config) {
  const ModelConfig::Generator& generator = config.generator;
  const auto width = [&](int level) {
    return level_width(generator.block_expansion, generator.max_features, level);
  };
  const std::string name = "generator.";
  const int levels = generator.num_down_blocks;
  builder.block(name + "first", generator.block_expansion, config.num_channels, 7);
  for (int i = 0; i < levels; ++i) {
    builder.block(name + "down_blocks." + std::to_string(i), width(i + 1), width(i), 3);
    builder.block(name + "up_blocks." + std::to_string(i), width(levels - i - 1), width(levels - i),
                  3);
  }
  for (int i = 0; i < generator.num_bottleneck_blocks; ++i)
    builder.residual(name + "bottleneck.r" + std::to_string(i), width(levels));
  builder.convolution(name + "final", config.num_channels, generator.block_expansion, 7);
}

} // namespace

StateLayout state_layout(const ModelConfig& config) {
  LayoutBuilder builder;
  add_keypoint_detector(builder, config);
  add_dense_motion(builder, config);
  add_generator(builder, config);
  return std::move(builder.layout);
}

int level_width(int block_expansion, int max_features, int level) {
  return static_cast<int>(
      std::min<int64_t>(max_features, static_cast<int64_t>(block_expansion) << level));
}

int antialias_taps(double scale_factor) {
  const double sigma = (1 / scale_factor - 1) / 2;
  return 2 * static_cast<int>(std::nearbyint(sigma * 4)) + 1; // to even, as Python rounds
}

int antialias_stride(double scale_factor) { return static_cast<int>(1 / scale_factor); }

int ModelConfig::keypoint_stride() const { return antialias_stride(kp_detector.scale_factor); }

int ModelConfig::motion_stride() const { return antialias_stride(dense_motion.scale_factor); }

} // namespace fomo
