// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/choice.h"

#include <algorithm>

#include "model/kernels/packing.h"

namespace fomo::kernels {

namespace {

// Of a core and of the memory of common machines; only their ratios matter.
constexpr double kFlopsPerSecond = 80e9;
constexpr double kTransformFloatsPerSecond = 4e9;
constexpr double kWeightBytesPerSecond = 25e9;

double seconds(const ConvShape& shape, Algorithm algorithm, const Executor& executor) {
  const double depth = shape.input_channels(), columns = panels_of(shape.outputs) * kPanelWidth;
  const double height = shape.result_height(), width = shape.result_width();
  double products = height * width * shape.kernel * shape.kernel, transformed = height * width;
  double weights = depth * columns * shape.kernel * shape.kernel;
  if (algorithm != Algorithm::direct) {
    const TileShape& tile = executor.isa->winograd[int(algorithm)]->shape;
    const int rows = (shape.result_height() + tile.out - 1) / tile.out;
    const int tiles = rows * ((shape.result_width() + tile.out - 1) / tile.out);
    products = double(tiles) * tile.points;
    transformed = tiles * (tile.sums * depth + tile.points * columns);
    weights = depth * columns * tile.points;
  }
  const double arithmetic =
      (2 * products * depth * columns / kFlopsPerSecond + transformed / kTransformFloatsPerSecond) /
      executor.threads;
  return std::max(arithmetic, weights * sizeof(float) / kWeightBytesPerSecond);
}

/// Whether rounding grows no more than in the sum by definition.
bool is_precise(Algorithm algorithm) {
  return algorithm == Algorithm::direct || algorithm == Algorithm::f23 ||
         algorithm == Algorithm::u23;
}

} // namespace

Algorithm choose_algorithm(const ConvShape& shape, bool prologue, bool precise,
                           const Executor& executor) {
  Algorithm best = Algorithm::direct;
  double least = 0;
  for (const Algorithm algorithm : algorithms_for(shape)) {
    if ((prologue && algorithm == Algorithm::direct) || (precise && !is_precise(algorithm)))
      continue;
    const double time = seconds(shape, algorithm, executor);
    if (least == 0 || time < least) {
      least = time;
      best = algorithm;
    }
  }
  return best;
}

} // namespace fomo::kernels
