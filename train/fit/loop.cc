// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/loop.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "common/error.h"
#include "model/checkpoint/safetensors.h"
#include "train/fit/loader.h"

namespace fomo::train {
namespace {

constexpr uint64_t kCalibrationBatches = 24;

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t g_stop = 0;

void ask_to_stop(int) { g_stop = 1; }

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

std::string text_of(const Metrics& metrics) {
  std::string text;
  char item[64];
  for (const auto& [name, value] : metrics) {
    std::snprintf(item, sizeof item, " %s %.4g", name.c_str(), value);
    text += item;
  }
  return text;
}

TensorMap read_tensors(const SafetensorsFile& file) {
  TensorMap tensors;
  for (const auto& [name, stored] : file.tensors) {
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    copy_to_floats(stored, tensor.mutable_data_ptr<float>());
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

class Loop {
 public:
  Loop(Stage& stage, TensorMap& weights, const LoopOptions& options)
      : stage_(stage), weights_(weights), options_(options) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : weights)
      if (stage.trains(name) && is_trainable(name))
        names.push_back(name);
    adam_.reset(weights, names);

    frozen_ = options.live_norm == 0;
    if (std::filesystem::exists(options.state))
      restore();
    loader_.emplace(stage, options.seed, step_, options.loaders);
  }

  Metrics run() {
    began_ = Clock::now();
    auto saved = began_, validated = began_, shown = began_;
    const int64_t first = seen();
    set_norm_mode();
    while (progress() < 1 && !g_stop) {
      pause();
      train_step();
      if (seconds_since(saved) > options_.save_seconds) {
        save();
        saved = Clock::now();
      }
      if (seconds_since(shown) > 2) {
        const double rate = static_cast<double>(seen() - first) / seconds_since(began_);
        show(rate);
        shown = Clock::now();
      }
      if (seconds_since(validated) > options_.validate_seconds) {
        validate();
        validated = Clock::now();
      }
    }
    save();
    return validate();
  }

 private:
  int64_t seen() const { return step_ * stage_.batch(); }
  double spent() const { return spent_ + seconds_since(began_); }
  double progress() const {
    if (options_.seconds > 0)
      return spent() / options_.seconds;
    return static_cast<double>(seen()) / static_cast<double>(options_.samples);
  }

  double learning_rate() const {
    const double warm = std::min(1.0, static_cast<double>(step_ + 1) / options_.warm_steps);
    return options_.learning_rate * warm *
           (0.02 + 0.98 * 0.5 * (1 + std::cos(M_PI * std::min(1.0, progress()))));
  }

  void set_norm_mode() { stage_.set_training(!frozen_); }

  // Estimates batch norm's running statistics with the present weights and uses them from now on
  // instead of each batch's statistics.
  void freeze_norms() {
    const at::NoGradGuard no_grad;
    stage_.set_training(true);
    for (uint64_t i = 0; i < kCalibrationBatches; i++) {
      Drawn drawn = draw(stage_, ~options_.seed, static_cast<int64_t>(i));
      Metrics unused;
      stage_.loss(drawn, 0, unused);
    }
    frozen_ = true;
    set_norm_mode();
  }

  void train_step() {
    if (!frozen_ && progress() >= options_.live_norm)
      freeze_norms();
    Drawn drawn = loader_->next();
    Metrics metrics;
    const at::Tensor loss = stage_.loss(drawn, std::min(1.0, progress()), metrics);
    loss.backward();
    metrics["loss"] = loss.item<double>();
    metrics["grad"] = adam_.step(learning_rate());
    for (const auto& [name, value] : metrics) {
      double& smooth = smooth_.try_emplace(name, value).first->second;
      smooth += 0.03 * (value - smooth);
    }
    step_++;
  }

  void pause() {
    const auto from = Clock::now();
    while (!options_.pause_file.empty() && std::filesystem::exists(options_.pause_file) && !g_stop)
      std::this_thread::sleep_for(std::chrono::seconds(1));
    began_ += Clock::now() - from; // paused time does not count as training time
  }

  void show(double rate) const {
    const int width = 24, full = static_cast<int>(width * std::min(1.0, progress()));
    const double left = options_.seconds > 0
                            ? options_.seconds - spent()
                            : static_cast<double>(options_.samples - seen()) / std::max(rate, 1e-9);
    std::fprintf(stderr, "\r%s [%s%s] %lld pairs, %.1f/s, %d min left |%s ", stage_.part().c_str(),
                 std::string(static_cast<size_t>(full), '=').c_str(),
                 std::string(static_cast<size_t>(width - full), ' ').c_str(),
                 static_cast<long long>(seen()), rate, static_cast<int>(left / 60),
                 text_of(smooth_).c_str());
  }

  Metrics validate() {
    stage_.set_training(false);
    Metrics metrics = stage_.validate();
    set_norm_mode();
    char time[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(time, sizeof time, "%F %T", std::gmtime(&now));
    const std::string line = std::string(time) + " " + stage_.part() + " pairs " +
                             std::to_string(seen()) + " held out:" + text_of(metrics) +
                             " | training:" + text_of(smooth_);
    std::fprintf(stderr, "\n%s\n", line.c_str());
    if (!options_.log.empty())
      std::ofstream(options_.log, std::ios::app) << line << "\n";
    return metrics;
  }

  void save() const {
    TensorMap all;
    for (const auto& [name, tensor] : weights_)
      if (stage_.trains(name))
        all[name] = tensor;
    adam_.save(all);
    std::map<std::string, TensorToWrite> tensors;
    for (auto& [name, tensor] : all) {
      tensor = tensor.detach().cpu().contiguous();
      tensors[name] = {ScalarType::f32, tensor.sizes().vec(), tensor.const_data_ptr()};
    }
    write_safetensors(options_.state, tensors,
                      {{"step", std::to_string(step_)},
                       {"seconds", std::to_string(spent())},
                       {"norms", frozen_ ? "frozen" : "live"},
                       {"adam_steps", std::to_string(adam_.steps())},
                       {"seed", std::to_string(options_.seed)}});
  }

  void restore() {
    const SafetensorsFile file = SafetensorsFile::open(options_.state);
    const TensorMap tensors = read_tensors(file);
    const at::NoGradGuard no_grad;
    try {
      for (auto& [name, tensor] : weights_)
        if (stage_.trains(name))
          tensor.copy_(tensors.at(name));
      adam_.load(tensors, std::stoll(file.metadata.at("adam_steps")));
      step_ = std::stoll(file.metadata.at("step"));
      spent_ = std::stod(file.metadata.at("seconds"));
      frozen_ = file.metadata.at("norms") == "frozen";
    } catch (const std::exception& error) {
      throw Error(FOMO_WRONG_TYPE,
                  "The training state '" + options_.state + "' does not belong to this model (" +
                      error.what() +
                      "). Give the same configuration as before, or another --state folder.");
    }
  }

  Stage& stage_;
  TensorMap& weights_;
  LoopOptions options_;
  Adam adam_;
  std::optional<Loader> loader_;
  int64_t step_ = 0;
  bool frozen_ = false;       // batch norm uses the running statistics
  double spent_ = 0;          // seconds that earlier runs trained
  Clock::time_point began_{}; // start of this run, paused time added
  Metrics smooth_;
};

} // namespace

Metrics run_loop(Stage& stage, TensorMap& weights, const LoopOptions& options) {
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  return Loop(stage, weights, options).run();
}

bool load_stage_weights(const std::string& state, TensorMap& weights) {
  if (!std::filesystem::exists(state))
    return false;
  const TensorMap tensors = read_tensors(SafetensorsFile::open(state));
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors)
    if (weights.count(name))
      weights[name].copy_(tensor);
  return true;
}

} // namespace fomo::train
