// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/detector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "common/data_file.h"
#include "common/error.h"
#include "common/image_mat.h"
#include "face/yunet.h"

namespace fomo {

namespace {

constexpr double most_overlap = 0.3; ///< of two faces

cv::Mat scaled_rgb(const cv::Mat& image, double scale) {
  cv::Mat scaled = image;
  if (scale != 1) {
    const cv::Size size(std::max(1, static_cast<int>(std::lround(image.cols * scale))),
                        std::max(1, static_cast<int>(std::lround(image.rows * scale))));
    cv::resize(image, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  if (scaled.channels() == 3)
    return scaled;
  cv::Mat rgb;
  cv::cvtColor(scaled, rgb, scaled.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_RGBA2RGB);
  return rgb;
}

/// Converts a face from the pixels of a tile to those of the image. The tile was cut at `x`, `y`
/// after the image had been scaled by `scale`.
void to_whole(Face& face, double scale, double x, double y) {
  face.box = {(face.box.x + x) / scale, (face.box.y + y) / scale, face.box.width / scale,
              face.box.height / scale};
  for (Point& point : face.landmarks)
    point = {(point.x + x) / scale, (point.y + y) / scale};
}

/// First pixels of tiles along `length` pixels: each has `tile` pixels, two share `common`.
std::vector<int> tile_starts(int length, int tile, int common) {
  std::vector<int> starts;
  for (int start = 0; start + tile < length; start += tile - common)
    starts.push_back(start);
  starts.push_back(std::max(0, length - tile));
  return starts;
}

/// Whether the border of a tile may cut the face at `box` (the tile's pixels). Such a face is whole
/// in the next tile or, if it is larger than the overlap of tiles, in a coarser pass.
bool is_cut(const Box& box, const cv::Rect& tile, cv::Size whole) {
  const double reserve = 0.15 * std::max(box.width, box.height);
  return (tile.x > 0 && box.x < reserve) || (tile.y > 0 && box.y < reserve) ||
         (tile.br().x < whole.width && box.x + box.width > tile.width - reserve) ||
         (tile.br().y < whole.height && box.y + box.height > tile.height - reserve);
}

bool has_middle(const cv::Mat& image, const Box& box) {
  return center(box).x >= 0 && center(box).y >= 0 && center(box).x < image.cols &&
         center(box).y < image.rows;
}

} // namespace

FaceDetector::FaceDetector(std::string model, double min_score)
    : model_(std::move(model)), min_score_(min_score) {}

FaceDetector::~FaceDetector() = default;

Yunet& FaceDetector::network() {
  if (!network_) {
    const std::string name = "face_detection_yunet_2023mar.onnx";
    network_ = std::make_unique<Yunet>(model_.empty() ? data_file("face/" + name, name) : model_);
  }
  return *network_;
}

void FaceDetector::load(const std::vector<int>& longer_sides) {
  for (const int longer_side : longer_sides)
    network().load(longer_side);
}

std::vector<Face> FaceDetector::detect(const ConstImage& image, int longer_side) {
  if (!image.data || image.width < 1 || image.height < 1)
    throw Error(FOMO_SETTINGS, "Cannot look for faces in an empty picture. Give one with pixels.");
  const double scale =
      std::min(1.0, static_cast<double>(longer_side) / std::max(image.width, image.height));
  const cv::Mat rgb = scaled_rgb(as_mat(image), scale);
  std::vector<Face> faces = network().detect(rgb, longer_side, min_score_);
  // The network pads its input; a face there is a false one.
  faces.erase(std::remove_if(faces.begin(), faces.end(),
                             [&](const Face& face) { return !has_middle(rgb, face.box); }),
              faces.end());
  for (Face& face : faces)
    to_whole(face, scale, 0, 0);
  return faces;
}

std::vector<Face> FaceDetector::detect_coarsely(const ConstImage& image) {
  constexpr int usual = 320, coarse = 128;
  std::vector<Face> faces = detect(image, usual);
  // A face that fills the picture is too large for the network at the usual scale.
  for (const Face& face : detect(image, coarse))
    faces.push_back(face);
  return faces;
}

std::vector<Face> FaceDetector::detect_large(const ConstImage& image) {
  constexpr double large =
      1.0 / 12; // of the longer side: 27 pixels of the network's input, which finds 10
  std::vector<Face> faces = detect_coarsely(image);
  suppress_overlaps(faces, most_overlap);
  const double least = large * std::max(image.width, image.height);
  const bool found = std::any_of(faces.begin(), faces.end(), [least](const Face& face) {
    return std::min(face.box.width, face.box.height) >= least;
  });
  return found ? faces : detect_all(image);
}

std::vector<Face> FaceDetector::detect_all(const ConstImage& image) {
  constexpr int fine = 1920, finest = 2880;
  std::vector<Face> faces = detect_coarsely(image);
  detect_in_tiles(image, fine, faces);
  // The smallest faces score higher when they are magnified.
  if (faces.empty())
    detect_in_tiles(image, finest, faces);
  suppress_overlaps(faces, most_overlap);
  return faces;
}

void FaceDetector::detect_in_tiles(const ConstImage& image, int longer_side,
                                   std::vector<Face>& faces) {
  constexpr int tile = 640, common = 96;
  constexpr double largest_magnification = 1.5;
  // A long, narrow picture gets as many pixels as one of 16:9: its faces are not smaller.
  const double by_side = static_cast<double>(longer_side) / std::max(image.width, image.height);
  const double by_area = longer_side * std::sqrt(9.0 / 16 / image.width / image.height);
  const double scale = std::min(largest_magnification, std::max(by_side, by_area));
  const cv::Mat whole = scaled_rgb(as_mat(image), scale);
  for (int y : tile_starts(whole.rows, tile, common)) {
    for (int x : tile_starts(whole.cols, tile, common)) {
      const cv::Rect part(x, y, std::min(tile, whole.cols), std::min(tile, whole.rows));
      for (Face& face : network().detect(whole(part), tile, min_score_)) {
        if (is_cut(face.box, part, whole.size()) || !has_middle(whole(part), face.box))
          continue;
        to_whole(face, scale, x, y);
        faces.push_back(face);
      }
    }
  }
}

void sort_by_size(std::vector<Face>& faces) {
  std::stable_sort(faces.begin(), faces.end(),
                   [](const Face& a, const Face& b) { return area(a.box) > area(b.box); });
}

} // namespace fomo
