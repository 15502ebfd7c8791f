// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include "pictures/picture.h"

namespace fomo {

/// Reads a video file frame by frame, upright and with square pixels. A gst-launch-1.0 process
/// decodes the video, so that fomo-model does not link GStreamer.
class VideoReader {
 public:
  /// Throws Error if the file or gst-launch-1.0 does not exist, or the file contains no video.
  explicit VideoReader(const std::string& path);
  ~VideoReader();
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  /// Reads the next frame, RGB. Returns false at the end. Throws Error if the video is truncated.
  bool next(Picture& frame);
  /// The time of frame `index` in seconds, by the video's frame rate (25 if unknown).
  double seconds(size_t index) const { return static_cast<double>(index) / frames_per_second_; }

 private:
  struct Child;

  std::string line();
  void read_header();
  [[noreturn]] void fail(const std::string& reason) const;

  std::string path_;
  std::unique_ptr<Child> decoder_;
  int width_ = 0, height_ = 0;
  double frames_per_second_ = 25;
};

} // namespace fomo
