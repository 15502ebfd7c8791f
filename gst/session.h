// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>

#include "gst/driver.h"
#include "gst/output_writer.h"
#include "gst/settings.h"
#include "gst/source_loader.h"
#include "gst/stats.h"

namespace fomo {

/// Everything that exists between the element's start and stop: the model, the picture, the driver,
/// converters. Belongs to the streaming thread, but for the loader.
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
  bool adopt_source(const FrameSettings& settings);
  /// Takes a reference pose that has become ready.
  void adopt_pose();

  /// The next frame becomes the neutral pose.
  void reset_reference() { engine_.reset_reference(*stream_); }
  /// Another video, or a seek.
  void restart();

  /// Formats, sizes and orientation of the frames that follow.
  void set_view(const View& view);

  /// What happened to one frame.
  struct Outcome {
    FrameTimes times{};
    FomoFrameInfo info{};
    FomoFaceEvent event = FOMO_FACE_UNCHANGED;
    bool has_face = false;
    bool gave_up = false;
    FomoSquare square{}; ///< of the upright driving frame that was looked at
  };

  /// Animates one frame at `seconds` of stream time. `text` goes into the overlay. Throws Error.
  Outcome animate(GstVideoFrame& in, GstVideoFrame& out, const FrameSettings& settings,
                  double seconds, const char* text);

 private:
  void run_trial_frame();
  FomoView wanted_view(const FrameSettings& settings) const;
  void prepare(const FrameSettings& settings);

  const Engine& engine_;
  ModelHandle model_;
  FomoModelInfo info_;
  LoadedSource source_;
  StreamHandle stream_;
  std::shared_ptr<SourceLoader> loader_;
  Driver driver_;
  double trial_ms_ = 0;
  View view_;
  SourceHandle shown_; // source_ for shown_view_
  FomoView shown_view_{};
  std::optional<OutputWriter> writer_; // made for view_ with the first frame that needs it
};

} // namespace fomo
