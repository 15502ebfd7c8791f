// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/data/videos.h"

#include <algorithm>
#include <filesystem>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "pictures/picture.h"

namespace fomo::train {
namespace {

cv::Mat load(const std::string& path, int side, bool mirrored) {
  const Picture picture = load_picture(path);
  std::vector<uint8_t> pixels =
      resize_region(picture, {0, 0, picture.width, picture.height}, side, side);
  const cv::Mat frame(side, side, CV_8UC3, pixels.data());
  cv::Mat out;
  if (mirrored)
    cv::flip(frame, out, 1);
  else
    frame.copyTo(out);
  return out;
}

} // namespace

Videos::Videos(const std::string& folder) {
  std::error_code code;
  for (const auto& video : std::filesystem::directory_iterator(folder, code)) {
    if (!video.is_directory())
      continue;
    std::vector<std::string> frames;
    for (const auto& frame : std::filesystem::directory_iterator(video.path()))
      frames.push_back(frame.path().string());
    std::sort(frames.begin(), frames.end());
    if (frames.size() > 1)
      videos_.push_back(std::move(frames));
  }
  std::sort(videos_.begin(), videos_.end());
  if (videos_.empty())
    throw Error(FOMO_NOT_FOUND, "The folder '" + folder +
                                    "' has no videos. Give a folder that has one folder of "
                                    "numbered pictures for each video.");
}

std::pair<cv::Mat, cv::Mat> Videos::draw(int side, render::Random& random) const {
  const auto& frames = videos_[random.index(videos_.size())];
  const size_t first = random.index(frames.size()),
               second = (first + 1 + random.index(frames.size() - 1)) % frames.size();
  const bool mirrored = random.chance(0.5f);
  return {load(frames[first], side, mirrored), load(frames[second], side, mirrored)};
}

} // namespace fomo::train
