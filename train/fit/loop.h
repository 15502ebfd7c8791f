// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/fit/adam.h"
#include "train/fit/stage.h"

namespace fomo::train {

struct LoopOptions {
  std::string state;      ///< file of the training state: the stage's weights, moments, counters
  std::string log;        ///< text file with one line for each validation; empty: no file
  std::string pause_file; ///< training sleeps while it exists
  uint64_t seed = 1;
  int64_t samples = 40000; ///< total number of pairs to train on
  int seconds = 0;         ///< total training time of all runs; replaces `samples` unless 0
  int loaders = 0;         ///< threads that draw batches ahead
  double learning_rate = 2e-3;
  int warm_steps = 30;     ///< steps over which the learning rate rises (warm-up)
  double live_norm = 0.75; ///< share of the training after which batch norm's statistics are frozen
  int save_seconds = 60;
  int validate_seconds = 240;
};

/// Trains a stage until it has seen `samples` pairs, the time is up, or a signal asks it to stop;
/// not at all if it was finished before. Writes the training state every `save_seconds` and at the
/// end, to another name first and then renamed: a kill loses at most `save_seconds` of work, and
/// the next run continues from the saved state. Returns the last validation's metrics. Throws
/// Error.
Metrics run_loop(Stage& stage, TensorMap& weights, const LoopOptions& options);

/// Copies the weights of a state file into `weights`. Returns false if there is no such file.
bool load_stage_weights(const std::string& state, TensorMap& weights);

} // namespace fomo::train
