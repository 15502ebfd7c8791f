// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/driver.h"

#include <algorithm>

namespace fomo {

void Driver::set_view(const View& view, GstFomoTransferCrop crop) {
  view_ = view;
  if (crop != crop_)
    restart();
  crop_ = crop;
  frames_.reset();
  reader_.reset();
}

void Driver::restart() {
  if (tracker_)
    engine_.reset(*tracker_);
  searching_since_ = -1;
  gave_up_ = false;
}

bool Driver::follows_face() const {
  return crop_ == GST_FOMO_TRANSFER_CROP_FACE ||
         (crop_ == GST_FOMO_TRANSFER_CROP_AUTO && model_.about_faces);
}

DriverFrame& Driver::frames() {
  if (!frames_)
    frames_.emplace(view_);
  return *frames_;
}

FomoImage Driver::read(const FomoFrame& frame, const FomoSquare& square) {
  if (!picture_)
    picture_.emplace(GST_VIDEO_FORMAT_RGB, model_.width, model_.height);
  const FomoImage image = picture_->image();
  engine_.read(frame, square, image);
  return image;
}

DriverSight Driver::fixed(GstVideoFrame& frame) {
  if (!reader_)
    reader_.emplace(view_, model_.width, model_.height);
  DriverSight sight;
  sight.driving.image = reader_->read(frame);
  sight.driving.face_confidence = -1;
  return sight;
}

DriverSight Driver::look(GstVideoFrame& frame, const FrameSettings& settings, double seconds) {
  DriverSight sight;
  if (follows_face()) {
    sight = followed(frame, settings, seconds);
  } else if (crop_ == GST_FOMO_TRANSFER_CROP_MANUAL) {
    const FomoFrame view = frames().of(frame);
    const FomoSquare square = {settings.crop_x * view.width, settings.crop_y * view.height,
                               settings.crop_size * std::min(view.width, view.height)};
    sight.driving.image = read(view, square);
    sight.driving.crop = square;
    sight.driving.face_confidence = -1;
  } else {
    sight = fixed(frame);
  }
  sight.driving.seconds = seconds;
  return sight;
}

DriverSight Driver::followed(GstVideoFrame& frame, const FrameSettings& settings, double seconds) {
  if (!tracker_)
    tracker_ = engine_.new_tracker();
  const FomoFrame view = frames().of(frame);
  const FomoFace face =
      engine_.track(*tracker_, view, seconds, frames().marked_faces(frame.buffer));
  DriverSight sight;
  sight.event = face.event;
  sight.has_face = face.state == FOMO_FACE_TRACKING;
  if (face.state != FOMO_FACE_SEARCHING) {
    sight.anew = gave_up_;
    gave_up_ = false;
    searching_since_ = -1;
    sight.driving.image = read(view, face.crop);
    sight.driving.crop = face.crop;
    sight.driving.face_confidence = face.confidence;
    sight.driving.new_scene = face.event != FOMO_FACE_UNCHANGED && face.event != FOMO_FACE_LEFT;
    return sight;
  }
  if (searching_since_ < 0 || seconds < searching_since_)
    searching_since_ = seconds;
  const double waited = seconds - searching_since_;
  if (!gave_up_ && waited < static_cast<double>(settings.face_timeout) / GST_SECOND)
    return sight; // the picture rests
  sight = fixed(frame);
  sight.event = face.event;
  sight.gave_up = !gave_up_;
  gave_up_ = true;
  return sight;
}

} // namespace fomo
