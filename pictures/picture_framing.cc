// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture_framing.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "common/error.h"
#include "pictures/picture_faces.h"

namespace fomo {

namespace {

/// Pictures come one at a time: one detector, loaded with the first, does for all.
std::vector<PictureFace> faces_of(const Picture& picture, bool only_largest) {
  static std::mutex mutex;
  static FaceDetector detector;
  const ConstImage image = image_of(picture);
  const std::lock_guard<std::mutex> guard(mutex);
  return only_largest ? find_large_faces(detector, image) : find_picture_faces(detector, image);
}

PictureCrop region_of(const Square& crop) {
  const int side = std::max(1, static_cast<int>(std::lround(crop.size)));
  return {cv::Rect(static_cast<int>(std::lround(crop.cx - side / 2.0)),
                   static_cast<int>(std::lround(crop.cy - side / 2.0)), side, side),
          crop.roll};
}

std::string counted(size_t count) {
  return count == 1 ? "1 face" : std::to_string(count) + " faces";
}

} // namespace

bool looks_for_faces(FomoCrop crop, bool about_faces) {
  return crop == FOMO_CROP_FACE || (crop == FOMO_CROP_AUTO && about_faces);
}

PictureFraming frame_picture(const Picture& picture, const FomoFraming& framing, bool about_faces) {
  PictureFraming result;
  result.crop = framing.crop;
  std::vector<PictureFace> faces;
  if (looks_for_faces(framing.crop, about_faces)) {
    faces = faces_of(picture, framing.face_index == 0);
    result.faces_found = static_cast<int>(faces.size());
  }
  if (faces.empty()) {
    if (framing.crop == FOMO_CROP_FACE)
      throw Error(FOMO_SETTINGS, "No face was found in the picture of " +
                                     std::to_string(picture.width) + "x" +
                                     std::to_string(picture.height) +
                                     " pixels. Set crop=center to animate its middle, or crop=none "
                                     "for all of it.");
    if (framing.crop == FOMO_CROP_AUTO)
      result.crop = FOMO_CROP_CENTER;
    result.crops = {crop_region(result.crop, picture.width, picture.height)};
    return result;
  }
  result.crop = FOMO_CROP_FACE;
  if (framing.face_index == FOMO_ALL_FACES) {
    for (const PictureFace& face : faces)
      result.crops.push_back(region_of(face.crop));
    return result;
  }
  const auto index = static_cast<size_t>(framing.face_index);
  if (index >= faces.size())
    throw Error(
        FOMO_SETTINGS,
        "The picture has " + counted(faces.size()) + ", so none is number " +
            std::to_string(index) + " (they are counted from 0, the largest). Set face-index to " +
            (faces.size() == 1 ? "0" : "at most " + std::to_string(faces.size() - 1)) + ".");
  result.crops = {region_of(faces[index].crop)};
  return result;
}

} // namespace fomo
