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
/// Products with 64 points reach less of a core's speed than the others: more is read for each.
constexpr double kManyPoints = 1.07;
/// What a byte of weights has to save in time: they fill memory, and loading lasts longer.
constexpr double kSecondsPerWeightByte = 1 / 8e9;

/// Time that a frame would take, and the price of the weights.
double cost(const ConvShape& shape, Algorithm algorithm, const Executor& executor) {
  const double depth = shape.input_channels(), columns = panels_of(shape.outputs) * kPanelWidth;
  const double height = shape.result_height(), width = shape.result_width();
  double products = height * width * shape.kernel * shape.kernel, transformed = height * width;
  double weights = depth * columns * shape.kernel * shape.kernel, slower = 1;
  if (algorithm != Algorithm::direct) {
    const TileShape& tile = executor.isa->winograd[int(algorithm)]->shape;
    const int rows = (shape.result_height() + tile.out - 1) / tile.out;
    const int tiles = rows * ((shape.result_width() + tile.out - 1) / tile.out);
    products = double(tiles) * tile.points;
    transformed = tiles * (tile.sums * depth + tile.points * columns);
    weights = depth * columns * tile.points;
    slower = tile.points >= 64 ? kManyPoints : 1;
  }
  const double arithmetic = (2 * products * depth * columns * slower / kFlopsPerSecond +
                             transformed / kTransformFloatsPerSecond) /
                            executor.threads;
  const double bytes = weights * sizeof(float);
  return std::max(arithmetic, bytes / kWeightBytesPerSecond) + bytes * kSecondsPerWeightByte;
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
    const double time = cost(shape, algorithm, executor);
    if (least == 0 || time < least) {
      least = time;
      best = algorithm;
    }
  }
  return best;
}

} // namespace fomo::kernels
