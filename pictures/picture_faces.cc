// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_faces.h"

#include "face/framing.h"

namespace fomo {

namespace {

std::vector<PictureFace> framed(std::vector<Face> faces, const ConstImage& picture) {
  sort_by_size(faces);
  std::vector<PictureFace> result;
  for (const Face& face : faces)
    result.push_back({face, face_crop(face.box, picture.width, picture.height)});
  return result;
}

} // namespace

std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const ConstImage& picture) {
  return framed(detector.detect_all(picture), picture);
}

std::vector<PictureFace> find_large_faces(FaceDetector& detector, const ConstImage& picture) {
  return framed(detector.detect_large(picture), picture);
}

} // namespace fomo
