// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomotransfer
 * @title: fomotransfer
 *
 * Animates a still picture with driving video, by the First Order Motion Model: one driving frame
 * in, one frame of the animated picture out, with the driving frame's time.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 filesrc location=driving.mp4 ! decodebin ! fomotransfer source-image=portrait.png
 * ! videoconvert ! x264enc ! mp4mux ! filesink location=out.mp4
 * ]| A file to a file, with the built-in model.
 * |[
 * gst-launch-1.0 v4l2src ! decodebin ! queue max-size-buffers=1 leaky=downstream ! fomotransfer
 * source-image=me.jpg model=vox-cpk.pth.tar ! queue ! videoconvert ! autovideosink
 * ]| A camera to a window, with a published checkpoint. The first queue drops frames when the
 * machine is too slow.
 *
 * ## Neutral pose
 * With #GstFomoTransfer:relative motion the picture moves as the driver moves away from a neutral
 * pose. By default the neutral pose is that of the first driving frame; a later frame replaces it
 * if its pose is nearer to the picture's own pose (#GstFomoTransfer:reference). The neutral pose is
 * taken anew after a flush (a flushing seek), a new stream or #GstFomoTransfer::reset-reference. It
 * stays the same after a new segment without a flush, because a loop or a non-flushing seek shows
 * the same driver.
 *
 * ## Size and shape
 * Both pads support all raw formats and all sizes from 16x16. The output has the model's size
 * unless downstream asks for another. The animated picture keeps its displayed shape (with
 * #GstFomoTransfer:crop `center` and #GstFomoTransfer:output `face` a square): if downstream leaves
 * the pixel aspect ratio open, by the pixel aspect ratio, else by black bars. With
 * #GstFomoTransfer:crop `none` it fills the frame. Driving frames with an orientation tag are
 * turned upright, and the tag is replaced by `rotate-0` downstream. Interlaced video is refused.
 *
 * ## Messages
 * Element messages named `fomotransfer` report events. The field `event` is one of:
 *
 * * `model-loaded`: `name`, `container`, `device`, `precision` (strings), `width`, `height`,
 *   `keypoints` (int), `shared` (boolean: the weights were loaded already), `ms` (double: time to
 *   load)
 * * `source-changed`: the next frame is the first that shows another picture. `from-sample`
 *   (boolean), `source-image` (string, unless from a sample), `faces` (int: the number of faces in
 *   the picture, if they were searched for), `ms` (double: time to load)
 * * `reference-set`: a frame became the neutral pose. `stream-time` (uint64, ns)
 * * `face-found`, `face-lost`, `face-returned`, `scene-cut`: a change of the driver's face. `face`
 *   (boolean: a face is followed now), `stream-time` (uint64, ns)
 * * `slow-frame`: a frame took longer than the frame rate allows; at most one message a second.
 *   `ms`, `budget-ms` (double)
 *
 * While the model is loaded, progress messages with the code `model` are posted too. Every output
 * frame has a custom meta `GstFomoTransferMeta` with the fields `confidence` (double, 0 to 1: how
 * far the driving frame is trusted) and `present` (boolean: the driver moved the picture).
 *
 * Since: 0.1
 */
#include "gst/gstfomotransfer.h"

#include <utility>

#include "common/stopwatch.h"
#include "gst/caps.h"
#include "gst/element.h"
#include "gst/enums.h"
#include "gst/log.h"
#include "gst/metas.h"

G_DEFINE_TYPE_WITH_CODE(GstFomoTransfer, gst_fomo_transfer, GST_TYPE_BASE_TRANSFORM,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_PRESET, nullptr))
GST_ELEMENT_REGISTER_DEFINE(fomotransfer, "fomotransfer", GST_RANK_NONE, GST_TYPE_FOMO_TRANSFER)

using fomo::Error;
using fomo::posting_errors;

enum { SIGNAL_RESET_REFERENCE, N_SIGNALS };
static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_CAPS));

static void gst_fomo_transfer_reset_reference(GstFomoTransfer* self) {
  self->priv->reset_reference = true;
}

/* ---- states ---- */

static GstStateChangeReturn gst_fomo_transfer_change_state(GstElement* element,
                                                           GstStateChange transition) {
  auto* self = GST_FOMO_TRANSFER(element);
  if (transition == GST_STATE_CHANGE_NULL_TO_READY &&
      !posting_errors(self, false, [] { return fomo::Engine::open(), true; }))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    fomo::give_up_opening(self);
  return GST_ELEMENT_CLASS(gst_fomo_transfer_parent_class)->change_state(element, transition);
}

/* ---- frames ---- */

/// Uses pictures that the loader has finished, and the current settings, from the next frame on.
static void apply_changes(GstFomoTransfer* self) {
  auto* priv = self->priv;
  const fomo::FrameSettings settings = fomo::frame_settings(priv);
  const bool new_source = priv->session->use_loaded_source();
  priv->session->use_loaded_pose();
  const fomo::LoadedSource& source = priv->session->source();
  const fomo::Shape shape = priv->session->shape(settings);
  const FomoCrop crop = source.request.framing.crop;
  const bool reshaped = !(shape == priv->layout.shape);
  if (reshaped || crop != priv->layout.crop)
    fomo::change_layout(self, [&](fomo::FrameLayout& layout) {
      layout.shape = shape;
      layout.crop = crop;
      layout.footprint = {};
    });
  if (reshaped)
    gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(self));
  if (!new_source)
    return;
  GST_INFO_OBJECT(self, "picture %s from now on, ready in %.0f ms",
                  source.request.origin.sample ? "from memory"
                                               : source.request.origin.location.c_str(),
                  source.load_ms);
  fomo::post_source_changed(GST_ELEMENT(self), source);
}

/// Applies changes before the base class negotiates and transforms the frame, so that caps, crop
/// and picture change with the same frame.
static GstFlowReturn gst_fomo_transfer_submit_input_buffer(GstBaseTransform* trans,
                                                           gboolean discont, GstBuffer* input) {
  auto* self = GST_FOMO_TRANSFER(trans);
  auto* priv = self->priv;
  GstFlowReturn ready = fomo::finish_start(self);
  if (ready == GST_FLOW_OK)
    ready = posting_errors(self, GST_FLOW_ERROR, [&] {
      apply_changes(self);
      return GST_FLOW_OK;
    });
  if (ready != GST_FLOW_OK) {
    gst_buffer_unref(input);
    return ready;
  }
  const GstFlowReturn flow = GST_BASE_TRANSFORM_CLASS(gst_fomo_transfer_parent_class)
                                 ->submit_input_buffer(trans, discont, input);
  if (flow == GST_BASE_TRANSFORM_FLOW_DROPPED) {
    GST_DEBUG_OBJECT(self, "frame dropped: too late");
    priv->stats.add_dropped();
  }
  return flow;
}

GstClockTime fomo::stream_time(GstBaseTransform* trans, GstBuffer* buffer) {
  if (trans->segment.format != GST_FORMAT_TIME)
    return GST_CLOCK_TIME_NONE;
  return gst_segment_to_stream_time(&trans->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

static void gst_fomo_transfer_before_transform(GstBaseTransform* trans, GstBuffer* buffer) {
  const GstClockTime time = fomo::stream_time(trans, buffer);
  if (GST_CLOCK_TIME_IS_VALID(time))
    gst_object_sync_values(GST_OBJECT(trans), time);
}

static void post_if_slow(GstFomoTransfer* self, double ms) {
  auto* priv = self->priv;
  const GstVideoInfo& in = priv->layout.in;
  if (in.fps_n <= 0)
    return;
  const double budget_ms = 1000.0 * in.fps_d / in.fps_n;
  const gint64 now = g_get_monotonic_time();
  if (ms <= budget_ms || (priv->slow_frame_at && now - priv->slow_frame_at < G_USEC_PER_SEC))
    return;
  priv->slow_frame_at = now;
  fomo::post_slow_frame(GST_ELEMENT(self), ms, budget_ms);
}

void fomo::report_driver(GstElement* element, const FomoFrameInfo& info, GstClockTime time) {
  if (info.event != FOMO_FACE_UNCHANGED) {
    const bool has_face = info.face == FOMO_FACE_TRACKING;
    GST_INFO_OBJECT(element, "driver: %s at %" GST_TIME_FORMAT ", %s", face_event_name(info.event),
                    GST_TIME_ARGS(time), has_face ? "there is a face" : "there is no face");
    post_face_event(element, info.event, has_face, time);
  }
  if (info.face_timed_out)
    post_warning(element,
                 Error(FOMO_SETTINGS,
                       "No face was found in the driving video within face-timeout. The picture "
                       "rests until there is one. Set crop=center, crop=none or crop=manual to "
                       "drive it by frames without a face."));
  if (info.lies != FOMO_ORIENTATION_IDENTITY)
    post_warning(element, lying_driver(info.lies));
}

/// Logs the outcome of a frame and posts the messages that follow from it.
static void report(GstFomoTransfer* self, const fomo::Session::Outcome& outcome,
                   GstClockTime time) {
  auto* element = GST_ELEMENT(self);
  const FomoFrameInfo& info = outcome.info;
  GST_LOG_OBJECT(self,
                 "frame at %" GST_TIME_FORMAT ": the model saw a square of %.1f around %.1f,%.1f "
                 "(0: a fixed part, or nothing yet), turned by %.0f degrees, confidence %.2f%s%s, "
                 "%.1f ms",
                 GST_TIME_ARGS(time), info.square.size, info.square.cx, info.square.cy,
                 info.roll * 180 / G_PI, info.confidence, info.present ? "" : ", driver not there",
                 info.repeated ? ", last frame again" : "", outcome.times.back());
  fomo::report_driver(element, info, time);
  if (info.reference_set) {
    GST_INFO_OBJECT(self, "neutral pose taken at %" GST_TIME_FORMAT, GST_TIME_ARGS(time));
    fomo::post_reference_set(element, time);
  }
}

/// The stream time of a frame in seconds. If a frame has none, it is estimated by the frame rate
/// (25 if unknown).
static double seconds_of(GstFomoTransfer* self, GstClockTime time) {
  auto* priv = self->priv;
  const GstVideoInfo& in = priv->layout.in;
  const GstClockTime step =
      in.fps_n > 0 ? gst_util_uint64_scale(GST_SECOND, in.fps_d, in.fps_n) : GST_SECOND / 25;
  priv->frame_time = GST_CLOCK_TIME_IS_VALID(time) ? time : priv->frame_time + step;
  return static_cast<double>(priv->frame_time) / GST_SECOND;
}

/// Stores the footprint for the conversion of navigation events.
static void store_footprint(GstFomoTransferPrivate* priv, const FomoFootprint& footprint) {
  const std::lock_guard<std::mutex> guard(priv->lock);
  priv->layout.footprint = footprint;
}

/// Marks the stream besides its pixels: tags, if none were sent yet, and metadata of the frame.
static void mark_stream(GstFomoTransfer* self, GstBuffer* frame, GstClockTime time) {
  if (GstEvent* tags = self->priv->marks.missing_event())
    gst_pad_push_event(GST_BASE_TRANSFORM_SRC_PAD(self), tags);
  self->priv->marks.add_meta(frame, time);
}

/// A warning if the settings ask for what the model cannot do.
static void warn_of_face_controls(GstFomoTransfer* self, const fomo::FrameSettings& settings) {
  fomo::Session& session = *self->priv->session;
  if (session.ignores_face_controls(settings))
    fomo::post_warning(
        GST_ELEMENT(self),
        Error(FOMO_SETTINGS,
              std::string("The keypoints of the model ") + session.model().name +
                  " have no names, so head-strength, eyes-strength, mouth-strength, "
                  "brows-strength, yaw, pitch, roll, eyes-open, mouth-open and smile do "
                  "nothing. Use model=builtin for them."));
}

GstFlowReturn fomo::animate_buffer(GstFomoTransfer* self, GstBuffer* inbuf, GstBuffer* outbuf,
                                   const AnimateFrame& animate) {
  auto* priv = self->priv;
  return posting_errors(self, GST_FLOW_ERROR, [&] {
    const FrameSettings settings = frame_settings(priv);
    if (std::exchange(priv->restart_pending, false))
      priv->session->restart();
    if (priv->reset_reference.exchange(false))
      priv->session->reset_reference();
    warn_of_face_controls(self, settings);

    const GstClockTime time = stream_time(GST_BASE_TRANSFORM(self), inbuf);
    const bool wants_text = settings.overlay & FOMO_OVERLAY_STATS;
    const std::string text = wants_text ? priv->stats.to_text() : std::string();
    Session::Outcome outcome;
    {
      MappedFrame out(outbuf, priv->layout.out, GST_MAP_WRITE);
      outcome = animate(out.frame(), settings, seconds_of(self, time), text.c_str());
    }
    add_frame_meta(outbuf, outcome.info.confidence, outcome.info.present != 0);
    if (settings.mark != GST_FOMO_TRANSFER_MARK_NONE)
      mark_stream(self, outbuf, time);
    store_footprint(priv, outcome.info.footprint);
    priv->stats.add_frame(outcome.times, outcome.info.confidence);
    if (priv->latency.set_measured(priv->stats.recent_p95_ms()))
      gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
    report(self, outcome, time);
    post_if_slow(self, outcome.times.back());
    return GST_FLOW_OK;
  });
}

static GstFlowReturn gst_fomo_transfer_transform(GstBaseTransform* trans, GstBuffer* inbuf,
                                                 GstBuffer* outbuf) {
  auto* self = GST_FOMO_TRANSFER(trans);
  auto* priv = self->priv;
  return fomo::animate_buffer(self, inbuf, outbuf,
                              [&](GstVideoFrame& out, const fomo::FrameSettings& settings,
                                  double seconds, const char* text) {
                                fomo::MappedFrame in(inbuf, priv->layout.in, GST_MAP_READ);
                                return priv->session->animate(in.frame(), out, settings, seconds,
                                                              text);
                              });
}

/* ---- class ---- */

static void gst_fomo_transfer_init(GstFomoTransfer* self) {
  self->priv = new GstFomoTransferPrivate();
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fomo_transfer_finalize(GObject* object) {
  delete GST_FOMO_TRANSFER(object)->priv;
  G_OBJECT_CLASS(gst_fomo_transfer_parent_class)->finalize(object);
}

static void gst_fomo_transfer_class_init(GstFomoTransferClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->finalize = gst_fomo_transfer_finalize;
  fomo::install_properties(object_class);

  /**
   * GstFomoTransfer::reset-reference:
   * @self: the element
   *
   * Action signal: makes the next trusted driving frame the neutral pose.
   *
   * Since: 0.1
   */
  signals[SIGNAL_RESET_REFERENCE] = g_signal_new_class_handler(
      "reset-reference", G_TYPE_FROM_CLASS(klass),
      static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
      G_CALLBACK(gst_fomo_transfer_reset_reference), nullptr, nullptr, nullptr, G_TYPE_NONE, 0);

  auto* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = GST_DEBUG_FUNCPTR(gst_fomo_transfer_change_state);
  gst_element_class_set_static_metadata(
      element_class, "First Order Motion transfer", "Filter/Effect/Video",
      "Animates a still picture with driving video", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_type_mark_as_plugin_api(GST_TYPE_FOMO_TRANSFER_PRECISION, static_cast<GstPluginAPIFlags>(0));
  for (const GType type :
       {GST_TYPE_FOMO_TRANSFER_CROP, GST_TYPE_FOMO_TRANSFER_FACES, GST_TYPE_FOMO_TRANSFER_REFERENCE,
        GST_TYPE_FOMO_TRANSFER_LOST, GST_TYPE_FOMO_TRANSFER_OUTPUT, GST_TYPE_FOMO_TRANSFER_OVERLAY,
        GST_TYPE_FOMO_TRANSFER_PLATE, GST_TYPE_FOMO_TRANSFER_MARK, GST_TYPE_FOMO_TRANSFER_CORNER})
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  fomo::register_frame_meta();

  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->passthrough_on_same_caps = FALSE;
  trans_class->transform_ip_on_passthrough = FALSE;
  fomo::install_start(trans_class);
  fomo::install_caps(trans_class);
  fomo::install_events(trans_class);
  trans_class->submit_input_buffer = GST_DEBUG_FUNCPTR(gst_fomo_transfer_submit_input_buffer);
  trans_class->before_transform = GST_DEBUG_FUNCPTR(gst_fomo_transfer_before_transform);
  trans_class->transform = GST_DEBUG_FUNCPTR(gst_fomo_transfer_transform);
}
