// SPDX-License-Identifier: LGPL-2.1-or-later
// The functions of this folder that stand in the table; kernel_table.h documents them.
#pragma once

#include "model/kernels/kernel_table.h"
#include "simd/vec.h"

namespace fomo::kernels::FOMO_ISA {

using namespace simd::FOMO_ISA;

extern const WinogradKernel winograd_f23, winograd_f43, winograd_f63, winograd_f27, winograd_u23,
    winograd_u43;
void direct(const ConvJob& job, int first, int count, int panel, int panels, float* scratch);

void read_rgb_row(const uint8_t* pixels, int width, float* out);
void downsample_row(const Downsample& filter, const Image& in, const Image& out, int row);

void head_row(const HeadRow& row, int y);
void levels_of(const float* values, int count, uint8_t* levels);

void motion_input_row(const MotionInput& input, const Image& out, int row);
void combine_motions_row(const Image& logits, const LocalMotion* motions, int count,
                         const Flow& flow, int row);
void warp_row(const Image& in, const Flow& flow, bool align_corners, const Image& out, int row);
void keep_row(const KeptSource& source, int row, float* painted);

void softmax_block(const Image& logits, int block, float temperature, const SoftmaxResult& result);
void window_sum(const WindowSums& window, const Image& features, const Image& heat,
                const HeatBox* boxes, int tap, float* sums);

void bf16_multiply(const Bf16Product& product);
void bf16_store(const Bf16Line& line);
void bf16_pack_row(const Image& in, const float* scale, const float* shift, const Bf16Image& out,
                   int row);
void bf16_head_store(const Bf16HeadLine& line);

} // namespace fomo::kernels::FOMO_ISA
