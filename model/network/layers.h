// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"

/// The network of the First Order Motion Model (Siarohin et al., NeurIPS 2019) in plain ATen. Tests
/// compare the backends with it, and the trainer differentiates it. All pictures and feature maps
/// are [N, C, H, W]. The structs share their tensors with the map that they were loaded from, so a
/// trainer that updates the map's tensors in place updates the network.
namespace fomo {

/// Tensors by their names in the checkpoint ("generator.first.conv.weight").
using TensorMap = std::map<std::string, at::Tensor>;

/// Loads all floating-point tensors of a checkpoint as contiguous fp32 on the CPU. Throws Error.
TensorMap load_tensors(const Checkpoint& checkpoint);

/// Finds tensors by a prefix and a name: `(At(map, "generator") / "first").tensor("conv.weight")`.
class At {
 public:
  At(const TensorMap& tensors, std::string prefix)
      : tensors_(tensors), prefix_(std::move(prefix)) {}

  At operator/(const std::string& name) const { return {tensors_, prefix_ + "." + name}; }
  bool has(const std::string& name) const { return tensors_.count(prefix_ + "." + name) != 0; }
  /// Throws Error (FOMO_WRONG_TYPE) naming the missing tensor.
  const at::Tensor& tensor(const std::string& name) const;

 private:
  const TensorMap& tensors_;
  std::string prefix_;
};

/// A convolution with stride 1. The input is converted to the weights' type, so that the same
/// network runs in any precision.
struct Conv2d {
  at::Tensor weight, bias;
  int64_t padding = 0;

  Conv2d() = default;
  Conv2d(const At& at, int64_t pad);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// y = (x - running_mean) / sqrt(running_var + 1e-5) * weight + bias, per channel. With `training`
/// the statistics of the batch are used, and the running statistics are updated. Without tensors
/// (after folding) y = x.
struct BatchNorm {
  at::Tensor weight, bias, running_mean, running_var;
  bool training = false;

  static constexpr double epsilon = 1e-5;
  static constexpr double momentum = 0.1;

  BatchNorm() = default;
  explicit BatchNorm(const At& at);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// Convolution, batch norm, ReLU: FOMM's SameBlock2d, and what DownBlock2d and UpBlock2d share. The
/// padding keeps the size.
struct ConvBlock {
  Conv2d conv;
  BatchNorm norm;

  ConvBlock() = default;
  explicit ConvBlock(const At& at);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// ConvBlock, then 2x2 average pooling.
struct DownBlock : ConvBlock {
  using ConvBlock::ConvBlock;
  at::Tensor operator()(const at::Tensor& x) const;
};

/// Nearest-neighbour upsampling by 2, then ConvBlock.
struct UpBlock : ConvBlock {
  using ConvBlock::ConvBlock;
  at::Tensor operator()(const at::Tensor& x) const;
};

/// x + conv2(relu(norm2(conv1(relu(norm1(x)))))).
struct ResBlock {
  Conv2d conv1, conv2;
  BatchNorm norm1, norm2;

  ResBlock() = default;
  explicit ResBlock(const At& at);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// U-Net: `down` halves the size with every block, `up` doubles it and appends the skip connection
/// behind its channels; the last skip is the input itself.
struct Hourglass {
  std::vector<DownBlock> down;
  std::vector<UpBlock> up;

  Hourglass() = default;
  explicit Hourglass(const At& at);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// Gaussian blur with zero padding, then every `stride`-th sample. Without a kernel (stride 1) y =
/// x.
struct AntiAlias {
  at::Tensor kernel; ///< [C, 1, k, k], from the checkpoint; undefined: none
  int64_t stride = 1;

  AntiAlias() = default;
  AntiAlias(const At& at, int64_t stride);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// The coordinates (x, y) of every cell: [height, width, 2]. The centres of the outermost cells lie
/// at -1 and 1.
at::Tensor coordinate_grid(int64_t height, int64_t width, const at::TensorOptions& options);

/// Inverses of [..., 2, 2] matrices. The absolute value of a determinant is raised to at least
/// 1e-6, so that a singular Jacobian gives a large but finite motion.
at::Tensor inverse_2x2(const at::Tensor& matrix);

/// Bilinear sampling of x [N, C, h, w] at grid [N, H, W, 2] in [-1, 1]; zero outside.
at::Tensor sample_grid(const at::Tensor& x, const at::Tensor& grid, bool align_corners);

/// Bilinear resize of [N, C, h, w], as by interpolate(align_corners=False). Returns `x` if it has
/// the size already.
at::Tensor resize_bilinear(const at::Tensor& x, int64_t height, int64_t width);

} // namespace fomo
