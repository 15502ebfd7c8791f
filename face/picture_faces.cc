// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/picture_faces.h"

#include "face/framing.h"

namespace fomo {

std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const FomoImage& picture,
                                            FaceOrder order) {
  std::vector<Face> faces = detector.detect_all(picture);
  sort_faces(faces, order);
  std::vector<PictureFace> result;
  for (const Face& face : faces)
    result.push_back({face, face_crop(face.box, picture.width, picture.height)});
  return result;
}

} // namespace fomo
