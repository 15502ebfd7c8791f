// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model bench: the engine and the plain path on the same frames, in one run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/source.h"
#include "engine/stream.h"
#include "model/backend/cuda_library.h"
#include "model/backend/device.h"
#include "model/backend/torch_library.h"
#include "model/checkpoint/checkpoint.h"
#include "model/kernels/choice.h"
#include "model/model_path.h"
#include "tools/commands.h"

namespace fomo {

namespace {

using Clock = std::chrono::steady_clock;

struct BenchOptions {
  ModelOptions model;
  std::string precision = "auto";
  int frames = 20;
  std::vector<int> streams{1};
  bool json = false;
  bool no_plain = false;
};

/// A smooth picture that moves with `time`: a sum of waves in each colour. Any weights find
/// keypoints in it.
std::vector<uint8_t> moving_picture(int width, int height, double time) {
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * height * 3);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++) {
        const double u = 6.0 * x / width + 0.8 * std::sin(time),
                     v = 6.0 * y / height + 0.5 * std::cos(1.3 * time);
        const double wave = std::sin(u * (1 + 0.3 * c)) * std::cos(v * (1.2 - 0.2 * c)) +
                            0.3 * std::sin(3 * u + 2 * v + c);
        pixels[(static_cast<size_t>(y) * width + x) * 3 + c] =
            static_cast<uint8_t>(127.5 + 95 * wave);
      }
  return pixels;
}

double percentile(std::vector<double> sorted, double share) {
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1];
}

nlohmann::json summary(const std::vector<double>& milliseconds) {
  double total = 0;
  for (const double each : milliseconds)
    total += each;
  return {{"p50_ms", percentile(milliseconds, 0.5)},
          {"p95_ms", percentile(milliseconds, 0.95)},
          {"p99_ms", percentile(milliseconds, 0.99)},
          {"fps", 1000.0 * static_cast<double>(milliseconds.size()) / total}};
}

double peak_rss_mb() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double rss_mb() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

FomoPrecision parse_precision(const std::string& name) {
  if (name == "fp32")
    return FOMO_PRECISION_FP32;
  if (name == "fp16")
    return FOMO_PRECISION_FP16;
  if (name == "bf16")
    return FOMO_PRECISION_BF16;
  return FOMO_PRECISION_AUTO;
}

/// The picture and the driving frames of one run, RGB of the model's size.
struct Run {
  std::vector<std::vector<uint8_t>> driving;
  std::vector<uint8_t> picture;
  int width, height;

  Run(const ModelConfig& config, int frames)
      : width(config.frame_width), height(config.frame_height) {
    picture = moving_picture(width, height, -0.7);
    for (int i = 0; i < frames; i++)
      driving.push_back(moving_picture(width, height, 0.15 * i));
  }
  ConstImage image(const std::vector<uint8_t>& pixels) const {
    return packed_rgb(pixels, width, height);
  }
};

constexpr FomoMotion kMotion = {1, 1, 1};
constexpr int kWarmUp = 5; // frames; CUDA graphs are captured during the warm-up

double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Times the frames of one stream, from input bytes to output bytes, in milliseconds. `begin` is
/// called after the warm-up.
std::vector<double> time_stream(const std::shared_ptr<const Model>& model,
                                const std::shared_ptr<const Source>& source, const Run& run,
                                const std::function<void()>& begin) {
  Stream stream(model);
  FomoCalibration calibration{};
  calibration.motion = kMotion;
  calibration.strength = 1;
  calibration.face = FOMO_NO_FACE_CONTROLS;
  FomoDriving driving{};
  driving.crop = FOMO_CROP_NONE;
  std::vector<uint8_t> output(run.picture.size());
  std::vector<double> times;
  for (int i = -kWarmUp; i < static_cast<int>(run.driving.size()); i++) {
    if (i == 0)
      begin();
    const Clock::time_point start = Clock::now();
    driving.frame = frame_of(run.image(run.driving[std::max(i, 0)]));
    stream.animate(source, nullptr, driving, calibration, nullptr, nullptr,
                   packed_rgb(output, run.width, run.height));
    if (i >= 0)
      times.push_back(since(start));
  }
  return times;
}

/// Times `streams` concurrent streams. "fps" is the frame rate of all streams together, "rss_mb"
/// the resident size of the process while all of them run.
nlohmann::json run_engine(const std::shared_ptr<const Model>& model,
                          const std::shared_ptr<const Source>& source, const Run& run,
                          int streams) {
  std::mutex mutex;
  std::condition_variable all_ready;
  int warming_up = streams;
  double resident = 0;
  Clock::time_point start;
  const auto begin = [&] {
    std::unique_lock<std::mutex> lock(mutex);
    if (--warming_up == 0) {
      resident = rss_mb();
      start = Clock::now();
      all_ready.notify_all();
    }
    all_ready.wait(lock, [&] { return warming_up <= 0; });
  };
  std::vector<std::future<std::vector<double>>> running;
  for (int i = 0; i < streams; i++)
    running.push_back(std::async(std::launch::async, [&] {
      try {
        return time_stream(model, source, run, begin);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        warming_up = 0; // so that the other threads do not wait for this thread
        all_ready.notify_all();
        throw;
      }
    }));
  std::vector<double> times;
  for (auto& stream : running) {
    const std::vector<double> more = stream.get();
    times.insert(times.end(), more.begin(), more.end());
  }
  const double seconds = since(start) / 1000;
  nlohmann::json result = summary(times);
  result["fps"] = static_cast<double>(times.size()) / seconds;
  result["streams"] = streams;
  result["rss_mb"] = resident;
  return result;
}

/// [3, H, W] in [0, 1].
using Prediction = std::vector<float>;

/// The engine's predictions for all driving frames, before rounding to bytes. Not timed.
std::vector<Prediction> predict(const Model& model, const EncodedSource& source, const Run& run) {
  MotionTransfer motion;
  const auto workspace = model.backend().new_workspace();
  std::vector<Prediction> predictions;
  for (const auto& frame : run.driving) {
    const KeypointSet detected =
        model.backend().detect(*workspace, run.image(frame), model.threads()).keypoints;
    const KeypointSet moved = motion.apply(source.keypoints, source.hull_area, detected, kMotion);
    Prediction& prediction = predictions.emplace_back(run.picture.size());
    model.backend().predict(*workspace, source, moved, prediction.data(), model.threads());
  }
  return predictions;
}

/// The largest absolute difference of two predictions; NaN if one of them contains NaN.
double largest_difference(const Prediction& a, const Prediction& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); i++)
    if (const double here = std::abs(double{a[i]} - double{b[i]}); !(here <= largest))
      largest = here;
  return largest;
}

/// Times the plain path in fp32 on the engine's device, and compares its predictions with the
/// engine's. `difference`: increased to the largest difference.
nlohmann::json run_plain(const BenchOptions& options, int threads, const Run& run,
                         const std::vector<Prediction>& engine_predictions, double& difference) {
  const Checkpoint checkpoint = Checkpoint::open(model_path(options.model.model));
  const auto plain = torch_library().make_plain_path(
      checkpoint, model_config(checkpoint, options.model.config), options.model.align_corners,
      options.model.device.c_str(), threads, run.image(run.picture));
  Prediction prediction(run.picture.size());
  std::vector<double> times;
  for (int i = -1; i < static_cast<int>(run.driving.size()); i++) {
    const Clock::time_point start = Clock::now();
    plain->animate(run.image(run.driving[std::max(i, 0)]), kMotion, prediction.data());
    if (i < 0)
      continue;
    times.push_back(since(start));
    const double here = largest_difference(prediction, engine_predictions[i]);
    if (!(here <= difference))
      difference = here;
  }
  return summary(times);
}

void print_row(const char* name, const nlohmann::json& row) {
  std::printf("%-8s %9.2f ms median %9.2f ms 95%% %8.2f frames/s\n", name,
              row["p50_ms"].get<double>(), row["p95_ms"].get<double>(), row["fps"].get<double>());
}

int bench(BenchOptions options) {
  if (!options.no_plain)
    require_torch_library();
  options.model.precision = parse_precision(options.precision);
  const auto model = Model::open(options.model);
  const int threads = options.model.threads > 0
                          ? options.model.threads
                          : static_cast<int>(std::thread::hardware_concurrency());
  FomoModelInfo info;
  model->describe(info);

  options.model.device = info.device;
  Run run(model->config(), options.frames);
  const Clock::time_point start = Clock::now();
  const auto source = std::make_shared<const Source>(
      model, std::make_shared<const Picture>(Picture{run.width, run.height, 3, run.picture}),
      FomoFraming{FOMO_CROP_NONE, 0});
  const double source_ms = since(start);
  nlohmann::json result = {
      {"model", info.name},    {"device", info.device},    {"precision", info.precision},
      {"threads", threads},    {"frames", options.frames}, {"width", info.width},
      {"height", info.height}, {"load_ms", info.load_ms},  {"source_ms", source_ms}};
  for (const int streams : options.streams)
    result["by_streams"].push_back(run_engine(model, source, run, streams));
  result["engine"] = result["by_streams"][0];
  for (std::istringstream lines(kernels::chosen_algorithms()); !lines.eof();) {
    std::string line;
    if (std::getline(lines, line))
      result["algorithms"].push_back(line);
  }
  result["peak_rss_mb"] = peak_rss_mb(); // before the plain path loads weights of its own
  if (const Device device = find_device(info.device); device.is_cuda())
    result["device_memory_mb"] =
        static_cast<double>(cuda_library().memory_in_use(device.cuda_index)) / (1 << 20);
  if (!options.no_plain) {
    double difference = 0;
    result["plain"] = run_plain(options, threads, run,
                                predict(*model, *source->parts().front().encoded, run), difference);
    result["max_abs_difference"] = difference;
  }
  if (options.json) {
    std::printf("%s\n", result.dump(2).c_str());
    return 0;
  }
  std::printf("%s, %dx%d, %s %s, %d thread(s), %d frames\n", info.name, info.width, info.height,
              info.device, info.precision, threads, options.frames);
  for (const nlohmann::json& row : result["by_streams"]) {
    print_row("engine", row);
    if (options.streams.size() > 1)
      std::printf("         %d stream(s) together, %.0f MB resident\n", row["streams"].get<int>(),
                  row["rss_mb"].get<double>());
  }
  if (!options.no_plain) {
    print_row("plain", result["plain"]);
    std::printf("largest difference of a prediction %.2g of 1\n",
                result["max_abs_difference"].get<double>());
  }
  std::printf("peak resident size with the engine %.0f MB\n", result["peak_rss_mb"].get<double>());
  return 0;
}

} // namespace

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("bench", "Compare the engine with the plain path on the same frames");
  auto options = std::make_shared<BenchOptions>();
  command->add_option("--model,-m", options->model.model, "Checkpoint file, or builtin")
      ->capture_default_str();
  command->add_option("--config", options->model.config,
                      "FOMM YAML file; default: from the weights");
  command->add_option("--device", options->model.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  command->add_option("--precision", options->precision, "Precision of the engine")
      ->check(CLI::IsMember({"auto", "fp32", "fp16", "bf16"}))
      ->capture_default_str();
  command->add_flag("--deterministic", options->model.deterministic,
                    "Choose algorithms without timing them: the same results on every run");
  command->add_option("--threads", options->model.threads, "CPU threads, 0: all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--frames", options->frames, "Frames to measure")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--streams", options->streams,
                   "Number of concurrent streams, or several numbers to measure in turn (1,2,4); "
                   "fps is the frame rate of all streams together")
      ->delimiter(',')
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--no-plain", options->no_plain, "Do not run the plain path");
  command->callback([options, &exit_code] { exit_code = bench(*options); });
}

} // namespace fomo
