// SPDX-License-Identifier: LGPL-2.1-or-later
// Start and stop of GstFomoTransfer: what it needs is opened on a thread of its own (Opening).
#include <utility>

#include "gst/element.h"
#include "gst/log.h"

namespace {

using fomo::OpenedSession;
using fomo::posting_errors;

fomo::Settings settings_of(GstFomoTransferPrivate* priv) {
  const std::lock_guard<std::mutex> guard(priv->lock);
  return priv->settings;
}

/// Opens what the element needs. On the thread of the opening, which may outlive the element: only
/// the loader of the session uses the element, and it ends before.
std::unique_ptr<OpenedSession> open_session(GstElement* element, const fomo::Settings& settings,
                                            bool wants_identity, fomo::FileWatch& watch) {
  auto failed = [element](const fomo::Error& error) { fomo::post_warning(element, error); };
  auto opened = std::make_unique<OpenedSession>();
  opened->settings = settings;
  opened->session = std::make_unique<fomo::Session>(fomo::Engine::open(), settings, failed);
  if (wants_identity)
    opened->identity = fomo::identity_of(opened->session->model(), watch);
  return opened;
}

/// Uses what was opened. On the thread of the start, or on the streaming thread.
void install(GstFomoTransfer* self, OpenedSession& opened) {
  auto* priv = self->priv;
  auto session = std::move(opened.session);
  const FomoModelInfo& model = session->model();
  GST_INFO_OBJECT(self,
                  "model %s, %dx%d, on %s in %s; picture ready in %.0f ms; a frame takes %.1f ms",
                  model.name, model.width, model.height, model.device, model.precision,
                  session->source().load_ms, session->trial_ms());
  fomo::post_progress(GST_ELEMENT(self), GST_PROGRESS_TYPE_COMPLETE, "Model loaded");
  fomo::post_model_loaded(GST_ELEMENT(self), model);
  fomo::post_source_changed(GST_ELEMENT(self), session->source());
  priv->marks.start(model.name);
  priv->latency.set_measured(session->trial_ms());

  std::shared_ptr<fomo::SourceLoader> loader = session->loader();
  fomo::Settings now;
  {
    const std::lock_guard<std::mutex> guard(priv->lock);
    priv->layout.shape = session->shape(opened.settings.frame);
    priv->layout.crop = opened.settings.crop;
    priv->loader = loader;
    priv->session = std::move(session);
    now = priv->settings;
  }
  // Request the pictures that were set while the session was opened.
  if (now.picture_version != opened.settings.picture_version && !now.picture.empty())
    loader->request(now.picture_request());
  if (now.reference_version != opened.settings.reference_version && !now.reference.empty())
    loader->request_pose(now.reference_request());
  if (priv->session_opened)
    priv->session_opened(opened.identity);
}

gboolean start(GstBaseTransform* trans) {
  auto* self = GST_FOMO_TRANSFER(trans);
  auto* priv = self->priv;
  auto* element = GST_ELEMENT(self);
  return posting_errors(self, FALSE, [&]() -> gboolean {
    const fomo::Settings settings = settings_of(priv);
    if (settings.picture.empty())
      throw fomo::Error(FOMO_NOT_FOUND,
                        "No picture to animate. Set the property source-image to a file, or "
                        "source-sample to a picture in memory.");
    priv->stats.clear();
    priv->latency.clear();
    priv->reset_reference = false;
    priv->restart_pending = false;
    priv->frame_time = 0;
    priv->slow_frame_at = 0;
    {
      const std::lock_guard<std::mutex> guard(priv->lock);
      priv->layout = {};
    }
    fomo::post_progress(element, GST_PROGRESS_TYPE_START, "Loading model " + settings.model);
    const auto opening = std::make_shared<fomo::Opening<OpenedSession>>(
        fomo::Engine::open(),
        [element, settings,
         wants_identity = static_cast<bool>(priv->session_opened)](fomo::FileWatch& watch) {
          return open_session(element, settings, wants_identity, watch);
        });
    if (opening->thread().wait_unless_hung()) {
      try {
        install(self, *opening->take());
      } catch (...) {
        fomo::post_progress(element, GST_PROGRESS_TYPE_ERROR, "Model not loaded");
        throw;
      }
      return TRUE;
    }
    GST_WARNING_OBJECT(self, "a file system does not answer; data wait until it does");
    {
      const std::lock_guard<std::mutex> guard(priv->lock);
      priv->opening = opening;
    }
    opening->thread().hold(element, GST_BASE_TRANSFORM_SINK_PAD(trans));
    return TRUE;
  });
}

gboolean stop(GstBaseTransform* trans) {
  auto* priv = GST_FOMO_TRANSFER(trans)->priv;
  std::shared_ptr<fomo::Opening<OpenedSession>> opening;
  std::shared_ptr<fomo::SourceLoader> loader;
  {
    const std::lock_guard<std::mutex> guard(priv->lock);
    opening.swap(priv->opening);
    loader.swap(priv->loader);
  }
  opening.reset();
  loader.reset();
  priv->session.reset();
  return TRUE;
}

} // namespace

GstFlowReturn fomo::finish_start(GstFomoTransfer* self) {
  auto* priv = self->priv;
  if (priv->session)
    return GST_FLOW_OK;
  std::shared_ptr<Opening<OpenedSession>> opening;
  {
    const std::lock_guard<std::mutex> guard(priv->lock);
    opening = priv->opening;
  }
  if (!opening || !opening->thread().wait())
    return GST_FLOW_FLUSHING;
  try {
    install(self, *opening->take());
    return GST_FLOW_OK;
  } catch (const std::exception&) {
    // The opening has posted it.
    post_progress(GST_ELEMENT(self), GST_PROGRESS_TYPE_ERROR, "Model not loaded");
    return GST_FLOW_ERROR;
  }
}

void fomo::give_up_opening(GstFomoTransfer* self) {
  std::shared_ptr<Opening<OpenedSession>> opening;
  {
    const std::lock_guard<std::mutex> guard(self->priv->lock);
    opening = self->priv->opening;
  }
  if (opening)
    opening->thread().give_up();
}

void fomo::install_start(GstBaseTransformClass* klass) {
  klass->start = GST_DEBUG_FUNCPTR(start);
  klass->stop = GST_DEBUG_FUNCPTR(stop);
}
