// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/kernels/buffer.h"
#include "model/kernels/executor.h"

namespace fomo::kernels {

/// The sizes of a convolution with stride 1.
struct ConvShape {
  /// Channels of each part of the input. The parts are concatenated, each padded to whole blocks.
  std::vector<int> inputs;
  int outputs = 0;
  int kernel = 3;
  int pad = 1;
  bool upsample = false;     ///< the input is first scaled up by 2 (nearest); 3x3 kernels only
  bool pool = false;         ///< the activated result is averaged over 2x2 pixels
  int height = 0, width = 0; ///< of the input, pixels

  /// Channels of the input image, including the padding of its parts.
  int input_channels() const;
  /// Height and width before pooling.
  int result_height() const { return (upsample ? 2 : 1) * height + 2 * pad - kernel + 1; }
  int result_width() const { return (upsample ? 2 : 1) * width + 2 * pad - kernel + 1; }
  int output_height() const { return pool ? result_height() / 2 : result_height(); }
  int output_width() const { return pool ? result_width() / 2 : result_width(); }
};

/// The algorithms that can compute a convolution of this shape.
std::vector<Algorithm> algorithms_for(const ConvShape& shape);
/// "direct", "F(4x4,3x3)", ...
const char* algorithm_name(Algorithm algorithm);

/// Operations that a run fuses with the convolution.
struct ConvExtras {
  Activation activation = Activation::none;
  const Image* residual = nullptr; ///< added before the activation
  /// Unless null: the input is read as relu(x * scale + shift), per channel, padded to whole
  /// blocks.
  const float* scale = nullptr;
  const float* shift = nullptr;
};

/// The parameters of a convolution in the layout of a checkpoint.
struct ConvParameters {
  const float* weight = nullptr; ///< [outputs][inputs][kernel][kernel]
  const float* bias = nullptr;   ///< [outputs]
  const double* scale = nullptr; ///< [outputs], factors of the weights; null: 1
};

/// A convolution with weights that are packed (and transformed, for Winograd) once. Immutable: any
/// number of threads may run it, each with a workspace of its own.
class Conv {
 public:
  Conv() = default;
  /// `algorithm` is one of algorithms_for(shape). Copies what it needs of `parameters`.
  Conv(const ConvShape& shape, Algorithm algorithm, const ConvParameters& parameters,
       const Executor& executor);
  /// With packed weights, which the caller keeps, and no bias: for timing.
  Conv(const ConvShape& shape, Algorithm algorithm, const float* packed);

  const ConvShape& shape() const { return shape_; }

  /// Floats of workspace that run() needs with this number of threads.
  size_t workspace(int threads, const KernelTable& kernels) const;
  /// Allocates nothing. `in` and `out` have the sizes of the shape and do not overlap. The residual
  /// may be `out` itself. The result does not depend on the number of threads.
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
