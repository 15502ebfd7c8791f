// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// How a Chooser decides between algorithms with nearly the same estimated cost.
enum class ChooseBy {
  timing,   ///< by the time that each takes on this machine; another run may choose differently
  estimate, ///< by the estimate for one thread: the same on every run, for any number of threads
};

/// Chooses convolution algorithms while a model loads. The process remembers each choice, so that
/// a second model with the same layers loads faster and computes the same.
class Chooser {
 public:
  /// Returns the seconds of one run of a convolution.
  using Timer = std::function<double(const ConvShape&, Algorithm)>;

  explicit Chooser(const Executor& executor, ChooseBy by = ChooseBy::timing);
  /// For tests: with another clock. With `remembers` the process remembers the choices.
  Chooser(const Executor& executor, ChooseBy by, Timer timer, bool remembers);

  const Executor& executor() const { return executor_; }

  /// `precise`: only algorithms whose rounding errors are no larger than those of the direct sum.
  /// `every_frame`: the layer runs for every frame, so that timing its candidates pays. Thread-safe
  /// for different Choosers.
  Algorithm choose(const ConvShape& shape, bool precise, bool every_frame);

 private:
  std::vector<Algorithm> candidates_for(const ConvShape& shape, bool precise, int threads) const;
  Algorithm fastest(const ConvShape& shape, const std::vector<Algorithm>& candidates,
                    std::string& times);

  Executor executor_;
  ChooseBy by_;
  Timer timer_;
  bool remembers_ = true;
};

/// The choices of this process so far, one layer on each line, with the measured times.
std::string chosen_algorithms();

} // namespace fomo::kernels
