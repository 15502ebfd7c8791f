// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/choice.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <map>
#include <mutex>
#include <tuple>

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
constexpr double kSecondsPerWeightByte = 1 / 16e9;
/// Estimates nearer to each other than this are checked against the clock.
constexpr double kUnclear = 1.25;
/// Rounds in which candidates are timed by turns, so that none meets a worse moment than another;
/// the first one also touches memory for the first time.
constexpr int kRounds = 4, kFewestRounds = 2;
/// Seconds of timing a layer after which the fewest rounds are enough.
constexpr double kLongTiming = 0.1;

double weight_price(const ConvShape& shape, Algorithm algorithm) {
  return double(packed_floats(shape, algorithm)) * sizeof(float) * kSecondsPerWeightByte;
}

/// Estimated time of a frame.
double estimate(const ConvShape& shape, Algorithm algorithm, const Executor& executor) {
  const double depth = shape.input_channels(), columns = panels_of(shape.outputs) * kPanelWidth;
  const double height = shape.result_height(), width = shape.result_width();
  double products = height * width * shape.kernel * shape.kernel, transformed = height * width;
  if (algorithm != Algorithm::direct) {
    const TileShape& tile = executor.kernels->winograd[int(algorithm)]->shape;
    const int rows = (shape.result_height() + tile.out - 1) / tile.out;
    const int tiles = rows * ((shape.result_width() + tile.out - 1) / tile.out);
    products = double(tiles) * tile.points * (tile.points >= 64 ? kManyPoints : 1);
    transformed = tiles * (tile.sums * depth + tile.points * columns);
  }
  const double arithmetic =
      (2 * products * depth * columns / kFlopsPerSecond + transformed / kTransformFloatsPerSecond) /
      executor.threads;
  const double bytes = double(packed_floats(shape, algorithm)) * sizeof(float);
  return std::max(arithmetic, bytes / kWeightBytesPerSecond);
}

/// Whether rounding grows no more than in the sum by definition.
bool is_precise(Algorithm algorithm) {
  return algorithm == Algorithm::direct || algorithm == Algorithm::f23 ||
         algorithm == Algorithm::u23;
}

auto key_of(const ConvShape& shape, bool precise, bool timed, const Executor& executor) {
  return std::make_tuple(shape.inputs, shape.outputs, shape.kernel, shape.pad, shape.upsample,
                         shape.pool, shape.height, shape.width, precise, timed, executor.threads,
                         executor.kernels);
}

struct Choice {
  Algorithm algorithm;
  std::string description;
};

/// Of the process.
struct Memory {
  std::mutex mutex;
  std::map<decltype(key_of({}, false, false, {})), Choice> choices;
};

Memory& memory() {
  static Memory remembered;
  return remembered;
}

std::string describe(const ConvShape& shape, Algorithm algorithm, const std::string& times) {
  char text[160];
  std::snprintf(text, sizeof text, "%dx%d %d->%d at %dx%d%s%s: %s", shape.kernel, shape.kernel,
                shape.input_channels(), shape.outputs, shape.width, shape.height,
                shape.upsample ? " x2" : "", shape.pool ? ", pooled" : "",
                algorithm_name(algorithm));
  return text + times;
}

float* at_least(Buffer& buffer, size_t floats) {
  if (buffer.size() < floats)
    buffer = Buffer(floats);
  return buffer.data();
}

} // namespace

double Chooser::measure(const ConvShape& shape, Algorithm algorithm) {
  const size_t weights = packed_floats(shape, algorithm);
  // Pages that were never written would all be one page, and in the cache.
  if (weights_.size() < weights)
    std::fill_n(at_least(weights_, weights), weights, 0.01F);
  const Conv conv(shape, algorithm, weights_.data());
  const size_t in = image_floats(shape.input_channels(), shape.height, shape.width);
  const size_t out = image_floats(shape.outputs, shape.output_height(), shape.output_width());
  float* const images = at_least(images_, in + out);
  float* const scratch =
      at_least(workspace_, conv.workspace(executor_.threads, *executor_.kernels));
  const auto start = std::chrono::steady_clock::now();
  conv.run(make_image(images, shape.input_channels(), shape.height, shape.width),
           make_image(images + in, shape.outputs, shape.output_height(), shape.output_width()), {},
           scratch, executor_);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<double> Chooser::measure_all(const ConvShape& shape,
                                         const std::vector<Algorithm>& algorithms) {
  std::vector<double> least(algorithms.size(), std::numeric_limits<double>::infinity());
  double spent = 0;
  for (int round = 0; round < kRounds && (round < kFewestRounds || spent < kLongTiming); round++)
    for (size_t i = 0; i < algorithms.size(); i++) {
      const double time = measure(shape, algorithms[i]);
      least[i] = std::min(least[i], time);
      spent += time;
    }
  return least;
}

/// What may be the best by a count of operations, the likeliest first.
std::vector<Algorithm> Chooser::candidates_for(const ConvShape& shape, bool precise) const {
  std::vector<std::pair<double, Algorithm>> costs;
  for (const Algorithm algorithm : algorithms_for(shape))
    if (!precise || is_precise(algorithm))
      costs.emplace_back(estimate(shape, algorithm, executor_) + weight_price(shape, algorithm),
                         algorithm);
  std::sort(costs.begin(), costs.end());
  std::vector<Algorithm> candidates;
  for (const auto& [cost, algorithm] : costs)
    if (cost <= kUnclear * costs.front().first)
      candidates.push_back(algorithm);
  return candidates;
}

Algorithm Chooser::choose(const ConvShape& shape, bool precise, bool timed) {
  Memory& remembered = memory();
  // Held while timing: two models that load at once would disturb each other's clocks.
  const std::lock_guard<std::mutex> lock(remembered.mutex);
  const auto key = key_of(shape, precise, timed, executor_);
  const auto known = remembered.choices.find(key);
  if (known != remembered.choices.end())
    return known->second.algorithm;

  const std::vector<Algorithm> candidates = candidates_for(shape, precise);
  Algorithm best = candidates.front();
  std::string times;
  if (timed && candidates.size() > 1) {
    const std::vector<double> measured = measure_all(shape, candidates);
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < candidates.size(); i++) {
      const double cost = measured[i] + weight_price(shape, candidates[i]);
      if (cost < least)
        best = candidates[i];
      least = std::min(least, cost);
      char text[64];
      std::snprintf(text, sizeof text, ", %s %.3f ms", algorithm_name(candidates[i]),
                    measured[i] * 1e3);
      times += text;
    }
  }
  remembered.choices.emplace(key, Choice{best, describe(shape, best, times)});
  return best;
}

std::string chosen_algorithms() {
  Memory& remembered = memory();
  const std::lock_guard<std::mutex> lock(remembered.mutex);
  std::string text;
  for (const auto& entry : remembered.choices)
    text += entry.second.description + "\n";
  return text;
}

} // namespace fomo::kernels
