// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_faces.h"

#include "face/framing.h"

namespace fomo {

namespace {

std::vector<PictureFace> framed(std::vector<Face> faces, const FomoImage& picture,
                                FaceOrder order) {
  sort_faces(faces, order);
  std::vector<PictureFace> result;
  for (const Face& face : faces)
    result.push_back({face, face_crop(face.box, picture.width, picture.height)});
  return result;
}

} // namespace

std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const FomoImage& picture,
                                            FaceOrder order) {
  return framed(detector.detect_all(picture), picture, order);
}

std::vector<PictureFace> find_large_faces(FaceDetector& detector, const FomoImage& picture) {
  return framed(detector.detect_large(picture), picture, FaceOrder::size);
}

} // namespace fomo
