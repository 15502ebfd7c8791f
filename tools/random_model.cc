// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/random_model.h"

#include <algorithm>
#include <cmath>

#include "model/checkpoint/state_layout.h"

namespace fomo {
namespace {

constexpr int64_t batches_of_training = 100'000;

/// SplitMix64. It gives the same numbers with every standard library, unlike the distributions of
/// <random>.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  /// A number of mean 0 and variance 1: the sum of four uniform numbers, which is approximately
  /// normal.
  float normal() {
    const uint64_t bits = next();
    const auto sum = static_cast<float>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                        (bits >> 32 & 0xffff) + (bits >> 48));
    return (sum / 65536 - 2) * 1.7320508f;
  }

 private:
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The FNV-1a hash of a name.
uint64_t name_hash(const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

int64_t count_of(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape)
    count *= size;
  return count;
}

/// The Gaussian of FOMM's AntiAliasInterpolation2d: [channels][taps][taps], sum 1 in each channel.
std::vector<float> antialias_kernel(int64_t channels, int64_t taps) {
  const double sigma = std::max(0.1, static_cast<double>(taps - 1) / 8); // taps = 8 sigma + 1
  std::vector<double> line;
  double sum = 0;
  for (int64_t i = 0; i < taps; ++i) {
    const double distance = (static_cast<double>(i) - static_cast<double>(taps - 1) / 2) / sigma;
    line.push_back(std::exp(-distance * distance / 2));
    sum += line.back();
  }
  std::vector<float> kernel;
  for (int64_t c = 0; c < channels; ++c)
    for (const double y : line)
      for (const double x : line)
        kernel.push_back(static_cast<float>(y * x / (sum * sum)));
  return kernel;
}

/// The standard deviation of a convolution's outputs, for inputs of second moment 1/2 (after a norm
/// and a ReLU). The heads have larger values, as in trained models: heatmaps have a clear peak, one
/// mask dominates, the picture has contrast.
float output_deviation(const std::string& name) {
  static const std::map<std::string, float> heads = {
      {"kp_detector.kp.weight", 1.3f}, // times 1 / temperature
      {"kp_detector.jacobian.weight", 0.15f},
      {"generator.dense_motion_network.mask.weight", 2.5f},
      {"generator.dense_motion_network.occlusion.weight", 3.f},
      {"generator.final.weight", 2.5f},
  };
  if (const auto head = heads.find(name); head != heads.end())
    return head->second;
  return ends_with(name, ".conv2.weight") ? 0.4f : 1.f; // residuals add up
}

std::vector<float> make_values(const std::string& name, const std::vector<int64_t>& shape,
                               Random& random) {
  const int64_t count = count_of(shape);
  if (ends_with(name, ".down.weight"))
    return antialias_kernel(shape[0], shape[2]);
  float mean = 0, deviation = 0.05f;
  if (shape.size() == 4) {
    const auto fan_in = static_cast<float>(shape[1] * shape[2] * shape[3]);
    deviation = output_deviation(name) * std::sqrt(2 / fan_in);
  } else if (ends_with(name, ".running_var") || name.find("norm") != std::string::npos) {
    mean = ends_with(name, ".running_var") || ends_with(name, ".weight") ? 1.f : 0.f;
  }
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values)
    value = mean + deviation * random.normal();
  if (name == "kp_detector.jacobian.bias") // the identity, as FOMM begins its training
    for (size_t i = 0; i < values.size(); ++i)
      values[i] += i % 4 == 0 || i % 4 == 3 ? 1.f : 0.f;
  return values;
}

} // namespace

RandomModel::RandomModel(const ModelConfig& config, uint64_t seed, int antialias_taps,
                         Values values) {
  for (auto& [name, shape] : state_layout(config)) {
    if (ends_with(name, ".num_batches_tracked")) {
      counts_[name] = {batches_of_training};
      continue;
    }
    Tensor& tensor = weights_[name];
    tensor.shape = shape;
    if (antialias_taps != 0 && ends_with(name, ".down.weight"))
      tensor.shape[2] = tensor.shape[3] = antialias_taps;
    if (values == Values::none)
      continue;
    // One generator per tensor: a change of one tensor's shape does not change the other tensors.
    Random random(seed ^ name_hash(name));
    tensor.values = make_values(name, tensor.shape, random);
  }
}

std::map<std::string, TensorToWrite> RandomModel::tensors() const& {
  std::map<std::string, TensorToWrite> result;
  for (const auto& [name, tensor] : weights_)
    result[name] = {ScalarType::f32, tensor.shape,
                    tensor.values.empty() ? nullptr : tensor.values.data()};
  for (const auto& [name, count] : counts_)
    result[name] = {ScalarType::i64, {}, count.data()};
  return result;
}

} // namespace fomo
