// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <ostream>

#include "model/kernels/conv.h"
#include "tests/model/kernels/reference.h"

namespace fomo::kernels {

/// A layer to test.
struct Params {
  ConvShape shape;
  Activation activation = Activation::none;
  bool residual = false;
  bool prologue = false;
};

inline std::ostream& operator<<(std::ostream& out, const Params& p) {
  for (const int part : p.shape.inputs)
    out << part << "+";
  return out << " -> " << p.shape.outputs << ", " << p.shape.kernel << "x" << p.shape.kernel << ", "
             << p.shape.height << "x" << p.shape.width << (p.shape.upsample ? " x2" : "")
             << (p.shape.pool ? " pool" : "") << (p.residual ? " residual" : "")
             << (p.prologue ? " prologue" : "");
}

inline double activate(double x, Activation activation) {
  if (activation == Activation::relu)
    return std::max(x, 0.0);
  if (activation == Activation::sigmoid)
    return 1 / (1 + std::exp(-x));
  return x;
}

/// Computes the convolution by its definition.
inline Plain convolve(const ConvShape& shape, const Plain& in, const std::vector<float>& weight,
                      const std::vector<float>& bias) {
  const int k = shape.kernel, scale = shape.upsample ? 2 : 1;
  Plain out(shape.outputs, shape.result_height(), shape.result_width());
  for (int o = 0; o < out.channels; o++)
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++) {
        double sum = bias[o];
        for (int i = 0; i < in.channels; i++)
          for (int v = 0; v < k; v++)
            for (int u = 0; u < k; u++) {
              const int sy = y + v - shape.pad, sx = x + u - shape.pad;
              if (sy >= 0 && sx >= 0 && sy < in.height * scale && sx < in.width * scale)
                sum += double(weight[((size_t(o) * in.channels + i) * k + v) * k + u]) *
                       in.at(i, sy / scale, sx / scale);
            }
        out.at(o, y, x) = sum;
      }
  return out;
}

inline Plain pooled(const Plain& in) {
  Plain out(in.channels, in.height / 2, in.width / 2);
  for (int c = 0; c < out.channels; c++)
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++)
        out.at(c, y, x) = (in.at(c, 2 * y, 2 * x) + in.at(c, 2 * y, 2 * x + 1) +
                           in.at(c, 2 * y + 1, 2 * x) + in.at(c, 2 * y + 1, 2 * x + 1)) /
                          4;
  return out;
}

/// Computes a layer by its definition. `added` is the residual; `scale` and `shift` are those of
/// the map before the convolution.
inline Plain layer_by_definition(const Params& p, const Plain& in, const std::vector<float>& weight,
                                 const std::vector<float>& bias, const Plain& added,
                                 const std::vector<float>& scale, const std::vector<float>& shift) {
  Plain read = in;
  for (int c = 0; p.prologue && c < in.channels; c++)
    for (int i = 0; i < in.height * in.width; i++) {
      double& x = read.values[size_t(c) * in.height * in.width + i];
      x = std::max(0.0, x * scale[c] + shift[c]);
    }
  Plain result = convolve(p.shape, read, weight, bias);
  for (size_t i = 0; i < result.values.size(); i++)
    result.values[i] =
        activate(result.values[i] + (p.residual ? added.values[i] : 0), p.activation);
  return p.shape.pool ? pooled(result) : result;
}

/// Layers of all kinds, also of sizes that are no multiple of a vector.
const Params kConvolutions[] = {
    {{{1}, 1, 3, 1, false, false, 1, 1}},
    {{{8}, 16, 3, 1, false, false, 1, 7}, Activation::relu},
    {{{3}, 13, 3, 1, false, false, 5, 4}, Activation::relu},
    {{{16}, 32, 3, 1, false, false, 12, 12}, Activation::relu, true, true},
    {{{20}, 40, 3, 1, false, false, 17, 23}, Activation::none, true, true},
    {{{72}, 56, 3, 1, false, false, 30, 31}, Activation::sigmoid},
    {{{5, 11, 8}, 24, 3, 1, false, false, 9, 6}, Activation::relu},
    {{{12}, 20, 3, 1, false, true, 8, 8}, Activation::relu},
    {{{12}, 20, 3, 1, false, true, 11, 7}, Activation::relu},
    {{{9}, 33, 3, 1, false, true, 2, 3}, Activation::relu},
    {{{9}, 17, 3, 1, true, false, 1, 1}, Activation::relu},
    {{{24}, 16, 3, 1, true, false, 6, 5}, Activation::relu},
    {{{4, 12}, 70, 3, 1, true, false, 13, 16}, Activation::relu},
    {{{40, 33}, 34, 3, 1, true, false, 3, 5}, Activation::relu},
    {{{3}, 10, 7, 3, false, false, 9, 11}, Activation::sigmoid},
    {{{11, 3}, 12, 7, 0, false, false, 13, 14}},
    {{{20}, 50, 7, 3, false, false, 3, 2}},
    {{{6}, 3, 5, 2, false, false, 8, 9}},
    {{{40}, 24, 1, 0, false, false, 5, 5}, Activation::relu},
};

} // namespace fomo::kernels
