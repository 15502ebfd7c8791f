// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/session.h"

#include <utility>
#include <vector>

#include "common/stopwatch.h"

namespace fomo {

ModelHandle open_model(const Engine& engine, const Settings& settings) {
  FomoModelOptions options{};
  options.model = settings.model.c_str();
  options.config = settings.config.empty() ? nullptr : settings.config.c_str();
  options.device = settings.device.c_str();
  options.precision = settings.precision;
  options.threads = settings.threads;
  options.align_corners = settings.align_corners;
  options.deterministic = settings.deterministic;
  return engine.open_model(options);
}

namespace {

bool same(const FomoPresentation& a, const FomoPresentation& b) {
  return a.whole_picture == b.whole_picture && a.detail == b.detail && a.width == b.width &&
         a.height == b.height && a.channels == b.channels && a.plate == b.plate;
}

} // namespace

Session::Session(const Engine& engine, const Settings& settings, SourceLoader::Failed failed)
    : engine_(engine), model_(open_model(engine, settings)), info_(engine.describe(*model_)),
      source_(load_source(engine, model_, settings.picture_request())),
      stream_(engine.new_stream(model_)),
      loader_(std::make_shared<SourceLoader>(engine, model_, std::move(failed))) {
  if (!settings.reference.empty())
    engine_.set_reference(*stream_, *load_pose(engine, model_, settings.reference_request()));
  run_trial_frame();
}

void Session::run_trial_frame() {
  const StreamHandle stream = engine_.new_stream(model_);
  std::vector<uint8_t> grey(static_cast<size_t>(info_.width) * info_.height, 128);
  PixelFrame output(GST_VIDEO_FORMAT_RGB, info_.width, info_.height);
  FomoDriving driving{};
  driving.frame.width = info_.width;
  driving.frame.height = info_.height;
  driving.frame.components = 1;
  driving.frame.component[0] = {grey.data(), info_.width, 1, 0, 0};
  driving.crop = FOMO_CROP_NONE;
  FomoCalibration calibration{};
  calibration.strength = 1;
  calibration.face = FOMO_NO_FACE_CONTROLS;
  const Stopwatch watch;
  engine_.animate(*stream, *source_.source, driving, calibration, nullptr, nullptr, output.image());
  trial_ms_ = watch.ms();
}

Shape Session::shape(const FrameSettings& settings) const {
  if (shows_picture(settings))
    return {source_.info.width, source_.info.height};
  return source_.request.framing.crop == FOMO_CROP_NONE ? Shape{0, 0} : Shape{1, 1};
}

bool Session::use_loaded_source() {
  std::unique_ptr<LoadedSource> ready = loader_->take();
  if (!ready)
    return false;
  source_ = std::move(*ready);
  presented_.reset();
  return true;
}

void Session::use_loaded_pose() {
  if (const PoseHandle pose = loader_->take_pose())
    engine_.set_reference(*stream_, *pose);
}

void Session::set_layout(const FrameLayout& layout) {
  layout_ = layout;
  driving_.reset();
  writer_.reset();
}

FomoPresentation Session::wanted_presentation(const FrameSettings& settings) const {
  const GstVideoRectangle rect = layout_.output_rect();
  const bool alpha = source_.info.has_alpha && GST_VIDEO_INFO_HAS_ALPHA(&layout_.out);
  const bool whole = shows_picture(settings);
  // By default published checkpoints give what the official code gives.
  const bool plate =
      settings.plate == GST_FOMO_TRANSFER_PLATE_ON ||
      (settings.plate == GST_FOMO_TRANSFER_PLATE_AUTO && std::string(info_.name) == "builtin");
  const bool leans = source_.info.leans;
  if (!whole && !settings.detail && settings.overlay == 0 && !alpha && !plate && !leans)
    return {0, 0, 0, 0, 3, 0};
  return {whole, settings.detail, rect.w, rect.h, alpha ? 4 : 3, plate};
}

/// Updates the presented source and the converters if the presentation has changed.
void Session::prepare(const FrameSettings& settings) {
  const FomoPresentation wanted = wanted_presentation(settings);
  const bool changes = !same(wanted, presentation_);
  if (!presented_ || changes) {
    if (wanted.width <= 0)
      presented_ = source_.source;
    else if (source_.presented && same(wanted, source_.presentation))
      presented_ = source_.presented;
    else
      presented_ = engine_.present(source_.source, wanted);
    if (changes)
      writer_.reset();
    presentation_ = wanted;
    loader_->expect_presentation(wanted);
  }
  if (!writer_)
    writer_.emplace(layout_, wanted.width > 0 ? wanted.width : info_.width,
                    wanted.width > 0 ? wanted.height : info_.height, wanted.channels);
}

bool Session::ignores_face_controls(const FrameSettings& settings) {
  constexpr FomoFaceControls none = FOMO_NO_FACE_CONTROLS;
  const FomoFaceControls& c = settings.calibration.face;
  const bool neutral = c.head == none.head && c.eyes == none.eyes && c.mouth == none.mouth &&
                       c.brows == none.brows && c.yaw == none.yaw && c.pitch == none.pitch &&
                       c.roll == none.roll && c.eyes_open == none.eyes_open &&
                       c.mouth_open == none.mouth_open && c.smile == none.smile;
  if (neutral || info_.named_kp || told_of_face_controls_)
    return false;
  told_of_face_controls_ = true;
  return true;
}

/// How a frame at `seconds` is marked; nothing with mark=none.
std::optional<FomoMark> Session::mark_of(const FrameSettings& settings, double seconds) {
  const double since = *(marked_since_ ? marked_since_ : marked_since_ = seconds);
  if (settings.mark == GST_FOMO_TRANSFER_MARK_NONE)
    return std::nullopt;
  const double duration = static_cast<double>(settings.mark_duration) / GST_SECOND;
  const bool letters = settings.mark == GST_FOMO_TRANSFER_MARK_VISIBLE &&
                       (duration == 0 || seconds < since + duration);
  return FomoMark{1, letters ? settings.mark_size : 0, settings.mark_corner};
}

/// Animates one frame by `engine_animate`, which is called with the overlay, the mark and the
/// canvas, and returns what the engine did.
template<typename Animate>
Session::Outcome Session::finish_frame(GstVideoFrame& out, const FrameSettings& settings,
                                       double seconds, const char* text, const Stopwatch& total,
                                       Animate engine_animate) {
  const FomoImage canvas = writer_->canvas(out);
  const double input_ms = total.ms();
  const FomoOverlay overlay{settings.overlay, text};
  const std::optional<FomoMark> mark = mark_of(settings, seconds);
  Outcome outcome;
  outcome.info =
      engine_animate(settings.overlay ? &overlay : nullptr, mark ? &*mark : nullptr, canvas);
  const Stopwatch output;
  writer_->finish(out);
  const FomoFrameInfo& info = outcome.info;
  outcome.times = {input_ms + info.input_ms, info.keypoints_ms, info.motion_ms, info.generator_ms,
                   info.compose_ms,          output.ms(),       total.ms()};
  return outcome;
}

Session::Outcome Session::animate(GstVideoFrame& in, GstVideoFrame& out,
                                  const FrameSettings& settings, double seconds, const char* text) {
  const Stopwatch total;
  prepare(settings);
  if (!driving_)
    driving_.emplace(layout_, info_);
  const FomoDriving driving = driving_->driving(in, layout_.crop, settings, seconds);
  Outcome outcome =
      finish_frame(out, settings, seconds, text, total,
                   [&](const FomoOverlay* overlay, const FomoMark* mark, FomoImage canvas) {
                     return engine_.animate(*stream_, *presented_, driving, settings.calibration,
                                            overlay, mark, canvas);
                   });
  outcome.info.footprint = driving_->in_buffer(outcome.info.footprint);
  return outcome;
}

Session::Outcome Session::animate(const std::vector<const FomoMotionFrame*>& motions,
                                  GstVideoFrame& out, const FrameSettings& settings, double seconds,
                                  const char* text) {
  const Stopwatch total;
  prepare(settings);
  return finish_frame(out, settings, seconds, text, total,
                      [&](const FomoOverlay* overlay, const FomoMark* mark, FomoImage canvas) {
                        return engine_.animate(*stream_, *presented_, motions, settings.calibration,
                                               overlay, mark, canvas);
                      });
}

} // namespace fomo
