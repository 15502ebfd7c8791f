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
  Image features; ///< warped, then with the sums of the residual blocks
  /// What the first convolution of a residual block, or that after the last block, reads in bf16.
  Feature input;
  Feature inner; ///< between the two convolutions of a residual block
  std::vector<Feature> up;
};

Painter::Painter(const Loading& loading, const ModelConfig& config, bool align_corners)
    : in_bf16_(loading.in_bf16), align_corners_(align_corners), height_(config.frame_height),
      width_(config.frame_width) {
  const Checkpoint& checkpoint = loading.checkpoint;
  const auto last = [](const std::vector<ConvLayer>& layers) {
    return layers.back().shape().outputs;
  };
  Loading once = loading; // for each source, not for each frame
  once.every_frame = false;
  once.in_bf16 = false;
  encoder_.push_back(
      read_block(once, "generator.first", {config.num_channels}, height_, width_, false, false));
  const int steps = config.generator.num_down_blocks;
  for (int i = 0; i < steps; i++) {
    encoder_.push_back(read_block(once, "generator.down_blocks." + std::to_string(i),
                                  {last(encoder_)}, height_, width_, false, true));
    height_ = encoder_.back().shape().output_height();
    width_ = encoder_.back().shape().output_width();
  }
  channels_ = last(encoder_);
  for (int i = 0; i < config.generator.num_bottleneck_blocks; i++) {
    const std::string name = "generator.bottleneck.r" + std::to_string(i);
    ConvWeights first = read_conv(checkpoint, name + ".conv1", channels_);
    fold_norm(checkpoint, name + ".norm2", first);
    const ConvShape shape = plain_shape(channels_, 1, height_, width_);
    Affine before = read_norm(checkpoint, name + ".norm1", channels_);
    before.scale.resize(static_cast<size_t>(padded_channels(channels_, in_bf16_)));
    before.shift.resize(before.scale.size());
    bottleneck_.push_back(
        {ConvLayer(loading, shape, first, Activation::relu, std::move(before)),
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
  final_border_ = head.kernel / 2;
  if (in_bf16_)
    bf16_final_ = kernels::Bf16Head(channels, head.kernel, head.weight.data(), head.bias.data());
  else
    final_ = kernels::HeadConv(channels, head.kernel, head.weight.data(), head.bias.data());
}

/// The border of the image that up_[index] reads, or the last layer if there is none.
int Painter::border_before_up(size_t index) const { return index < up_.size() ? 1 : final_border_; }

Painter::Memory Painter::lay_out(Arena& arena) const {
  Memory memory;
  memory.features = arena.image(channels_, height_, width_);
  if (in_bf16_)
    memory.input =
        arena.feature(true, channels_, height_, width_, std::max(1, border_before_up(0)));
  memory.inner = arena.feature(in_bf16_, channels_, height_, width_, 1);
  for (size_t i = 0; i < up_.size(); i++)
    memory.up.push_back(up_[i].output(arena, border_before_up(i + 1)));
  return memory;
}

void Painter::reserve(Arena arena, size_t& most) const {
  lay_out(arena);
  most = std::max(most, arena.most());
}

size_t Painter::scratch(const kernels::Executor& executor) const {
  const int width = encoder_[0].shape().width;
  size_t most = in_bf16_ ? bf16_final_.workspace(width, executor.threads)
                         : final_.workspace(width, executor.threads);
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
    const ConvShape& shape = layer.shape();
    const int height = shape.output_height(), width = shape.output_width();
    out = kernels::Buffer(kernels::image_floats(shape.outputs, height, width));
    const Image result = kernels::make_image(out.data(), shape.outputs, height, width);
    layer.run(run, image, result);
    in = std::move(out);
    image = result;
  }
  return in;
}

void Painter::refine(const Run& run, const Memory& memory) const {
  for (const ResidualBlock& block : bottleneck_) {
    block.first.run(run, memory.features, memory.inner.full);
    block.second.run(run, memory.inner.full, memory.features, &memory.features);
  }
}

/// Each layer writes what the next one reads, the affine map before it included. The sums of the
/// residual blocks stay in fp32.
void Painter::refine_bf16(const Run& run, const Memory& memory) const {
  const auto map_before = [&](size_t index) {
    return index < bottleneck_.size() ? &bottleneck_[index].first.affine : nullptr;
  };
  const Affine* map = map_before(0);
  pack_bf16(memory.features, map ? map->scale.data() : nullptr, map ? map->shift.data() : nullptr,
            memory.input.half, run.executor);
  for (size_t i = 0; i < bottleneck_.size(); i++) {
    kernels::Bf16Result inner, sums;
    inner.half = &memory.inner.half;
    bottleneck_[i].first.run(run, memory.input.half, inner);
    map = map_before(i + 1);
    sums.residual = &memory.features;
    sums.full = map ? &memory.features : nullptr;
    sums.half = &memory.input.half;
    sums.scale = map ? map->scale.data() : nullptr;
    sums.shift = map ? map->shift.data() : nullptr;
    bottleneck_[i].second.run(run, memory.inner.half, sums);
  }
}

void Painter::paint(const Run& run, const kernels::Buffer& features, const kernels::Flow& flow,
                    const kernels::HeadOutput& output, Arena arena) const {
  const Memory memory = lay_out(arena);
  const Image source = kernels::make_image(features.data(), channels_, height_, width_);
  warp(source, flow, align_corners_, memory.features, run.executor);
  Feature image = memory.input;
  image.full = memory.features;
  if (in_bf16_)
    refine_bf16(run, memory);
  else
    refine(run, memory);
  for (size_t i = 0; i < up_.size(); i++) {
    up_[i].run(run, image, memory.up[i]);
    image = memory.up[i];
  }
  if (in_bf16_)
    bf16_final_.run(image.half, output, run.scratch, run.executor);
  else
    final_.run(image.full, output, run.scratch, run.executor);
}

} // namespace fomo::cpu
