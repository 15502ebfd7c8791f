// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/layers.h"

#include <ATen/ATen.h>

#include "common/error.h"

namespace fomo {

TensorMap load_tensors(const Checkpoint& checkpoint) {
  TensorMap tensors;
  for (const auto& [name, stored] : checkpoint.tensors()) {
    if (stored.type == ScalarType::i64)
      continue; // num_batches_tracked, which only training uses
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    copy_to_floats(stored, tensor.mutable_data_ptr<float>());
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

const at::Tensor& At::tensor(const std::string& name) const {
  const auto found = tensors_.find(prefix_ + "." + name);
  if (found == tensors_.end())
    throw Error(FOMO_WRONG_TYPE,
                "The checkpoint has no tensor '" + prefix_ + "." + name +
                    "'. Set model to a complete First Order Motion Model checkpoint.");
  return found->second;
}

Conv2d::Conv2d(const At& at, int64_t pad)
    : weight(at.tensor("weight")), bias(at.tensor("bias")), padding(pad) {}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
  return at::conv2d(x.to(weight.scalar_type()), weight, bias, 1, padding);
}

BatchNorm::BatchNorm(const At& at)
    : weight(at.tensor("weight")), bias(at.tensor("bias")), running_mean(at.tensor("running_mean")),
      running_var(at.tensor("running_var")) {}

at::Tensor BatchNorm::operator()(const at::Tensor& x) const {
  if (!weight.defined())
    return x;
  return at::batch_norm(x, weight, bias, running_mean, running_var, training, momentum, epsilon,
                        false);
}

ConvBlock::ConvBlock(const At& at) : conv(at / "conv", 0), norm(at / "norm") {
  conv.padding = conv.weight.size(2) / 2;
}

at::Tensor ConvBlock::operator()(const at::Tensor& x) const {
  // With a folded norm, cuDNN fuses convolution, bias and ReLU.
  if (x.is_cuda() && !norm.weight.defined())
    return at::cudnn_convolution_relu(x.to(conv.weight.scalar_type()), conv.weight, conv.bias,
                                      {1, 1}, {conv.padding, conv.padding}, {1, 1}, 1);
  return at::relu(norm(conv(x)));
}

at::Tensor DownBlock::operator()(const at::Tensor& x) const {
  return at::avg_pool2d(ConvBlock::operator()(x), {2, 2});
}

at::Tensor UpBlock::operator()(const at::Tensor& x) const {
  return ConvBlock::operator()(at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}));
}

ResBlock::ResBlock(const At& at)
    : conv1(at / "conv1", 1), conv2(at / "conv2", 1), norm1(at / "norm1"), norm2(at / "norm2") {}

at::Tensor ResBlock::operator()(const at::Tensor& x) const {
  const at::Tensor inner = conv1(at::relu(norm1(x)));
  return x + conv2(at::relu(norm2(inner)));
}

Hourglass::Hourglass(const At& at) {
  for (int i = 0;; i++) {
    const At block = at / "encoder" / "down_blocks" / std::to_string(i);
    if (!block.has("conv.weight"))
      break;
    down.emplace_back(block);
    up.emplace_back(at / "decoder" / "up_blocks" / std::to_string(i));
  }
}

at::Tensor Hourglass::operator()(const at::Tensor& x) const {
  std::vector<at::Tensor> skips{x};
  for (const DownBlock& block : down)
    skips.push_back(block(skips.back()));
  at::Tensor out = skips.back();
  skips.pop_back();
  for (const UpBlock& block : up) {
    out = at::cat({block(out), skips.back()}, 1);
    skips.pop_back();
  }
  return out;
}

AntiAlias::AntiAlias(const At& at, int64_t step) : stride(step) {
  if (at.has("down.weight"))
    kernel = at.tensor("down.weight");
}

at::Tensor AntiAlias::operator()(const at::Tensor& x) const {
  if (!kernel.defined())
    return x;
  // Half the kernel on each side. The extra sample of an even kernel is on the left, as in FOMM.
  const int64_t before = kernel.size(2) / 2;
  const int64_t after = kernel.size(2) % 2 == 0 ? before - 1 : before;
  const at::Tensor padded = at::constant_pad_nd(x, {before, after, before, after});
  return at::conv2d(padded, kernel, std::optional<at::Tensor>(), stride, at::IntArrayRef(0), 1,
                    kernel.size(0));
}

at::Tensor coordinate_grid(int64_t height, int64_t width, const at::TensorOptions& options) {
  const at::Tensor x = at::arange(width, options) * (2.0 / static_cast<double>(width - 1)) - 1;
  const at::Tensor y = at::arange(height, options) * (2.0 / static_cast<double>(height - 1)) - 1;
  return at::stack(
      {x.view({1, -1}).expand({height, width}), y.view({-1, 1}).expand({height, width})}, 2);
}

at::Tensor inverse_2x2(const at::Tensor& matrix) {
  constexpr double smallest = 1e-6;
  const at::Tensor a = matrix.select(-2, 0).select(-1, 0), b = matrix.select(-2, 0).select(-1, 1);
  const at::Tensor c = matrix.select(-2, 1).select(-1, 0), d = matrix.select(-2, 1).select(-1, 1);
  at::Tensor determinant = a * d - b * c;
  const at::Tensor nearest =
      at::where(determinant < 0, -smallest, smallest).to(determinant.scalar_type());
  determinant = at::where(determinant.abs() < smallest, nearest, determinant);
  const at::Tensor adjugate = at::stack({at::stack({d, -b}, -1), at::stack({-c, a}, -1)}, -2);
  return adjugate / determinant.unsqueeze(-1).unsqueeze(-1);
}

at::Tensor sample_grid(const at::Tensor& x, const at::Tensor& grid, bool align_corners) {
  constexpr int64_t bilinear = 0, zeros = 0;
  return at::grid_sampler(x, grid, bilinear, zeros, align_corners);
}

at::Tensor resize_bilinear(const at::Tensor& x, int64_t height, int64_t width) {
  if (x.size(2) == height && x.size(3) == width)
    return x;
  return at::upsample_bilinear2d(x, {height, width}, false);
}

} // namespace fomo
