// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace CLI {
class App;
}

namespace fomo {

// fomo-model's subcommands. Each registers itself and what it does when it is given; it throws
// Error, or sets `exit_code`, when it fails.
void add_inspect(CLI::App& app, int& exit_code);
void add_convert(CLI::App& app, int& exit_code);
void add_random(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_best_frame(CLI::App& app, int& exit_code);

} // namespace fomo
