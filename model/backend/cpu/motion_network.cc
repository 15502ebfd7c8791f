// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cpu/motion_network.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/error.h"
#include "model/motion/ear_gate.h"
#include "model/motion/local_motions.h"

namespace fomo::cpu {

using kernels::Activation;
using kernels::Image;

namespace {

/// Softmax over the first `count` channels, for looking at; frames do without.
void fill_masks(const Image& logits, int count, std::vector<float>& masks) {
  const auto cells = static_cast<size_t>(logits.pixels());
  masks.resize(static_cast<size_t>(count) * cells);
  for (size_t cell = 0; cell < cells; cell++) {
    const auto logit = [&](int k) {
      return logits.block(k / kernels::kLanes)[cell * kernels::kLanes + k % kernels::kLanes];
    };
    float most = logit(0), sum = 0;
    for (int k = 1; k < count; k++)
      most = std::max(most, logit(k));
    for (int k = 0; k < count; k++)
      sum += masks[k * cells + cell] = std::exp(logit(k) - most);
    for (int k = 0; k < count; k++)
      masks[k * cells + cell] /= sum;
  }
}

/// Lowers the logits of ears that are hidden.
void hold_ears(const KeypointSet& driving, const Image& logits) {
  float bias[kernels::kMostMotions];
  if (!gate_ears(driving, bias))
    return;
  std::vector<float> inside(static_cast<size_t>(logits.pixels()));
  inside_face(driving, logits.width, logits.height, inside.data());
  for (int k = 0; k <= driving.count; k++) {
    if (bias[k] == 0)
      continue;
    float* logit = logits.block(k / kernels::kLanes) + k % kernels::kLanes;
    for (ptrdiff_t i = 0; i < logits.pixels(); i++)
      logit[i * kernels::kLanes] += bias[k] * inside[static_cast<size_t>(i)];
  }
}

} // namespace

struct MotionNetwork::Memory {
  float *columns, *rows;
  Image input; ///< of the hourglass; in bf16 a copy is converted
  Hourglass::Images images;
  Image logits;
};

MotionNetwork::MotionNetwork(const Loading& loading, const ModelConfig& config, bool align_corners)
    : has_occlusion_(config.generator.estimate_occlusion_map), align_corners_(align_corners),
      variance_(static_cast<float>(config.dense_motion.kp_variance)), num_kp_(config.num_kp) {
  const Checkpoint& checkpoint = loading.checkpoint;
  const std::string name = "generator.dense_motion_network";
  if (num_kp_ + 2 > kernels::kMostMotions)
    throw Error(FOMO_SETTINGS, "The model '" + checkpoint.path() + "' has " +
                                   std::to_string(num_kp_) +
                                   " keypoints, more than the engine has room for. Set model to a "
                                   "First Order Motion Model checkpoint.");
  down_ = AntiAlias(checkpoint, name + ".down", config.motion_stride(), config.frame_height,
                    config.frame_width);
  hourglass_ = Hourglass(loading, name + ".hourglass", (num_kp_ + 1) * (config.num_channels + 1),
                         height(), width(), {true, 3});
  const std::vector<int>& parts = hourglass_.parts();
  const int channels = std::accumulate(parts.begin(), parts.end(), 0);
  ConvWeights heads = read_conv(checkpoint, name + ".mask", channels);
  const bool fits = heads.outputs == num_kp_ + 1 && heads.kernel == 7;
  if (has_occlusion_)
    heads = stack(heads, read_conv(checkpoint, name + ".occlusion", channels));
  if (!fits || (has_occlusion_ && heads.outputs != num_kp_ + 2))
    throw Error(FOMO_WRONG_TYPE, "The dense motion network of " + checkpoint.path() +
                                     " does not have a mask for each keypoint. Set model to a "
                                     "First Order Motion Model checkpoint.");
  kernels::ConvShape shape;
  shape.inputs = parts;
  shape.pad = 3;
  shape.height = height();
  shape.width = width();
  Loading single = loading; // the last layer's errors meet no further layer
  single.split = false;
  heads_ = ConvLayer(single, shape, heads, Activation::none);
}

MotionNetwork::Memory MotionNetwork::lay_out(Arena& arena) const {
  const auto keypoints = static_cast<size_t>(num_kp_);
  Memory memory{};
  memory.columns = arena.floats(keypoints * static_cast<size_t>(width()));
  memory.rows = arena.floats(keypoints * static_cast<size_t>(height()));
  memory.images = hourglass_.images(arena);
  memory.input =
      heads_.in_bf16 ? arena.image(4 * (num_kp_ + 1), height(), width()) : memory.images.input.full;
  const kernels::ConvShape& shape = heads_.shape();
  memory.logits = arena.image(shape.outputs, shape.output_height(), shape.output_width());
  return memory;
}

void MotionNetwork::reserve(Arena arena, size_t& most) const {
  lay_out(arena);
  most = std::max(most, arena.most());
}

size_t MotionNetwork::scratch(const kernels::Executor& executor) const {
  return std::max(hourglass_.scratch(executor), heads_.scratch(executor));
}

MotionSource MotionNetwork::encode(const Run& run, const Image& frame,
                                   const KeypointSet& keypoints) const {
  MotionSource source;
  const auto cells = static_cast<size_t>(height()) * static_cast<size_t>(width());
  kernels::Buffer small(kernels::image_floats(frame.channels, height(), width()));
  down_.run(run, frame, kernels::make_image(small.data(), frame.channels, height(), width()));
  source.picture = kernels::Buffer(cells * 4);
  for (size_t i = 0; i < cells; i++)
    std::copy_n(small.data() + i * kernels::kLanes, 3, source.picture.data() + i * 4 + 1);
  source.columns.resize(static_cast<size_t>(num_kp_ * width()));
  source.rows.resize(static_cast<size_t>(num_kp_ * height()));
  kernels::fill_heatmaps(keypoints.value.data(), num_kp_, variance_, width(), height(),
                         source.columns.data(), source.rows.data());
  return source;
}

/// The logits of the masks and of the occlusion map from the input.
void MotionNetwork::predict(const Run& run, const Memory& memory) const {
  const Hourglass::Images& images = memory.images;
  if (!heads_.in_bf16) {
    hourglass_.run(run, images);
    heads_.run(run, images.output.full, memory.logits);
    return;
  }
  pack_bf16(memory.input, nullptr, nullptr, images.input.half, run.executor);
  hourglass_.run(run, images);
  kernels::Bf16Result logits;
  logits.full = &memory.logits;
  heads_.run(run, images.output.half, logits);
}

void MotionNetwork::run(const Run& run, const MotionSource& source,
                        const KeypointSet& source_keypoints, const KeypointSet& driving_keypoints,
                        const kernels::Flow& flow, std::vector<float>* masks, Arena arena) const {
  const Memory memory = lay_out(arena);
  LocalMotion motions[kernels::kMostMotions];
  local_motions(source_keypoints, driving_keypoints, motions);
  kernels::fill_heatmaps(driving_keypoints.value.data(), num_kp_, variance_, width(), height(),
                         memory.columns, memory.rows);
  kernels::MotionInput input;
  input.picture = source.picture.data();
  input.motions = motions;
  input.count = num_kp_ + 1;
  input.driving = {memory.columns, memory.rows};
  input.source = {source.columns.data(), source.rows.data()};
  input.align_corners = align_corners_;
  build_motion_input(input, memory.input, run.executor);
  predict(run, memory);
  hold_ears(driving_keypoints, memory.logits);
  combine_motions(memory.logits, motions, num_kp_ + 1, flow, run.executor);
  if (masks)
    fill_masks(memory.logits, num_kp_ + 1, *masks);
}

} // namespace fomo::cpu
