// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/cost.h"

#include <algorithm>

#include "model/kernels/packing.h"

namespace fomo::kernels {

namespace {

// Rates of one core, and of the memory, of common machines.
constexpr double kFlopsPerSecond = 80e9;
constexpr double kTransformFloatsPerSecond = 4e9;
constexpr double kWeightBytesPerSecond = 25e9;
/// The cost of a product in the algorithms with 64 points, which read more memory for each product
/// than the others.
constexpr double kManyPointsFactor = 1.07;
constexpr double kSecondsPerWeightByte = 1 / 16e9;

double weight_bytes(const ConvShape& shape, Algorithm algorithm) {
  return double(packed_floats(shape, algorithm)) * sizeof(float);
}

} // namespace

double estimated_seconds(const ConvShape& shape, Algorithm algorithm, const KernelTable& kernels,
                         int threads) {
  const double depth = shape.input_channels(), columns = panels_of(shape.outputs) * kPanelWidth;
  const double height = shape.result_height(), width = shape.result_width();
  double products = height * width * shape.kernel * shape.kernel, transformed = height * width;
  if (algorithm != Algorithm::direct) {
    const TileShape& tile = kernels.winograd[int(algorithm)]->shape;
    const int rows = (shape.result_height() + tile.out - 1) / tile.out;
    const int tiles = rows * ((shape.result_width() + tile.out - 1) / tile.out);
    products = double(tiles) * tile.points * (tile.points >= 64 ? kManyPointsFactor : 1);
    transformed = tiles * (tile.sums * depth + tile.points * columns);
  }
  const double arithmetic =
      (2 * products * depth * columns / kFlopsPerSecond + transformed / kTransformFloatsPerSecond) /
      threads;
  return std::max(arithmetic, weight_bytes(shape, algorithm) / kWeightBytesPerSecond);
}

double weight_cost(const ConvShape& shape, Algorithm algorithm) {
  return weight_bytes(shape, algorithm) * kSecondsPerWeightByte;
}

} // namespace fomo::kernels
