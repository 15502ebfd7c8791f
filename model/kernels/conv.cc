// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/conv.h"

#include <algorithm>
#include <cstring>

#include "model/kernels/packing.h"

namespace fomo::kernels {

namespace {

/// Size of a block of transformed tiles. With larger blocks, weights in the second-level cache are
/// used more often. The blocks of several threads fit into the third-level cache.
constexpr ptrdiff_t kBlockFloats = 1200 * 1024;
/// Size of the products of a block with some panels, which the inverse transform reads next.
constexpr ptrdiff_t kProductFloats = 80 * 1024;
/// Outputs of one task of the direct algorithm.
constexpr int kDirectOutputs = 64;

int divide_up(int a, int b) { return (a + b - 1) / b; }

/// The first element of part `index` when `total` elements are split evenly into `parts`.
int begin_of(int index, int total, int parts) { return int(int64_t(total) * index / parts); }

/// to = relu(from * scale + shift) for `width` pixels of one channel block.
void scale_row(const float* from, const float* scale, const float* shift, int width, float* to) {
  for (int x = 0; x < width; x++, from += kLanes, to += kLanes)
    for (int lane = 0; lane < kLanes; lane++)
      to[lane] = std::max(0.0F, from[lane] * scale[lane] + shift[lane]);
}

/// Rounds up to whole cache lines.
size_t line(size_t floats) { return (floats + 15) / 16 * 16; }

} // namespace

int ConvShape::input_channels() const {
  int sum = 0;
  for (const int part : inputs)
    sum += padded_channels(part);
  return sum;
}

std::vector<Algorithm> algorithms_for(const ConvShape& shape) {
  if (shape.upsample)
    return {Algorithm::u43, Algorithm::u23};
  if (shape.kernel == 3)
    return {Algorithm::f43, Algorithm::f63, Algorithm::f23, Algorithm::direct};
  if (shape.kernel == 7)
    return {Algorithm::direct, Algorithm::f27};
  return {Algorithm::direct};
}

const char* algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
  case Algorithm::f23:
    return "F(2x2,3x3)";
  case Algorithm::f43:
    return "F(4x4,3x3)";
  case Algorithm::f63:
    return "F(6x6,3x3)";
  case Algorithm::f27:
    return "F(2x2,7x7)";
  case Algorithm::u23:
    return "x2 F(2x2,3x3)";
  case Algorithm::u43:
    return "x2 F(4x4,3x3)";
  case Algorithm::direct:
    break;
  }
  return "direct";
}

/// How a Winograd convolution is split into tasks. The split does not change the order in which any
/// sum is taken.
struct Conv::Plan {
  TileShape tile;
  int tiles;  ///< total number
  int blocks; ///< parts of the tiles
  int panels; ///< of weights, total number
  int groups; ///< parts of the panels
  /// One task computes a block from input to output. Otherwise all blocks are transformed first.
  bool fused;
  ptrdiff_t block_floats, product_floats;

  int most_tiles() const { return divide_up(tiles, blocks); }
  int most_panels() const { return divide_up(panels, groups); }
};

Conv::Plan Conv::plan(int threads, const KernelTable& kernels) const {
  Plan plan{};
  plan.tile = kernels.winograd[int(algorithm_)]->shape;
  plan.tiles = divide_up(shape_.result_height(), plan.tile.out) *
               divide_up(shape_.result_width(), plan.tile.out);
  plan.panels = panels_of(shape_.outputs);
  const int depth = shape_.input_channels();
  const int fit = int(
      std::clamp<ptrdiff_t>(kBlockFloats / (ptrdiff_t(plan.tile.sums) * depth), 12, kMostTiles));
  plan.blocks = divide_up(plan.tiles, fit);
  if (plan.blocks > threads)
    plan.blocks = divide_up(plan.blocks, threads) * threads;
  plan.blocks = std::min(plan.blocks, plan.tiles);
  plan.fused = threads == 1 || plan.blocks >= 3 * threads;
  const ptrdiff_t panel_floats = plan.tile.points * winograd_stride(plan.most_tiles(), kPanelWidth);
  plan.groups = int(std::min<ptrdiff_t>(
      plan.panels, (plan.panels * panel_floats + kProductFloats - 1) / kProductFloats));
  if (!plan.fused)
    plan.groups = std::min(plan.panels, std::max(plan.groups, divide_up(4 * threads, plan.blocks)));
  plan.block_floats = plan.tile.sums * winograd_stride(plan.most_tiles(), depth);
  plan.product_floats =
      plan.tile.points * winograd_stride(plan.most_tiles(), kPanelWidth * plan.most_panels());
  return plan;
}

Conv::Conv(const ConvShape& shape, Algorithm algorithm, const ConvParameters& parameters,
           const Executor& executor)
    : Conv(shape, algorithm, nullptr) {
  owned_ = pack_weights(shape, algorithm, parameters, executor);
  weights_ = owned_.data();
  std::copy_n(parameters.bias, shape.outputs, bias_.data());
}

Conv::Conv(const ConvShape& shape, Algorithm algorithm, const float* packed)
    : shape_(shape), algorithm_(algorithm), bias_(size_t(panels_of(shape.outputs)) * kPanelWidth),
      weights_(packed) {
  if (algorithm != Algorithm::direct)
    return;
  const ptrdiff_t row = ptrdiff_t(shape.width + 2 * shape.pad) * kLanes;
  const ptrdiff_t block = row * (shape.height + 2 * shape.pad);
  for (int b = 0; b < channel_blocks(shape.input_channels()); b++)
    for (int y = 0; y < shape.kernel; y++)
      for (int x = 0; x < shape.kernel; x++)
        offsets_.push_back(b * block + y * row + x * kLanes);
}

size_t Conv::workspace(int threads, const KernelTable& kernels) const {
  if (algorithm_ == Algorithm::direct) {
    const size_t scratch = size_t(threads) * kDirectFloats;
    return scratch + image_floats(shape_.input_channels(), shape_.height + 2 * shape_.pad,
                                  shape_.width + 2 * shape_.pad);
  }
  const Plan p = plan(threads, kernels);
  return (p.fused ? threads : p.blocks) * line(p.block_floats) + threads * line(p.product_floats);
}

void Conv::run(const Image& in, const Image& out, const ConvExtras& extras, float* workspace,
               const Executor& executor) const {
  ConvJob job;
  job.in = in;
  job.in.channels = shape_.input_channels();
  job.out = out;
  job.pad = shape_.pad;
  job.height = shape_.result_height();
  job.width = shape_.result_width();
  job.scale = extras.scale;
  job.shift = extras.shift;
  job.weights = weights_;
  job.offsets = offsets_.data();
  job.segments = int(offsets_.size());
  job.epilogue = {bias_.data(), extras.residual, extras.activation, shape_.pool};
  if (algorithm_ == Algorithm::direct)
    run_direct(job, workspace, executor);
  else
    run_winograd(job, workspace, executor);
}

void Conv::run_winograd(const ConvJob& job, float* workspace, const Executor& executor) const {
  const Plan p = plan(executor.threads, *executor.kernels);
  const WinogradKernel& kernel = *executor.kernels->winograd[int(algorithm_)];
  const ptrdiff_t block_floats = ptrdiff_t(line(p.block_floats)),
                  product_floats = ptrdiff_t(line(p.product_floats));
  float* const products = workspace + (p.fused ? executor.threads : p.blocks) * block_floats;
  const auto multiply = [&](const float* v, int block, int group, int worker) {
    const int tile = begin_of(block, p.tiles, p.blocks),
              tiles = begin_of(block + 1, p.tiles, p.blocks) - tile;
    const int panel = begin_of(group, p.panels, p.groups);
    kernel.output(job, v, products + worker * product_floats, tile, tiles, panel,
                  begin_of(group + 1, p.panels, p.groups) - panel);
  };
  const auto transform = [&](float* v, int block, int first, int last) {
    const int tile = begin_of(block, p.tiles, p.blocks),
              tiles = begin_of(block + 1, p.tiles, p.blocks) - tile;
    kernel.input(job, v, tile, tiles, first, last);
  };
  const int in_blocks = job.in.blocks();
  if (p.fused) {
    executor.parallel_for(p.blocks, [&](int block, int worker) {
      float* v = workspace + worker * block_floats;
      transform(v, block, 0, in_blocks);
      for (int group = 0; group < p.groups; group++)
        multiply(v, block, group, worker);
    });
    return;
  }
  const int parts = std::min(in_blocks, divide_up(2 * executor.threads, p.blocks));
  executor.parallel_for(p.blocks * parts, [&](int task, int) {
    const int block = task / parts, part = task % parts;
    transform(workspace + block * block_floats, block, begin_of(part, in_blocks, parts),
              begin_of(part + 1, in_blocks, parts));
  });
  executor.parallel_for(p.blocks * p.groups, [&](int task, int worker) {
    const int block = task / p.groups, group = task % p.groups;
    multiply(workspace + block * block_floats, block, group, worker);
  });
}

Image Conv::pad_input(const ConvJob& job, float* workspace, const Executor& executor) const {
  const Image& in = job.in;
  const int pad = shape_.pad;
  const Image padded = make_image(workspace, in.channels, in.height + 2 * pad, in.width + 2 * pad);
  const ptrdiff_t length = ptrdiff_t(in.width) * kLanes, margin = ptrdiff_t(pad) * kLanes;
  const ptrdiff_t row = ptrdiff_t(padded.width) * kLanes;
  executor.parallel_for(in.blocks(), [&](int block, int) {
    const float* from = in.block(block);
    float* to = std::fill_n(padded.block(block), row * pad + margin, 0.0F);
    for (int y = 0; y < in.height; y++, from += length) {
      if (job.scale)
        scale_row(from, job.scale + block * kLanes, job.shift + block * kLanes, in.width, to);
      else
        std::memcpy(to, from, length * sizeof(float));
      to = std::fill_n(to + length, y + 1 < in.height ? 2 * margin : margin + row * pad, 0.0F);
    }
  });
  return padded;
}

void Conv::run_direct(ConvJob& job, float* workspace, const Executor& executor) const {
  job.in = pad_input(job, workspace + ptrdiff_t(executor.threads) * kDirectFloats, executor);
  const int outputs = shape_.pool ? job.out.height * job.out.width * 4 : job.height * job.width;
  const int panels = panels_of(shape_.outputs), blocks = divide_up(outputs, kDirectOutputs);
  const int groups = std::min(panels, divide_up(8 * executor.threads, blocks));
  executor.parallel_for(blocks * groups, [&](int task, int worker) {
    const int first = task / groups * kDirectOutputs, group = task % groups;
    const int panel = begin_of(group, panels, groups);
    executor.kernels->direct(job, first, std::min(kDirectOutputs, outputs - first), panel,
                             begin_of(group + 1, panels, groups) - panel,
                             workspace + ptrdiff_t(worker) * kDirectFloats);
  });
}

} // namespace fomo::kernels
