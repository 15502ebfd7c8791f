// SPDX-License-Identifier: LGPL-2.1-or-later
// One dimension of each Winograd algorithm (Lavin & Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016; interpolation points 0, +-1, +-2, +-1/2 and infinity), over vectors of channels.
//   kIn      input samples of a tile
//   kSums    distinct linear combinations of them
//   kPoints  products
//   kOut     outputs
//   kStep    input samples from one tile to the next
//   sum(p)   the combination that product p multiplies
#pragma once

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

/// F(2, 3).
struct F23 {
  static constexpr int kIn = 4, kSums = 4, kPoints = 4, kOut = 2, kStep = 2;
  static constexpr int sum(int p) { return p; }
  static FOMO_INLINE void input(const v8* x, v8* v) {
    v[0] = x[0] - x[2];
    v[1] = x[1] + x[2];
    v[2] = x[2] - x[1];
    v[3] = x[1] - x[3];
  }
  static FOMO_INLINE void output(const v8* m, v8* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
};

/// F(4, 3).
struct F43 {
  static constexpr int kIn = 6, kSums = 6, kPoints = 6, kOut = 4, kStep = 4;
  static constexpr int sum(int p) { return p; }
  static FOMO_INLINE void input(const v8* x, v8* v) {
    const v8 two = splat8(2), four = splat8(4), five = splat8(5);
    const v8 a = x[4] - four * x[2], b = x[3] - four * x[1];
    const v8 c = x[4] - x[2], d = two * (x[3] - x[1]);
    v[0] = four * x[0] - five * x[2] + x[4];
    v[1] = a + b;
    v[2] = a - b;
    v[3] = c + d;
    v[4] = c - d;
    v[5] = four * x[1] - five * x[3] + x[5];
  }
  static FOMO_INLINE void output(const v8* m, v8* y) {
    const v8 two = splat8(2), four = splat8(4), eight = splat8(8);
    const v8 a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + two * d;
    y[2] = a + four * c;
    y[3] = b + eight * d + m[5];
  }
};

/// The input transform with eight points, of F(6, 3) and F(2, 7).
struct EightPoints {
  static constexpr int kIn = 8, kSums = 8, kPoints = 8;
  static constexpr int sum(int p) { return p; }
  static FOMO_INLINE void input(const v8* x, v8* v) {
    const v8 a = x[2] + x[6] - splat8(4.25f) * x[4], b = x[1] + x[5] - splat8(4.25f) * x[3];
    const v8 c = splat8(0.25f) * x[2] - splat8(1.25f) * x[4] + x[6];
    const v8 d = splat8(0.5f) * x[1] - splat8(2.5f) * x[3] + splat8(2) * x[5];
    const v8 e = splat8(4) * x[2] - splat8(5) * x[4] + x[6];
    const v8 f = splat8(2) * x[1] - splat8(2.5f) * x[3] + splat8(0.5f) * x[5];
    v[0] = x[0] - x[6] + splat8(5.25f) * (x[4] - x[2]);
    v[1] = a + b;
    v[2] = a - b;
    v[3] = c + d;
    v[4] = c - d;
    v[5] = e + f;
    v[6] = e - f;
    v[7] = x[7] - x[1] + splat8(5.25f) * (x[3] - x[5]);
  }
};

/// F(6, 3).
struct F63 : EightPoints {
  static constexpr int kOut = 6, kStep = 6;
  static FOMO_INLINE void output(const v8* m, v8* y) {
    const v8 a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4], e = m[5] + m[6],
             f = m[5] - m[6];
    y[0] = m[0] + a + c + e;
    y[1] = b + splat8(2) * d + splat8(0.5f) * f;
    y[2] = a + splat8(4) * c + splat8(0.25f) * e;
    y[3] = b + splat8(8) * d + splat8(0.125f) * f;
    y[4] = a + splat8(16) * c + splat8(0.0625f) * e;
    y[5] = b + splat8(32) * d + splat8(0.03125f) * f + m[7];
  }
};

/// F(2, 7).
struct F27 : EightPoints {
  static constexpr int kOut = 2, kStep = 2;
  static FOMO_INLINE void output(const v8* m, v8* y) {
    const v8 c = m[3] + m[4], d = m[3] - m[4], e = m[5] + m[6], f = m[5] - m[6];
    y[0] = m[0] + m[1] + m[2] + c + e;
    y[1] = m[1] - m[2] + splat8(2) * d + splat8(0.5f) * f + m[7];
  }
};

/// F(2, 3) of the picture scaled up by 2 (nearest), from the small picture: at the point -1 the
/// scaled picture is zero, which leaves three products for two outputs.
struct U23 {
  static constexpr int kIn = 3, kSums = 3, kPoints = 3, kOut = 2, kStep = 1;
  static constexpr int sum(int p) { return p; }
  static FOMO_INLINE void input(const v8* x, v8* v) {
    v[0] = x[0] - x[1];
    v[1] = x[1];
    v[2] = x[2] - x[1];
  }
  static FOMO_INLINE void output(const v8* m, v8* y) {
    y[0] = m[0] + m[1];
    y[1] = m[1] + m[2];
  }
};

/// F(4, 3) of the picture scaled up by 2, from the small picture: five products for four outputs;
/// the points 2 and -2 see the same combination of the small picture.
struct U43 {
  static constexpr int kIn = 4, kSums = 4, kPoints = 5, kOut = 4, kStep = 2;
  static constexpr int sum(int p) { return p < 3 ? p : p - 1; }
  static FOMO_INLINE void input(const v8* x, v8* v) {
    const v8 four = splat8(4), five = splat8(5);
    v[0] = four * x[0] - five * x[1] + x[2];
    v[1] = splat8(2) * x[2] - splat8(8) * x[1];
    v[2] = x[1] - x[2];
    v[3] = four * x[1] - five * x[2] + x[3];
  }
  static FOMO_INLINE void output(const v8* m, v8* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] + splat8(2) * m[3];
    y[2] = m[1] + splat8(4) * m[2];
    y[3] = m[1] + splat8(8) * m[3] + m[4];
  }
};

} // namespace fomo::kernels::FOMO_ISA
