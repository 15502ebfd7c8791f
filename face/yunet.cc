// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/yunet.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/file_wait.h"

namespace fomo {

namespace {

constexpr int strides[] = {8, 16, 32};
constexpr int largest_stride = 32;

int padded(int size) {
  return std::max(1, (size + largest_stride - 1) / largest_stride) * largest_stride;
}

/// Runs `work` with OpenCV's parallel loops on this thread: OpenCV does not nest parallel loops.
/// cv::setNumThreads() would change the whole process.
template<typename Work>
void on_this_thread(const Work& work) {
  cv::parallel_for_(cv::Range(0, 1), [&](const cv::Range&) { work(); });
}

} // namespace

void decode_yunet(const YunetLevel& level, double min_score, std::vector<Face>& faces) {
  for (int row = 0; row < level.rows; row++) {
    for (int column = 0; column < level.columns; column++) {
      const int cell = row * level.columns + column;
      const double score = std::sqrt(std::clamp(level.face[cell], 0.F, 1.F) *
                                     std::clamp(level.object[cell], 0.F, 1.F));
      if (!(score >= min_score))
        continue;
      const float* box = level.box + 4 * cell;
      Face face;
      face.score = score;
      face.box.width = std::exp(box[2]) * level.stride;
      face.box.height = std::exp(box[3]) * level.stride;
      face.box.x = (column + box[0]) * level.stride - face.box.width / 2;
      face.box.y = (row + box[1]) * level.stride - face.box.height / 2;
      for (size_t i = 0; i < face.landmarks.size(); i++) {
        const float* point = level.landmarks + 10 * cell + 2 * i;
        face.landmarks[i] = {(column + point[0]) * level.stride, (row + point[1]) * level.stride};
      }
      faces.push_back(face);
    }
  }
}

void suppress_overlaps(std::vector<Face>& faces, double max_overlap) {
  std::stable_sort(faces.begin(), faces.end(),
                   [](const Face& a, const Face& b) { return a.score > b.score; });
  std::vector<Face> kept;
  for (const Face& face : faces) {
    if (std::none_of(kept.begin(), kept.end(), [&](const Face& better) {
          return overlap(face.box, better.box) > max_overlap ||
                 common_area(face.box, better.box) >
                     0.5 * std::min(area(face.box), area(better.box));
        }))
      kept.push_back(face);
  }
  faces = std::move(kept);
}

Yunet::Yunet(const std::string& path) : path_(path) {
  FileWait wait;
  std::ifstream file(path, std::ios::binary);
  file_.assign(std::istreambuf_iterator<char>(file), {});
  wait.end();
  for (const char* kind : {"cls_", "obj_", "bbox_", "kps_"})
    for (int stride : strides)
      outputs_.push_back(kind + std::to_string(stride));
  constexpr int usual_scale = 320;
  const std::vector<cv::String> present = net_for(usual_scale).getUnconnectedOutLayersNames();
  for (const cv::String& output : outputs_)
    if (std::find(present.begin(), present.end(), output) == present.end())
      throw Error(FOMO_WRONG_TYPE,
                  "'" + path + "' is not the face detector YuNet 2023mar: it has no output '" +
                      output + "'. Install fomotransfer again.");
}

cv::dnn::Net& Yunet::net_for(int scale) {
  if (const auto known = nets_.find(scale); known != nets_.end())
    return known->second;
  try {
    return nets_[scale] = cv::dnn::readNetFromONNX(file_.data(), file_.size());
  } catch (const cv::Exception& e) {
    throw Error(FOMO_OPEN_READ, "The face detector '" + path_ + "' cannot be loaded: " + e.err +
                                    ". Install fomotransfer again.");
  }
}

std::vector<Face> Yunet::detect(const cv::Mat& rgb, int scale, double min_score) {
  constexpr double most_overlap = 0.3;
  const cv::Size size(padded(rgb.cols), padded(rgb.rows));
  cv::Mat input = rgb;
  if (size != rgb.size())
    cv::copyMakeBorder(rgb, input, 0, size.height - rgb.rows, 0, size.width - rgb.cols,
                       cv::BORDER_CONSTANT);
  std::vector<cv::Mat> results;
  cv::dnn::Net& net = net_for(scale);
  on_this_thread([&] {
    constexpr bool swap_red_and_blue = true;
    net.setInput(cv::dnn::blobFromImage(input, 1, {}, {}, swap_red_and_blue));
    net.forward(results, outputs_);
  });
  std::vector<Face> faces;
  constexpr size_t levels = std::size(strides);
  for (size_t i = 0; i < levels; i++) {
    const int stride = strides[i];
    decode_yunet({stride, size.height / stride, size.width / stride, results[i].ptr<float>(),
                  results[levels + i].ptr<float>(), results[2 * levels + i].ptr<float>(),
                  results[3 * levels + i].ptr<float>()},
                 min_score, faces);
  }
  suppress_overlaps(faces, most_overlap);
  return faces;
}

} // namespace fomo
