// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "pictures/picture.h"
#include "tools/pipeline.h"

namespace fomo {

/// Throws Error if `path` is not a regular file that can be read. The message calls it a video.
void check_video_file(const std::string& path);

/// Reads a video file frame by frame, upright and with square pixels. A gst-launch-1.0 process
/// decodes the video, so that fomo-model does not link GStreamer.
class VideoReader {
 public:
  /// Throws Error if the file or gst-launch-1.0 does not exist, or the file contains no video, and
  /// StalledFile, as next() does, if nothing comes out of the file for `timeout`.
  explicit VideoReader(const std::string& path, std::chrono::seconds timeout = kReadTimeout);

  /// Reads the next frame, RGB. Returns false at the end. Throws Error if the video is truncated.
  bool next(Picture& frame);
  /// The time of frame `index` in seconds, by the video's frame rate (25 if unknown).
  double seconds(size_t index) const { return static_cast<double>(index) / frames_per_second_; }

 private:
  void read_header();
  [[noreturn]] void fail(const std::string& reason) const;

  std::string path_;
  std::unique_ptr<Pipeline> decoder_;
  int width_ = 0, height_ = 0;
  double frames_per_second_ = 25;
};

} // namespace fomo
