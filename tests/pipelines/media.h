// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace fomo {

/// Decoded frames (8-bit BGR), and the time of each frame in seconds.
struct Clip {
  std::vector<cv::Mat> frames;
  std::vector<double> times;
};

/// Reads all frames, or the first `limit`, of a media file. If `from` contains a `!`, it is a
/// pipeline whose last element outputs raw video. Throws std::runtime_error if the pipeline fails
/// or gives no frame.
Clip read_clip(const std::string& from, size_t limit = SIZE_MAX);

/// Reads the sound of a media file as one channel at `rate` samples a second. Empty when the file
/// has none. Throws std::runtime_error when it cannot be decoded.
std::vector<float> read_sound(const std::string& path, int rate);

} // namespace fomo
