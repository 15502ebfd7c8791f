// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>

#include "gst/gstfomotransfer.h"
#include "gst/latency.h"
#include "gst/messages.h"
#include "gst/motion_stream.h"
#include "gst/opening.h"
#include "gst/session.h"
#include "gst/stream_marks.h"

namespace fomo {

/// What the start opens.
struct OpenedSession {
  Settings settings; ///< at the start
  std::unique_ptr<Session> session;
  ModelIdentity identity; ///< empty unless wanted
};

} // namespace fomo

/// The element's state. Nothing is posted, loaded or computed while `lock` is held.
struct GstFomoTransferPrivate {
  std::mutex lock;
  fomo::Settings settings;                    // guarded by lock
  std::shared_ptr<fomo::SourceLoader> loader; // guarded by lock; null while stopped
  fomo::FrameLayout layout; // guarded by lock; only the streaming thread writes it
  /// While a file system hangs that the start needs. Guarded by lock.
  std::shared_ptr<fomo::Opening<fomo::OpenedSession>> opening;
  /// Called when there is a session, with the identity of the model. Null: nobody wants that.
  std::function<void(const fomo::ModelIdentity&)> session_opened;

  // Set by the reset-reference signal on any thread.
  std::atomic<bool> reset_reference{false};

  // Only the streaming thread uses these five.
  std::unique_ptr<fomo::Session> session; // null while stopped, and while `opening` goes on
  bool restart_pending = false;           // the next frame starts another video
  GstClockTime frame_time = 0;            // stream time of the last frame, or an estimate
  fomo::StreamMarks marks;
  gint64 slow_frame_at = 0; // monotonic time of the last slow-frame message, us

  fomo::Stats stats;
  fomo::Latency latency;
};

struct _GstFomoTransfer {
  GstBaseTransform parent;
  GstFomoTransferPrivate* priv;
};

namespace fomo {

/// Runs `body` and returns its result. If `body` throws, posts the error and returns `failed`, so
/// that no exception leaves a virtual function.
template<typename Element, typename Result, typename Body>
Result posting_errors(Element* self, Result failed, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    post_error(GST_ELEMENT(self), error);
  } catch (const std::bad_alloc&) {
    post_error(GST_ELEMENT(self),
               Error(FOMO_NO_MEMORY, "No memory is left. Use smaller frames or a smaller model."));
  } catch (const std::exception& error) {
    post_error(GST_ELEMENT(self), Error(FOMO_FAILED, error.what()));
  }
  return failed;
}

/// Changes the layout of the following frames. To be called on the streaming thread.
template<typename Change>
void change_layout(GstFomoTransfer* self, Change change) {
  auto* priv = self->priv;
  {
    const std::lock_guard<std::mutex> guard(priv->lock);
    change(priv->layout);
  }
  if (priv->session)
    priv->session->set_layout(priv->layout);
}

/// The virtual functions of the parent class, for chaining up.
inline GstBaseTransformClass* parent_of(GstBaseTransform*) {
  return GST_BASE_TRANSFORM_CLASS(g_type_class_peek(GST_TYPE_BASE_TRANSFORM));
}

/// A copy of the settings for one frame.
inline FrameSettings frame_settings(GstFomoTransferPrivate* priv) {
  const std::lock_guard<std::mutex> guard(priv->lock);
  return priv->settings.frame;
}

/// Animates one output buffer: everything but the driver's side of a frame. `animate` is called
/// with the mapped output, the settings, the stream time in seconds and the text of the overlay.
using AnimateFrame = std::function<Session::Outcome(
    GstVideoFrame& out, const FrameSettings& settings, double seconds, const char* text)>;
GstFlowReturn animate_buffer(GstFomoTransfer* self, GstBuffer* inbuf, GstBuffer* outbuf,
                             const AnimateFrame& animate);

/// The stream time of a buffer; GST_CLOCK_TIME_NONE if it has none.
GstClockTime stream_time(GstBaseTransform* trans, GstBuffer* buffer);

/// Posts messages about the driver's face: its events, and the end of the time to search for it.
void report_driver(GstElement* element, const FomoFrameInfo& info, GstClockTime time);

/// On the streaming thread, before the first event and packet: waits for what the start opens, if a
/// file system hangs, and uses it. GST_FLOW_FLUSHING: the element stops. The error was posted.
GstFlowReturn finish_start(GstFomoTransfer* self);
/// Whether an event waits behind data, so that it may wait for the start too.
inline bool comes_with_data(GstEvent* event) {
  return GST_EVENT_IS_SERIALIZED(event) && GST_EVENT_TYPE(event) != GST_EVENT_FLUSH_STOP;
}
/// The element stops: finish_start() returns.
void give_up_opening(GstFomoTransfer* self);

/// Installs start and stop.
void install_start(GstBaseTransformClass* klass);
/// Installs the properties and their accessors.
void install_properties(GObjectClass* klass);
/// Installs the virtual functions for negotiation, allocation and metadata.
void install_caps(GstBaseTransformClass* klass);
/// Installs the virtual functions for events and queries.
void install_events(GstBaseTransformClass* klass);

} // namespace fomo
