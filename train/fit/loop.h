// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/fit/adam.h"
#include "train/fit/stage.h"

namespace fomo::train {

struct LoopOptions {
  std::string state;      ///< file: weights of the stage, moments, counters
  std::string log;        ///< text file: one line for each validation; empty: none
  std::string pause_file; ///< training sleeps while it exists
  uint64_t seed = 1;
  int64_t samples = 40000; ///< pairs to see in all
  int seconds = 0;         ///< not 0: train for so long, all runs together, however many pairs
  int loaders = 0;         ///< threads that draw batches ahead
  double learning_rate = 2e-3;
  int warm_steps = 30;     ///< of rising learning rate
  double live_norm = 0.75; ///< share of the training after which batch norm's statistics are frozen
  int save_seconds = 60;
  int validate_seconds = 240;
};

/// Trains a stage until `samples` pairs were seen or the time is up, a signal asks to stop, or it
/// is done already. Everything that the next step depends on is written to `state` every
/// `save_seconds` and at the end, under another name first: a kill loses at most that time, and the
/// run goes on where it was. Returns the last validation's metrics. Throws Error.
Metrics run_loop(Stage& stage, TensorMap& weights, const LoopOptions& options);

/// Copies what a state file has of a stage's weights into `weights`. False where there is no file.
bool load_stage_weights(const std::string& state, TensorMap& weights);

} // namespace fomo::train
