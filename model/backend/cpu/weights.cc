// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/weights.h"

#include <algorithm>
#include <cmath>

#include "common/error.h"
#include "model/kernels/image.h"

namespace fomo::cpu {

namespace {

constexpr double kEpsilon = 1e-5; // of every batch norm, as PyTorch's default has it

std::vector<float> read(const StoredTensor& tensor) {
  std::vector<float> values(static_cast<size_t>(tensor.count()));
  copy_to_floats(tensor, values.data());
  return values;
}

[[noreturn]] void throw_shape(const Checkpoint& checkpoint, const std::string& name) {
  throw Error(FOMO_WRONG_TYPE, "The tensor '" + name + "' of " + checkpoint.path() +
                                   " has a shape that does not fit its neighbours. Set model to a "
                                   "First Order Motion Model checkpoint.");
}

std::vector<float> read_channels(const Checkpoint& checkpoint, const std::string& name,
                                 size_t channels) {
  std::vector<float> values = read(checkpoint.at(name));
  if (values.size() != channels)
    throw_shape(checkpoint, name);
  return values;
}

/// A batch norm in double precision: folding rounds once.
struct Norm {
  std::vector<double> scale, shift;

  Norm(const Checkpoint& checkpoint, const std::string& name, size_t channels)
      : scale(channels), shift(channels) {
    const auto weight = read_channels(checkpoint, name + ".weight", channels);
    const auto bias = read_channels(checkpoint, name + ".bias", channels);
    const auto mean = read_channels(checkpoint, name + ".running_mean", channels);
    const auto variance = read_channels(checkpoint, name + ".running_var", channels);
    for (size_t i = 0; i < channels; i++) {
      scale[i] = weight[i] / std::sqrt(double{variance[i]} + kEpsilon);
      shift[i] = bias[i] - mean[i] * scale[i];
    }
  }
};

} // namespace

ConvWeights read_conv(const Checkpoint& checkpoint, const std::string& name, int inputs) {
  const StoredTensor& tensor = checkpoint.at(name + ".weight");
  if (tensor.shape.size() != 4 || tensor.shape[2] != tensor.shape[3] || tensor.shape[2] > 7 ||
      tensor.shape[0] < 1 || (inputs > 0 && tensor.shape[1] != inputs))
    throw_shape(checkpoint, name + ".weight");
  ConvWeights conv;
  conv.outputs = static_cast<int>(tensor.shape[0]);
  conv.inputs = static_cast<int>(tensor.shape[1]);
  conv.kernel = static_cast<int>(tensor.shape[2]);
  conv.weight = kernels::Buffer(static_cast<size_t>(tensor.count()));
  copy_to_floats(tensor, conv.weight.data());
  conv.bias = read_channels(checkpoint, name + ".bias", static_cast<size_t>(conv.outputs));
  return conv;
}

void fold_norm(const Checkpoint& checkpoint, const std::string& name, ConvWeights& conv) {
  const Norm norm(checkpoint, name, conv.bias.size());
  conv.scale = norm.scale;
  for (size_t o = 0; o < conv.bias.size(); o++)
    conv.bias[o] = static_cast<float>(conv.bias[o] * norm.scale[o] + norm.shift[o]);
}

Affine read_norm(const Checkpoint& checkpoint, const std::string& name, int channels) {
  const Norm norm(checkpoint, name, static_cast<size_t>(channels));
  Affine affine{{norm.scale.begin(), norm.scale.end()}, {norm.shift.begin(), norm.shift.end()}};
  affine.scale.resize(static_cast<size_t>(kernels::padded_channels(channels)));
  affine.shift.resize(affine.scale.size());
  return affine;
}

ConvWeights stack(const ConvWeights& first, const ConvWeights& second) {
  ConvWeights both;
  both.outputs = first.outputs + second.outputs;
  both.inputs = first.inputs;
  both.kernel = first.kernel;
  const auto count = [&](const ConvWeights& part) {
    return ptrdiff_t{part.outputs} * part.inputs * part.kernel * part.kernel;
  };
  both.weight = kernels::Buffer(static_cast<size_t>(count(first) + count(second)));
  std::copy_n(second.weight.data(), count(second),
              std::copy_n(first.weight.data(), count(first), both.weight.data()));
  both.bias = first.bias;
  both.bias.insert(both.bias.end(), second.bias.begin(), second.bias.end());
  return both;
}

} // namespace fomo::cpu
