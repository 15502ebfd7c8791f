// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/painter.h"

#include "common/error.h"

namespace fomo::cpu {

using kernels::Activation;
using kernels::ConvShape;
using kernels::Image;

namespace {

/// Convolution of one image with `channels` at height x width.
ConvShape plain_shape(int channels, int pad, int height, int width) {
  ConvShape shape;
  shape.inputs = {channels};
  shape.pad = pad;
  shape.height = height;
  shape.width = width;
  return shape;
}

} // namespace

struct Painter::Memory {
  Image features, inner;
  std::vector<Image> up;
};

Painter::Painter(const Loading& loading, const ModelConfig& config, bool align_corners)
    : align_corners_(align_corners), height_(config.frame_height), width_(config.frame_width) {
  const Checkpoint& checkpoint = loading.checkpoint;
  const auto last = [](const std::vector<ConvLayer>& layers) {
    return layers.back().conv.shape().outputs;
  };
  Loading once = loading; // for each source, not for each frame
  once.every_frame = false;
  encoder_.push_back(
      read_block(once, "generator.first", {config.num_channels}, height_, width_, false, false));
  const int steps = config.generator.num_down_blocks;
  for (int i = 0; i < steps; i++) {
    encoder_.push_back(read_block(once, "generator.down_blocks." + std::to_string(i),
                                  {last(encoder_)}, height_, width_, false, true));
    height_ = encoder_.back().conv.shape().output_height();
    width_ = encoder_.back().conv.shape().output_width();
  }
  channels_ = last(encoder_);
  for (int i = 0; i < config.generator.num_bottleneck_blocks; i++) {
    const std::string name = "generator.bottleneck.r" + std::to_string(i);
    ConvWeights first = read_conv(checkpoint, name + ".conv1", channels_);
    fold_norm(checkpoint, name + ".norm2", first);
    const ConvShape shape = plain_shape(channels_, 1, height_, width_);
    bottleneck_.push_back(
        {ConvLayer(loading, shape, first, Activation::relu,
                   read_norm(checkpoint, name + ".norm1", channels_)),
         ConvLayer(loading, shape, read_conv(checkpoint, name + ".conv2", first.outputs),
                   Activation::none)});
  }
  int channels = channels_, height = height_, width = width_;
  for (int i = 0; i < steps; i++) {
    up_.push_back(read_block(loading, "generator.up_blocks." + std::to_string(i), {channels},
                             height, width, true, false));
    channels = last(up_);
    height *= 2;
    width *= 2;
  }
  if (height != config.frame_height || width != config.frame_width)
    throw Error(FOMO_SETTINGS, "A frame of " + std::to_string(config.frame_width) + "x" +
                                   std::to_string(config.frame_height) +
                                   " cannot be halved as often as the model '" + checkpoint.path() +
                                   "' halves it. Set frame_shape in the configuration as in its "
                                   "training.");
  const ConvWeights head = read_conv(checkpoint, "generator.final", channels);
  if (head.outputs != kernels::HeadConv::kOutputs || head.kernel % 2 == 0)
    throw Error(FOMO_SETTINGS, "The model '" + checkpoint.path() + "' paints " +
                                   std::to_string(head.outputs) +
                                   " channels, not RGB. Set model to one that was trained with "
                                   "num_channels: 3.");
  final_ = kernels::HeadConv(channels, head.kernel, head.weight.data(), head.bias.data());
}

Painter::Memory Painter::lay_out(Arena& arena) const {
  Memory memory;
  memory.features = arena.image(channels_, height_, width_);
  memory.inner = arena.image(channels_, height_, width_);
  for (const ConvLayer& layer : up_)
    memory.up.push_back(layer.output(arena));
  return memory;
}

void Painter::reserve(Arena arena, size_t& most) const {
  lay_out(arena);
  most = std::max(most, arena.most());
}

size_t Painter::scratch(const kernels::Executor& executor) const {
  size_t most = final_.workspace(encoder_[0].conv.shape().width, executor.threads);
  for (const auto* layers : {&encoder_, &up_})
    for (const ConvLayer& layer : *layers)
      most = std::max(most, layer.scratch(executor));
  for (const ResidualBlock& block : bottleneck_)
    most = std::max({most, block.first.scratch(executor), block.second.scratch(executor)});
  return most;
}

kernels::Buffer Painter::encode(const Run& run, const Image& frame) const {
  kernels::Buffer in, out;
  Image image = frame;
  for (const ConvLayer& layer : encoder_) {
    const ConvShape& shape = layer.conv.shape();
    const int height = shape.output_height(), width = shape.output_width();
    out = kernels::Buffer(kernels::image_floats(shape.outputs, height, width));
    const Image result = kernels::make_image(out.data(), shape.outputs, height, width);
    layer.run(run, image, result);
    in = std::move(out);
    image = result;
  }
  return in;
}

void Painter::paint(const Run& run, const kernels::Buffer& features, const kernels::Flow& flow,
                    const kernels::HeadOutput& output, Arena arena) const {
  const Memory memory = lay_out(arena);
  const Image source = kernels::make_image(features.data(), channels_, height_, width_);
  warp(source, flow, align_corners_, memory.features, run.executor);
  for (const ResidualBlock& block : bottleneck_) {
    block.first.run(run, memory.features, memory.inner);
    block.second.run(run, memory.inner, memory.features, &memory.features);
  }
  Image image = memory.features;
  for (size_t i = 0; i < up_.size(); i++) {
    up_[i].run(run, image, memory.up[i]);
    image = memory.up[i];
  }
  final_.run(image, output, run.scratch, run.executor);
}

} // namespace fomo::cpu
