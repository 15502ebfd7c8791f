// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "model/kernels/conv_job.h"
#include "simd/isa.h"

namespace fomo {
struct LocalMotion;
}

namespace fomo::kernels {

struct Bf16HeadLine;
struct Bf16Image;
struct Bf16Line;
struct Bf16Product;
struct Downsample;
struct Flow;
struct HeadRow;
struct HeatBox;
struct KeptSource;
struct MotionInput;
struct SoftmaxResult;
struct WindowSums;

/// The functions of model/kernels/isa, compiled for one instruction set. Each computes one row,
/// block or tap of an operation of conv.h, bf16_conv.h, pixels.h, head_conv.h, motion.h or
/// expectation.h.
struct KernelTable {
  const char* name; ///< of the instruction set
  /// Indexed by Algorithm; null for Algorithm::direct.
  const WinogradKernel* winograd[kAlgorithms];
  /// Computes outputs [first, first + count) of the panels [panel, panel + panels). With pooling
  /// the outputs are numbered so that four in a row belong to one pooled pixel. `job.in` includes
  /// the padding. `scratch` has kDirectFloats floats.
  void (*direct)(const ConvJob& job, int first, int count, int panel, int panels, float* scratch);

  void (*read_rgb_row)(const uint8_t* pixels, int width, float* out);
  void (*downsample_row)(const Downsample& filter, const Image& in, const Image& out, int row);

  void (*head_row)(const HeadRow& row, int y);
  void (*levels_of)(const float* values, int count, uint8_t* levels);

  void (*motion_input_row)(const MotionInput& input, const Image& out, int row);
  void (*combine_motions_row)(const Image& logits, const LocalMotion* motions, int count,
                              const Flow& flow, int row);
  void (*warp_row)(const Image& in, const Flow& flow, bool align_corners, const Image& out,
                   int row);
  /// `painted`: a row of [width][3].
  void (*keep_row)(const KeptSource& source, int row, float* painted);

  void (*softmax_block)(const Image& logits, int block, float temperature,
                        const SoftmaxResult& result);
  void (*window_sum)(const WindowSums& window, const Image& features, const Image& heat,
                     const HeatBox* boxes, int tap, float* sums);

  void (*bf16_multiply)(const Bf16Product& product);
  void (*bf16_store)(const Bf16Line& line);
  void (*bf16_pack_row)(const Image& in, const float* scale, const float* shift,
                        const Bf16Image& out, int row);
  void (*bf16_head_store)(const Bf16HeadLine& line);
};

const KernelTable& kernel_table(simd::Isa isa);

/// kernel_table(simd::best_isa()).
const KernelTable& best_kernels();

} // namespace fomo::kernels
