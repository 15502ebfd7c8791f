// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>

#include "gst/driving_frame.h"
#include "gst/engine.h"
#include "gst/output_writer.h"
#include "gst/settings.h"
#include "gst/source_loader.h"
#include "gst/stats.h"

namespace fomo {

/// Everything that exists between the element's start and stop: the model, the picture, the stream
/// of driving frames, converters. Belongs to the streaming thread, but for the loader.
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

  /// Whether frames show the full picture with these settings. Several faces need it: until one of
  /// them alone is ready, they are shown in their picture.
  bool shows_picture(const FrameSettings& settings) const {
    return settings.whole_picture || source_.info.faces > 1;
  }
  /// The shape of what frames show with these settings.
  Shape shape(const FrameSettings& settings) const;

  /// Takes a picture that has become ready; true when there was one.
  bool adopt_source();
  /// Takes a reference pose that has become ready.
  void adopt_pose();

  /// The next frame becomes the neutral pose.
  void reset_reference() { engine_.reset_reference(*stream_); }
  /// Another video, or a seek.
  void restart() { engine_.restart(*stream_); }

  /// Sets formats, sizes and orientation of the frames that follow.
  void set_layout(const FrameLayout& layout);

  /// What happened to one frame.
  struct Outcome {
    FrameTimes times{};
    FomoFrameInfo info{}; ///< its footprint is a part of the driving buffer
  };

  /// Animates one frame at `seconds` of stream time. `text` goes into the overlay. Throws Error.
  Outcome animate(GstVideoFrame& in, GstVideoFrame& out, const FrameSettings& settings,
                  double seconds, const char* text);

 private:
  void run_trial_frame();
  FomoPresentation wanted_presentation(const FrameSettings& settings) const;
  void prepare(const FrameSettings& settings);

  const Engine& engine_;
  ModelHandle model_;
  FomoModelInfo info_;
  LoadedSource source_;
  StreamHandle stream_;
  std::shared_ptr<SourceLoader> loader_;
  double trial_ms_ = 0;
  FrameLayout layout_;
  SourceHandle presented_; ///< source_ for presentation_
  FomoPresentation presentation_{};
  std::optional<DrivingFrame> driving_; ///< made for layout_ with the first frame that needs it
  std::optional<OutputWriter> writer_;  ///< likewise
};

} // namespace fomo
