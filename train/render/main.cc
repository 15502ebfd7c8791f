// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-render: renders pairs of heads with ground truth, contact sheets and driving clips.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "train/render/record.h"
#include "train/render/script.h"
#include "train/render/studio.h"
#include "train/render/templates.h"

namespace {

using namespace fomo;
using namespace fomo::render;

struct Options {
  std::string assets, out, sheet, clip, motion_template;
  uint64_t seed = 1, first = 0;
  int pairs = 1000, per_shard = 250, threads = 0, frames = 0, size = 512;
  float rate = 25;
};

// A row of four pictures: source with keypoints, driving frame with keypoints, source warped onto
// the driving frame, and visibility.
cv::Mat strip(const Pair& pair, bool annotate) {
  std::vector<cv::Mat> tiles{pair.frames[0].clone(), pair.frames[1].clone()};
  cv::Mat map(train::kCells, train::kCells, CV_32FC2), seen(train::kCells, train::kCells, CV_8U);
  for (int i = 0; i < train::kCells * train::kCells; i++) {
    const Vec2& f = pair.flow[1].flow[i];
    map.at<cv::Vec2f>(i / train::kCells, i % train::kCells) = {train::pixel_from_normalized(f.x),
                                                               train::pixel_from_normalized(f.y)};
    seen.data[i] = pair.flow[1].visibility[i];
  }
  cv::resize(map, map, {256, 256}, 0, 0, cv::INTER_LINEAR);
  cv::resize(seen, seen, {256, 256}, 0, 0, cv::INTER_NEAREST);
  cv::Mat warped;
  cv::remap(pair.frames[0], warped, map, {}, cv::INTER_LINEAR);
  cv::cvtColor(seen, seen, cv::COLOR_GRAY2RGB);
  if (annotate) {
    for (size_t i = 0; i < 2; i++)
      for (int k = 0; k < train::kLandmarks; k++) {
        const Vec2& at = pair.keypoints[i].value[k];
        cv::circle(
            tiles[i],
            cv::Point2f(train::pixel_from_normalized(at.x), train::pixel_from_normalized(at.y)), 2,
            cv::Scalar(255 * (k % 2), 255 * (k % 3) / 2, 255), cv::FILLED, cv::LINE_AA);
      }
    tiles.push_back(warped);
    tiles.push_back(seen);
  }
  cv::Mat row;
  cv::hconcat(tiles, row);
  return row;
}

void save_rgb(const std::string& path, const cv::Mat& picture) {
  cv::Mat bgr;
  cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  if (!cv::imwrite(path, bgr))
    throw Error(FOMO_FAILED,
                "'" + path + "' could not be written. Check the folder and the extension (.png).");
}

void render_sheet(const Assets& assets, const LandmarkFitter& fitter, const Options& options) {
  std::vector<cv::Mat> rows, row;
  for (int i = 0; i < options.pairs; i++) {
    const Pair pair =
        render_pair(assets, fitter, options.seed, options.first + static_cast<uint64_t>(i));
    row.push_back(strip(pair, options.pairs <= 16));
    if (row.size() == (options.pairs <= 16 ? 2u : 4u)) {
      rows.emplace_back();
      cv::hconcat(row, rows.back());
      row.clear();
    }
  }
  if (rows.empty())
    rows = row;
  cv::Mat sheet;
  cv::vconcat(rows, sheet);
  save_rgb(options.sheet, sheet);
}

// Runs `work`, which takes the next piece of work until there is none, on several threads.
template<typename Work>
void on_threads(int wanted, const Work& work) {
  std::vector<std::thread> threads;
  const unsigned count =
      wanted > 0 ? static_cast<unsigned>(wanted) : std::thread::hardware_concurrency();
  for (unsigned i = 0; i < count; i++)
    threads.emplace_back(work);
  for (std::thread& thread : threads)
    thread.join();
}

void render_frames(const Assets& assets, const Options& options) {
  const Studio studio(assets, options.seed);
  const MotionTemplate* cycle =
      options.motion_template.empty() ? nullptr : &motion_template(options.motion_template);
  std::filesystem::create_directories(options.clip);
  const float seconds = cycle ? cycle->seconds : kScriptSeconds;
  const int count =
      options.frames > 0 ? options.frames : static_cast<int>(std::lround(seconds * options.rate));
  std::atomic<int> next{static_cast<int>(options.first)};
  std::mutex mutex;
  std::string reason;
  on_threads(options.threads, [&] {
    for (int i = next++; i < count; i = next++) {
      try {
        char name[32];
        std::snprintf(name, sizeof name, "/%05d.png", i);
        const float time = static_cast<float>(i) / options.rate;
        const Performance action =
            cycle ? cycle->at(std::fmod(time, seconds), seconds) : scripted(time);
        save_rgb(options.clip + name, studio.frame(action, options.size));
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        reason = error.what();
        next = count;
      }
    }
  });
  if (!reason.empty())
    throw Error(FOMO_FAILED, reason);
}

std::string shard_path(const Options& options, uint64_t shard) {
  char name[32];
  std::snprintf(name, sizeof name, "/%06llu.safetensors", static_cast<unsigned long long>(shard));
  return options.out + name;
}

// Shards that exist are kept, so that a run continues where an earlier one was killed.
void render_shards(const Assets& assets, const LandmarkFitter& fitter, const Options& options) {
  std::filesystem::create_directories(options.out);
  const auto count =
      static_cast<uint64_t>((options.pairs + options.per_shard - 1) / options.per_shard);
  std::atomic<uint64_t> next{0}, done{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::string reason;
  const auto work = [&] {
    for (uint64_t s = next++; s < count && !failed; s = next++) {
      try {
        const std::string path = shard_path(options, s + options.first);
        if (!std::filesystem::exists(path)) {
          std::vector<train::PairRecord> pairs;
          for (int i = 0; i < options.per_shard; i++)
            pairs.push_back(to_record(
                render_pair(assets, fitter, options.seed,
                            (s + options.first) * static_cast<uint64_t>(options.per_shard) +
                                static_cast<uint64_t>(i))));
          train::write_shard(path, pairs, {{"seed", std::to_string(options.seed)}});
        }
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        reason = error.what();
        failed = true;
      }
      const std::lock_guard lock(mutex);
      std::fprintf(stderr, "\rfomo-render: %llu of %llu shards",
                   static_cast<unsigned long long>(++done), static_cast<unsigned long long>(count));
    }
  };
  on_threads(options.threads, work);
  std::fprintf(stderr, "\n");
  if (failed)
    throw Error(FOMO_FAILED, reason);
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Renders heads to train on. The same --seed gives the same pictures for any number "
               "of threads."};
  app.add_option("--assets", options.assets, "folder of head assets (see train/README.md)")
      ->required();
  app.add_option("--out", options.out, "folder for shards of pairs");
  app.add_option("--contact-sheet", options.sheet, "PNG of --pairs pairs to look at");
  app.add_option("--clip", options.clip, "folder for the numbered frames of a driving clip");
  app.add_option("--template", options.motion_template,
                 "with --clip: perform one cycle of this motion template instead of the script: "
                 "nod, smile, talk or look-around");
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option(
         "--first", options.first,
         "number of the first shard (or of the contact sheet's first pair, or of the clip's "
         "first frame)")
      ->capture_default_str();
  app.add_option("--pairs", options.pairs)->check(CLI::Range(1, 10000000))->capture_default_str();
  app.add_option("--pairs-per-shard", options.per_shard)
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "0: all cores")->capture_default_str();
  app.add_option("--frames", options.frames, "frames of the clip; 0: the whole performance")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  app.add_option("--size", options.size, "side of the clip's frames, pixels")
      ->check(CLI::Range(64, 2048))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "frames per second of the clip")
      ->check(CLI::Range(1.0, 240.0))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    cv::setNumThreads(1);
    const Assets assets = Assets::load(options.assets);
    if (!options.sheet.empty())
      render_sheet(assets, LandmarkFitter(assets), options);
    if (!options.clip.empty())
      render_frames(assets, options);
    if (!options.out.empty())
      render_shards(assets, LandmarkFitter(assets), options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "fomo-render: " << error.what() << "\n";
    return 1;
  }
}
