// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "face/face.h"

namespace fomo {

/// YuNet's outputs for one stride: `rows` x `columns` cells, packed row-major.
struct YunetLevel {
  int stride = 0, rows = 0, columns = 0;
  const float* face = nullptr;      ///< rows x columns: class score
  const float* object = nullptr;    ///< rows x columns: objectness
  const float* box = nullptr;       ///< rows x columns x (centre x, y, log width, log height)
  const float* landmarks = nullptr; ///< rows x columns x 5 x (x, y)
};

/// Appends the faces of one level that score at least `min_score`, in the network's input pixels.
void decode_yunet(const YunetLevel& level, double min_score, std::vector<Face>& faces);

/// Keeps the best of faces that overlap by more than half of the smaller one, or by more than
/// `max_overlap` (intersection over union); best first.
void suppress_overlaps(std::vector<Face>& faces, double max_overlap);

/// The YuNet face detector (2023mar), run by OpenCV on the calling thread only. It finds faces of
/// 10 to 300 pixels of its input. Not thread-safe.
class Yunet {
 public:
  /// Throws Error when the file cannot be loaded.
  explicit Yunet(const std::string& path);

  /// Prepares for calls of detect() with this `scale`. Throws Error.
  void load(int scale) { net_for(scale); }

  /// `rgb`: CV_8UC3, any size; it is padded with black to multiples of 32. OpenCV prepares a
  /// network again whenever the size of its input changes, so there is one network for each
  /// `scale`: pictures of one scale should have one size.
  std::vector<Face> detect(const cv::Mat& rgb, int scale, double min_score);

 private:
  cv::dnn::Net& net_for(int scale);

  std::string path_;
  std::vector<char> file_; ///< contents of the model file, from which each network is made
  std::vector<cv::String> outputs_;
  std::map<int, cv::dnn::Net> nets_; ///< by scale
};

} // namespace fomo
