// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace CLI {
class App;
}

namespace fomo {

// Each function adds a subcommand of fomo-model to `app`. While `app` parses the command line, the
// subcommand runs; on failure it throws Error or sets `exit_code`.

/// fomo-model inspect: describes a checkpoint file.
void add_inspect(CLI::App& app, int& exit_code);
/// fomo-model convert: writes a checkpoint as .safetensors.
void add_convert(CLI::App& app, int& exit_code);
/// fomo-model random: writes a model with random weights.
void add_random(CLI::App& app, int& exit_code);
/// fomo-model bench: compares the engine with the plain path.
void add_bench(CLI::App& app, int& exit_code);
/// fomo-model best-frame: finds the best neutral pose in a driving video.
void add_best_frame(CLI::App& app, int& exit_code);
/// fomo-model motion: describes a file of motion.
void add_motion(CLI::App& app, int& exit_code);
/// fomo-model detect: finds what marks a file as synthetic.
void add_detect(CLI::App& app, int& exit_code);
/// fomo-model mark: writes XMP and a C2PA manifest into an MP4 file.
void add_mark(CLI::App& app, int& exit_code);

} // namespace fomo
