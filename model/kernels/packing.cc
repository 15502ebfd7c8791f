// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/packing.h"

#include <algorithm>

namespace fomo::kernels {

namespace {

constexpr int kMostTaps = 7;
constexpr int kMostPoints = 8;

/// The weight transform of a Winograd algorithm in one dimension: products = matrix * taps.
struct WeightTransform {
  int points;
  int taps;
  float matrix[kMostPoints][kMostTaps];
};

/// The matrix for {point p, scale} pairs: a row scale * (1, p, p^2, ...) for each, and a last row
/// that takes the last tap, for the point at infinity. The scales are the factors that the input
/// transforms of isa/schemes.h leave out.
WeightTransform interpolation(int taps, std::initializer_list<std::pair<double, double>> points) {
  WeightTransform transform{int(points.size()) + 1, taps, {}};
  int row = 0;
  for (const auto& [point, scale] : points) {
    double value = scale;
    for (int tap = 0; tap < taps; tap++, value *= point)
      transform.matrix[row][tap] = float(value);
    row++;
  }
  transform.matrix[row][taps - 1] = 1;
  return transform;
}

WeightTransform eight_points(int taps) {
  return interpolation(taps, {{0, 1},
                              {1, -2. / 9},
                              {-1, -2. / 9},
                              {2, 1. / 90},
                              {-2, 1. / 90},
                              {0.5, 32. / 45},
                              {-0.5, 32. / 45}});
}

WeightTransform weight_transform(Algorithm algorithm) {
  switch (algorithm) {
  case Algorithm::f23:
    return interpolation(3, {{0, 1}, {1, 0.5}, {-1, 0.5}});
  case Algorithm::f43:
    return interpolation(3,
                         {{0, 1. / 4}, {1, -1. / 6}, {-1, -1. / 6}, {2, 1. / 24}, {-2, 1. / 24}});
  case Algorithm::f63:
    return eight_points(3);
  case Algorithm::f27:
    return eight_points(7);
  case Algorithm::u23:
    return {3, 3, {{1, 0, 0}, {1, 1, 1}, {0, 0, 1}}};
  case Algorithm::u43:
    return {5,
            3,
            {{1 / 4.f, 0, 0},
             {-1 / 6.f, -1 / 6.f, -1 / 6.f},
             {-1 / 12.f, -1 / 3.f, -1 / 3.f},
             {-1 / 6.f, -1 / 6.f, -2 / 3.f},
             {0, 0, 1}}};
  case Algorithm::direct:
    break;
  }
  return {};
}

using Lanes = float[kPanelWidth];

/// Collects the kernels of one input channel for the sixteen outputs of a panel, tap by tap.
/// Outputs beyond the last one get zeros.
void gather(const ConvShape& shape, const ConvParameters& parameters, int inputs, int input,
            int panel, Lanes* taps) {
  const int count = shape.kernel * shape.kernel;
  for (int lane = 0; lane < kPanelWidth; lane++) {
    const int output = panel * kPanelWidth + lane;
    const bool there = output < shape.outputs;
    const float* from =
        parameters.weight + (ptrdiff_t(there ? output : 0) * inputs + input) * count;
    const double scale = !there ? 0 : parameters.scale ? parameters.scale[output] : 1;
    for (int tap = 0; tap < count; tap++)
      taps[tap][lane] = float(from[tap] * scale);
  }
}

/// Transforms taps x taps weights into points x points weights, for sixteen outputs at once.
void transform_kernels(const WeightTransform& t, const Lanes* taps, Lanes* products) {
  Lanes half[kMostPoints * kMostTaps];
  for (int p = 0; p < t.points; p++)
    for (int x = 0; x < t.taps; x++)
      for (int lane = 0; lane < kPanelWidth; lane++) {
        float sum = 0;
        for (int y = 0; y < t.taps; y++)
          sum += t.matrix[p][y] * taps[y * t.taps + x][lane];
        half[p * t.taps + x][lane] = sum;
      }
  for (int p = 0; p < t.points; p++)
    for (int q = 0; q < t.points; q++)
      for (int lane = 0; lane < kPanelWidth; lane++) {
        float sum = 0;
        for (int x = 0; x < t.taps; x++)
          sum += t.matrix[q][x] * half[p * t.taps + x][lane];
        products[p * t.points + q][lane] = sum;
      }
}

} // namespace

size_t packed_floats(const ConvShape& shape, Algorithm algorithm) {
  const int side =
      algorithm == Algorithm::direct ? shape.kernel : weight_transform(algorithm).points;
  return size_t(panels_of(shape.outputs)) * kPanelWidth * shape.input_channels() * side * side;
}

Buffer pack_weights(const ConvShape& shape, Algorithm algorithm, const ConvParameters& parameters,
                    const Executor& executor) {
  const int depth = shape.input_channels(), panels = panels_of(shape.outputs);
  const WeightTransform transform = weight_transform(algorithm);
  const bool direct = algorithm == Algorithm::direct;
  const int points = direct ? shape.kernel * shape.kernel : transform.points * transform.points;
  int inputs = 0;
  for (const int part : shape.inputs)
    inputs += part;
  Buffer packed(packed_floats(shape, algorithm));
  executor.parallel_for(panels, [&](int panel, int) {
    float* to = packed.data() + ptrdiff_t(panel) * points * depth * kPanelWidth;
    Lanes taps[kMostTaps * kMostTaps], products[kMostPoints * kMostPoints];
    int input = 0, channel = 0;
    for (const int part : shape.inputs) {
      for (int i = 0; i < part; i++, input++) {
        gather(shape, parameters, inputs, input, panel, taps);
        if (!direct)
          transform_kernels(transform, taps, products);
        const int row = channel + i;
        for (int p = 0; p < points; p++) {
          const ptrdiff_t at = direct
                                   ? (ptrdiff_t(row / kLanes) * points + p) * kLanes + row % kLanes
                                   : ptrdiff_t(p) * depth + row;
          std::copy_n(direct ? taps[p] : products[p], kPanelWidth, to + at * kPanelWidth);
        }
      }
      channel += padded_channels(part);
    }
  });
  return packed;
}

} // namespace fomo::kernels
