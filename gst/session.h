// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>

#include "gst/driving_reader.h"
#include "gst/output_writer.h"
#include "gst/settings.h"
#include "gst/source_loader.h"
#include "gst/stats.h"

namespace fomo {

/// Everything that exists between the element's start and stop: the model, the picture, the driving
/// video's reference pose, converters. Belongs to the streaming thread, but for the loader.
class Session {
 public:
  /// Loads the model and the picture and runs one frame, so that the first real one is not late.
  /// `failed` hears of pictures that are set later and are no good. Throws Error.
  Session(const Engine& engine, const Settings& settings, SourceLoader::Failed failed);

  const FomoModelInfo& model() const { return info_; }
  const LoadedSource& source() const { return source_; }
  const std::shared_ptr<SourceLoader>& loader() const { return loader_; }
  /// What the trial frame took; the engine's part of a frame.
  double trial_ms() const { return trial_ms_; }

  /// Takes a picture that has become ready; true when there was one. The next frame is then the
  /// neutral pose.
  bool adopt_source();

  /// The next frame becomes the neutral pose.
  void reset_reference();

  /// Formats, sizes, crop and orientation of the frames that follow.
  void set_view(const View& view);

  /// What happened to one frame.
  struct Outcome {
    FrameTimes times;
    bool reference_set;
  };

  /// Animates one frame. Throws Error.
  Outcome animate(GstVideoFrame& in, GstVideoFrame& out, const FomoMotion& motion);

 private:
  void run_trial_frame();

  const Engine& engine_;
  ModelHandle model_;
  FomoModelInfo info_;
  LoadedSource source_;
  StreamHandle stream_;
  std::shared_ptr<SourceLoader> loader_;
  double trial_ms_ = 0;
  View view_;
  std::optional<DrivingReader> reader_; // made for view_ with the first frame that needs it
  std::optional<OutputWriter> writer_;
};

} // namespace fomo
