// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace fomo {

/// Decoded frames, BGR of 8 bits, and the time of each in seconds.
struct Clip {
  std::vector<cv::Mat> frames;
  std::vector<double> times;
};

/// Reads frames, all or the first `limit`, from a media file or, when `from` has a `!` in it, from
/// a pipeline whose last element has raw video to give. Throws std::runtime_error when the pipeline
/// fails or gives no frame.
Clip read_clip(const std::string& from, size_t limit = SIZE_MAX);

/// Reads the sound of a media file as one channel at `rate` samples a second. Empty when the file
/// has none. Throws std::runtime_error when it cannot be decoded.
std::vector<float> read_sound(const std::string& path, int rate);

} // namespace fomo
