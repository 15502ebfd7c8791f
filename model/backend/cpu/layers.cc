// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/layers.h"

#include <algorithm>
#include <numeric>

#include "common/error.h"

namespace fomo::cpu {

using kernels::Activation;
using kernels::ConvShape;
using kernels::Image;

ConvLayer::ConvLayer(const Loading& loading, ConvShape shape, const ConvWeights& weights,
                     Activation activate, Affine before)
    : in_bf16(loading.in_bf16), activation(activate), affine(std::move(before)) {
  shape.outputs = weights.outputs;
  shape.kernel = weights.kernel;
  const kernels::Executor& executor = loading.chooser->executor();
  if (in_bf16)
    bf16_conv = kernels::Bf16Conv(shape, weights.parameters(), executor, loading.split);
  else
    conv =
        kernels::Conv(shape, loading.chooser->choose(shape, loading.precise, loading.every_frame),
                      weights.parameters(), executor);
}

void ConvLayer::run(const Run& run, const Image& in, const Image& out,
                    const Image* residual) const {
  const float* scale = affine.scale.empty() ? nullptr : affine.scale.data();
  const float* shift = affine.scale.empty() ? nullptr : affine.shift.data();
  conv.run(in, out, {activation, residual, scale, shift}, run.scratch, run.executor);
}

void ConvLayer::run(const Run& run, const kernels::Bf16Image& in,
                    kernels::Bf16Result result) const {
  result.activation = activation;
  bf16_conv.run(in, result, run.scratch, run.executor);
}

void ConvLayer::run(const Run& run, const Feature& in, const Feature& out) const {
  if (!in_bf16)
    return this->run(run, in.full, out.full);
  kernels::Bf16Result result;
  if (out.in_bf16)
    result.half = &out.half;
  else
    result.full = &out.full;
  this->run(run, in.half, result);
}

Feature ConvLayer::output(Arena& arena, int border) const {
  return arena.feature(in_bf16, shape().outputs, shape().output_height(), shape().output_width(),
                       border);
}

size_t ConvLayer::scratch(const kernels::Executor& executor) const {
  return in_bf16 ? bf16_conv.workspace(executor.threads)
                 : conv.workspace(executor.threads, *executor.kernels);
}

ConvLayer read_block(const Loading& loading, const std::string& name, std::vector<int> inputs,
                     int height, int width, bool upsample, bool pool) {
  const int channels = std::accumulate(inputs.begin(), inputs.end(), 0);
  ConvWeights weights = read_conv(loading.checkpoint, name + ".conv", channels);
  fold_norm(loading.checkpoint, name + ".norm", weights);
  ConvShape shape;
  shape.inputs = std::move(inputs);
  shape.pad = weights.kernel / 2;
  shape.upsample = upsample;
  shape.pool = pool;
  shape.height = height;
  shape.width = width;
  return ConvLayer(loading, shape, weights, Activation::relu);
}

Hourglass::Hourglass(const Loading& loading, const std::string& name, int channels, int height,
                     int width, HourglassEnds ends)
    : channels_(channels), height_(height), width_(width), ends_(ends), in_bf16_(loading.in_bf16),
      split_(loading.split), coarse_rows_(loading.coarse_rows) {
  const auto block = [&](const char* side, size_t i) { return name + side + std::to_string(i); };
  const auto exists = [&](size_t i) {
    return loading.checkpoint.has(block(".encoder.down_blocks.", i) + ".conv.weight");
  };
  const auto at = [&](int rows) {
    Loading here = loading;
    here.split = splits(rows);
    return here;
  };
  std::vector<int> skips{channels};
  for (size_t i = 0; exists(i); i++) {
    if (height % 2 != 0 || width % 2 != 0 || height == 0 || width == 0)
      throw Error(FOMO_SETTINGS, "A frame of this size cannot be halved as often as the model '" +
                                     loading.checkpoint.path() +
                                     "' halves it. Set frame_shape and scale_factor in the "
                                     "configuration as in its training.");
    down_.push_back(read_block(at(height), block(".encoder.down_blocks.", i), {skips.back()},
                               height, width, false, true));
    skips.push_back(down_.back().shape().outputs);
    height /= 2;
    width /= 2;
  }
  parts_ = {skips.back()};
  for (size_t i = down_.size(); i-- > 0;) {
    up_.push_back(read_block(at(height), block(".decoder.up_blocks.", down_.size() - 1 - i), parts_,
                             height, width, true, false));
    height *= 2;
    width *= 2;
    parts_ = {up_.back().shape().outputs, skips[i]};
  }
  std::reverse(up_.begin(), up_.end());
}

Hourglass::Images Hourglass::images(Arena& arena) const {
  Images images;
  int height = height_, width = width_;
  for (size_t i = 0; i < down_.size(); i++) {
    const bool half = level_in_bf16(i);
    const int ahead = padded_channels(up_[i].shape().outputs, half);
    const int skip = padded_channels(down_[i].shape().inputs[0], half);
    images.levels.push_back(arena.feature(half, ahead + skip, height, width,
                                          i == 0 ? ends_.border : 1, splits(height)));
    height /= 2;
    width /= 2;
  }
  images.bottom = arena.feature(level_in_bf16(down_.size()),
                                parts_.size() == 1 ? parts_[0] : down_.back().shape().outputs,
                                height, width, 1, splits(height));
  images.output = images.levels.empty() ? images.bottom : images.levels[0];
  images.input = images.output;
  if (!down_.empty())
    images.input = channel_slice(
        images.output, padded_channels(up_[0].shape().outputs, level_in_bf16(0)), parts_[1]);
  if (copies_input())
    images.entry = arena.feature(true, channels_, height_, width_, 1, splits(height_));
  return images;
}

void Hourglass::run(const Run& run, const Images& images) const {
  const size_t count = down_.size();
  const auto skip = [&](size_t i) {
    if (i == count)
      return images.bottom;
    return channel_slice(images.levels[i],
                         padded_channels(up_[i].shape().outputs, level_in_bf16(i)),
                         down_[i].shape().inputs[0]);
  };
  if (copies_input())
    pack_bf16(images.input.full, nullptr, nullptr, images.entry.half, run.executor);
  for (size_t i = 0; i < count; i++)
    down_[i].run(run, i == 0 && copies_input() ? images.entry : skip(i), skip(i + 1));
  for (size_t i = count; i-- > 0;)
    up_[i].run(run, i + 1 == count ? images.bottom : images.levels[i + 1],
               channel_slice(images.levels[i], 0, up_[i].shape().outputs));
}

size_t Hourglass::scratch(const kernels::Executor& executor) const {
  size_t most = 0;
  for (const auto* layers : {&down_, &up_})
    for (const ConvLayer& layer : *layers)
      most = std::max(most, layer.scratch(executor));
  return most;
}

AntiAlias::AntiAlias(const Checkpoint& checkpoint, const std::string& name, int stride, int height,
                     int width)
    : height_(height), width_(width) {
  if (!checkpoint.has(name + ".weight"))
    return;
  const StoredTensor& tensor = checkpoint.at(name + ".weight");
  if (tensor.shape.size() != 4 || tensor.shape[0] > kernels::kLanes || tensor.shape[1] != 1 ||
      tensor.shape[2] != tensor.shape[3] || tensor.shape[2] < 1)
    throw Error(FOMO_WRONG_TYPE, "The tensor '" + name + ".weight' of " + checkpoint.path() +
                                     " is not an anti-alias kernel. Set model to a First Order "
                                     "Motion Model checkpoint.");
  std::vector<float> kernel(static_cast<size_t>(tensor.count()));
  copy_to_floats(tensor, kernel.data());
  const auto channels = static_cast<size_t>(tensor.shape[0]), count = kernel.size() / channels;
  taps_.assign(count * kernels::kLanes, 0);
  for (size_t c = 0; c < channels; c++)
    for (size_t i = 0; i < count; i++)
      taps_[i * kernels::kLanes + c] = kernel[c * count + i];
  filter_ = {taps_.data(), static_cast<int>(tensor.shape[2]), stride};
}

void AntiAlias::run(const Run& run, const Image& frame, const Image& out) const {
  if (taps_.empty())
    std::copy_n(frame.data, frame.blocks() * frame.block_stride, out.data);
  else
    downsample(filter_, frame, out, run.executor);
}

} // namespace fomo::cpu
