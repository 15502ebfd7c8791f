// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model detect: finds what marks a file as synthetic.
#include <CLI/CLI.hpp>
#include <cstdio>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "common/error.h"
#include "tools/commands.h"
#include "tools/file_marks.h"
#include "tools/pipeline.h"
#include "tools/video_reader.h"

namespace fomo {

namespace {

constexpr int exit_nothing_found = 3;

/// Standard input as a file, since its layers are read one after the other.
class InputFile {
 public:
  InputFile() {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder ? folder : "/tmp") + "/fomo-model-XXXXXX";
    const int descriptor = mkstemp(path_.data());
    FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
    if (!file)
      throw Error(FOMO_OPEN_READ, "No temporary file can be made in '" +
                                      path_.substr(0, path_.rfind('/')) +
                                      "'. Set TMPDIR to a folder with free space.");
    char part[1 << 16];
    bool good = true;
    for (size_t count; good && (count = std::fread(part, 1, sizeof part, stdin)) > 0;)
      good = std::fwrite(part, 1, count, file) == count;
    good = std::fclose(file) == 0 && good;
    if (!good) {
      unlink(path_.c_str());
      throw Error(FOMO_OPEN_READ, "Standard input cannot be copied to '" + path_ +
                                      "'. Set TMPDIR to a folder with free space.");
    }
  }
  ~InputFile() { unlink(path_.c_str()); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct DetectOptions {
  std::string file;
  size_t frames = 256;
  int timeout = kReadTimeout.count(); // seconds
  bool json = false;
};

/// What every layer of the file says. Layers that stalled are not found; `stalled` is the first
/// one's message.
nlohmann::ordered_json examine(const std::string& path, const DetectOptions& options,
                               std::string& stalled) {
  check_video_file(path);
  const std::chrono::seconds timeout(options.timeout);
  nlohmann::ordered_json layers;
  MediaStreams streams;
  const auto add = [&](const char* name, auto layer) {
    try {
      layers[name] = layer();
    } catch (const StalledFile& error) {
      layers[name] = {{"found", false}, {"error", error.what()}};
      if (stalled.empty())
        stalled = error.what();
    }
  };
  add("tags", [&] { return tags_of(path, streams, timeout); });
  add("stream", [&] { return stream_marks_of(path, streams, timeout); });
  add("pixels", [&] { return pixel_marks_of(path, options.frames, timeout); });
  layers["xmp"] = xmp_of(path);
  layers["c2pa"] = c2pa_of(path);
  return layers;
}

/// Returns the exit status.
int detect(const DetectOptions& options) {
  std::unique_ptr<InputFile> input;
  if (options.file == "-")
    input = std::make_unique<InputFile>();
  std::string stalled;
  const auto layers = examine(input ? input->path() : options.file, options, stalled);
  bool found = false;
  for (const auto& [name, layer] : layers.items())
    found = found || layer.value("found", false);
  if (options.json) {
    nlohmann::ordered_json report = {{"file", options.file}, {"marked", found}};
    report.update(layers);
    std::printf("%s\n",
                report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  } else {
    std::printf("%s: %s\n%s", options.file.c_str(),
                found             ? "marked as synthetic"
                : stalled.empty() ? "no mark was found, which proves nothing"
                                  : "no mark was found in what could be read",
                describe_layers(layers).c_str());
  }
  if (!found && !stalled.empty())
    throw Error(FOMO_WRONG_TYPE, stalled); // not: nothing was found
  return found ? 0 : exit_nothing_found;
}

} // namespace

void add_detect(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "detect", "Find what marks a video or a picture as synthetic: tags, messages in the video "
                "stream, the mark in the pixels, XMP, C2PA. Exit status 3: no mark was found");
  auto options = std::make_shared<DetectOptions>();
  command->add_option("FILE", options->file, "Video or picture; - for standard input")->required();
  command
      ->add_option("--frames", options->frames,
                   "Look for the mark in the pixels of so many frames from the start; 0: of all")
      ->capture_default_str();
  command
      ->add_option("--timeout", options->timeout,
                   "Give up when nothing comes out of the file for so many seconds")
      ->check(CLI::Range(1, kLongestReadTimeout))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &exit_code] { exit_code = detect(*options); });
}

} // namespace fomo
