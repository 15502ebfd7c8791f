// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/stream.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "common/error.h"
#include "common/stopwatch.h"

namespace fomo {

namespace {

/// The driving frame's keypoints as the picture's model has them. Motion that was sent without
/// Jacobians is taken to have none that change.
DrivingFrame completed(const DrivingFrame& frame, const KeypointSet& source) {
  DrivingFrame result = frame;
  result.keypoints.on_face = source.on_face;
  result.keypoints.first_mouth = source.first_mouth;
  result.keypoints.first_ear = source.first_ear;
  if (source.jacobian.empty())
    result.keypoints.jacobian.clear();
  else if (frame.keypoints.jacobian.empty())
    for (size_t i = 0; i < source.jacobian.size(); i++)
      result.keypoints.jacobian.push_back(i % 4 == 0 || i % 4 == 3 ? 1.0F : 0.0F);
  return result;
}

/// The motion of a part: the last one is that of all parts from there on.
const MotionFrame& motion_of(const std::vector<const MotionFrame*>& motions, size_t part) {
  return *motions[std::min(part, motions.size() - 1)];
}

} // namespace

Stream::Stream(std::shared_ptr<const Model> model)
    : model_(std::move(model)), workspace_(model_->backend().new_workspace()),
      driver_(model_->about_faces()),
      driving_(size_t{3} * model_->config().frame_width * model_->config().frame_height) {}

int Stream::threads() const {
  const int wanted = model_->threads();
  return wanted > 0 ? wanted : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

FomoImage Stream::image_of(std::vector<uint8_t>& pixels) const {
  return packed_rgb(pixels, model_->config().frame_width, model_->config().frame_height);
}

void Stream::restart() {
  driver_.restart();
  for (Part& part : parts_) {
    part.motion_of_driver.reset();
    part.motion_id = 0;
  }
}

void Stream::reset_reference() {
  given_ = {};
  for (Part& part : parts_)
    part.motion_of_driver.reset_reference();
}

void Stream::set_reference(const KeypointSet& pose) {
  given_ = pose;
  for (Part& part : parts_)
    part.motion_of_driver.set_reference(pose);
}

void Stream::take(const std::shared_ptr<const Source>& picture, bool has_edges,
                  const Motions& motions, const FomoCalibration& calibration) {
  if (has_edges != has_edges_)
    rendered_ = false; // with a border that is held, or not
  has_edges_ = has_edges;
  if (picture != picture_)
    take_picture(picture, calibration.reference);
  for (size_t i = 0; i < parts_.size(); i++)
    parts_[i].motion_of_driver.set({calibration, motion_of(motions, i).guard});
}

/// Another picture: what the driver's motion counts from stays, unless the first frame decides. On
/// failure the stream keeps the picture that it had.
void Stream::take_picture(const std::shared_ptr<const Source>& picture, FomoReference reference) {
  std::vector<Part> added(picture->parts().size() -
                          std::min(parts_.size(), picture->parts().size()));
  for (Part& part : added)
    if (!given_.empty())
      part.motion_of_driver.set_reference(given_);
  parts_.reserve(picture->parts().size());
  rendered_ = false;
  if (picture_ && reference == FOMO_REFERENCE_FIRST)
    for (Part& part : parts_)
      part.motion_of_driver.renew_reference();
  parts_.resize(std::min(parts_.size(), picture->parts().size()));
  for (Part& part : parts_)
    part.motion_id = 0;
  for (Part& part : added)
    parts_.push_back(std::move(part));
  picture_ = picture;
}

/// A part whose driver has shown no face yet has the picture's keypoints, with the face controls.
/// Returns whether the part changes.
bool Stream::rest_part(size_t index) {
  KeypointSet& keypoints = parts_[index].keypoints;
  const KeypointSet before = std::move(keypoints);
  keypoints = parts_[index].motion_of_driver.at_rest(picture_->parts()[index].encoded->keypoints);
  return keypoints.value != before.value || keypoints.jacobian != before.jacobian;
}

/// Moves each part as its driver moved; false when the frame before may be shown again.
bool Stream::move(const Motions& motions, FomoFrameInfo& info) {
  bool changes = false, driven_before = false;
  for (size_t i = 0; i < parts_.size(); i++) {
    const DrivingFrame& frame = motion_of(motions, i).seen;
    // A driver with a lower frame rate than others holds its pose.
    const uint64_t id = motion_of(motions, i).id;
    if (id != 0 && id == std::exchange(parts_[i].motion_id, id))
      continue;
    if (frame.keypoints.empty()) {
      changes = rest_part(i) || changes;
      continue;
    }
    const EncodedSource& source = *picture_->parts()[i].encoded;
    const DrivenPose driven = parts_[i].motion_of_driver.update(completed(frame, source.keypoints),
                                                                source.keypoints, source.hull_area);
    changes = changes || !driven.pose.repeat;
    parts_[i].keypoints = driven.pose.keypoints;
    info.reference_set = info.reference_set || driven.reference_set;
    info.present = info.present || driven.pose.present;
    info.confidence =
        driven_before ? std::min(info.confidence, driven.confidence) : driven.confidence;
    driven_before = true;
  }
  return changes;
}

/// Shows the picture at rest: no face was found yet. Returns whether the parts have to be rendered,
/// because the face controls change them.
bool Stream::rest(FomoFrameInfo& info) {
  info.confidence = 0;
  bool changed = false;
  for (size_t i = 0; i < parts_.size(); i++) {
    rest_part(i);
    changed = changed || parts_[i].keypoints.value != picture_->parts()[i].encoded->keypoints.value;
  }
  if (changed)
    return true;
  for (size_t i = 0; i < parts_.size(); i++) {
    const MovingPart& still = picture_->parts()[i];
    parts_[i].pixels = still.at_rest;
    parts_[i].motion = still.motion_at_rest;
  }
  rendered_ = true;
  masks_ = false;
  return false;
}

void Stream::render(bool has_edges, bool masks, bool background) {
  RenderOptions options;
  options.masks = masks;
  options.background = background;
  if (has_edges && !border_) {
    const RenderedMotion& motion = picture_->parts().front().motion_at_rest;
    border_ = std::make_unique<SteadyBorder>(motion.width, motion.height);
  }
  options.border = has_edges ? border_.get() : nullptr;
  const FomoImage size = image_of(parts_.front().pixels);
  rendered_ = false; // until all parts are: the backend may fail
  for (size_t i = 0; i < parts_.size(); i++) {
    Part& part = parts_[i];
    part.pixels.resize(static_cast<size_t>(size.width) * size.height * 3);
    model_->backend().generate(*workspace_, *picture_->parts()[i].encoded, part.keypoints, options,
                               image_of(part.pixels), &part.motion, model_->threads());
    if (background)
      repaint_(part.motion.field(), part.keypoints, image_of(part.pixels));
  }
  rendered_ = true;
  masks_ = masks;
}

void Stream::compose(const std::shared_ptr<const PresentedSource>& presented,
                     const FomoImage& output) {
  if (presented) {
    std::vector<GeneratedFace> faces;
    for (Part& part : parts_)
      faces.push_back({image_of(part.pixels), part.motion.field(), &part.keypoints});
    presenter_(presented, faces, output, threads());
    return;
  }
  model_->check_frame(output);
  const FomoImage from = image_of(parts_.front().pixels);
  for (int y = 0; y < from.height; y++)
    std::memcpy(output.data + y * output.stride, from.data + y * from.stride,
                static_cast<size_t>(from.width) * 3);
}

void Stream::draw(const FomoOverlay& overlay, const PresentedSource* presented,
                  const MotionFrame& motion, const FomoImage& output) {
  OverlayContent content;
  for (size_t i = 0; i < parts_.size(); i++) {
    const Part& part = parts_[i];
    const PictureCrop place = presented ? presented->place(static_cast<int>(i))
                                        : cv::Rect{0, 0, output.width, output.height};
    MotionMasks masks;
    if (masks_)
      masks = {model_->config().num_kp + 1, part.motion.masks.data()};
    content.faces.push_back({place, part.motion.field(), masks, part.keypoints});
  }
  if (has_driving_)
    content.driving = image_of(driving_);
  content.driving_keypoints = motion.seen.keypoints;
  content.stats = overlay.text ? overlay.text : "";
  draw_overlay(overlay.flags, content, output);
}

MotionFrame Stream::read(const FomoDriving& driving, FomoFrameInfo& info) {
  const Stopwatch input;
  const DriverSight sight = driver_.look(driving, image_of(driving_));
  info.face = sight.face.state;
  info.event = sight.face.event;
  info.face_timed_out = sight.timed_out;
  info.square = {sight.square.cx, sight.square.cy, sight.square.size};
  info.roll = sight.square.roll;
  info.lies = sight.lies;
  info.footprint = sight.footprint;
  info.input_ms = input.ms();

  MotionFrame motion;
  motion.guard = model_->about_faces() && driving.crop != FOMO_CROP_NONE;
  motion.face = sight.face.state;
  motion.event = sight.face.event;
  motion.seen.seconds = driving.seconds;
  has_driving_ = sight.readable;
  if (!sight.readable)
    return motion;
  const Stopwatch keypoints;
  Detection found = model_->backend().detect(*workspace_, image_of(driving_), model_->threads());
  info.keypoints_ms = keypoints.ms();
  motion.seen.keypoints = std::move(found.keypoints);
  motion.seen.crop = sight.square;
  motion.seen.evidence = {std::move(found.peaks), sight.confidence};
  motion.seen.new_scene = sight.new_scene;
  return motion;
}

/// Whether any driver has shown a face. Throws Error if the motion is that of another model.
bool Stream::check_motions(const Motions& motions) const {
  bool any = false;
  for (const MotionFrame* motion : motions) {
    const KeypointSet& keypoints = motion->seen.keypoints;
    any = any || !keypoints.empty();
    if (!keypoints.empty() && keypoints.count != model_->config().num_kp)
      throw Error(FOMO_SETTINGS, "Motion of " + std::to_string(keypoints.count) +
                                     " keypoints cannot drive a model of " +
                                     std::to_string(model_->config().num_kp) +
                                     ". Use the model that the motion was made with.");
  }
  return any;
}

void Stream::animate(const std::shared_ptr<const Source>& picture,
                     const std::shared_ptr<const PresentedSource>& presented,
                     const Motions& motions, const FomoCalibration& calibration,
                     const FomoOverlay* overlay, const FomoMark* mark, const FomoImage& output,
                     FomoFrameInfo& info) {
  const bool has_edges = presented && presented->has_edges();
  const bool whole_picture = presented && presented->settings().whole_picture;
  const bool masks = overlay && (overlay->flags & FOMO_OVERLAY_MASK);
  const bool background = presented && presented->settings().plate;
  const Stopwatch moving;
  const bool rests = !check_motions(motions);
  take(picture, has_edges, motions, calibration);
  const bool changes = rests ? rest(info) : move(motions, info);
  info.motion_ms = moving.ms();
  const Stopwatch generator;
  info.repeated = !rests && !changes && rendered_;
  if (changes || !rendered_)
    render(has_edges, masks, background);
  info.generator_ms = generator.ms();
  const Stopwatch composing;
  compose(presented, output);
  if (overlay && overlay->flags)
    draw(*overlay, presented.get(), *motions.front(), output);
  if (mark)
    marker_(output, *mark, {model_->is_builtin(), whole_picture});
  info.compose_ms = composing.ms();
}

FomoFrameInfo Stream::animate(const std::shared_ptr<const Source>& picture,
                              const std::shared_ptr<const PresentedSource>& presented,
                              const FomoDriving& driving, const FomoCalibration& calibration,
                              const FomoOverlay* overlay, const FomoMark* mark,
                              const FomoImage& output) {
  FomoFrameInfo info = {};
  const Stopwatch total;
  const MotionFrame motion = read(driving, info);
  animate(picture, presented, {&motion}, calibration, overlay, mark, output, info);
  info.total_ms = total.ms();
  return info;
}

} // namespace fomo
