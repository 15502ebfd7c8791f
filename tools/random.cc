// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model random: writes a model with random weights.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "model/checkpoint/config.h"
#include "model/checkpoint/format_error.h"
#include "tools/commands.h"
#include "tools/random_model.h"
#include "tools/training_file.h"

namespace fomo {
namespace {

struct RandomOptions {
  std::string config, output;
  uint64_t seed = 0;
  int antialias_taps = 0;
  bool with_optimizer = false;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Returns an error message; empty if the name is valid.
std::string check_name(const std::string& name) {
  return ends_with(name, ".safetensors") || ends_with(name, ".pth.tar")
             ? ""
             : "the name must end in .safetensors or .pth.tar";
}

void make_random(const RandomOptions& options) {
  const ModelConfig config = options.config.empty() ? ModelConfig() : load_config(options.config);
  const RandomModel model(config, options.seed, options.antialias_taps);
  const auto tensors = model.tensors();
  if (ends_with(options.output, ".pth.tar"))
    write_training_file(options.output, tensors, options.with_optimizer);
  else
    write_safetensors(options.output, tensors,
                      {{"config", to_yaml(config)}, {"origin", "fomo-model random"}});
  std::printf("%s: %zu tensors, %s\n", options.output.c_str(), tensors.size(),
              byte_count(Checkpoint::open(options.output).file_size()).c_str());
}

} // namespace

void add_random(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "random", "Write a model with random weights of realistic statistics, for tests and "
                "benchmarks");
  auto options = std::make_shared<RandomOptions>();
  command
      ->add_option("OUT", options->output,
                   "File to write, .safetensors or .pth.tar (as PyTorch "
                   "< 1.6 saves)")
      ->required()
      ->check(CLI::Validator(check_name, "NAME"));
  command->add_option("--config", options->config,
                      "FOMM YAML file; default: the published vox configuration");
  command->add_option("--seed", options->seed, "Seed of the random weights")->capture_default_str();
  command
      ->add_option("--antialias-taps", options->antialias_taps,
                   "Odd size of the anti-alias kernels; default: FOMM's for the scale factor")
      ->check(CLI::Range(1, 125))
      ->check(CLI::Validator(
          [](const std::string& taps) {
            return (taps.empty() || (taps.back() - '0') % 2 == 0) ? "must be odd" : "";
          },
          "ODD"));
  command->add_flag("--with-optimizer", options->with_optimizer,
                    "Add a discriminator and Adam state, as training does (.pth.tar)");
  command->callback([options] {
    if (options->with_optimizer && !ends_with(options->output, ".pth.tar"))
      throw CLI::ValidationError("--with-optimizer", "only a .pth.tar file has an optimizer");
    make_random(*options);
  });
}

} // namespace fomo
