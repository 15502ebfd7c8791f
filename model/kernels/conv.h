// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/kernels/buffer.h"
#include "model/kernels/executor.h"

namespace fomo::kernels {

/// A convolution with stride 1 between images of one size.
struct ConvShape {
  std::vector<int>
      inputs; ///< channels; of several images that lie one behind the other, each padded
  int outputs = 0;
  int kernel = 3;
  int pad = 1;
  bool upsample = false;     ///< the input is scaled up by 2 (nearest) first; 3x3 only
  bool pool = false;         ///< 2x2 averages of the activated result
  int height = 0, width = 0; ///< of the input, pixels

  /// Channels of the input image, padding between its parts included.
  int input_channels() const;
  /// Of the result before pooling.
  int result_height() const { return (upsample ? 2 : 1) * height + 2 * pad - kernel + 1; }
  int result_width() const { return (upsample ? 2 : 1) * width + 2 * pad - kernel + 1; }
  int output_height() const { return pool ? result_height() / 2 : result_height(); }
  int output_width() const { return pool ? result_width() / 2 : result_width(); }
};

/// The algorithms that can compute `shape`.
std::vector<Algorithm> algorithms_for(const ConvShape& shape);
/// "direct", "F(4x4,3x3)" and so on.
const char* algorithm_name(Algorithm algorithm);

/// What a run adds to the convolution.
struct ConvExtras {
  Activation activation = Activation::none;
  const Image* residual = nullptr; ///< added before the activation
  const float* scale = nullptr;    ///< the input is read as relu(x * scale + shift), per channel,
  const float* shift = nullptr;    ///< padded to whole blocks
};

/// A convolution's parameters as a checkpoint has them.
struct ConvParameters {
  const float* weight = nullptr; ///< [outputs][inputs][kernel][kernel]
  const float* bias = nullptr;   ///< [outputs]
  const double* scale = nullptr; ///< factor of each output's weights; null: 1
};

/// A convolution whose weights are laid out, and for Winograd transformed, once. Immutable; any
/// number of threads may run it, each with its own workspace.
class Conv {
 public:
  Conv() = default;
  /// `algorithm` is one of algorithms_for(shape). Keeps nothing of `parameters`.
  Conv(const ConvShape& shape, Algorithm algorithm, const ConvParameters& parameters,
       const Executor& executor);
  /// With weights that are packed already and stay where they are, and no bias: for measuring.
  Conv(const ConvShape& shape, Algorithm algorithm, const float* packed);

  const ConvShape& shape() const { return shape_; }

  /// Floats of workspace that run() wants with this many threads.
  size_t workspace(int threads, const KernelTable& kernels) const;
  /// Allocates nothing. `in` and `out` have the shape's sizes and do not overlap; the residual may
  /// be `out` itself.
  void run(const Image& in, const Image& out, const ConvExtras& extras, float* workspace,
           const Executor& executor) const;

 private:
  struct Plan;
  Plan plan(int threads, const KernelTable& kernels) const;
  void run_direct(ConvJob& job, float* workspace, const Executor& executor) const;
  void run_winograd(const ConvJob& job, float* workspace, const Executor& executor) const;
  Image pad_input(const ConvJob& job, float* workspace, const Executor& executor) const;

  ConvShape shape_;
  Algorithm algorithm_ = Algorithm::direct;
  Buffer owned_, bias_;
  const float* weights_ = nullptr;
  std::vector<ptrdiff_t> offsets_;
};

} // namespace fomo::kernels
