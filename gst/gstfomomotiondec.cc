// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomotiondec
 * @title: fomomotiondec
 *
 * The picture's side of #element-fomotransfer: motion in, one frame of the animated picture out for
 * each packet. It is a #GstFomoTransfer whose input is motion: all its properties, signals and
 * messages apply, but for those about driving frames (#GstFomoTransfer:crop-x and so on), which do
 * nothing.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 udpsrc port=5000
 * caps="application/x-rtp,media=application,clock-rate=90000,encoding-name=X-GST" ! rtpjitterbuffer
 * latency=100 ! rtpgstdepay ! fomomotiondec source-image=portrait.png ! videoconvert !
 * autovideosink
 * ]| The motion of a camera on another machine moves a picture here.
 *
 * Packets may be lost, damaged or late. A frame that cannot be decoded is concealed: the last pose
 * is held, and after half a second the face counts as lost (#GstFomoTransfer:on-lost).
 * #GstFomoTransfer:stats counts `packets-lost` and `packets-concealed`. Motion of another model is
 * an error.
 *
 * Since: 0.1
 */
#include "gst/gstfomomotiondec.h"

#include <memory>
#include <utility>

#include "gst/caps.h"
#include "gst/log.h"
#include "gst/motion_dec_element.h"
#include "gst/motion_stream.h"

G_DEFINE_TYPE_WITH_CODE(GstFomoMotionDec, gst_fomo_motion_dec, GST_TYPE_FOMO_TRANSFER,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, fomo::init_child_proxy))
GST_ELEMENT_REGISTER_DEFINE(fomomotiondec, "fomomotiondec", GST_RANK_NONE, GST_TYPE_FOMO_MOTION_DEC)

using fomo::Error;
using fomo::posting_errors;

enum { PROP_LATENCY = 1 };

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

static GstBaseTransformClass* parent_class() {
  return GST_BASE_TRANSFORM_CLASS(gst_fomo_motion_dec_parent_class);
}

/* ---- properties ---- */

static void gst_fomo_motion_dec_set_property(GObject* object, guint id, const GValue* value,
                                             GParamSpec* spec) {
  if (id != PROP_LATENCY) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  fomo::MotionLanes& lanes = GST_FOMO_MOTION_DEC(object)->state->lanes;
  lanes.set_wait(g_value_get_uint64(value));
  if (lanes.engaged())
    gst_element_post_message(GST_ELEMENT(object), gst_message_new_latency(GST_OBJECT(object)));
}

static void gst_fomo_motion_dec_get_property(GObject* object, guint id, GValue* value,
                                             GParamSpec* spec) {
  if (id == PROP_LATENCY)
    g_value_set_uint64(value, GST_FOMO_MOTION_DEC(object)->state->lanes.wait());
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/* ---- start and stop ---- */

static GstStateChangeReturn gst_fomo_motion_dec_change_state(GstElement* element,
                                                             GstStateChange transition) {
  auto* self = GST_FOMO_MOTION_DEC(element);
  const bool stops = transition == GST_STATE_CHANGE_PAUSED_TO_READY;
  if (stops) {
    fomo::give_up_opening(&self->parent);
    fomo::stop_output(self);
  }
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_fomo_motion_dec_parent_class)->change_state(element, transition);
  if (stops) {
    fomo::stop_output(self); // if a pad's thread has just started it
    self->state->lanes.clear();
  }
  return result;
}

static gboolean gst_fomo_motion_dec_stop(GstBaseTransform* trans) {
  GST_FOMO_MOTION_DEC(trans)->state->decoding.reset();
  return parent_class()->stop(trans);
}

/* ---- caps ---- */

static GstCaps* gst_fomo_motion_dec_transform_caps(GstBaseTransform*, GstPadDirection direction,
                                                   GstCaps* caps, GstCaps* filter) {
  GstCaps* other = direction == GST_PAD_SRC
                       ? gst_static_pad_template_get_caps(&sink_template)
                       : fomo::with_framerate_of(caps, gst_caps_from_string(FOMO_CAPS));
  return fomo::filtered_caps(other, filter);
}

static gboolean gst_fomo_motion_dec_set_caps(GstBaseTransform* trans, GstCaps* incaps,
                                             GstCaps* outcaps) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  return posting_errors(self, FALSE, [&]() -> gboolean {
    fomo::check_same_model(fomo::identity_in_caps(incaps), self->state->decoding->drivers.model());
    const FomoModelInfo& model = self->parent.priv->session->model();
    GstVideoInfo in, out;
    if (!gst_video_info_from_caps(&out, outcaps))
      return FALSE;
    // What the model would see of driving frames.
    gst_video_info_set_format(&in, GST_VIDEO_FORMAT_RGB, static_cast<guint>(model.width),
                              static_cast<guint>(model.height));
    in.fps_n = out.fps_n;
    in.fps_d = out.fps_d;
    fomo::change_layout(&self->parent, [&](fomo::FrameLayout& layout) {
      layout.in = in;
      layout.out = out;
      layout.footprint = {};
    });
    return TRUE;
  });
}

/* ---- events and packets ---- */

static gboolean gst_fomo_motion_dec_sink_event(GstBaseTransform* trans, GstEvent* event) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  fomo::MotionDecState& state = *self->state;
  const GstEventType type = GST_EVENT_TYPE(event);
  const bool begins = type == GST_EVENT_STREAM_START || type == GST_EVENT_FLUSH_STOP;
  if (state.decoding && begins)
    posting_errors(self, false, [&] {
      state.decoding->drivers.reset(state.decoding->drivers.main());
      return true;
    });
  const gboolean passed = parent_class()->sink_event(trans, event);
  // The other drivers go on: what begins anew is a new scene of its own face alone.
  if (begins && state.lanes.has_output())
    self->parent.priv->restart_pending = false;
  return passed;
}

/// The time of a packet of the only driver, seconds: stream time, or an estimate.
static double seconds_of(GstFomoMotionDec* self, GstBuffer* buffer) {
  constexpr double usual_step = 0.04;
  double& seconds = self->state->decoding->seconds;
  const GstClockTime time = fomo::stream_time(GST_BASE_TRANSFORM(self), buffer);
  return seconds = GST_CLOCK_TIME_IS_VALID(time) ? static_cast<double>(time) / GST_SECOND
                                                 : seconds + usual_step;
}

/// Decodes before the base class may drop a late frame: the next packets need this one. With
/// several drivers the output thread has decoded them.
static GstFlowReturn gst_fomo_motion_dec_submit_input_buffer(GstBaseTransform* trans,
                                                             gboolean discont, GstBuffer* input) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  fomo::MotionDecState& state = *self->state;
  const GstFlowReturn ready = fomo::finish_start(&self->parent);
  if (ready != GST_FLOW_OK) {
    gst_buffer_unref(input);
    return ready;
  }
  bool has_frame = state.lanes.has_output();
  const bool fine = posting_errors(self, false, [&] {
    if (!has_frame && state.decoding) {
      fomo::MotionDrivers& drivers = state.decoding->drivers;
      has_frame =
          drivers.decode(drivers.main(), input, seconds_of(self, input), self->parent.priv->stats);
    }
    return true;
  });
  if (!fine || !has_frame) {
    gst_buffer_unref(input);
    return fine ? GST_BASE_TRANSFORM_FLOW_DROPPED : GST_FLOW_ERROR;
  }
  return parent_class()->submit_input_buffer(trans, discont, input);
}

/// Warns once of each driver whose face does not move in this picture.
static void warn_of_missing_faces(GstFomoMotionDec* self, int faces) {
  for (fomo::MotionDriver& driver : self->state->decoding->drivers.all()) {
    const int face = driver.lane->face_index;
    if (face < faces || std::exchange(driver.told_no_face, true))
      continue;
    fomo::post_warning(
        GST_ELEMENT(self),
        Error(FOMO_SETTINGS,
              "A driver moves face " + std::to_string(face) + ", but only " +
                  std::to_string(faces) +
                  " of the picture's faces move, counted from 0. Set faces=all and "
                  "output=picture, and a face-index of its pad that the picture has."));
  }
}

/// Posts what has happened to the faces of the other drivers.
static void report_other_drivers(GstFomoMotionDec* self, GstClockTime time) {
  for (fomo::MotionDriver& driver : self->state->decoding->drivers.all())
    if (driver.lane != self->state->main)
      fomo::post_face_event(GST_ELEMENT(self),
                            std::exchange(driver.info.event, FOMO_FACE_UNCHANGED),
                            driver.info.face == FOMO_FACE_TRACKING, time, driver.lane->face_index);
}

static GstFlowReturn gst_fomo_motion_dec_transform(GstBaseTransform* trans, GstBuffer* inbuf,
                                                   GstBuffer* outbuf) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  fomo::Session& session = *self->parent.priv->session;
  fomo::MotionDrivers& drivers = self->state->decoding->drivers;
  const int faces = session.source().info.faces;
  warn_of_missing_faces(self, faces);
  const GstFlowReturn flow = fomo::animate_buffer(
      &self->parent, inbuf, outbuf,
      [&](GstVideoFrame& out, const fomo::FrameSettings& settings, double seconds,
          const char* text) {
        fomo::Session::Outcome outcome =
            session.animate(drivers.by_face(faces), out, settings, seconds, text);
        outcome.info.face = drivers.main().info.face;
        outcome.info.event = std::exchange(drivers.main().info.event, FOMO_FACE_UNCHANGED);
        return outcome;
      });
  report_other_drivers(self, fomo::stream_time(trans, inbuf));
  return flow;
}

/* ---- class ---- */

static void gst_fomo_motion_dec_init(GstFomoMotionDec* self) {
  self->state = new fomo::MotionDecState();
  self->parent.priv->session_opened = [self](const fomo::ModelIdentity& model) {
    self->state->decoding =
        std::make_unique<fomo::MotionDecoding>(fomo::Engine::open(), model, self->state->main);
    self->parent.priv->stats.count_packets();
  };
  fomo::take_over_sink(self);
}

static void gst_fomo_motion_dec_finalize(GObject* object) {
  delete GST_FOMO_MOTION_DEC(object)->state;
  G_OBJECT_CLASS(gst_fomo_motion_dec_parent_class)->finalize(object);
}

static void gst_fomo_motion_dec_class_init(GstFomoMotionDecClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->finalize = gst_fomo_motion_dec_finalize;
  object_class->set_property = gst_fomo_motion_dec_set_property;
  object_class->get_property = gst_fomo_motion_dec_get_property;
  /**
   * GstFomoMotionDec:latency:
   *
   * With several drivers in a live pipeline: the longest time that a frame waits for drivers who
   * are late. It is part of the element's latency.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LATENCY,
      g_param_spec_uint64(
          "latency", "Latency",
          "Longest wait for late drivers of several in a live pipeline, nanoseconds", 0,
          10 * GST_SECOND, 100 * GST_MSECOND,
          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                   GST_PARAM_MUTABLE_PLAYING)));

  auto* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_change_state);
  gst_element_class_set_static_metadata(
      element_class, "First Order Motion decoder", "Codec/Decoder/Video",
      "Animates a still picture by received or recorded motion", "The fomotransfer authors");
  gst_element_class_add_static_pad_template_with_gtype(element_class, &sink_template,
                                                       GST_TYPE_FOMO_MOTION_PAD);
  gst_element_class_add_static_pad_template_with_gtype(
      element_class, &fomo::motion_request_template, GST_TYPE_FOMO_MOTION_PAD);
  gst_type_mark_as_plugin_api(GST_TYPE_FOMO_MOTION_PAD, static_cast<GstPluginAPIFlags>(0));

  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->stop = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_stop);
  trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_transform_caps);
  trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_set_caps);
  trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_sink_event);
  trans_class->submit_input_buffer = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_submit_input_buffer);
  trans_class->transform = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_transform);
  fomo::install_motion_pads(klass);
}
