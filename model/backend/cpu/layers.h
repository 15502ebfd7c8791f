// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/backend/cpu/arena.h"
#include "model/backend/cpu/weights.h"
#include "model/kernels/bf16_conv.h"
#include "model/kernels/choice.h"
#include "model/kernels/pixels.h"

namespace fomo::cpu {

/// What a stage of the network computes with: scratch memory for its convolutions, threads.
struct Run {
  float* scratch = nullptr;
  kernels::Executor executor;
};

/// How a network is loaded.
struct Loading {
  const Checkpoint& checkpoint;
  std::shared_ptr<kernels::Chooser> chooser;
  bool precise = false;    ///< see Chooser::choose
  bool every_frame = true; ///< see Chooser::choose
  bool in_bf16 = false;    ///< convolutions of bf16 instead of fp32
  bool split = false;      ///< in bf16: three products in place of one, see Bf16Conv
  /// In an Hourglass images of up to so many rows are not split, nor are the weights of the layers
  /// that read them: their weights are most of an hourglass's, and reading those takes the time.
  int coarse_rows = 0;
};

/// A convolution and its activation, in fp32 or bf16.
struct ConvLayer {
  bool in_bf16 = false;
  kernels::Conv conv;
  kernels::Bf16Conv bf16_conv;
  kernels::Activation activation = kernels::Activation::none;
  Affine affine; ///< unless empty: relu(x * scale + shift) before the convolution

  ConvLayer() = default;
  /// `shape.outputs` and `shape.kernel` come from the weights.
  ConvLayer(const Loading& loading, kernels::ConvShape shape, const ConvWeights& weights,
            kernels::Activation activation, Affine affine = {});

  const kernels::ConvShape& shape() const { return in_bf16 ? bf16_conv.shape() : conv.shape(); }

  /// In fp32.
  void run(const Run& run, const kernels::Image& in, const kernels::Image& out,
           const kernels::Image* residual = nullptr) const;
  /// In bf16. The affine map is not applied: the layer before writes its result that way.
  /// `result.activation` is set here.
  void run(const Run& run, const kernels::Bf16Image& in, kernels::Bf16Result result) const;
  /// In the layer's precision, with the result in that of `out`, which is fp32 if the layer's is.
  void run(const Run& run, const Feature& in, const Feature& out) const;
  /// Memory for the result in the layer's precision.
  Feature output(Arena& arena, int border) const;
  size_t scratch(const kernels::Executor& executor) const;
};

/// Convolution `name`.conv, norm `name`.norm and ReLU of input parts `inputs` at height x width.
ConvLayer read_block(const Loading& loading, const std::string& name, std::vector<int> inputs,
                     int height, int width, bool upsample, bool pool);

/// The input and the result of an hourglass whose layers are in bf16.
struct HourglassEnds {
  bool in_bf16 = true; ///< or in fp32
  int border = 0;      ///< in bf16
};

/// U-Net whose skip connections lie where they are concatenated.
class Hourglass {
 public:
  Hourglass() = default;
  /// `ends`: of the input and the result. Throws Error (FOMO_SETTINGS) when height or width cannot
  /// be halved that often.
  Hourglass(const Loading& loading, const std::string& name, int channels, int height, int width,
            HourglassEnds ends);

  /// The parts of the result's channels: of the last block, of the input.
  const std::vector<int>& parts() const { return parts_; }

  /// Memory of all levels. `input` is where the caller writes the input, `output` the result; the
  /// former is part of the latter.
  struct Images {
    Feature input, output;
    std::vector<Feature> levels; ///< [block's output, skip] of each size, the largest first
    Feature bottom;
    Feature entry; ///< in bf16 with an input in fp32: what the first layer reads
  };
  Images images(Arena& arena) const;
  void run(const Run& run, const Images& images) const;
  size_t scratch(const kernels::Executor& executor) const;

 private:
  std::vector<ConvLayer> down_, up_; // up_ in the order of the levels, the largest first
  std::vector<int> parts_;
  bool level_in_bf16(size_t level) const { return in_bf16_ && (level > 0 || ends_.in_bf16); }
  bool copies_input() const { return in_bf16_ && !ends_.in_bf16 && !down_.empty(); }

  int channels_ = 0, height_ = 0, width_ = 0;
  HourglassEnds ends_;
  bool splits(int rows) const { return split_ && rows > coarse_rows_; }

  bool in_bf16_ = false, split_ = false;
  int coarse_rows_ = 0;
};

/// FOMM's anti-aliased downsampling with the checkpoint's own kernel.
class AntiAlias {
 public:
  AntiAlias() = default;
  AntiAlias(const Checkpoint& checkpoint, const std::string& name, int stride, int height,
            int width);

  int height() const { return (height_ + filter_.stride - 1) / filter_.stride; }
  int width() const { return (width_ + filter_.stride - 1) / filter_.stride; }
  void run(const Run& run, const kernels::Image& frame, const kernels::Image& out) const;

 private:
  std::vector<float> taps_;
  kernels::Downsample filter_;
  int height_ = 0, width_ = 0;
};

} // namespace fomo::cpu
