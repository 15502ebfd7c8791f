// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomotionenc
 * @title: fomomotionenc
 *
 * The driver's side of #element-fomotransfer: raw video in, the driver's motion out. The face is
 * found and followed, the keypoints of the model are detected, and each frame becomes a packet of a
 * few dozen bytes that shows nobody's face. #element-fomomotiondec animates a picture by it.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! decodebin ! fomomotionenc ! rtpgstpay ! udpsink host=192.0.2.7 port=5000
 * ]| A camera's motion to another machine, at about 10 kbit/s.
 *
 * The first packet of a stream carries the stream's header. A packet without
 * #GST_BUFFER_FLAG_DELTA_UNIT stands alone. A GstForceKeyUnit event from downstream makes the next
 * packet one that stands alone. Messages about the driver's face are those of
 * #element-fomotransfer.
 *
 * Since: 0.1
 */
#include "gst/gstfomomotionenc.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "gst/caps.h"
#include "gst/element.h"
#include "gst/log.h"
#include "gst/metas.h"
#include "gst/motion_stream.h"
#include "gst/properties.h"

namespace {

/// What exists between start and stop.
struct Encoding {
  Encoding(const fomo::Engine& engine, const fomo::Settings& settings, fomo::FileWatch& watch)
      : model(fomo::open_model(engine, settings)), info(engine.describe(*model)),
        identity(fomo::identity_of(info, watch)), stream(engine.new_stream(model)),
        encoder(engine.new_motion_encoder(settings.coding)) {}

  fomo::ModelHandle model;
  FomoModelInfo info;
  fomo::ModelIdentity identity;
  fomo::StreamHandle stream;
  fomo::MotionEncoderHandle encoder;
};

} // namespace

struct GstFomoMotionEncPrivate {
  std::mutex lock;
  fomo::Settings settings; // guarded by lock
  /// While a file system hangs that the start needs. Guarded by lock.
  std::shared_ptr<fomo::Opening<Encoding>> opening;
  std::atomic<bool> wants_refresh{false};
  fomo::Stats stats; // of the time of frames, for the latency
  fomo::Latency latency;

  // Only the streaming thread uses these, and start and stop.
  std::unique_ptr<Encoding> encoding; // null while stopped, and while `opening` goes on
  fomo::FrameLayout layout;
  std::optional<fomo::DrivingFrame> driving;     // for `layout`
  bool restart_pending = true;                   // the next frame starts another video
  GstClockTime frame_time = GST_CLOCK_TIME_NONE; // of the last frame
};

struct _GstFomoMotionEnc {
  GstBaseTransform parent;
  GstFomoMotionEncPrivate* priv;
};

G_DEFINE_TYPE(GstFomoMotionEnc, gst_fomo_motion_enc, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(fomomotionenc, "fomomotionenc", GST_RANK_NONE, GST_TYPE_FOMO_MOTION_ENC)

using fomo::Error;
using fomo::posting_errors;

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

static fomo::Settings settings_of(GstFomoMotionEnc* self) {
  const std::lock_guard<std::mutex> guard(self->priv->lock);
  return self->priv->settings;
}

/* ---- properties ---- */

static void gst_fomo_motion_enc_set_property(GObject* object, guint id, const GValue* value,
                                             GParamSpec*) {
  auto* priv = GST_FOMO_MOTION_ENC(object)->priv;
  const std::lock_guard<std::mutex> guard(priv->lock);
  fomo::encoder_properties()[id - 1].set(priv->settings, value);
}

static void gst_fomo_motion_enc_get_property(GObject* object, guint id, GValue* value,
                                             GParamSpec*) {
  auto* priv = GST_FOMO_MOTION_ENC(object)->priv;
  const std::lock_guard<std::mutex> guard(priv->lock);
  fomo::encoder_properties()[id - 1].get(priv->settings, value);
}

/* ---- start and stop ---- */

static std::shared_ptr<fomo::Opening<Encoding>> opening_of(GstFomoMotionEnc* self) {
  const std::lock_guard<std::mutex> guard(self->priv->lock);
  return self->priv->opening;
}

static GstStateChangeReturn gst_fomo_motion_enc_change_state(GstElement* element,
                                                             GstStateChange transition) {
  auto* self = GST_FOMO_MOTION_ENC(element);
  if (transition == GST_STATE_CHANGE_NULL_TO_READY &&
      !posting_errors(self, false, [] { return fomo::Engine::open(), true; }))
    return GST_STATE_CHANGE_FAILURE;
  const auto opening = opening_of(self);
  if (opening && transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    opening->thread().give_up();
  return GST_ELEMENT_CLASS(gst_fomo_motion_enc_parent_class)->change_state(element, transition);
}

/// Uses what was opened.
static void install(GstFomoMotionEnc* self, std::unique_ptr<Encoding> encoding) {
  fomo::post_model_loaded(GST_ELEMENT(self), encoding->info);
  self->priv->encoding = std::move(encoding);
}

static gboolean gst_fomo_motion_enc_start(GstBaseTransform* trans) {
  auto* self = GST_FOMO_MOTION_ENC(trans);
  auto* priv = self->priv;
  return posting_errors(self, FALSE, [&]() -> gboolean {
    const fomo::Engine& engine = fomo::Engine::open();
    priv->layout = {};
    priv->driving.reset();
    priv->restart_pending = true;
    priv->frame_time = GST_CLOCK_TIME_NONE;
    priv->stats.clear();
    priv->latency.clear();
    const auto opening = std::make_shared<fomo::Opening<Encoding>>(
        engine, [&engine, settings = settings_of(self)](fomo::FileWatch& watch) {
          return std::make_unique<Encoding>(engine, settings, watch);
        });
    if (opening->thread().wait_unless_hung()) {
      install(self, opening->take());
      return TRUE;
    }
    GST_WARNING_OBJECT(self, "a file system does not answer; data wait until it does");
    {
      const std::lock_guard<std::mutex> guard(priv->lock);
      priv->opening = opening;
    }
    opening->thread().hold(GST_ELEMENT(self), GST_BASE_TRANSFORM_SINK_PAD(trans));
    return TRUE;
  });
}

/// On the streaming thread: as fomo::finish_start().
static GstFlowReturn finish_start(GstFomoMotionEnc* self) {
  if (self->priv->encoding)
    return GST_FLOW_OK;
  const auto opening = opening_of(self);
  if (!opening || !opening->thread().wait())
    return GST_FLOW_FLUSHING;
  try {
    install(self, opening->take());
    return GST_FLOW_OK;
  } catch (const std::exception&) {
    return GST_FLOW_ERROR; // the opening has posted it
  }
}

static gboolean gst_fomo_motion_enc_stop(GstBaseTransform* trans) {
  auto* priv = GST_FOMO_MOTION_ENC(trans)->priv;
  std::shared_ptr<fomo::Opening<Encoding>> opening;
  {
    const std::lock_guard<std::mutex> guard(priv->lock);
    opening.swap(priv->opening);
  }
  opening.reset();
  priv->driving.reset();
  priv->encoding.reset();
  return TRUE;
}

/* ---- caps ---- */

static GstCaps* gst_fomo_motion_enc_transform_caps(GstBaseTransform* trans,
                                                   GstPadDirection direction, GstCaps* caps,
                                                   GstCaps* filter) {
  auto* self = GST_FOMO_MOTION_ENC(trans);
  GstCaps* other;
  if (direction == GST_PAD_SRC)
    other = gst_static_pad_template_get_caps(&sink_template);
  else if (self->priv->encoding)
    other = fomo::motion_caps(self->priv->encoding->identity, caps);
  else
    other = gst_static_pad_template_get_caps(&src_template);
  return fomo::filtered_caps(other, filter);
}

static gboolean gst_fomo_motion_enc_set_caps(GstBaseTransform* trans, GstCaps* incaps, GstCaps*) {
  auto* self = GST_FOMO_MOTION_ENC(trans);
  auto* priv = self->priv;
  GstVideoInfo in;
  if (!gst_video_info_from_caps(&in, incaps))
    return FALSE;
  if (GST_VIDEO_INFO_IS_INTERLACED(&in)) {
    GST_ELEMENT_ERROR(
        self, CORE, NEGOTIATION,
        ("Interlaced video has no usable motion. Put deinterlace before the element."),
        ("%" GST_PTR_FORMAT, incaps));
    return FALSE;
  }
  priv->layout.in = in;
  priv->driving.reset();
  return TRUE;
}

/* ---- events ---- */

static gboolean gst_fomo_motion_enc_sink_event(GstBaseTransform* trans, GstEvent* event) {
  auto* priv = GST_FOMO_MOTION_ENC(trans)->priv;
  if (fomo::comes_with_data(event) && finish_start(GST_FOMO_MOTION_ENC(trans)) != GST_FLOW_OK) {
    gst_event_unref(event);
    return FALSE;
  }
  GstTagList* tags = nullptr;
  GstVideoOrientationMethod orientation;
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_STREAM_START:
    priv->layout.orientation = FOMO_ORIENTATION_IDENTITY;
    priv->driving.reset();
    priv->restart_pending = true;
    break;
  case GST_EVENT_FLUSH_STOP:
    priv->restart_pending = true;
    break;
  case GST_EVENT_TAG:
    gst_event_parse_tag(event, &tags);
    if (gst_video_orientation_from_tag(tags, &orientation)) {
      priv->layout.orientation = static_cast<FomoOrientation>(orientation);
      priv->driving.reset();
    }
    break;
  default:
    break;
  }
  return fomo::parent_of(trans)->sink_event(trans, event);
}

static gboolean gst_fomo_motion_enc_src_event(GstBaseTransform* trans, GstEvent* event) {
  if (gst_video_event_is_force_key_unit(event)) {
    GST_FOMO_MOTION_ENC(trans)->priv->wants_refresh = true;
    gst_event_unref(event);
    return TRUE;
  }
  return fomo::parent_of(trans)->src_event(trans, event);
}

/// No frame is held: the latency is the time that reading one takes.
static gboolean gst_fomo_motion_enc_query(GstBaseTransform* trans, GstPadDirection direction,
                                          GstQuery* query) {
  const gboolean answered = fomo::parent_of(trans)->query(trans, direction, query);
  if (answered && direction == GST_PAD_SRC && GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
    GST_FOMO_MOTION_ENC(trans)->priv->latency.add_to(query);
  return answered;
}

/* ---- frames ---- */

/// Adds the time of a frame, and posts a message if the latency that was answered is outdated.
static void measure_latency(GstFomoMotionEnc* self, double ms) {
  auto* priv = self->priv;
  fomo::FrameTimes times{};
  times.back() = ms;
  priv->stats.add_frame(times, 1);
  if (priv->latency.set_measured(priv->stats.recent_p95_ms()))
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
}

/// The clock of the stream's header: a tick is a frame, or a millisecond without a frame rate.
static FomoMotionHeader header_of(GstFomoMotionEnc* self) {
  const Encoding& encoding = *self->priv->encoding;
  const GstVideoInfo& in = self->priv->layout.in;
  FomoMotionHeader header{};
  g_strlcpy(header.model_name, encoding.identity.name.c_str(), sizeof header.model_name);
  g_strlcpy(header.model_sha256, encoding.identity.sha256.c_str(), sizeof header.model_sha256);
  header.num_kp = encoding.identity.num_kp;
  const bool steady = in.fps_n > 0;
  header.tick_num = steady ? in.fps_d : 1;
  header.tick_den = steady ? in.fps_n : 1000;
  return header;
}

/// Ticks since the frame before, and the stream time of this one in seconds.
static int advance_clock(GstFomoMotionEnc* self, GstClockTime time, double& seconds) {
  auto* priv = self->priv;
  const GstVideoInfo& in = priv->layout.in;
  const GstClockTime frame =
      in.fps_n > 0 ? gst_util_uint64_scale(GST_SECOND, in.fps_d, in.fps_n) : GST_SECOND / 25;
  const GstClockTime before = priv->frame_time;
  if (!GST_CLOCK_TIME_IS_VALID(time))
    time = GST_CLOCK_TIME_IS_VALID(before) ? before + frame : 0;
  priv->frame_time = time;
  seconds = static_cast<double>(time) / GST_SECOND;
  if (!GST_CLOCK_TIME_IS_VALID(before) || time <= before)
    return 1;
  const double tick = in.fps_n > 0 ? static_cast<double>(in.fps_d) / in.fps_n : 0.001;
  const double ticks = static_cast<double>(time - before) / GST_SECOND / tick;
  return static_cast<int>(std::clamp(std::lround(ticks), 1L, 1L << 20));
}

static GstFlowReturn gst_fomo_motion_enc_prepare_output_buffer(GstBaseTransform* trans,
                                                               GstBuffer* input,
                                                               GstBuffer** output) {
  *output = gst_buffer_new();
  GST_BASE_TRANSFORM_GET_CLASS(trans)->copy_metadata(trans, input, *output);
  return GST_FLOW_OK;
}

static void append(GstBuffer* buffer, const FomoPacket& packet) {
  gpointer copy = g_memdup2(packet.data, packet.size);
  gst_buffer_append_memory(buffer,
                           gst_memory_new_wrapped(static_cast<GstMemoryFlags>(0), copy, packet.size,
                                                  0, packet.size, copy, g_free));
}

static GstFlowReturn gst_fomo_motion_enc_transform(GstBaseTransform* trans, GstBuffer* inbuf,
                                                   GstBuffer* outbuf) {
  auto* self = GST_FOMO_MOTION_ENC(trans);
  auto* priv = self->priv;
  const GstFlowReturn ready = finish_start(self);
  if (ready != GST_FLOW_OK)
    return ready;
  return posting_errors(self, GST_FLOW_ERROR, [&] {
    const fomo::Engine& engine = fomo::Engine::open();
    Encoding& encoding = *priv->encoding;
    const fomo::Settings settings = settings_of(self);
    const fomo::Stopwatch watch;
    const bool restarts = std::exchange(priv->restart_pending, false);
    if (restarts) {
      engine.restart(*encoding.stream);
      priv->frame_time = GST_CLOCK_TIME_NONE;
    }
    engine.set_coding(*encoding.encoder, settings.coding,
                      priv->wants_refresh.exchange(false) || restarts);
    if (settings.crop != priv->layout.crop) {
      priv->layout.crop = settings.crop;
      priv->driving.reset();
    }
    if (!priv->driving)
      priv->driving.emplace(priv->layout, encoding.info);

    const GstClockTime time = fomo::stream_time(trans, inbuf);
    double seconds = 0;
    const int ticks = advance_clock(self, time, seconds);
    FomoFrameInfo info{};
    fomo::MotionHandle motion;
    {
      fomo::MappedFrame in(inbuf, priv->layout.in, GST_MAP_READ);
      const FomoDriving driving =
          priv->driving->driving(in.frame(), settings.crop, settings.frame, seconds);
      motion = engine.read_motion(*encoding.stream, driving, info);
    }
    if (restarts)
      append(outbuf, engine.encode_header(*encoding.encoder, header_of(self)));
    const FomoPacket packet = engine.encode_motion(*encoding.encoder, *motion, ticks);
    append(outbuf, packet);
    if (packet.alone)
      GST_BUFFER_FLAG_UNSET(outbuf, GST_BUFFER_FLAG_DELTA_UNIT);
    else
      GST_BUFFER_FLAG_SET(outbuf, GST_BUFFER_FLAG_DELTA_UNIT);
    GST_LOG_OBJECT(self, "frame at %" GST_TIME_FORMAT ": %" G_GSIZE_FORMAT " bytes%s",
                   GST_TIME_ARGS(time), packet.size, packet.alone ? ", stands alone" : "");
    fomo::report_driver(GST_ELEMENT(self), info, time);
    measure_latency(self, watch.ms());
    return GST_FLOW_OK;
  });
}

static void gst_fomo_motion_enc_before_transform(GstBaseTransform* trans, GstBuffer* buffer) {
  const GstClockTime time = fomo::stream_time(trans, buffer);
  if (GST_CLOCK_TIME_IS_VALID(time))
    gst_object_sync_values(GST_OBJECT(trans), time);
}

/// Nothing of the driving frame but its time goes with the motion.
static gboolean gst_fomo_motion_enc_transform_meta(GstBaseTransform*, GstBuffer*, GstMeta*,
                                                   GstBuffer*) {
  return FALSE;
}

/* ---- class ---- */

static void gst_fomo_motion_enc_init(GstFomoMotionEnc* self) {
  self->priv = new GstFomoMotionEncPrivate();
}

static void gst_fomo_motion_enc_finalize(GObject* object) {
  delete GST_FOMO_MOTION_ENC(object)->priv;
  G_OBJECT_CLASS(gst_fomo_motion_enc_parent_class)->finalize(object);
}

static void gst_fomo_motion_enc_class_init(GstFomoMotionEncClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->finalize = gst_fomo_motion_enc_finalize;
  object_class->set_property = gst_fomo_motion_enc_set_property;
  object_class->get_property = gst_fomo_motion_enc_get_property;
  guint id = 0;
  for (const fomo::Property& property : fomo::encoder_properties())
    g_object_class_install_property(object_class, ++id, property.spec);

  auto* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_change_state);
  gst_element_class_set_static_metadata(
      element_class, "First Order Motion encoder", "Codec/Encoder/Video",
      "Turns driving video into motion without pictures", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);

  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->start = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_start);
  trans_class->stop = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_stop);
  trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_transform_caps);
  trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_set_caps);
  trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_sink_event);
  trans_class->src_event = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_src_event);
  trans_class->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_prepare_output_buffer);
  trans_class->before_transform = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_before_transform);
  trans_class->transform = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_transform);
  trans_class->transform_meta = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_transform_meta);
  trans_class->query = GST_DEBUG_FUNCPTR(gst_fomo_motion_enc_query);
}
