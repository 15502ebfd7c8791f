// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/choice.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>

#include "model/kernels/conv_timer.h"
#include "model/kernels/cost.h"

namespace fomo::kernels {

namespace {

/// Algorithms whose estimated cost is at most this many times the lowest one are candidates.
constexpr double kUnclear = 1.25;
/// Each candidate runs this many times, in turn with the others, so that a disturbance of the
/// machine meets all of them. The first round includes page faults.
constexpr int kRounds = 4, kFewestRounds = 2;
/// Seconds of timing one layer after which kFewestRounds are enough.
constexpr double kLongTiming = 0.1;

/// Whether rounding errors are no larger than those of the direct sum.
bool is_precise(Algorithm algorithm) {
  return algorithm == Algorithm::direct || algorithm == Algorithm::f23 ||
         algorithm == Algorithm::u23;
}

/// Everything that a choice depends on.
auto key_of(const ConvShape& shape, bool precise, bool timed, int threads,
            const KernelTable* kernels) {
  return std::make_tuple(shape.inputs, shape.outputs, shape.kernel, shape.pad, shape.upsample,
                         shape.pool, shape.height, shape.width, precise, timed, threads, kernels);
}
using Key = decltype(key_of({}, false, false, 0, nullptr));

/// The choices of the process. The lock is held for look-ups only: models that load at the same
/// time do not wait for each other's timing.
class Memory {
 public:
  static Memory& instance() {
    static Memory memory;
    return memory;
  }
  std::optional<Algorithm> find(const Key& key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = choices_.find(key);
    return found == choices_.end() ? std::nullopt : std::optional(found->second.algorithm);
  }
  /// Returns the choice that holds from now on: another thread's, if it was quicker.
  Algorithm add(const Key& key, Algorithm algorithm, std::string description) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return choices_.emplace(key, Choice{algorithm, std::move(description)}).first->second.algorithm;
  }
  std::string description() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::string text;
    for (const auto& entry : choices_)
      text += entry.second.description + "\n";
    return text;
  }

 private:
  struct Choice {
    Algorithm algorithm;
    std::string description;
  };
  std::mutex mutex_;
  std::map<Key, Choice> choices_;
};

std::string describe(const ConvShape& shape, Algorithm algorithm, const std::string& times) {
  char text[160];
  std::snprintf(text, sizeof text, "%dx%d %d->%d at %dx%d%s%s: %s", shape.kernel, shape.kernel,
                shape.input_channels(), shape.outputs, shape.width, shape.height,
                shape.upsample ? " x2" : "", shape.pool ? ", pooled" : "",
                algorithm_name(algorithm));
  return text + times;
}

} // namespace

Chooser::Chooser(const Executor& executor, ChooseBy by)
    : executor_(executor), by_(by),
      timer_([timer = std::make_shared<ConvTimer>(executor)](const auto& shape, auto algorithm) {
        return (*timer)(shape, algorithm);
      }) {}

Chooser::Chooser(const Executor& executor, ChooseBy by, Timer timer, bool remembers)
    : executor_(executor), by_(by), timer_(std::move(timer)), remembers_(remembers) {}

/// The algorithms that may be the best by their estimated costs, the lowest cost first.
std::vector<Algorithm> Chooser::candidates_for(const ConvShape& shape, bool precise,
                                               int threads) const {
  std::vector<std::pair<double, Algorithm>> costs;
  for (const Algorithm algorithm : algorithms_for(shape))
    if (!precise || is_precise(algorithm))
      costs.emplace_back(estimated_seconds(shape, algorithm, *executor_.kernels, threads) +
                             weight_cost(shape, algorithm),
                         algorithm);
  std::sort(costs.begin(), costs.end());
  std::vector<Algorithm> candidates;
  for (const auto& [cost, algorithm] : costs)
    if (cost <= kUnclear * costs.front().first)
      candidates.push_back(algorithm);
  return candidates;
}

/// Times the candidates and appends their times to `times`.
Algorithm Chooser::fastest(const ConvShape& shape, const std::vector<Algorithm>& candidates,
                           std::string& times) {
  std::vector<double> least(candidates.size(), std::numeric_limits<double>::infinity());
  double spent = 0;
  for (int round = 0; round < kRounds && (round < kFewestRounds || spent < kLongTiming); round++)
    for (size_t i = 0; i < candidates.size(); i++) {
      const double seconds = timer_(shape, candidates[i]);
      least[i] = std::min(least[i], seconds);
      spent += seconds;
    }
  size_t best = 0;
  const auto cost = [&](size_t i) { return least[i] + weight_cost(shape, candidates[i]); };
  for (size_t i = 0; i < candidates.size(); i++) {
    if (cost(i) < cost(best))
      best = i;
    char text[64];
    std::snprintf(text, sizeof text, ", %s %.3f ms", algorithm_name(candidates[i]), least[i] * 1e3);
    times += text;
  }
  return candidates[best];
}

Algorithm Chooser::choose(const ConvShape& shape, bool precise, bool every_frame) {
  const bool timed = every_frame && by_ == ChooseBy::timing;
  const int threads = by_ == ChooseBy::timing ? executor_.threads : 1;
  const Key key = key_of(shape, precise, timed, threads, executor_.kernels);
  if (remembers_)
    if (const std::optional<Algorithm> known = Memory::instance().find(key))
      return *known;
  const std::vector<Algorithm> candidates = candidates_for(shape, precise, threads);
  std::string times;
  const Algorithm best =
      timed && candidates.size() > 1 ? fastest(shape, candidates, times) : candidates.front();
  return remembers_ ? Memory::instance().add(key, best, describe(shape, best, times)) : best;
}

std::string chosen_algorithms() { return Memory::instance().description(); }

} // namespace fomo::kernels
