// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model: inspects, converts, generates and measures checkpoints; finds the best neutral pose;
// describes files of motion.
// finds and writes marks of synthetic media.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "common/error.h"
#include "tools/commands.h"

namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

using AddCommand = void (*)(CLI::App&, int&);
constexpr AddCommand commands[] = {
    fomo::add_inspect,    fomo::add_convert, fomo::add_random, fomo::add_bench,
    fomo::add_best_frame, fomo::add_detect,  fomo::add_mark,   fomo::add_motion,
};

} // namespace

int main(int argc, char** argv) {
  // A file that is larger than the limit (ulimit -f) is then an error like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Tool for checkpoints of the First Order Motion Model and for marks of synthetic "
               "media.\nExit status: 0 if it went well, 1 if it did not, 2 if the command line is "
               "wrong.");
  app.name("fomo-model");
  app.require_subcommand(1);
  int exit_code = 0;
  for (const AddCommand add : commands)
    add(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage; // 0: --help
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fomo-model: %s\n", error.what());
    return exit_failure;
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    std::fprintf(stderr, "fomo-model: the output cannot be written. Is the disk full?\n");
    return exit_failure;
  }
  return exit_code;
}
