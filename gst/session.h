// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/stopwatch.h"
#include "gst/driving_frame.h"
#include "gst/engine.h"
#include "gst/output_writer.h"
#include "gst/settings.h"
#include "gst/source_loader.h"
#include "gst/stats.h"

namespace fomo {

/// Opens the model that the settings name. May take seconds. Throws Error.
ModelHandle open_model(const Engine& engine, const Settings& settings);

/// The objects that exist between the element's start and stop: the model, the source, the stream,
/// converters and the loader. To be used on the streaming thread, except for the loader.
class Session {
 public:
  /// Loads the model and the picture and runs a trial frame, so that the first driving frame is not
  /// slower than the others. `failed` is called for each later picture that cannot be loaded.
  /// Throws Error.
  Session(const Engine& engine, const Settings& settings, SourceLoader::Failed failed);

  const FomoModelInfo& model() const { return info_; }
  const LoadedSource& source() const { return source_; }
  const std::shared_ptr<SourceLoader>& loader() const { return loader_; }
  /// The time of the trial frame, milliseconds, without conversions of input and output.
  double trial_ms() const { return trial_ms_; }

  /// Whether frames show the full picture with these settings. They always do while the source has
  /// several faces, also when a source with one face has been requested and is not loaded yet.
  bool shows_picture(const FrameSettings& settings) const {
    return settings.whole_picture || source_.info.faces > 1;
  }
  /// The displayed shape of the picture in output frames with these settings.
  Shape shape(const FrameSettings& settings) const;

  /// Switches to the source that the loader has finished, if any. Returns whether there was one.
  bool use_loaded_source();
  /// Switches to the reference pose that the loader has finished, if any.
  void use_loaded_pose();

  /// The next trusted frame becomes the neutral pose.
  void reset_reference() { engine_.reset_reference(*stream_); }
  /// Prepares for another video, or for a seek.
  void restart() {
    engine_.restart(*stream_);
    marked_since_.reset();
  }

  /// Sets formats, sizes and orientation of the following frames.
  void set_layout(const FrameLayout& layout);

  /// The result of one frame besides its pixels.
  struct Outcome {
    FrameTimes times{};
    FomoFrameInfo info{}; ///< the footprint is in fractions of the driving buffer
  };

  /// Whether the settings shape the parts of a face, which this model cannot do. True once.
  bool ignores_face_controls(const FrameSettings& settings);

  /// Animates one frame at `seconds` of stream time. `text`: lines for the statistics overlay.
  /// Throws Error.
  Outcome animate(GstVideoFrame& in, GstVideoFrame& out, const FrameSettings& settings,
                  double seconds, const char* text);
  /// Animates one frame by motion that was read elsewhere: one for each face of the source, or for
  /// all of them. Null: a face without a driver. Throws Error.
  Outcome animate(const std::vector<const FomoMotionFrame*>& motions, GstVideoFrame& out,
                  const FrameSettings& settings, double seconds, const char* text);

 private:
  template<typename Animate>
  Outcome finish_frame(GstVideoFrame& out, const FrameSettings& settings, double seconds,
                       const char* text, const Stopwatch& total, Animate engine_animate);
  void run_trial_frame();
  FomoPresentation wanted_presentation(const FrameSettings& settings) const;
  void prepare(const FrameSettings& settings);
  std::optional<FomoMark> mark_of(const FrameSettings& settings, double seconds);

  const Engine& engine_;
  ModelHandle model_;
  FomoModelInfo info_;
  LoadedSource source_;
  StreamHandle stream_;
  std::shared_ptr<SourceLoader> loader_;
  double trial_ms_ = 0;
  bool told_of_face_controls_ = false; ///< ignores_face_controls() was true
  FrameLayout layout_;
  SourceHandle presented_; ///< `source_` prepared for `presentation_`; null: to be prepared
  FomoPresentation presentation_{};
  std::optional<double> marked_since_;  ///< stream time of the first frame, s; empty: not yet
  std::optional<DrivingFrame> driving_; ///< for `layout_`; empty: to be made at the next frame
  std::optional<OutputWriter> writer_;  ///< for `layout_`; empty: to be made at the next frame
};

} // namespace fomo
