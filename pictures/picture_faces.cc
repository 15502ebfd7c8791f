// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_faces.h"

#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"
#include "face/framing.h"
#include "face/turned_region.h"
#include "face/upright.h"

namespace fomo {

namespace {

constexpr double kPictureLean = 10 * kPi / 180;

/// Reads squares of a picture for turned_upright().
SquareDetector detector_in(FaceDetector& detector, const ConstImage& picture) {
  return [&detector, &picture](const Square& square) -> std::vector<Face> {
    const Box region = box_of(square), exact = box_around(region, square.roll);
    const cv::Mat whole = as_mat(picture);
    const cv::Rect around(cvFloor(exact.x), cvFloor(exact.y), cvCeil(exact.width) + 1,
                          cvCeil(exact.height) + 1);
    const cv::Rect inside = around & cv::Rect({}, whole.size());
    if (inside.empty())
      return {};
    cv::Mat part;
    cv::copyMakeBorder(whole(inside), part, inside.y - around.y, around.br().y - inside.br().y,
                       inside.x - around.x, around.br().x - inside.br().x,
                       cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    const cv::Size less = size_around({upright_side, upright_side}, square.roll);
    if (less.width < part.cols)
      cv::resize(part, part, less, 0, 0, cv::INTER_AREA);
    cv::Mat upright(upright_side, upright_side, part.type());
    turn_upright(part,
                 {static_cast<double>(around.x), static_cast<double>(around.y),
                  static_cast<double>(around.width), static_cast<double>(around.height)},
                 region, square.roll, upright);
    std::vector<Face> faces = detector.detect(as_image(upright), upright_side);
    const double scale = square.size / upright_side;
    for (Face& face : faces)
      face = face_in_frame(face, region, square.roll, scale, scale);
    return faces;
  };
}

/// Faces that lie or stand on their head in a picture in which no upright one was found.
std::vector<Face> turned_faces(FaceDetector& detector, const ConstImage& picture, bool all) {
  constexpr int longer_side = 640;
  constexpr struct {
    cv::RotateFlags flag;
    double roll; ///< of faces that the rotation turns upright
  } turns[] = {{cv::ROTATE_90_COUNTERCLOCKWISE, kPi / 2},
               {cv::ROTATE_90_CLOCKWISE, -kPi / 2},
               {cv::ROTATE_180, kPi}};
  const cv::Mat whole = as_mat(picture);
  const Box region{0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
  double best_score = 0;
  std::vector<Face> best;
  for (const auto& turn : turns) {
    cv::Mat upright;
    cv::rotate(whole, upright, turn.flag);
    std::vector<Face> faces = detector.detect(as_image(upright), longer_side);
    if (faces.empty() || faces.front().score <= best_score)
      continue;
    best_score = faces.front().score;
    // Small faces are looked for only beside large ones: all passes would take seconds more.
    if (all)
      faces = detector.detect_all(as_image(upright));
    for (Face& face : faces)
      face = face_in_frame(face, box_around(region, -turn.roll), turn.roll, 1, 1);
    best = faces;
  }
  return best;
}

/// The face at `upright` as the search of a picture finds it in which it is upright: with the same
/// box whatever its roll in the picture.
Face found_upright(FaceDetector& detector, const ConstImage& picture, Face upright, double roll) {
  constexpr int longer_side = 1280;
  const Box whole{0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
  const Box region = box_around(whole, -roll), around = box_around(region, roll);
  const double scale = std::min(1.0, longer_side / std::max(region.width, region.height));
  const cv::Mat pixels = as_mat(picture);
  cv::Mat part, turned(std::max(1, cvRound(region.height * scale)),
                       std::max(1, cvRound(region.width * scale)), pixels.type());
  const double left = (around.width - whole.width) / 2, top = (around.height - whole.height) / 2;
  cv::Mat small = pixels;
  if (scale < 1)
    cv::resize(pixels, small, {}, scale, scale, cv::INTER_AREA);
  cv::copyMakeBorder(small, part, cvCeil(top * scale), cvCeil(top * scale), cvCeil(left * scale),
                     cvCeil(left * scale), cv::BORDER_REPLICATE);
  const double width = part.cols / scale, height = part.rows / scale;
  turn_upright(part, {center(whole).x - width / 2, center(whole).y - height / 2, width, height},
               region, roll, turned);
  upright.roll = roll;
  const double extent = std::sqrt(area(upright.box));
  for (Face& face : detector.detect_large(as_image(turned))) {
    face =
        face_in_frame(face, region, roll, region.width / turned.cols, region.height / turned.rows);
    const double distance = std::hypot(center(face.box).x - center(upright.box).x,
                                       center(face.box).y - center(upright.box).y);
    const double octaves = std::log2(std::sqrt(area(face.box)) / extent);
    if (distance < 0.3 * extent && std::abs(octaves) < 0.3)
      return face;
  }
  return upright;
}

/// The faces with their rolls and the crops around them, the largest first.
std::vector<PictureFace> framed(FaceDetector& detector, std::vector<Face> faces,
                                const ConstImage& picture, bool all) {
  if (faces.empty())
    faces = turned_faces(detector, picture, all);
  const SquareDetector look = detector_in(detector, picture);
  sort_by_size(faces);
  std::vector<PictureFace> result;
  for (Face face : faces) {
    if (const auto upright = turned_upright(face.box, face.roll, look)) {
      const double roll = roll_to_remove(upright->roll, kPictureLean);
      if (roll != 0)
        face = found_upright(detector, picture, *upright, roll);
      face.roll = roll;
    }
    result.push_back({face, face_crop(face.box, face.roll, picture.width, picture.height)});
  }
  return result;
}

} // namespace

std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const ConstImage& picture) {
  return framed(detector, detector.detect_all(picture), picture, true);
}

std::vector<PictureFace> find_large_faces(FaceDetector& detector, const ConstImage& picture) {
  return framed(detector, detector.detect_large(picture), picture, false);
}

} // namespace fomo
