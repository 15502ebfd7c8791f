// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

#include "live/handles.h"
#include "live/options.h"
#include "live/output.h"

namespace fomo::live {

/// The pipeline from the driver to finished frames, and the outputs that take these frames. All of
/// it runs on the main loop but where something else is said.
class Animation {
 public:
  struct Listener {
    /// Something happened: an object with `type` (docs/live.md).
    std::function<void(const nlohmann::json&)> tell;
    /// A frame for the page, a JPEG file.
    std::function<void(GBytes*)> show;
    /// The pipeline has ended: with the words of its error, or "" at the end of a clip.
    std::function<void(const std::string& words)> ended;
  };

  /// `picture`: the path of the first picture. Throws Error.
  Animation(const Options& options, const std::string& picture, Listener listener);
  ~Animation();
  Animation(const Animation&) = delete;
  Animation& operator=(const Animation&) = delete;

  void start();
  GstElement* element() const { return animator_.get(); }

  /// Asks for another picture. The element's message says whether it is shown.
  void choose_picture(const std::string& path);
  /// The path of the picture that is shown.
  const std::string& picture() const { return picture_; }
  void reset_reference();
  void load_preset(const std::string& name);
  std::vector<std::string> presets() const;

  /// Makes frames for the page while there is somebody to see them.
  void show_preview(bool on);

  /// An output by its name. `description` and `waiting` as for Output. `ended` gets the words of an
  /// error, or "". Throws Error when there is one of this name, or when it cannot start.
  void add_output(const std::string& name, const std::string& description, int waiting,
                  const std::function<void(Output&)>& prepare, Output::Ended ended);
  /// Null: there is none.
  Output* output(const std::string& name) const;
  bool has_outputs() const;

  /// Width and height of the last frame, pixels; 0 before the first one.
  std::pair<int, int> frame_size() const;
  /// Frame time, confidence and counts, from the element's `stats`.
  nlohmann::json stats() const;

 private:
  static GstPadProbeReturn on_tags(GstPad*, GstPadProbeInfo* info, gpointer animation);
  /// Has `take` called with each sample of an appsink, on its streaming thread.
  template<void (Animation::*take)(GstSample*)>
  void take_samples(GstElement* appsink);
  void watch_frames();
  void on_frame(GstSample* frame);     // any thread
  void on_preview(GstSample* picture); // any thread
  void on_message(GstMessage* message);
  void on_element_message(const GstStructure* structure);
  void on_warning(GstMessage* message);
  void on_property(GParamSpec* spec);
  void show_size();
  void loop_clip(GstSeekFlags flags);

  Options options_;
  Listener listener_;
  std::string picture_, requested_; // `requested_`: "" when the element has answered
  bool looping_ = false;
  Owned<GstElement> pipeline_, animator_;
  Owned<GstBus> bus_;
  std::map<std::string, std::unique_ptr<Output>> outputs_; // changed under lock_
  mutable std::mutex lock_;                                // guards what follows
  Owned<GstTagList> tags_;
  std::pair<int, int> frame_size_{};
  Owned<GstCaps> frame_caps_; // of the last frame
  Owned<GBytes> next_shown_;  // the newest frame that the main loop has not taken
};

} // namespace fomo::live
