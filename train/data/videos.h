// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::train {

/// A folder of videos, each a folder of numbered pictures.
class Videos {
 public:
  /// Throws Error if the folder has no video of at least two frames.
  explicit Videos(const std::string& folder);

  size_t size() const { return videos_.size(); }

  /// Draws two different frames of one video, `side` x `side` 8-bit RGB. At random, both are
  /// mirrored. Throws Error for a picture that cannot be read.
  std::pair<cv::Mat, cv::Mat> draw(int side, render::Random& random) const;

 private:
  std::vector<std::vector<std::string>> videos_;
};

} // namespace fomo::train
