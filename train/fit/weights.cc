// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/weights.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "common/error.h"
#include "model/checkpoint/safetensors.h"

namespace fomo::train {
namespace {

class Builder {
 public:
  Builder(TensorMap& weights, uint64_t seed)
      : weights_(weights), generator_(at::detail::createCPUGenerator(seed)) {}

  void conv(const std::string& name, int64_t out, int64_t in, int64_t kernel, double gain = 1) {
    const double deviation = gain * std::sqrt(2.0 / static_cast<double>(in * kernel * kernel));
    weights_[name + ".weight"] =
        at::empty({out, in, kernel, kernel}, at::kFloat).normal_(0, deviation, generator_);
    weights_[name + ".bias"] = at::zeros({out}, at::kFloat);
  }

  void norm(const std::string& name, int64_t channels) {
    weights_[name + ".weight"] = at::ones({channels}, at::kFloat);
    weights_[name + ".bias"] = at::zeros({channels}, at::kFloat);
    weights_[name + ".running_mean"] = at::zeros({channels}, at::kFloat);
    weights_[name + ".running_var"] = at::ones({channels}, at::kFloat);
  }

  void block(const std::string& name, int64_t out, int64_t in, int64_t kernel) {
    conv(name + ".conv", out, in, kernel);
    norm(name + ".norm", out);
  }

  // Adds an hourglass. Returns the number of its output channels.
  int64_t hourglass(const std::string& name, int64_t expansion, int64_t in, int64_t blocks,
                    int64_t limit) {
    const auto width = [&](int64_t level) { return std::min(limit, expansion << level); };
    for (int64_t i = 0; i < blocks; i++)
      block(name + ".encoder.down_blocks." + std::to_string(i), width(i + 1),
            i == 0 ? in : width(i), 3);
    for (int64_t i = blocks - 1, at = 0; i >= 0; i--, at++)
      block(name + ".decoder.up_blocks." + std::to_string(at), width(i),
            (i == blocks - 1 ? 1 : 2) * width(i + 1), 3);
    return expansion + in;
  }

  // The kernel of FOMM's AntiAliasInterpolation2d: sigma (1/scale - 1) / 2, 4 sigma to each side.
  void blur(const std::string& name, int stride) {
    if (stride == 1)
      return;
    const double sigma = (stride - 1) / 2.0;
    const int64_t size = 2 * std::lround(sigma * 4) + 1;
    const at::Tensor at = at::arange(size, at::kDouble) - static_cast<double>(size - 1) / 2;
    at::Tensor line = at::exp(-at.square() / (2 * sigma * sigma));
    at::Tensor kernel = line.unsqueeze(0) * line.unsqueeze(1);
    kernel = kernel / kernel.sum();
    weights_[name] = kernel.to(at::kFloat).expand({3, 1, size, size}).contiguous();
  }

 private:
  TensorMap& weights_;
  at::Generator generator_;
};

void build_generator(const ModelConfig& config, Builder& build) {
  const auto& g = config.generator;
  const auto width = [&](int64_t level) {
    return std::min<int64_t>(g.max_features, int64_t{g.block_expansion} << level);
  };
  build.block("generator.first", g.block_expansion, 3, 7);
  for (int i = 0; i < g.num_down_blocks; i++) {
    build.block("generator.down_blocks." + std::to_string(i), width(i + 1), width(i), 3);
    build.block("generator.up_blocks." + std::to_string(i), width(g.num_down_blocks - i - 1),
                width(g.num_down_blocks - i), 3);
  }
  for (int i = 0; i < g.num_bottleneck_blocks; i++) {
    const std::string name = "generator.bottleneck.r" + std::to_string(i);
    const int64_t channels = width(g.num_down_blocks);
    build.norm(name + ".norm1", channels);
    build.conv(name + ".conv1", channels, channels, 3);
    build.norm(name + ".norm2", channels);
    build.conv(name + ".conv2", channels, channels, 3, 0.1); // starts near the identity
  }
  build.conv("generator.final", 3, g.block_expansion, 7, 0.5);
}

// Initialises the mask convolution so that each keypoint's mask follows its heatmap: around a
// keypoint of the driving frame the motion starts as that keypoint's motion. The hourglass passes
// the heatmaps on after its own channels.
void start_masks_at_heatmaps(at::Tensor& mask, int64_t first_heatmap,
                             int64_t channels_per_candidate) {
  constexpr double logit_per_cell = 0.25;    // for each of 7x7 cells: about 5 at the keypoint
  for (int64_t k = 1; k < mask.size(0); k++) // 0 is the background
    mask[k][first_heatmap + k * channels_per_candidate].fill_(logit_per_cell);
}

template<typename Block>
void set_norm(std::vector<Block>& blocks, bool training) {
  for (Block& block : blocks)
    block.norm.training = training;
}

void scale_occlusion(TensorMap& weights, double factor) {
  const at::NoGradGuard no_grad;
  for (const char* name : {"weight", "bias"})
    weights.at(std::string("generator.dense_motion_network.occlusion.") + name).mul_(factor);
}

} // namespace

TensorMap initial_weights(const ModelConfig& config, uint64_t seed) {
  TensorMap weights;
  Builder build(weights, seed);
  const auto& k = config.kp_detector;
  const int64_t kp_features =
      build.hourglass("kp_detector.predictor", k.block_expansion, 3, k.num_blocks, k.max_features);
  build.conv("kp_detector.kp", config.num_kp, kp_features, 7, 0.03);
  if (config.estimate_jacobian) {
    const int64_t maps = k.single_jacobian_map ? 1 : config.num_kp;
    build.conv("kp_detector.jacobian", 4 * maps, kp_features, 7, 0.02);
    weights["kp_detector.jacobian.bias"].copy_(at::tensor({1.f, 0.f, 0.f, 1.f}).repeat({maps}));
  }
  build.blur("kp_detector.down.weight", config.keypoint_stride());
  const auto& d = config.dense_motion;
  const std::string motion = "generator.dense_motion_network";
  const int64_t inputs = (config.num_kp + 1) * (config.num_channels + 1);
  const int64_t features = build.hourglass(motion + ".hourglass", d.block_expansion, inputs,
                                           d.num_blocks, d.max_features);
  build.conv(motion + ".mask", config.num_kp + 1, features, 7, 0.2);
  start_masks_at_heatmaps(weights[motion + ".mask.weight"], d.block_expansion,
                          config.num_channels + 1);
  if (config.generator.estimate_occlusion_map)
    build.conv(motion + ".occlusion", 1, features, 7, 0.2);
  build.blur(motion + ".down.weight", config.motion_stride());
  build_generator(config, build);
  return weights;
}

void move_to(at::Device device, TensorMap& weights) {
  for (auto& [name, tensor] : weights)
    tensor = tensor.to(device);
}

std::string part_of(const std::string& name) {
  if (name.rfind("kp_detector.", 0) == 0)
    return kKeypointPart;
  return name.rfind("generator.dense_motion_network.", 0) == 0 ? kMotionPart : kGeneratorPart;
}

bool is_trainable(const std::string& name) {
  for (const std::string suffix : {"running_mean", "running_var", ".down.weight"})
    if (name.size() >= suffix.size() &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0)
      return false;
  return true;
}

void set_training(KeypointDetector& detector, bool training) {
  set_norm(detector.predictor.down, training);
  set_norm(detector.predictor.up, training);
}

void set_training(DenseMotionNetwork& network, bool training) {
  set_norm(network.hourglass.down, training);
  set_norm(network.hourglass.up, training);
}

void set_training(Generator& generator, bool training) {
  generator.first.norm.training = training;
  set_norm(generator.down, training);
  set_norm(generator.up, training);
  for (ResBlock& block : generator.bottleneck)
    block.norm1.training = block.norm2.training = training;
}

at::Tensor crisp(const at::Tensor& occlusion) {
  return at::sigmoid(at::logit(occlusion, 1e-5) * kCrispness);
}

void make_occlusion_crisp(TensorMap& weights, const ModelConfig& config) {
  if (!config.generator.estimate_occlusion_map)
    throw Error(FOMO_SETTINGS,
                "This model has no occlusion map to sharpen. Leave --crisp-occlusion out.");
  scale_occlusion(weights, kCrispness);
}

void make_occlusion_soft(TensorMap& weights, double crispness) {
  scale_occlusion(weights, 1 / crispness);
}

void export_model(const std::string& path, const TensorMap& weights, const ModelConfig& config,
                  const std::map<std::string, std::string>& metadata) {
  std::map<std::string, at::Tensor> halves;
  std::map<std::string, TensorToWrite> tensors;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind("discriminator.", 0) == 0) // only training needs it
      continue;
    const at::Tensor& half = halves[name] = tensor.detach().to(at::kHalf).contiguous();
    tensors[name] = {ScalarType::f16, half.sizes().vec(), half.const_data_ptr()};
  }
  auto all = metadata;
  all["config"] = to_yaml(config);
  write_safetensors(path, tensors, all);
}

double frame_macs(const TensorMap& weights, const ModelConfig& config) {
  // The size of a convolution's output follows from the convolution's name.
  const double size = config.frame_height, kp_size = size / config.keypoint_stride(),
               motion_size = size / config.motion_stride();
  double total = 0;
  for (const auto& [name, tensor] : weights) {
    if (tensor.dim() != 4 || name.find(".down.weight") != std::string::npos)
      continue;
    const auto level = [&](const std::string& key) {
      return std::stoi(name.substr(name.find(key) + key.size()));
    };
    const bool keypoints = name.rfind("kp_detector", 0) == 0,
               motion = name.find("dense_motion") != std::string::npos;
    const int blocks = keypoints ? config.kp_detector.num_blocks : config.dense_motion.num_blocks;
    double side = keypoints ? kp_size : motion ? motion_size : size;
    if (name.find("encoder.down_blocks.") != std::string::npos)
      side /= 1 << level("down_blocks.");
    else if (name.find("decoder.up_blocks.") != std::string::npos)
      side /= 1 << (blocks - 1 - level("up_blocks."));
    else if (name.find("bottleneck") != std::string::npos)
      side /= 1 << config.generator.num_down_blocks;
    else if (name.rfind("generator.up_blocks.", 0) == 0)
      side /= 1 << (config.generator.num_down_blocks - 1 - level("up_blocks."));
    else if (keypoints)
      side -= 6 - 2 * config.kp_detector.pad;
    else if (name.rfind("generator.first", 0) == 0 || name.rfind("generator.down_blocks", 0) == 0)
      continue; // the source's encoder
    total += static_cast<double>(tensor.numel()) * side * side;
  }
  return total;
}

} // namespace fomo::train
