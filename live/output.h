// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "live/handles.h"

namespace fomo::live {

/// A pipeline that takes frames from another one and never holds it up: when it is slow, the oldest
/// of the frames that wait are dropped; when it fails, nothing else does.
class Output {
 public:
  /// The pipeline has ended: with the words of its error, or "" after finish(). Runs on the main
  /// loop; the output may be deleted in it.
  using Ended = std::function<void(const std::string& words)>;

  /// `description`: a pipeline as gst-launch-1.0 takes it, with an `appsrc name=in`. At most
  /// `waiting` frames wait in it. Throws Error where an element is missing.
  Output(const std::string& description, int waiting, Ended ended);
  /// Stops at once.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// An element of the pipeline, by its name.
  Owned<GstElement> element(const char* name) const;
  /// Starts to take frames. `caps` and `tags`: of the frames that will come; null: not known, none.
  /// Throws Error.
  void start(GstCaps* caps, const GstTagList* tags);
  /// Gives a frame, which was shown at `time` (ns, running time). Never waits. Thread-safe.
  void push(GstSample* frame, GstClockTime time);
  /// Ends the stream; `ended` is called when all that was pushed has been written.
  void finish();
  bool finishing() const { return finishing_; }
  /// The number of frames that were pushed. Thread-safe.
  uint64_t frames() const;

 private:
  static gboolean on_message(GstBus* bus, GstMessage* message, gpointer output);

  Owned<GstElement> pipeline_, in_;
  Owned<GstBus> bus_;
  Ended ended_;
  bool finishing_ = false;
  mutable std::mutex lock_; // guards what follows
  GstClockTime offset_ = 0, last_ = 0;
  uint64_t frames_ = 0;
};

} // namespace fomo::live
