// SPDX-License-Identifier: LGPL-2.1-or-later
// Checks the output of pipelines, for the shell tests in this folder. See kUsage.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include <gst/gst.h>
#include <opencv2/imgproc.hpp>

#include "tests/pipelines/media.h"

namespace {

constexpr char kUsage[] = R"(frame-check COMMAND CLIP ... [name=value ...]
CLIP is a media file, or a pipeline (with a ! in it) that ends in raw video.
  media CLIP size=WxH frames=N sound=yes|no seconds=S
      the file has these properties
  same RESULT EXPECTED [first=N] [region=X,Y,W,H] [max-error=E] [still=yes]
      as many frames, each like the other's and, unless still, less like those of another time;
      only the first N of RESULT's, and with a region only that part of them
  follow RESULT EXPECTED [frames=N] [distinct=N] [times=S] [rounds=N] [region=X,Y,W,H]
         [expected-region=X,Y,W,H] [max-error=E]
      each of RESULT's frames (the first N) is like one of EXPECTED's, in the same order, and they
      are like 3 different ones at least, or `distinct`; frames of EXPECTED may be absent. With
      `times` the moments of both are the same within S seconds, but for where they count from.
      With `rounds` EXPECTED was played over and over, so many times at most.
  tracks RESULT X,Y,W,H DRIVING X,Y,W,H [min-correlation=C]
      what lies in the boxes in the first frames moves alike in both
  sounds RESULT DRIVING
      both sound alike, at the same time and for as long
  raw CLIP OUTPUT frames=N
      writes CLIP's first N frames to OUTPUT.video as BGR and, of 25 frames/s, their sound to
      OUTPUT.sound as 32-bit floats, one channel, 22050 samples/s
Errors are mean absolute differences of 8-bit channels; 6 unless told.
)";

using fomo::Clip;
using fomo::read_clip;

[[noreturn]] void fail(const std::string& text) { throw std::runtime_error(text); }

void require(bool condition, const std::string& text) {
  if (!condition)
    fail(text);
}

/// A command's arguments: clips and boxes by position, the others as NAME=VALUE.
struct Words {
  std::vector<std::string> operands;
  std::map<std::string, std::string> named;

  std::string get(const std::string& name, const std::string& otherwise) const {
    const auto found = named.find(name);
    return found == named.end() ? otherwise : found->second;
  }
  double number(const std::string& name, double otherwise) const {
    return std::stod(get(name, std::to_string(otherwise)));
  }
  const std::string& operand(size_t i) const {
    require(i < operands.size(), std::string("too few words\n") + kUsage);
    return operands[i];
  }
};

Words parse(int argc, char** argv) {
  Words words;
  for (int i = 2; i < argc; i++) {
    const std::string word = argv[i];
    const size_t equals = word.find('=');
    const bool named = equals != std::string::npos && word.find_first_of("!/ ") > equals;
    if (named)
      words.named[word.substr(0, equals)] = word.substr(equals + 1);
    else
      words.operands.push_back(word);
  }
  return words;
}

cv::Rect parse_box(const std::string& text) {
  cv::Rect box;
  require(std::sscanf(text.c_str(), "%d,%d,%d,%d", &box.x, &box.y, &box.width, &box.height) == 4,
          "'" + text + "' is no X,Y,W,H");
  return box;
}

/// Reads frames and crops them to the region of the argument `name`, if there is one.
Clip read_region(const std::string& from, const Words& words, const std::string& name,
                 size_t limit = SIZE_MAX) {
  Clip clip = read_clip(from, limit);
  const std::string region = words.get(name, "");
  if (region.empty())
    return clip;
  const cv::Rect box = parse_box(region);
  for (cv::Mat& frame : clip.frames) {
    require((box & cv::Rect({0, 0}, frame.size())) == box, "the region leaves the frame");
    frame = frame(box);
  }
  return clip;
}

/// Mean absolute difference, in levels of 255.
double difference(const cv::Mat& a, const cv::Mat& b) {
  require(a.size() == b.size(), "a frame is of " + std::to_string(a.cols) + "x" +
                                    std::to_string(a.rows) + ", expected " +
                                    std::to_string(b.cols) + "x" + std::to_string(b.rows));
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

void check_media(const Words& words) {
  const std::string& path = words.operand(0);
  const Clip clip = read_clip(path);
  const cv::Size size = clip.frames[0].size();
  for (const cv::Mat& frame : clip.frames)
    require(frame.size() == size, "frames differ in size");
  const double frame_time = clip.frames.size() > 1
                                ? (clip.times.back() - clip.times.front()) / (clip.times.size() - 1)
                                : 0;
  const double seconds = clip.times.back() - clip.times.front() + frame_time;
  const std::string found = std::to_string(size.width) + "x" + std::to_string(size.height);
  std::printf("%s: %s, %zu frames, %.3f s\n", path.c_str(), found.c_str(), clip.frames.size(),
              seconds);
  require(found == words.get("size", found), "size is " + found);
  require(clip.frames.size() == words.number("frames", clip.frames.size()), "wrong frame count");
  const double wanted = words.number("seconds", seconds);
  require(std::abs(seconds - wanted) < 0.1, "wrong duration");

  constexpr int kRate = 16000;
  const size_t samples = fomo::read_sound(path, kRate).size();
  std::printf("sound: %.3f s\n", static_cast<double>(samples) / kRate);
  const std::string sound = words.get("sound", samples ? "yes" : "no");
  require((sound == "yes") == (samples > 0), samples ? "there is sound" : "there is no sound");
}

void check_same(const Words& words) {
  const auto limit = static_cast<size_t>(words.number("first", 1e9));
  const Clip result = read_region(words.operand(0), words, "region", limit);
  const Clip expected = read_region(words.operand(1), words, "expected-region");
  const size_t count = expected.frames.size();
  require(result.frames.size() == count,
          std::to_string(result.frames.size()) + " frames, expected " + std::to_string(count));
  double worst = 0, sum = 0, sum_elsewhere = 0;
  for (size_t i = 0; i < count; i++) {
    const double error = difference(result.frames[i], expected.frames[i]);
    worst = std::max(worst, error);
    sum += error;
    sum_elsewhere += difference(result.frames[i], expected.frames[(i + count / 3) % count]);
  }
  std::printf("mean difference %.2f, of the worst frame %.2f; from frames of another time %.2f\n",
              sum / count, worst, sum_elsewhere / count);
  require(worst <= words.number("max-error", 6), "the frames are not those expected");
  require(words.get("still", "no") == "yes" || sum < 0.7 * sum_elsewhere,
          "the frames are as much like those of another time: nothing moves, or not together");
}

/// Chooses a column for each row of `errors`, never left of the previous row's column, so that the
/// sum of the errors is least.
std::vector<int> monotone_path(const cv::Mat_<double>& errors) {
  cv::Mat_<double> sums = errors.clone();
  cv::Mat_<int> from(errors.size(), 0);
  for (int row = 1; row < errors.rows; row++) {
    int best = 0;
    for (int column = 0; column < errors.cols; column++) {
      if (sums(row - 1, column) < sums(row - 1, best))
        best = column;
      sums(row, column) += sums(row - 1, best);
      from(row, column) = best;
    }
  }
  cv::Point last;
  cv::minMaxLoc(sums.row(errors.rows - 1), nullptr, nullptr, &last);
  std::vector<int> path(static_cast<size_t>(errors.rows), last.x);
  for (int row = errors.rows - 1; row > 0; row--) {
    const auto i = static_cast<size_t>(row);
    path[i - 1] = from(row, path[i]);
  }
  return path;
}

/// The differences between all frames of `result` (rows) and of `expected` (columns).
cv::Mat_<double> all_differences(const Clip& result, const Clip& expected) {
  cv::Mat_<double> errors(static_cast<int>(result.frames.size()),
                          static_cast<int>(expected.frames.size()));
  for (int row = 0; row < errors.rows; row++)
    for (int column = 0; column < errors.cols; column++)
      errors(row, column) = difference(result.frames[static_cast<size_t>(row)],
                                       expected.frames[static_cast<size_t>(column)]);
  return errors;
}

/// Excludes pairs of frames whose times differ by more than `tolerance` seconds. The two clips'
/// times have different origins; the offset that fits best is used.
void allow_equal_times(const Clip& result, const Clip& expected, double tolerance,
                       cv::Mat_<double>& errors) {
  constexpr double kImpossible = 1e6;
  cv::Mat_<double> best;
  double least = INFINITY;
  for (const double first : expected.times) {
    cv::Mat_<double> allowed = errors.clone();
    double sum = 0;
    for (int row = 0; row < errors.rows; row++) {
      double least_in_row = kImpossible;
      const double time = result.times[static_cast<size_t>(row)] - result.times[0] + first;
      for (int column = 0; column < errors.cols; column++) {
        if (std::abs(expected.times[static_cast<size_t>(column)] - time) > tolerance)
          allowed(row, column) = kImpossible;
        least_in_row = std::min(least_in_row, allowed(row, column));
      }
      sum += least_in_row;
    }
    if (sum < least)
      least = sum, best = allowed;
  }
  errors = best;
}

void check_follow(const Words& words) {
  const Clip result = read_region(words.operand(0), words, "region",
                                  static_cast<size_t>(words.number("frames", 1e9)));
  const Clip expected = read_region(words.operand(1), words, "expected-region");
  const int count = static_cast<int>(result.frames.size());
  const int most = static_cast<int>(words.number("frames", count));
  require(count == most, "only " + std::to_string(count) + " frames");
  for (int i = 1; i < count; i++)
    require(result.times[static_cast<size_t>(i)] > result.times[static_cast<size_t>(i) - 1],
            "the times of the frames do not increase");
  const cv::Mat_<double> differences = all_differences(result, expected);
  cv::Mat_<double> errors = differences.clone();
  if (const double tolerance = words.number("times", 0); tolerance > 0)
    allow_equal_times(result, expected, tolerance, errors);
  cv::Mat_<double> repeated;
  cv::repeat(errors, 1, static_cast<int>(words.number("rounds", 1)), repeated);

  std::vector<int> path = monotone_path(repeated);
  std::set<int> distinct;
  double worst = 0, sum = 0, sum_elsewhere = 0;
  for (int row = 0; row < count; row++) {
    const int column = path[static_cast<size_t>(row)] % errors.cols;
    distinct.insert(column);
    worst = std::max(worst, errors(row, column));
    sum += errors(row, column);
    sum_elsewhere += differences(row, (column + errors.cols / 3) % errors.cols);
  }
  std::printf("%d frames are %zu of %d; mean difference %.2f, of the worst frame %.2f; from frames "
              "of another time %.2f\n",
              count, distinct.size(), errors.cols, sum / count, worst, sum_elsewhere / count);
  require(worst <= words.number("max-error", 6), "the frames are not those expected");
  require(static_cast<double>(distinct.size()) >= words.number("distinct", 3),
          "the picture hardly moves");
  require(sum < 0.7 * sum_elsewhere, "the frames are as much like those of another time");
}

/// Tracks the content of the first frame's `box`: x and y of its corner in each frame.
std::vector<cv::Point2d> track(const Clip& clip, const cv::Rect& box) {
  const cv::Mat pattern = clip.frames[0](box);
  // Searches around the first position, up to half of the box's size away.
  const cv::Rect around =
      cv::Rect(box.x - box.width / 2, box.y - box.height / 2, 2 * box.width, 2 * box.height) &
      cv::Rect({0, 0}, clip.frames[0].size());
  std::vector<cv::Point2d> places;
  cv::Mat score;
  for (const cv::Mat& frame : clip.frames) {
    cv::matchTemplate(frame(around), pattern, score, cv::TM_CCOEFF_NORMED);
    cv::Point best;
    cv::minMaxLoc(score, nullptr, nullptr, nullptr, &best);
    places.emplace_back(best + around.tl());
  }
  return places;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const cv::Mat x(a), y(b);
  const double mean_x = cv::mean(x)[0], mean_y = cv::mean(y)[0];
  const cv::Mat dx = x - mean_x, dy = y - mean_y;
  const double scale = cv::norm(dx) * cv::norm(dy);
  return scale > 0 ? dx.dot(dy) / scale : 0;
}

void check_tracks(const Words& words) {
  const Clip result = read_clip(words.operand(0)), driving = read_clip(words.operand(2));
  require(result.frames.size() == driving.frames.size(), "the clips differ in length");
  const auto a = track(result, parse_box(words.operand(1)));
  const auto b = track(driving, parse_box(words.operand(3)));
  std::vector<double> ax, ay, bx, by;
  for (size_t i = 0; i < a.size(); i++) {
    ax.push_back(a[i].x), ay.push_back(a[i].y);
    bx.push_back(b[i].x), by.push_back(b[i].y);
  }
  const double x = correlation(ax, bx), y = correlation(ay, by);
  std::printf("motion correlates by %.3f across and %.3f down\n", x, y);
  require(x >= words.number("min-correlation", 0.7), "the result does not move as the clip does");
}

/// The loudness of each hundredth of a second.
std::vector<double> loudness(const std::string& path) {
  constexpr int kRate = 16000, kWindow = kRate / 100;
  const std::vector<float> samples = fomo::read_sound(path, kRate);
  require(!samples.empty(), "no sound in " + path);
  std::vector<double> windows;
  for (size_t i = 0; i + kWindow <= samples.size(); i += kWindow) {
    double sum = 0;
    for (size_t k = i; k < i + kWindow; k++)
      sum += samples[k] * samples[k];
    windows.push_back(std::sqrt(sum / kWindow));
  }
  return windows;
}

void check_sounds(const Words& words) {
  const std::vector<double> a = loudness(words.operand(0)), b = loudness(words.operand(1));
  require(std::abs(static_cast<double>(a.size()) - static_cast<double>(b.size())) <= 15,
          "the sound does not last as long");
  constexpr int kMaxLag = 30;
  const size_t length = std::min(a.size(), b.size());
  require(length > 3 * kMaxLag, "too little sound to compare");
  double best = -1;
  int best_lag = 0;
  for (int lag = -kMaxLag; lag <= kMaxLag; lag++) {
    const auto from_a = a.begin() + std::max(lag, 0), from_b = b.begin() + std::max(-lag, 0);
    const auto span = static_cast<ptrdiff_t>(length - static_cast<size_t>(std::abs(lag)));
    const double c = correlation({from_a, from_a + span}, {from_b, from_b + span});
    if (c > best)
      best = c, best_lag = lag;
  }
  std::printf("sound correlates by %.3f at a lag of %d ms\n", best, 10 * best_lag);
  require(best > 0.95, "the sound is another");
  require(std::abs(best_lag) <= 8, "the sound is shifted");
}

void write_raw(const Words& words) {
  constexpr int kRate = 22050, kFrameRate = 25;
  const auto frames = static_cast<size_t>(words.number("frames", 1));
  std::ofstream video(words.operand(1) + ".video", std::ios::binary);
  for (const cv::Mat& frame : read_clip(words.operand(0), frames).frames)
    video.write(reinterpret_cast<const char*>(frame.data), frame.total() * frame.elemSize());
  std::vector<float> samples = fomo::read_sound(words.operand(0), kRate);
  samples.resize(std::min(samples.size(), frames * kRate / kFrameRate));
  std::ofstream sound(words.operand(1) + ".sound", std::ios::binary);
  sound.write(reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(float));
  require(video.flush() && sound.flush(), "cannot write " + words.operand(1));
}

} // namespace

int main(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  const std::map<std::string, void (*)(const Words&)> commands = {
      {"media", check_media},   {"same", check_same},     {"follow", check_follow},
      {"tracks", check_tracks}, {"sounds", check_sounds}, {"raw", write_raw}};
  const auto command = commands.find(argc > 1 ? argv[1] : "");
  if (command == commands.end()) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    command->second(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "frame-check %s: %s\n", argv[1], error.what());
    return 1;
  }
  return 0;
}
