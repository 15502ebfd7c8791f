// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// Chooses convolution algorithms while a model loads: by a count of operations where that is
/// clear, otherwise by timing the best few on this machine. The process remembers what was chosen.
class Chooser {
 public:
  explicit Chooser(const Executor& executor) : executor_(executor) {}

  /// With `precise` an algorithm whose rounding errors are no larger than the plain sum's; without
  /// `timed` an estimate must do (for layers that do not run for every frame).
  Algorithm choose(const ConvShape& shape, bool precise, bool timed);

 private:
  std::vector<Algorithm> candidates_for(const ConvShape& shape, bool precise) const;
  /// Seconds of one run.
  double measure(const ConvShape& shape, Algorithm algorithm);
  /// The least of some runs of each.
  std::vector<double> measure_all(const ConvShape& shape, const std::vector<Algorithm>& algorithms);

  Executor executor_;
  Buffer weights_, images_, workspace_; // of the largest layer timed so far
};

/// What was chosen so far in this process, a layer on each line with the times it was chosen by.
std::string chosen_algorithms();

} // namespace fomo::kernels
