// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include "pictures/picture.h"

namespace fomo {

/// Reads a video file frame by frame, upright and with square pixels. GStreamer's own program
/// gst-launch-1.0 decodes it, so that nothing of GStreamer is linked here.
class VideoReader {
 public:
  /// Throws Error when there is no such file, no gst-launch-1.0, or no video in the file.
  explicit VideoReader(const std::string& path);
  ~VideoReader();
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  /// The next frame, RGB, into `frame`; false at the end. Throws Error when the video breaks off.
  bool next(Picture& frame);
  /// The time at which frame `index` is shown, by the video's frame rate; 25 where it has none.
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
