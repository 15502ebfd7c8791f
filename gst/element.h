// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <new>

#include "gst/gstfomotransfer.h"
#include "gst/latency.h"
#include "gst/messages.h"
#include "gst/session.h"

/// What an element holds. Nothing is posted, loaded or computed while `lock` is held.
struct GstFomoTransferPrivate {
  std::mutex lock;
  fomo::Settings settings;                    // by lock
  std::shared_ptr<fomo::SourceLoader> loader; // by lock; from start to stop
  fomo::FrameLayout layout;                   // by lock; written by the streaming thread alone

  std::unique_ptr<fomo::Session> session; // the streaming thread's, from start to stop
  std::atomic<bool> reset_reference{false};
  bool restarts = false;       // the streaming thread's: another video begins
  GstClockTime frame_time = 0; // the streaming thread's: of the last frame, where it has none
  gint64 slow_frame_at = 0;    // when the last slow-frame message went out, us

  fomo::Stats stats;
  fomo::Latency latency;
};

struct _GstFomoTransfer {
  GstBaseTransform parent;
  GstFomoTransferPrivate* priv;
};

namespace fomo {

/// Runs `body` and returns its result. Where it throws, posts the error and returns `failed`: no
/// exception leaves a virtual function.
template<typename Result, typename Body>
Result posting_errors(GstFomoTransfer* self, Result failed, Body body) {
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

/// Changes the layout of the frames that follow. On the streaming thread.
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

/// The base class's virtual functions, to be called from ours.
inline GstBaseTransformClass* parent_of(GstBaseTransform* trans) {
  return GST_BASE_TRANSFORM_CLASS(g_type_class_peek_parent(GST_BASE_TRANSFORM_GET_CLASS(trans)));
}

/// The settings of the next frame.
inline FrameSettings frame_settings(GstFomoTransferPrivate* priv) {
  const std::lock_guard<std::mutex> guard(priv->lock);
  return priv->settings.frame;
}

/// Parts of the class: properties; negotiation, allocation and metadata; events and queries.
void install_properties(GObjectClass* klass);
void install_caps(GstBaseTransformClass* klass);
void install_events(GstBaseTransformClass* klass);

} // namespace fomo
