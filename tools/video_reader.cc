// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/video_reader.h"

#include <filesystem>
#include <sstream>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <unistd.h>

#include "common/error.h"

namespace fomo {

namespace {

constexpr int kMostPixels = 16384; // largest width and height
constexpr size_t kLongestLine = 1024;

/// The command that decodes a video to YUV4MPEG2 on standard output. All three planes have full
/// size (4:4:4), full range and JPEG's matrix. Widths are multiples of 4, because some versions of
/// y4menc do not remove the padding of rows.
std::vector<std::string> decoder_command(const std::string& path) {
  std::vector<std::string> words = {"gst-launch-1.0", "-q", "filesrc", "location=" + path};
  add_words(words,
            "! decodebin ! videoconvert ! deinterlace fields=top ! videoflip video-direction=auto"
            " ! videoscale add-borders=false ! videoconvert"
            " ! video/x-raw,format=Y444,colorimetry=1:4:0:0,width=[4,16384,4],"
            "pixel-aspect-ratio=1/1 ! y4menc ! fdsink fd=1");
  return words;
}

} // namespace

void check_video_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    throw Error(FOMO_NOT_FOUND, "The video '" + path + "' does not exist. Name a video file.");
  if (std::filesystem::is_directory(path, ignored))
    throw Error(FOMO_OPEN_READ, "The video '" + path + "' is a folder. Name a video file.");
  // A FIFO would be waited for, and can be read only once.
  if (!std::filesystem::is_regular_file(path, ignored))
    throw Error(FOMO_OPEN_READ,
                "The video '" + path + "' is not a regular file. Name a file on a disk.");
  if (access(path.c_str(), R_OK) != 0)
    throw Error(FOMO_OPEN_READ, "The video '" + path + "' cannot be read: check its permissions.");
}

VideoReader::VideoReader(const std::string& path, std::chrono::seconds timeout) : path_(path) {
  check_video_file(path);
  decoder_ = std::make_unique<Pipeline>(decoder_command(path),
                                        Pipeline::Setup{path, "gstreamer1.0-tools", timeout});
  read_header();
}

void VideoReader::fail(const std::string& reason) const {
  throw Error(FOMO_WRONG_TYPE, "The video '" + path_ + "' cannot be decoded: " + reason +
                                   " (`gst-discoverer-1.0 -v` tells more).");
}

void VideoReader::read_header() {
  std::istringstream words(decoder_->read_line(kLongestLine));
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
  const std::string start = decoder_->read_line(kLongestLine);
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
        decoder_->read(plane.data, plane.total()) != plane.total())
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
