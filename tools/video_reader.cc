// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/video_reader.h"

#include <csignal>
#include <filesystem>
#include <sstream>
#include <vector>

#include <glib.h>
#include <opencv2/imgproc.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"

namespace fomo {

namespace {

constexpr char kDecoder[] = "gst-launch-1.0";
constexpr int kMostPixels = 16384; // largest width and height

/// The command that decodes a video to YUV4MPEG2 on standard output. All three planes have full
/// size (4:4:4), full range and JPEG's matrix. Widths are multiples of 4, because some versions of
/// y4menc do not remove the padding of rows.
std::vector<std::string> decoder_command(const std::string& path) {
  std::vector<std::string> words = {kDecoder, "-q", "filesrc", "location=" + path};
  for (const char* word :
       {"!", "decodebin", "!", "videoconvert", "!", "videoflip", "video-direction=auto", "!",
        "videoscale", "add-borders=false", "!", "videoconvert", "!",
        "video/x-raw,format=Y444,colorimetry=1:4:0:0,width=[4,16384,4],pixel-aspect-ratio=1/1", "!",
        "y4menc", "!", "fdsink", "fd=1"})
    words.emplace_back(word);
  return words;
}

void check_file(const std::string& path) {
  const char* remedy = " Set --driving to a video file.";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(FOMO_NOT_FOUND, "The video '" + path + "' does not exist." + remedy);
  if (std::filesystem::is_directory(path, ignored))
    throw Error(FOMO_OPEN_READ, "The video '" + path + "' is a folder." + remedy);
  if (access(path.c_str(), R_OK) != 0)
    throw Error(FOMO_OPEN_READ, "The video '" + path + "' cannot be read: check its permissions.");
}

} // namespace

/// The decoder process and its standard output.
struct VideoReader::Child {
  explicit Child(const std::vector<std::string>& command) {
    std::vector<char*> words;
    for (const std::string& word : command)
      words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    int output = -1;
    GError* error = nullptr;
    const auto flags = static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD);
    if (!g_spawn_async_with_pipes(nullptr, words.data(), nullptr, flags, nullptr, nullptr, &pid,
                                  nullptr, &output, nullptr, &error)) {
      const std::string reason = error->message;
      g_error_free(error);
      throw Error(FOMO_LIBRARY, "Videos are decoded by " + command[0] + ", which does not start: " +
                                    reason + ". Install the package gstreamer1.0-tools.");
    }
    frames = fdopen(output, "rb");
  }
  ~Child() {
    if (pid > 0)
      kill(pid, SIGTERM);
    std::fclose(frames);
    wait();
  }
  /// Waits for the decoder to exit. Returns whether it succeeded.
  bool wait() {
    int status = 0;
    if (pid <= 0)
      return ended_well;
    ended_well = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    pid = 0;
    return ended_well;
  }

  GPid pid = 0;
  bool ended_well = false;
  FILE* frames = nullptr;
};

VideoReader::VideoReader(const std::string& path) : path_(path) {
  check_file(path);
  decoder_ = std::make_unique<Child>(decoder_command(path));
  read_header();
}

VideoReader::~VideoReader() = default;

void VideoReader::fail(const std::string& reason) const {
  throw Error(FOMO_WRONG_TYPE, "The video '" + path_ + "' cannot be decoded: " + reason +
                                   " (`gst-discoverer-1.0 -v` tells more).");
}

/// Reads a line, without the line end; empty at the end of the output.
std::string VideoReader::line() {
  constexpr size_t longest = 1024;
  std::string text;
  for (int c; (c = std::fgetc(decoder_->frames)) != EOF && c != '\n' && text.size() < longest;)
    text += static_cast<char>(c);
  return text;
}

void VideoReader::read_header() {
  std::istringstream words(line());
  std::string word;
  if (!(words >> word) || word != "YUV4MPEG2")
    fail("no frame comes out of it; the reason is above");
  while (words >> word) {
    int numerator = 0, denominator = 0;
    if (word[0] == 'W')
      width_ = std::atoi(word.c_str() + 1);
    else if (word[0] == 'H')
      height_ = std::atoi(word.c_str() + 1);
    else if (std::sscanf(word.c_str(), "F%d:%d", &numerator, &denominator) == 2 && numerator > 0 &&
             denominator > 0)
      frames_per_second_ = static_cast<double>(numerator) / denominator;
  }
  if (width_ < 1 || height_ < 1 || width_ > kMostPixels || height_ > kMostPixels)
    fail("its frames are of " + std::to_string(width_) + "x" + std::to_string(height_) + " pixels");
}

bool VideoReader::next(Picture& frame) {
  const std::string start = line();
  if (start.empty()) {
    if (!decoder_->wait())
      fail("it breaks off; the reason is above");
    return false;
  }
  const cv::Size size(width_, height_);
  cv::Mat planes[3];
  for (cv::Mat& plane : planes) {
    plane.create(size, CV_8U);
    if (start.compare(0, 5, "FRAME") != 0 ||
        std::fread(plane.data, 1, plane.total(), decoder_->frames) != plane.total())
      fail("it breaks off");
  }
  std::swap(planes[1], planes[2]); // OpenCV's order is Y, Cr, Cb
  frame = {width_, height_, 3, std::vector<uint8_t>(size.area() * size_t{3})};
  cv::Mat merged, rgb(size, CV_8UC3, frame.pixels.data());
  cv::merge(planes, 3, merged);
  cv::cvtColor(merged, rgb, cv::COLOR_YCrCb2RGB);
  return true;
}

} // namespace fomo
