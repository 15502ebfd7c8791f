// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/fold.h"

#include <ATen/ATen.h>

namespace fomo {

namespace {

void fold(ConvBlock& block) { fold(block.conv, block.norm); }

void fold(Hourglass& hourglass) {
  for (DownBlock& block : hourglass.down)
    fold(block);
  for (UpBlock& block : hourglass.up)
    fold(block);
}

/// The device, type and memory format for `convert`, applied to each kind of layer.
struct Target {
  at::Device device;
  at::ScalarType type;
  at::MemoryFormat format;

  void operator()(Conv2d& conv) const {
    if (!conv.weight.defined())
      return;
    conv.weight = conv.weight.to(device, type).contiguous(format);
    conv.bias = conv.bias.to(device, type);
  }
  void operator()(BatchNorm& norm) const {
    if (!norm.weight.defined())
      return;
    for (at::Tensor* tensor : {&norm.weight, &norm.bias, &norm.running_mean, &norm.running_var})
      *tensor = tensor->to(device);
  }
  void operator()(ConvBlock& block) const {
    (*this)(block.conv);
    (*this)(block.norm);
  }
  void operator()(ResBlock& block) const {
    (*this)(block.conv1);
    (*this)(block.norm1);
    (*this)(block.conv2);
    (*this)(block.norm2);
  }
  void operator()(Hourglass& hourglass) const {
    for (DownBlock& block : hourglass.down)
      (*this)(block);
    for (UpBlock& block : hourglass.up)
      (*this)(block);
  }
  void operator()(AntiAlias& down) const {
    if (down.kernel.defined())
      down.kernel = down.kernel.to(device);
  }
};

} // namespace

void fold(Conv2d& conv, BatchNorm& norm) {
  const at::Tensor scale =
      norm.weight.to(at::kDouble) / at::sqrt(norm.running_var.to(at::kDouble) + BatchNorm::epsilon);
  const at::Tensor bias = (conv.bias.to(at::kDouble) - norm.running_mean) * scale + norm.bias;
  conv.weight = (conv.weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(at::kFloat);
  conv.bias = bias.to(at::kFloat);
  norm = BatchNorm();
}

void fold_batch_norms(Network& network) {
  Generator& generator = network.generator;
  fold(network.kp_detector.predictor);
  fold(generator.dense_motion.hourglass);
  fold(generator.first);
  for (DownBlock& block : generator.down)
    fold(block);
  for (UpBlock& block : generator.up)
    fold(block);
  for (ResBlock& block : generator.bottleneck)
    fold(block.conv1, block.norm2);
}

void convert(Network& network, at::Device device, at::ScalarType type, at::MemoryFormat format) {
  const Target to{device, type, format};
  to(network.kp_detector.down);
  to(network.kp_detector.predictor);
  to(network.kp_detector.heatmap);
  to(network.kp_detector.jacobian);
  Generator& generator = network.generator;
  to(generator.dense_motion.down);
  to(generator.dense_motion.hourglass);
  to(generator.dense_motion.mask);
  to(generator.dense_motion.occlusion);
  to(generator.first);
  for (DownBlock& block : generator.down)
    to(block);
  for (ResBlock& block : generator.bottleneck)
    to(block);
  for (UpBlock& block : generator.up)
    to(block);
  to(generator.final);
}

} // namespace fomo
