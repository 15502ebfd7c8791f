// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/session.h"

#include <cstring>
#include <utility>

#include "common/stopwatch.h"

namespace fomo {

namespace {

ModelHandle open_model(const Engine& engine, const Settings& settings) {
  FomoModelOptions options{};
  options.model = settings.model.c_str();
  options.config = settings.config.empty() ? nullptr : settings.config.c_str();
  options.device = settings.device.c_str();
  options.precision = settings.precision;
  options.threads = settings.threads;
  options.align_corners = settings.align_corners;
  return engine.open_model(options);
}

bool same(const FomoView& a, const FomoView& b) {
  return a.whole_picture == b.whole_picture && a.detail == b.detail && a.width == b.width &&
         a.height == b.height && a.channels == b.channels;
}

} // namespace

Session::Session(const Engine& engine, const Settings& settings, SourceLoader::Failed failed)
    : engine_(engine), model_(open_model(engine, settings)), info_(engine.describe(*model_)),
      source_(load_source(engine, model_, settings.picture_request())),
      stream_(engine.new_stream(model_)),
      loader_(std::make_shared<SourceLoader>(engine, model_, std::move(failed))),
      driver_(engine, info_) {
  if (!settings.reference.empty())
    engine_.set_reference(*stream_, *load_pose(engine, model_, settings.reference_request()));
  run_trial_frame();
}

void Session::run_trial_frame() {
  const StreamHandle stream = engine_.new_stream(model_);
  PixelFrame driving(GST_VIDEO_FORMAT_RGB, info_.width, info_.height);
  PixelFrame output(GST_VIDEO_FORMAT_RGB, info_.width, info_.height);
  const FomoImage grey = driving.image();
  for (int y = 0; y < grey.height; y++)
    std::memset(grey.data + y * grey.stride, 128, static_cast<size_t>(grey.width) * 3);
  FomoDriving frame{};
  frame.image = grey;
  frame.face_confidence = -1;
  FomoCalibration calibration{};
  calibration.strength = 1;
  const Stopwatch watch;
  engine_.animate(*stream, *source_.source, frame, calibration, nullptr, output.image());
  trial_ms_ = watch.ms();
}

Shape Session::shape(const FrameSettings& settings) const {
  if (shows_picture(settings))
    return {source_.info.width, source_.info.height};
  return source_.request.crop == GST_FOMO_TRANSFER_CROP_NONE ? Shape{0, 0} : Shape{1, 1};
}

bool Session::adopt_source(const FrameSettings& settings) {
  std::unique_ptr<LoadedSource> ready = loader_->take();
  if (!ready)
    return false;
  const bool other_crop = ready->request.crop != source_.request.crop;
  source_ = std::move(*ready);
  shown_.reset();
  if (other_crop)
    driver_.set_view(view_, source_.request.crop);
  if (settings.calibration.reference == FOMO_REFERENCE_FIRST)
    reset_reference();
  return true;
}

void Session::adopt_pose() {
  if (const PoseHandle pose = loader_->take_pose())
    engine_.set_reference(*stream_, *pose);
}

void Session::restart() {
  driver_.restart();
  engine_.restart(*stream_);
}

void Session::set_view(const View& view) {
  view_ = view;
  driver_.set_view(view, source_.request.crop);
  writer_.reset();
}

FomoView Session::wanted_view(const FrameSettings& settings) const {
  const Rect rect = view_.output_rect();
  const bool alpha = source_.info.has_alpha && GST_VIDEO_INFO_HAS_ALPHA(&view_.out);
  const bool whole = shows_picture(settings);
  const bool plain = !whole && !settings.detail && settings.overlay == 0 && !alpha;
  if (plain)
    return {0, 0, 0, 0, 3};
  return {whole, settings.detail, rect.width, rect.height, alpha ? 4 : 3};
}

/// The source and the writer for what frames are to show.
void Session::prepare(const FrameSettings& settings) {
  const FomoView wanted = wanted_view(settings);
  if (!shown_ || !same(wanted, shown_view_)) {
    if (wanted.width <= 0)
      shown_ = source_.source;
    else if (source_.shown && same(wanted, source_.view))
      shown_ = source_.shown;
    else
      shown_ = engine_.with_view(source_.source, wanted);
    if (!same(wanted, shown_view_))
      writer_.reset();
    shown_view_ = wanted;
    loader_->expect_view(wanted);
  }
  if (!writer_)
    writer_.emplace(view_, wanted.width > 0 ? wanted.width : info_.width,
                    wanted.width > 0 ? wanted.height : info_.height, wanted.channels);
}

Session::Outcome Session::animate(GstVideoFrame& in, GstVideoFrame& out,
                                  const FrameSettings& settings, double seconds, const char* text) {
  const Stopwatch total;
  prepare(settings);
  const DriverSight sight = driver_.look(in, settings, seconds);
  if (sight.anew && settings.calibration.reference == FOMO_REFERENCE_FIRST)
    reset_reference();
  const FomoImage canvas = writer_->canvas(out);
  const double input_ms = total.ms();

  FomoCalibration calibration = settings.calibration;
  calibration.guard = info_.about_faces && source_.request.crop != GST_FOMO_TRANSFER_CROP_NONE;
  const FomoOverlay overlay{settings.overlay, text};
  Outcome outcome;
  outcome.info = engine_.animate(*stream_, *shown_, sight.driving, calibration,
                                 settings.overlay ? &overlay : nullptr, canvas);

  const Stopwatch output;
  writer_->finish(out);
  const FomoFrameInfo& info = outcome.info;
  outcome.times = {input_ms,        info.keypoints_ms, info.motion_ms, info.generator_ms,
                   info.compose_ms, output.ms(),       total.ms()};
  outcome.event = sight.event;
  outcome.has_face = sight.has_face;
  outcome.gave_up = sight.gave_up;
  outcome.square = sight.driving.crop;
  return outcome;
}

} // namespace fomo
