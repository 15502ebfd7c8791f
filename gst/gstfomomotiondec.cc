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
#include "gst/element.h"
#include "gst/log.h"
#include "gst/motion_stream.h"

namespace {

/// What exists between start and stop. Only the streaming thread uses it.
struct Decoding {
  fomo::ModelIdentity identity; ///< of the own model
  fomo::MotionDecoderHandle decoder;
  fomo::MotionHandle motion; ///< of the buffer that is being transformed
  FomoPacketInfo info{};     ///< of the same
  double seconds = 0;        ///< its stream time, or an estimate
};

} // namespace

struct _GstFomoMotionDec {
  GstFomoTransfer parent;
  Decoding* decoding; // null while stopped
};

G_DEFINE_TYPE(GstFomoMotionDec, gst_fomo_motion_dec, GST_TYPE_FOMO_TRANSFER)
GST_ELEMENT_REGISTER_DEFINE(fomomotiondec, "fomomotiondec", GST_RANK_NONE, GST_TYPE_FOMO_MOTION_DEC)

using fomo::Error;
using fomo::posting_errors;

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

static GstBaseTransformClass* parent_class() {
  return GST_BASE_TRANSFORM_CLASS(gst_fomo_motion_dec_parent_class);
}

/* ---- start and stop ---- */

static gboolean gst_fomo_motion_dec_start(GstBaseTransform* trans) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  if (!parent_class()->start(trans))
    return FALSE;
  const bool started = posting_errors(self, false, [&] {
    auto decoding = std::make_unique<Decoding>();
    const FomoModelInfo& model = self->parent.priv->session->model();
    decoding->identity = fomo::identity_of(model);
    decoding->decoder = fomo::Engine::open().new_motion_decoder(model.num_kp);
    self->decoding = decoding.release();
    self->parent.priv->stats.count_packets();
    return true;
  });
  if (!started)
    parent_class()->stop(trans);
  return started;
}

static gboolean gst_fomo_motion_dec_stop(GstBaseTransform* trans) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  delete std::exchange(self->decoding, nullptr);
  return parent_class()->stop(trans);
}

/* ---- caps ---- */

static GstCaps* gst_fomo_motion_dec_transform_caps(GstBaseTransform*, GstPadDirection direction,
                                                   GstCaps* caps, GstCaps* filter) {
  GstCaps* other;
  if (direction == GST_PAD_SRC) {
    other = gst_static_pad_template_get_caps(&sink_template);
  } else {
    other = gst_caps_from_string(FOMO_CAPS);
    if (gst_caps_get_size(caps) > 0)
      if (const GValue* rate =
              gst_structure_get_value(gst_caps_get_structure(caps, 0), "framerate"))
        gst_caps_set_value(other, "framerate", rate);
  }
  if (!filter)
    return other;
  GstCaps* filtered = gst_caps_intersect_full(filter, other, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(other);
  return filtered;
}

static gboolean gst_fomo_motion_dec_set_caps(GstBaseTransform* trans, GstCaps* incaps,
                                             GstCaps* outcaps) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  return posting_errors(self, FALSE, [&]() -> gboolean {
    fomo::check_same_model(fomo::identity_in_caps(incaps), self->decoding->identity);
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
  const GstEventType type = GST_EVENT_TYPE(event);
  if (self->decoding && (type == GST_EVENT_STREAM_START || type == GST_EVENT_FLUSH_STOP))
    posting_errors(self, false, [&] {
      fomo::Engine::open().reset(*self->decoding->decoder);
      return true;
    });
  return parent_class()->sink_event(trans, event);
}

/// Decodes the packets in a buffer. Returns whether one of them is a frame. Throws Error.
static bool decode(GstFomoMotionDec* self, GstBuffer* buffer) {
  const fomo::Engine& engine = fomo::Engine::open();
  Decoding& decoding = *self->decoding;
  const GstClockTime time = fomo::stream_time(GST_BASE_TRANSFORM(self), buffer);
  constexpr double usual_step = 0.04;
  decoding.seconds = GST_CLOCK_TIME_IS_VALID(time) ? static_cast<double>(time) / GST_SECOND
                                                   : decoding.seconds + usual_step;
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    throw Error(FOMO_FAILED, "A buffer of motion cannot be mapped.");
  const std::unique_ptr<GstMapInfo, std::function<void(GstMapInfo*)>> unmap(
      &map, [buffer](GstMapInfo* info) { gst_buffer_unmap(buffer, info); });
  decoding.motion.reset();
  gsize at = 0;
  do {
    const int64_t length = engine.packet_length(map.data + at, map.size - at);
    const gsize size = length > 0 ? static_cast<gsize>(length) : map.size - at;
    FomoPacketInfo info{};
    fomo::MotionHandle motion =
        engine.decode_motion(*decoding.decoder, map.data + at, size, decoding.seconds, info);
    at += size;
    if (info.kind == FOMO_PACKET_HEADER)
      fomo::check_same_model({info.header.model_name, info.header.model_sha256, info.header.num_kp},
                             decoding.identity);
    if (!motion)
      continue;
    self->parent.priv->stats.add_packet(info.lost, info.kind == FOMO_PACKET_CONCEALED);
    decoding.motion = std::move(motion);
    decoding.info = info;
  } while (at < map.size);
  return decoding.motion != nullptr;
}

/// Decodes before the base class may drop a late frame: the next packets need this one.
static GstFlowReturn gst_fomo_motion_dec_submit_input_buffer(GstBaseTransform* trans,
                                                             gboolean discont, GstBuffer* input) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  bool has_frame = false;
  const bool fine = posting_errors(self, false, [&] {
    has_frame = self->decoding && decode(self, input);
    return true;
  });
  if (!fine || !has_frame) {
    gst_buffer_unref(input);
    return fine ? GST_BASE_TRANSFORM_FLOW_DROPPED : GST_FLOW_ERROR;
  }
  return parent_class()->submit_input_buffer(trans, discont, input);
}

static GstFlowReturn gst_fomo_motion_dec_transform(GstBaseTransform* trans, GstBuffer* inbuf,
                                                   GstBuffer* outbuf) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  const Decoding& decoding = *self->decoding;
  return fomo::animate_buffer(&self->parent, inbuf, outbuf,
                              [&](GstVideoFrame& out, const fomo::FrameSettings& settings,
                                  double seconds, const char* text) {
                                fomo::Session::Outcome outcome =
                                    self->parent.priv->session->animate(*decoding.motion, out,
                                                                        settings, seconds, text);
                                outcome.info.face = decoding.info.face;
                                outcome.info.event = decoding.info.event;
                                return outcome;
                              });
}

/* ---- class ---- */

static void gst_fomo_motion_dec_init(GstFomoMotionDec*) {}

static void gst_fomo_motion_dec_class_init(GstFomoMotionDecClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element_class, "First Order Motion decoder", "Codec/Decoder/Video",
      "Animates a still picture by received or recorded motion", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);

  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->start = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_start);
  trans_class->stop = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_stop);
  trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_transform_caps);
  trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_set_caps);
  trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_sink_event);
  trans_class->submit_input_buffer = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_submit_input_buffer);
  trans_class->transform = GST_DEBUG_FUNCPTR(gst_fomo_motion_dec_transform);
}
