// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/driver.h"

#include <algorithm>

#include "common/error.h"

namespace fomo {

namespace {

/// The part of the upright frame that the model sees if no face is followed, pixels.
Box fixed_part(const FomoDriving& driving, const FrameReader& frame) {
  const double width = frame.width(), height = frame.height(), side = std::min(width, height);
  if (driving.crop == FOMO_CROP_NONE)
    return {0, 0, width, height};
  if (driving.crop == FOMO_CROP_MANUAL)
    return box_of({driving.crop_x * width, driving.crop_y * height, driving.crop_size * side});
  return box_of({width / 2, height / 2, side});
}

FomoFootprint footprint_of(const Box& part, double roll, const FrameReader& frame) {
  const auto stored = [&](double x, double y) {
    const Point upright = turned({x, y}, center(part), roll);
    return frame.to_stored({upright.x / frame.width(), upright.y / frame.height()});
  };
  const Point corner = stored(part.x, part.y), across = stored(part.x + part.width, part.y),
              down = stored(part.x, part.y + part.height);
  return {corner.x,          corner.y,         across.x - corner.x, across.y - corner.y,
          down.x - corner.x, down.y - corner.y};
}

/// The faces that upstream found, in pixels of the upright frame.
std::vector<Face> marked_faces(const FomoDriving& driving, const FrameReader& frame) {
  const double stored_width = driving.frame.width, stored_height = driving.frame.height;
  std::vector<Face> faces;
  for (int i = 0; i < driving.face_count; i++) {
    const Box& box = driving.faces[i];
    const Point a = frame.to_upright({box.x / stored_width, box.y / stored_height}),
                b = frame.to_upright(
                    {(box.x + box.width) / stored_width, (box.y + box.height) / stored_height});
    Face face;
    face.box = {std::min(a.x, b.x) * frame.width(), std::min(a.y, b.y) * frame.height(),
                std::abs(a.x - b.x) * frame.width(), std::abs(a.y - b.y) * frame.height()};
    face.score = 1;
    faces.push_back(face);
  }
  return faces;
}

} // namespace

Driver::Driver(bool about_faces)
    : about_faces_(about_faces), tracker_([this](const ConstImage& image, int longer_side) {
        return detector_.detect(image, longer_side);
      }) {
  if (about_faces)
    detector_.load(FaceTracker::detection_sizes());
}

void Driver::restart() {
  tracker_.reset();
  searching_since_ = -1;
  timed_out_ = false;
  lying_since_ = -1;
  lay_ = false;
}

bool Driver::follows_face(FomoCrop crop) const {
  return crop == FOMO_CROP_FACE || (crop == FOMO_CROP_AUTO && about_faces_);
}

/// Returns true once in each search: at the first frame after face_timeout.
bool Driver::search_timed_out(const FomoDriving& driving) {
  if (searching_since_ < 0 || driving.seconds < searching_since_)
    searching_since_ = driving.seconds;
  if (timed_out_ || driving.seconds - searching_since_ < driving.face_timeout)
    return false;
  timed_out_ = true;
  return true;
}

/// Reports once a face that lies, by more than a shooting person's head leans, from the start.
FomoOrientation Driver::lies(double seconds, const FaceTrack& face) {
  constexpr double lying = 60 * kPi / 180, upside_down = 150 * kPi / 180, long_enough = 1;
  const double roll = face.crop.roll;
  if (face.state != FOMO_FACE_TRACKING || std::abs(roll) < lying || lay_) {
    lying_since_ = -1;
    return FOMO_ORIENTATION_IDENTITY;
  }
  if (lying_since_ < 0 || seconds < lying_since_)
    lying_since_ = seconds;
  if (seconds - lying_since_ < long_enough)
    return FOMO_ORIENTATION_IDENTITY;
  lay_ = true;
  return std::abs(roll) > upside_down ? FOMO_ORIENTATION_180
         : roll > 0                   ? FOMO_ORIENTATION_90L
                                      : FOMO_ORIENTATION_90R;
}

void Driver::follow(const FomoDriving& driving, const FrameReader& frame, DriverSight& sight) {
  sight.face = tracker_.update(frame, driving.seconds, marked_faces(driving, frame));
  if (sight.face.state == FOMO_FACE_SEARCHING) {
    sight.timed_out = search_timed_out(driving);
    return;
  }
  searching_since_ = -1;
  timed_out_ = false;
  sight.square = sight.face.crop;
  sight.lies = lies(driving.seconds, sight.face);
  sight.confidence = sight.face.confidence;
  sight.new_scene = sight.face.event != FOMO_FACE_UNCHANGED && sight.face.event != FOMO_FACE_LEFT;
}

DriverSight Driver::look(const FomoDriving& driving, const FomoImage& image) {
  constexpr int most_taps = 4;
  const FrameReader frame(driving.frame);
  if (driving.crop != crop_)
    restart();
  crop_ = driving.crop;
  DriverSight sight;
  Box part = fixed_part(driving, frame);
  if (follows_face(driving.crop)) {
    follow(driving, frame, sight);
    if (is_empty(sight.square))
      return sight;
    part = box_of(sight.square);
  } else if (driving.crop == FOMO_CROP_MANUAL) {
    sight.square = {part.x + part.width / 2, part.y + part.height / 2, part.width};
  }
  if (!frame.read(part, sight.square.roll, most_taps, image))
    throw Error(FOMO_SETTINGS, "A driving frame of " + std::to_string(frame.width()) + "x" +
                                   std::to_string(frame.height()) +
                                   " pixels has nothing to read where the crop lies. Set crop-x, "
                                   "crop-y and crop-size to a part of the frame.");
  sight.readable = true;
  sight.footprint = footprint_of(part, sight.square.roll, frame);
  return sight;
}

} // namespace fomo
