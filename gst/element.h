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
#include "gst/session.h"
#include "gst/stream_marks.h"

/// The element's state. Nothing is posted, loaded or computed while `lock` is held.
struct GstFomoTransferPrivate {
  std::mutex lock;
  fomo::Settings settings;                    // guarded by lock
  std::shared_ptr<fomo::SourceLoader> loader; // guarded by lock; null while stopped
  fomo::FrameLayout layout; // guarded by lock; only the streaming thread writes it

  // Set by the reset-reference signal on any thread.
  std::atomic<bool> reset_reference{false};

  // Only the streaming thread uses these five.
  std::unique_ptr<fomo::Session> session; // null while stopped
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

/// Installs the properties and their accessors.
void install_properties(GObjectClass* klass);
/// Installs the virtual functions for negotiation, allocation and metadata.
void install_caps(GstBaseTransformClass* klass);
/// Installs the virtual functions for events and queries.
void install_events(GstBaseTransformClass* klass);

} // namespace fomo
