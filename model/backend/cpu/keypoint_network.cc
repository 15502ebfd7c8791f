// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/keypoint_network.h"

#include <numeric>

#include "common/error.h"

namespace fomo::cpu {

using kernels::Activation;
using kernels::Image;

namespace {

/// [map][input][tap] as [map][tap][padded channel], the parts of the channels padded apart.
kernels::Buffer channels_last(const ConvWeights& conv, const std::vector<int>& parts, int padded) {
  const int taps = conv.kernel * conv.kernel;
  kernels::Buffer result(static_cast<size_t>(conv.outputs) * taps * padded);
  for (int map = 0; map < conv.outputs; map++) {
    int input = 0, channel = 0;
    for (const int part : parts) {
      for (int i = 0; i < part; i++)
        for (int tap = 0; tap < taps; tap++)
          result.data()[(ptrdiff_t{map} * taps + tap) * padded + channel + i] =
              conv.weight.data()[(ptrdiff_t{map} * conv.inputs + input + i) * taps + tap];
      input += part;
      channel += kernels::padded_channels(part);
    }
  }
  return result;
}

/// Copies the weights of `conv` to the outputs from `output` on of `heads`, whose inputs are the
/// channels with the padding of their parts.
void copy_weights(const ConvWeights& conv, const std::vector<int>& parts, int output,
                  ConvWeights& heads) {
  const int taps = conv.kernel * conv.kernel;
  for (int o = 0; o < conv.outputs; o++) {
    const float* from = conv.weight.data() + ptrdiff_t{o} * conv.inputs * taps;
    float* to = heads.weight.data() + ptrdiff_t{output + o} * heads.inputs * taps;
    for (const int part : parts) {
      std::copy_n(from, ptrdiff_t{part} * taps, to);
      from += ptrdiff_t{part} * taps;
      to += ptrdiff_t{kernels::padded_channels(part)} * taps;
    }
  }
}

/// One convolution of the padded channels. The Jacobians begin with a whole block and have no bias:
/// it is added to their expectations.
ConvWeights joined_heads(const ConvWeights& heatmap, const ConvWeights& jacobian,
                         const std::vector<int>& parts, int padded) {
  ConvWeights heads;
  const int first = kernels::padded_channels(heatmap.outputs);
  heads.outputs = jacobian.outputs > 0 ? first + jacobian.outputs : heatmap.outputs;
  heads.inputs = padded;
  heads.kernel = heatmap.kernel;
  const int taps = heads.kernel * heads.kernel;
  heads.weight = kernels::Buffer(static_cast<size_t>(heads.outputs) * padded * taps);
  heads.bias = heatmap.bias;
  heads.bias.resize(static_cast<size_t>(heads.outputs));
  copy_weights(heatmap, parts, 0, heads);
  copy_weights(jacobian, parts, first, heads);
  return heads;
}

} // namespace

struct KeypointNetwork::Memory {
  Hourglass::Images images;
  Feature features; ///< in bf16: a copy of the hourglass's result
  Image logits;     ///< the result of the heads
  Image heat;       ///< the part of it that are heatmaps
  float *mean, *peak;
  kernels::HeatBox* boxes;
  float* sums; ///< in fp32
};

KeypointNetwork::KeypointNetwork(const Loading& loading, const ModelConfig& config)
    : temperature_(static_cast<float>(config.kp_detector.temperature)), num_kp_(config.num_kp),
      num_face_kp_(config.num_face_kp), first_mouth_kp_(config.first_mouth_kp),
      first_ear_kp_(config.first_ear_kp) {
  const Checkpoint& checkpoint = loading.checkpoint;
  down_ = AntiAlias(checkpoint, "kp_detector.down", config.keypoint_stride(), config.frame_height,
                    config.frame_width);
  hourglass_ = Hourglass(loading, "kp_detector.predictor", config.num_channels, down_.height(),
                         down_.width(), {false, 0});
  const std::vector<int>& parts = hourglass_.parts();
  const int channels = std::accumulate(parts.begin(), parts.end(), 0);
  kernels::ConvShape shape;
  shape.inputs = parts;
  shape.pad = config.kp_detector.pad;
  shape.height = down_.height();
  shape.width = down_.width();
  const ConvWeights heatmap = read_conv(checkpoint, "kp_detector.kp", channels);
  shape.kernel = heatmap.kernel;
  if (shape.result_height() < 2 || shape.result_width() < 2 || heatmap.outputs != num_kp_)
    throw Error(FOMO_SETTINGS, "The keypoint detector of " + checkpoint.path() +
                                   " does not fit the configuration (num_kp, pad, frame_shape). "
                                   "Set them as in its training.");
  ConvWeights jacobian;
  if (config.estimate_jacobian)
    jacobian = read_conv(checkpoint, "kp_detector.jacobian", channels);
  single_map_ = jacobian.outputs == 4;
  jacobian_bias_ = jacobian.bias;
  if (loading.in_bf16) {
    const int padded = shape.input_channels();
    shape.inputs = {padded};
    heads_ =
        ConvLayer(loading, shape, joined_heads(heatmap, jacobian, parts, padded), Activation::none);
    return;
  }
  heads_ = ConvLayer(loading, shape, heatmap, Activation::none);
  if (!config.estimate_jacobian)
    return;
  window_ = {jacobian.kernel, shape.pad};
  jacobian_weight_ = channels_last(jacobian, parts, shape.input_channels());
}

KeypointNetwork::Memory KeypointNetwork::lay_out(Arena& arena) const {
  Memory memory{};
  memory.images = hourglass_.images(arena);
  const kernels::ConvShape& shape = heads_.shape();
  if (heads_.in_bf16)
    memory.features =
        arena.feature(true, shape.input_channels(), shape.height, shape.width, shape.pad, true);
  memory.logits = arena.image(shape.outputs, shape.output_height(), shape.output_width());
  memory.heat = channel_slice(memory.logits, 0, num_kp_);
  memory.mean = arena.floats(2 * static_cast<size_t>(num_kp_));
  memory.peak = arena.floats(static_cast<size_t>(num_kp_));
  memory.boxes = reinterpret_cast<kernels::HeatBox*>(
      arena.floats(sizeof(kernels::HeatBox) / sizeof(float) * static_cast<size_t>(num_kp_)));
  if (!heads_.in_bf16)
    memory.sums = arena.floats(window_sum_floats(window_, num_kp_, shape.input_channels()));
  return memory;
}

void KeypointNetwork::reserve(Arena arena, size_t& most) const {
  lay_out(arena);
  most = std::max(most, arena.most());
}

size_t KeypointNetwork::scratch(const kernels::Executor& executor) const {
  return std::max(hourglass_.scratch(executor), heads_.scratch(executor));
}

Detection KeypointNetwork::run(const Run& run, const Image& frame, Arena arena) const {
  const Memory memory = lay_out(arena);
  down_.run(run, frame, memory.images.input.full);
  hourglass_.run(run, memory.images);
  Feature features = memory.images.output, logits;
  logits.full = memory.logits;
  if (heads_.in_bf16) {
    pack_bf16(features.full, nullptr, nullptr, memory.features.half, run.executor);
    features = memory.features;
  }
  heads_.run(run, features, logits);
  spatial_softmax(memory.heat, temperature_, {memory.mean, memory.peak, memory.boxes},
                  run.executor);
  Detection found;
  found.keypoints.count = num_kp_;
  found.keypoints.on_face = num_face_kp_;
  found.keypoints.first_mouth = first_mouth_kp_;
  found.keypoints.first_ear = first_ear_kp_;
  found.keypoints.value.assign(memory.mean, memory.mean + 2 * num_kp_);
  found.peaks.assign(memory.peak, memory.peak + num_kp_);
  if (!jacobian_bias_.empty())
    found.keypoints.jacobian = jacobians(run, memory);
  return found;
}

/// sum over cells of heat * (convolution of the features)
std::vector<float> KeypointNetwork::jacobians(const Run& run, const Memory& memory) const {
  if (!heads_.in_bf16)
    return window_jacobians(run, memory);
  std::vector<float> result(4 * static_cast<size_t>(num_kp_));
  const Image maps = channel_slice(memory.logits, kernels::padded_channels(num_kp_),
                                   static_cast<int>(jacobian_bias_.size()));
  heat_sums(maps, memory.heat, memory.boxes, result.data(), run.executor);
  for (size_t i = 0; i < result.size(); i++)
    result[i] += jacobian_bias_[single_map_ ? i % 4 : i];
  return result;
}

/// The same with the sums exchanged.
std::vector<float> KeypointNetwork::window_jacobians(const Run& run, const Memory& memory) const {
  window_sums(window_, memory.images.output.full, memory.heat, memory.boxes, memory.sums,
              run.executor);
  const size_t length = window_sum_floats(window_, 1, memory.images.output.full.channels);
  std::vector<float> result(4 * static_cast<size_t>(num_kp_));
  run.executor.parallel_for(num_kp_, [&](int k, int) {
    const float* sums = memory.sums + static_cast<size_t>(k) * length;
    for (int i = 0; i < 4; i++) {
      const int map = single_map_ ? i : 4 * k + i;
      const float* weight = jacobian_weight_.data() + static_cast<size_t>(map) * length;
      double total = jacobian_bias_[static_cast<size_t>(map)];
      for (size_t at = 0; at < length; at += kernels::kLanes) {
        float part = 0;
        for (size_t lane = at; lane < at + kernels::kLanes; lane++)
          part += weight[lane] * sums[lane];
        total += part;
      }
      result[static_cast<size_t>(4 * k + i)] = static_cast<float>(total);
    }
  });
  return result;
}

} // namespace fomo::cpu
