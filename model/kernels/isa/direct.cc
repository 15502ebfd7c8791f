// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/isa/epilogue.h"
#include "model/kernels/isa/functions.h"
#include "model/kernels/isa/gemm.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

/// Segments at a time. Their weights of one panel stay in the first-level cache.
constexpr int kChunk = 32;

/// The position of output `index`. With pooling, four in a row belong to one pooled pixel.
FOMO_INLINE void place(const ConvJob& job, int index, int& y, int& x) {
  if (job.epilogue.pool) {
    const int quad = index / 4, wide = job.out.width;
    y = quad / wide * 2 + index % 4 / 2;
    x = quad % wide * 2 + index % 2;
  } else {
    y = index / job.width;
    x = index % job.width;
  }
}

FOMO_INLINE void finish(const ConvJob& job, int first, int count, int block, const float* sums,
                        ptrdiff_t stride) {
  const Epilogue& epilogue = job.epilogue;
  const v8 bias = load8(epilogue.bias + block * kLanes);
  float* out = job.out.block(block);
  if (epilogue.pool) {
    for (int i = 0; i < count; i += 4, sums += 4 * stride) {
      v8 sum = {};
      for (int q = 0; q < 4; q++)
        sum += activate(load8(sums + q * stride) + bias, epilogue.activation);
      store8(out + ptrdiff_t((first + i) / 4) * kLanes, sum * splat8(0.25f));
    }
    return;
  }
  const float* residual = epilogue.residual ? epilogue.residual->block(block) : nullptr;
  for (int i = 0; i < count; i++, sums += stride) {
    v8 value = load8(sums) + bias;
    if (residual)
      value += load8(residual + ptrdiff_t(first + i) * kLanes);
    store8(out + ptrdiff_t(first + i) * kLanes, activate(value, epilogue.activation));
  }
}

} // namespace

void direct(const ConvJob& job, int first, int count, int panel, int panels, float* scratch) {
  const float* rows[kMostTiles];
  for (int i = 0; i < count; i++) {
    int y, x;
    place(job, first + i, y, x);
    rows[i] = job.in.data + (ptrdiff_t(y) * job.in.width + x) * kLanes;
  }
  const ptrdiff_t panel_floats = ptrdiff_t(job.segments) * kLanes * kPanel;
  for (int j = panel; j < panel + panels; j += kPanels) {
    const float* weights = job.weights + j * panel_floats;
    const int here = min(kPanels, panel + panels - j);
    const ptrdiff_t stride = here * kPanel;
    for (int s = 0; s < job.segments; s += kChunk)
      product_of_panels(rows, count, job.offsets + s, min(kChunk, job.segments - s), kLanes,
                        {weights + ptrdiff_t(s) * kLanes * kPanel, panel_floats}, here, scratch,
                        stride, s > 0);
    for (int half = 0; half < 2 * here; half++)
      if (j * 2 + half < job.out.blocks())
        finish(job, first, count, j * 2 + half, scratch + half * kLanes, stride);
  }
}

} // namespace fomo::kernels::FOMO_ISA
