// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/bf16_unit.h"
#include "model/kernels/conv.h"

namespace fomo::kernels {

struct Bf16Line;

/// Writes an image in bf16, with its border. Unless `scale` is null, it is written as
/// relu(x * scale + shift), per channel, padded to whole blocks of `in`.
void pack_bf16(const Image& in, const float* scale, const float* shift, const Bf16Image& out,
               const Executor& executor);

/// Where a Bf16Conv writes its result, and the operations that it fuses with the sums, in this
/// order: + bias, + residual, activation, 2x2 average.
struct Bf16Result {
  Activation activation = Activation::none;
  const Image* residual = nullptr; ///< of the output's size; not with pooling or upsampling
  const Image* full = nullptr;     ///< the result in fp32; may be the residual itself
  const Bf16Image* half = nullptr; ///< the result in bf16, with its border
  /// Unless null: `half` gets relu(x * scale + shift), per channel, padded to whole blocks of 32.
  const float* scale = nullptr;
  const float* shift = nullptr;
};

/// A convolution of bf16 with fp32 sums: the direct sum over the taps, on the unit for products
/// that the executor names (AMX tiles, AVX512-BF16, or any instruction set). Upsampling is folded
/// into the weights: each of the four positions of an output pixel in an input pixel has a kernel
/// of 2x2 taps of its own. A small image is scaled up instead: there reading the weights takes the
/// time, and four kernels have 16 taps, one has 9. Immutable; any number of threads may run it.
class Bf16Conv {
 public:
  Bf16Conv() = default;
  /// The parts of the input's channels are padded to whole blocks of 32 each. `split`: the input is
  /// a split image, and the weights are split too: three products in place of one, whose errors are
  /// 2^-16 in place of 2^-8.
  Bf16Conv(const ConvShape& shape, const ConvParameters& parameters, const Executor& executor,
           bool split = false);

  const ConvShape& shape() const { return shape_; }

  /// Floats of workspace that run() needs with this number of threads.
  size_t workspace(int threads) const;
  /// Allocates nothing. The border of `image` is at least the padding. The result does not depend
  /// on the number of threads.
  void run(const Bf16Image& image, const Bf16Result& result, float* workspace,
           const Executor& executor) const;

 private:
  struct Task;
  class Stores;
  int taps() const { return sums_.upsample ? 2 : sums_.kernel; }
  int kernels() const { return sums_.upsample ? 4 : 1; }
  int panels() const;
  int kernel_segments() const { return input_blocks_ * taps() * taps(); }
  /// Segments of a product for so many of the weights.
  int segments_of(int weights) const { return weights * (split_ ? 3 : 1); }
  int segments() const { return segments_of(kernel_segments()); }
  ptrdiff_t segment_size() const { return kBf16SegmentSize * (split_ ? 2 : 1); }
  /// Elements of the weights of a panel.
  ptrdiff_t panel_size() const { return kernel_segments() * segment_size(); }
  /// The positions in the input at which outputs are computed.
  int position_rows() const { return sums_.upsample ? sums_.height : sums_.result_height(); }
  int position_columns() const { return sums_.upsample ? sums_.width : sums_.result_width(); }
  bool in_pairs_of_rows(ptrdiff_t pitch) const;
  int group_columns() const;
  int groups(ptrdiff_t pitch) const;
  int chunks(int threads, int groups) const;
  int passes() const;
  ptrdiff_t sum_floats() const;
  void fill_segments(const Bf16Image& in, Bf16Segment* segments) const;
  void run_groups(const Task& task, int first, int last, int panel, float* sums) const;
  Bf16Product product_at(const Bf16Image& in, int group) const;
  void ask_ahead(Bf16Product& product, int from, int to, int index, int groups) const;
  Bf16Line line_at(const Task& task, int kernel, int block, int y, int x) const;

  bool scales_up() const { return shape_.upsample && !sums_.upsample; }
  size_t segment_floats() const;

  ConvShape shape_;
  ConvShape sums_; ///< of what is summed: without `upsample` where the image is scaled up
  int input_blocks_ = 0;
  bool split_ = false;
  Buffer weights_; ///< [kernel][panel][block][tap] segments; split: each, then what it leaves
  Buffer bias_;    ///< padded to whole panels
};

} // namespace fomo::kernels
