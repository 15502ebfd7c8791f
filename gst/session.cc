// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/session.h"

#include <cstring>
#include <utility>

#include "gst/clock.h"

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

} // namespace

Session::Session(const Engine& engine, const Settings& settings, SourceLoader::Failed failed)
    : engine_(engine), model_(open_model(engine, settings)), info_(engine.describe(*model_)),
      source_(load_source(engine, model_, settings.picture, settings.crop)),
      stream_(engine.new_stream(model_)),
      loader_(std::make_shared<SourceLoader>(engine, model_, std::move(failed))) {
  run_trial_frame();
}

void Session::run_trial_frame() {
  const StreamHandle stream = engine_.new_stream(model_);
  PixelFrame driving(GST_VIDEO_FORMAT_RGB, info_.width, info_.height);
  PixelFrame output(GST_VIDEO_FORMAT_RGB, info_.width, info_.height);
  const FomoImage grey = driving.image();
  for (int y = 0; y < grey.height; y++)
    std::memset(grey.data + y * grey.stride, 128, static_cast<size_t>(grey.width) * 3);
  const Stopwatch watch;
  engine_.animate(*stream, *source_.source, {0, 0, 0}, grey, output.image());
  trial_ms_ = watch.ms();
}

bool Session::adopt_source() {
  std::unique_ptr<LoadedSource> ready = loader_->take();
  if (!ready)
    return false;
  source_ = std::move(*ready);
  reset_reference();
  return true;
}

void Session::reset_reference() { engine_.reset_reference(*stream_); }

void Session::set_view(const View& view) {
  view_ = view;
  reader_.reset();
  writer_.reset();
}

Session::Outcome Session::animate(GstVideoFrame& in, GstVideoFrame& out, const FomoMotion& motion) {
  const Stopwatch total;
  if (!reader_)
    reader_.emplace(view_, info_.width, info_.height);
  if (!writer_)
    writer_.emplace(view_, info_.width, info_.height);
  const FomoImage driving = reader_->read(in);
  const FomoImage canvas = writer_->canvas(out);
  const double input_ms = total.ms();

  const FomoFrameInfo info = engine_.animate(*stream_, *source_.source, motion, driving, canvas);

  const Stopwatch output;
  writer_->finish(out);
  const double output_ms = output.ms();
  return {{input_ms, info.keypoints_ms, info.motion_ms, info.generator_ms, output_ms, total.ms()},
          info.reference_set != 0};
}

} // namespace fomo
