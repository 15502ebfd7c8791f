// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomotionparse
 * @title: fomomotionparse
 *
 * Splits a file of motion into packets with times. Such a file is what #element-fomomotionenc
 * writes to a filesink: its header and its packets, one after the other.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=nod.motion ! fomomotionparse ! fomomotiondec
 * source-image=portrait.png ! videoconvert ! autovideosink
 * ]| A recorded motion moves a picture.
 *
 * Since: 0.1
 */
#include "gst/gstfomomotionparse.h"

#include <memory>
#include <new>

#include "gst/element.h"
#include "gst/motion_stream.h"

struct _GstFomoMotionParse {
  GstBaseParse parent;
  fomo::MotionDecoderHandle decoder; // null while stopped, and before the first packet
  FomoMotionHeader header;           // num_kp 0: not seen yet
  GstClockTime time;                 // of the last frame; none: there was no frame
  guint64 next_offset;               // where the next packet is expected
};

G_DEFINE_TYPE(GstFomoMotionParse, gst_fomo_motion_parse, GST_TYPE_BASE_PARSE)
GST_ELEMENT_REGISTER_DEFINE(fomomotionparse, "fomomotionparse", GST_RANK_PRIMARY,
                            GST_TYPE_FOMO_MOTION_PARSE)

using fomo::posting_errors;

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

/// The bytes of a type and a size, at least.
constexpr guint kSmallest = 2;

static gboolean gst_fomo_motion_parse_start(GstBaseParse* parse) {
  auto* self = GST_FOMO_MOTION_PARSE(parse);
  gst_base_parse_set_min_frame_size(parse, kSmallest);
  self->header = {};
  self->time = GST_CLOCK_TIME_NONE;
  self->next_offset = 0;
  return posting_errors(self, false, [] { return fomo::Engine::open(), true; });
}

static gboolean gst_fomo_motion_parse_stop(GstBaseParse* parse) {
  GST_FOMO_MOTION_PARSE(parse)->decoder.reset();
  return TRUE;
}

/// Takes the stream's header over: caps, clock, and a decoder that reads the times of packets.
/// Where a file is played again, or another one behind it, the time goes on.
static void use_header(GstFomoMotionParse* self, const FomoMotionHeader& header) {
  auto* parse = GST_BASE_PARSE(self);
  self->header = header;
  self->decoder = fomo::Engine::open().new_motion_decoder(header.num_kp);
  gst_base_parse_set_frame_rate(parse, static_cast<guint>(header.tick_den),
                                static_cast<guint>(header.tick_num), 0, 0);
  GstCaps* caps =
      fomo::motion_caps({header.model_name, header.model_sha256, header.num_kp}, nullptr);
  // A tick of a millisecond is that of a stream without a frame rate.
  if (header.tick_den != 1000 || header.tick_num != 1)
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, header.tick_den, header.tick_num,
                        nullptr);
  gst_pad_set_caps(GST_BASE_PARSE_SRC_PAD(parse), caps);
  gst_caps_unref(caps);
}

/// Sets the time of a packet. Returns false if it is neither a frame nor a header.
static bool take_packet(GstFomoMotionParse* self, const uint8_t* data, gsize size,
                        GstBuffer* buffer) {
  const fomo::Engine& engine = fomo::Engine::open();
  if (!self->decoder)
    self->decoder = engine.new_motion_decoder(1); // it reads a header
  FomoPacketInfo info{};
  const fomo::MotionHandle motion = engine.decode_motion(*self->decoder, data, size, 0, info);
  if (info.kind == FOMO_PACKET_HEADER) {
    use_header(self, info.header);
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_HEADER);
    GST_BUFFER_PTS(buffer) = GST_CLOCK_TIME_IS_VALID(self->time) ? self->time : 0;
    GST_BUFFER_DURATION(buffer) = 0;
    return true;
  }
  if (!motion || self->header.num_kp == 0)
    return false;
  const GstClockTime tick =
      gst_util_uint64_scale(GST_SECOND, static_cast<guint64>(self->header.tick_num),
                            static_cast<guint64>(self->header.tick_den));
  const auto ticks = static_cast<guint64>(info.ticks) + static_cast<guint64>(info.lost);
  self->time = GST_CLOCK_TIME_IS_VALID(self->time) ? self->time + ticks * tick : 0;
  GST_BUFFER_PTS(buffer) = self->time;
  GST_BUFFER_DURATION(buffer) = tick;
  if (info.alone)
    GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  else
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return true;
}

static GstFlowReturn gst_fomo_motion_parse_handle_frame(GstBaseParse* parse,
                                                        GstBaseParseFrame* frame, gint* skip) {
  auto* self = GST_FOMO_MOTION_PARSE(parse);
  if (frame->offset != self->next_offset) { // a seek, or the file from its beginning again
    self->time = frame->offset == 0 ? GST_CLOCK_TIME_NONE : parse->segment.position;
    if (self->decoder)
      fomo::Engine::open().reset(*self->decoder);
  }
  gint64 length = -1;
  bool wanted = false;
  {
    GstMapInfo map;
    if (!gst_buffer_map(frame->buffer, &map, GST_MAP_READ))
      return GST_FLOW_ERROR;
    length = fomo::Engine::open().packet_length(map.data, map.size);
    if (length > 0)
      wanted = posting_errors(self, false, [&] {
        return take_packet(self, map.data, static_cast<gsize>(length), frame->buffer);
      });
    else if (length == 0)
      gst_base_parse_set_min_frame_size(parse, static_cast<guint>(map.size) + 1);
    gst_buffer_unmap(frame->buffer, &map);
  }
  if (length == 0) {
    self->next_offset = frame->offset;
    return GST_FLOW_OK;
  }
  gst_base_parse_set_min_frame_size(parse, kSmallest);
  const gint64 used = length > 0 ? length : 1;
  self->next_offset = frame->offset + static_cast<guint64>(used);
  if (!wanted) {
    *skip = static_cast<gint>(used);
    return GST_FLOW_OK;
  }
  return gst_base_parse_finish_frame(parse, frame, static_cast<gint>(used));
}

static void gst_fomo_motion_parse_init(GstFomoMotionParse* self) {
  new (&self->decoder) fomo::MotionDecoderHandle();
  gst_base_parse_set_pts_interpolation(GST_BASE_PARSE(self), FALSE);
}

static void gst_fomo_motion_parse_finalize(GObject* object) {
  GST_FOMO_MOTION_PARSE(object)->decoder.~shared_ptr();
  G_OBJECT_CLASS(gst_fomo_motion_parse_parent_class)->finalize(object);
}

static void gst_fomo_motion_parse_class_init(GstFomoMotionParseClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = gst_fomo_motion_parse_finalize;
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element_class, "First Order Motion parser", "Codec/Parser/Video",
      "Splits a file of motion into packets with times", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  auto* parse_class = GST_BASE_PARSE_CLASS(klass);
  parse_class->start = GST_DEBUG_FUNCPTR(gst_fomo_motion_parse_start);
  parse_class->stop = GST_DEBUG_FUNCPTR(gst_fomo_motion_parse_stop);
  parse_class->handle_frame = GST_DEBUG_FUNCPTR(gst_fomo_motion_parse_handle_frame);
}
