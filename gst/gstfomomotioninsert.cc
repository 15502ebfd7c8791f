// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomotioninsert
 * @title: fomomotioninsert
 *
 * Writes motion into an H.264 or H.265 stream: each access unit gets the packets up to the middle
 * of its time, as SEI messages before its first slice. Decoders skip them, and remuxing keeps them.
 * #element-fomomotionextract takes them out again. The video should have no B-frames, as the
 * packets are in the order of access units.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=driving.mp4 ! decodebin ! videoconvert ! tee name=t
 * ! queue ! fomomotionenc ! insert.motion  t. ! queue ! videoscale ! video/x-raw,width=64,height=64
 * ! x264enc tune=zerolatency ! h264parse ! fomomotioninsert name=insert ! mp4mux
 * ! filesink location=out.mp4
 * ]| A tiny video with the motion of the driver in it.
 *
 * Since: 0.1
 */
#include "gst/gstfomomotioninsert.h"

#include <exception>
#include <vector>

#include "gst/access_unit.h"
#include "gst/log.h"
#include "gst/motion_stream.h"

struct _GstFomoMotionInsert {
  GstAggregator parent;
  GstAggregatorPad* video;
  GstAggregatorPad* motion;
  fomo::NalFormat format;         // of the video
  std::vector<uint8_t>* messages; // for the next access unit; never null
};

G_DEFINE_TYPE(GstFomoMotionInsert, gst_fomo_motion_insert, GST_TYPE_AGGREGATOR)
GST_ELEMENT_REGISTER_DEFINE(fomomotioninsert, "fomomotioninsert", GST_RANK_NONE,
                            GST_TYPE_FOMO_MOTION_INSERT)

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_ACCESS_UNIT_CAPS));
static GstStaticPadTemplate motion_template = GST_STATIC_PAD_TEMPLATE(
    "motion", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_ACCESS_UNIT_CAPS));

/// The running time of a buffer; `fallback` if it has none.
static GstClockTime running_time(GstAggregatorPad* pad, GstClockTime time, GstClockTime fallback) {
  GST_OBJECT_LOCK(pad);
  guint64 running = 0;
  const gint sign =
      GST_CLOCK_TIME_IS_VALID(time) && pad->segment.format == GST_FORMAT_TIME
          ? gst_segment_to_running_time_full(&pad->segment, GST_FORMAT_TIME, time, &running)
          : 0;
  GST_OBJECT_UNLOCK(pad);
  return sign > 0 ? running : sign < 0 ? 0 : fallback;
}

/// Whether the base class has made this buffer of a GAP event that reaches to `until` or beyond. It
/// stays in the queue, since the base class waits for a pad whose queue is empty.
static bool announces_gap(GstBuffer* packet, GstClockTime start, GstClockTime until) {
  return GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_GAP) &&
         GST_BUFFER_DURATION_IS_VALID(packet) && start + GST_BUFFER_DURATION(packet) >= until;
}

/// Takes the packets up to a running time. Returns false if more may come until then. Packets that
/// come too late for their access unit go into the next one, and so do those that come in spite of
/// a GAP event, when the gap has ended.
static bool take_packets(GstFomoMotionInsert* self, GstClockTime until, bool waits) {
  for (;;) {
    GstBuffer* packet = gst_aggregator_pad_peek_buffer(self->motion);
    if (!packet)
      return !waits || gst_aggregator_pad_is_eos(self->motion);
    const GstClockTime start = running_time(self->motion, GST_BUFFER_PTS(packet), 0);
    const bool due = start < until && !announces_gap(packet, start, until);
    if (due) {
      const gsize at = self->messages->size(), size = gst_buffer_get_size(packet);
      self->messages->resize(at + size);
      if (size > 0) // an ended gap has no bytes
        gst_buffer_extract(packet, 0, self->messages->data() + at, size);
      gst_aggregator_pad_drop_buffer(self->motion);
    }
    gst_buffer_unref(packet);
    if (!due)
      return true;
  }
}

/// The access unit with the messages. Takes `unit`.
static GstBuffer* with_messages(GstFomoMotionInsert* self, GstBuffer* unit) {
  GstMapInfo map;
  if (self->messages->empty() || !gst_buffer_map(unit, &map, GST_MAP_READ))
    return unit;
  const std::vector<uint8_t> bytes = fomo::with_nal(
      map.data, map.size, self->format, fomo::sei_nal(self->format.codec, *self->messages));
  gst_buffer_unmap(unit, &map);
  if (bytes.empty()) {
    GST_WARNING_OBJECT(self, "an access unit of %" G_GSIZE_FORMAT " bytes has no slice",
                       gst_buffer_get_size(unit));
    return unit;
  }
  self->messages->clear();
  GstBuffer* result = gst_buffer_make_writable(unit);
  fomo::replace_bytes(result, bytes);
  return result;
}

/// The running time up to which packets belong to an access unit: the middle of its time. None: it
/// has no time, and all packets that are there belong to it.
static GstClockTime end_of(GstFomoMotionInsert* self, GstBuffer* unit) {
  const GstClockTime start =
      running_time(self->video, GST_BUFFER_DTS_OR_PTS(unit), GST_CLOCK_TIME_NONE);
  if (!GST_CLOCK_TIME_IS_VALID(start))
    return GST_CLOCK_TIME_NONE;
  const GstClockTime duration = GST_BUFFER_DURATION(unit);
  return start + (GST_CLOCK_TIME_IS_VALID(duration) ? MAX(duration / 2, 1) : 1);
}

/// The next access unit is due at the end of this one: in a live pipeline the base class waits for
/// late pads until then, plus the latency.
static void advance(GstFomoMotionInsert* self, GstBuffer* unit) {
  auto* src = GST_AGGREGATOR_PAD(GST_AGGREGATOR(self)->srcpad);
  const GstClockTime start = GST_BUFFER_DTS_OR_PTS(unit), duration = GST_BUFFER_DURATION(unit);
  GST_OBJECT_LOCK(src);
  if (GST_CLOCK_TIME_IS_VALID(start))
    src->segment.position = start + (GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0);
  GST_OBJECT_UNLOCK(src);
}

static GstFlowReturn gst_fomo_motion_insert_aggregate(GstAggregator* aggregator, gboolean timeout) {
  auto* self = GST_FOMO_MOTION_INSERT(aggregator);
  GstBuffer* unit = gst_aggregator_pad_peek_buffer(self->video);
  if (!unit)
    return gst_aggregator_pad_is_eos(self->video) ? GST_FLOW_EOS : GST_AGGREGATOR_FLOW_NEED_DATA;
  try {
    const GstClockTime end = end_of(self, unit);
    if (!take_packets(self, end, !timeout && GST_CLOCK_TIME_IS_VALID(end))) {
      gst_buffer_unref(unit);
      return GST_AGGREGATOR_FLOW_NEED_DATA;
    }
    gst_aggregator_pad_drop_buffer(self->video);
    advance(self, unit);
    unit = with_messages(self, unit);
  } catch (const std::exception& error) {
    gst_buffer_unref(unit);
    GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", error.what()), (nullptr));
    return GST_FLOW_ERROR;
  }
  return gst_aggregator_finish_buffer(aggregator, unit);
}

/// Forgets packets that no access unit has taken yet.
static gboolean gst_fomo_motion_insert_stop(GstAggregator* aggregator) {
  GST_FOMO_MOTION_INSERT(aggregator)->messages->clear();
  return TRUE;
}

static GstFlowReturn gst_fomo_motion_insert_flush(GstAggregator* aggregator) {
  GST_FOMO_MOTION_INSERT(aggregator)->messages->clear();
  return GST_FLOW_OK;
}

static gboolean gst_fomo_motion_insert_sink_event(GstAggregator* aggregator, GstAggregatorPad* pad,
                                                  GstEvent* event) {
  auto* self = GST_FOMO_MOTION_INSERT(aggregator);
  if (pad == self->video && GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    if (fomo::nal_format_of(caps, self->format))
      gst_aggregator_set_src_caps(aggregator, caps);
    else
      GST_ELEMENT_ERROR(self, STREAM, FORMAT,
                        ("The video stream's caps have no codec_data. Put h264parse or h265parse "
                         "before fomomotioninsert."),
                        ("%" GST_PTR_FORMAT, caps));
  }
  if (pad == self->video && GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
    const GstSegment* segment = nullptr;
    gst_event_parse_segment(event, &segment);
    gst_aggregator_update_segment(aggregator, segment);
  }
  return GST_AGGREGATOR_CLASS(gst_fomo_motion_insert_parent_class)
      ->sink_event(aggregator, pad, event);
}

static gboolean gst_fomo_motion_insert_sink_query(GstAggregator* aggregator, GstAggregatorPad* pad,
                                                  GstQuery* query) {
  auto* self = GST_FOMO_MOTION_INSERT(aggregator);
  // What follows decides about the video's format.
  if (pad == self->video &&
      (GST_QUERY_TYPE(query) == GST_QUERY_CAPS || GST_QUERY_TYPE(query) == GST_QUERY_ACCEPT_CAPS)) {
    GstCaps* caps = nullptr;
    GstCaps* filter = nullptr;
    GstCaps* ours = gst_static_pad_template_get_caps(&video_template);
    if (GST_QUERY_TYPE(query) == GST_QUERY_CAPS) {
      gst_query_parse_caps(query, &filter);
      caps = gst_pad_peer_query_caps(aggregator->srcpad, ours);
      if (filter) {
        GstCaps* filtered = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
        gst_caps_replace(&caps, filtered);
        gst_caps_unref(filtered);
      }
      gst_query_set_caps_result(query, caps);
      gst_caps_unref(caps);
    } else {
      gst_query_parse_accept_caps(query, &caps);
      gst_query_set_accept_caps_result(query, gst_caps_can_intersect(caps, ours));
    }
    gst_caps_unref(ours);
    return TRUE;
  }
  return GST_AGGREGATOR_CLASS(gst_fomo_motion_insert_parent_class)
      ->sink_query(aggregator, pad, query);
}

/// The caps are those of the video, which are set with its CAPS event.
static gboolean gst_fomo_motion_insert_negotiate(GstAggregator*) { return TRUE; }

static void gst_fomo_motion_insert_init(GstFomoMotionInsert* self) {
  self->messages = new std::vector<uint8_t>();
  const auto add = [self](GstStaticPadTemplate& pad_template, const char* name) {
    GstPadTemplate* made = gst_static_pad_template_get(&pad_template);
    auto* pad = GST_AGGREGATOR_PAD(g_object_new(GST_TYPE_AGGREGATOR_PAD, "name", name, "direction",
                                                GST_PAD_SINK, "template", made, nullptr));
    gst_object_unref(made);
    gst_element_add_pad(GST_ELEMENT(self), GST_PAD(pad));
    return pad;
  };
  self->video = add(video_template, "sink");
  self->motion = add(motion_template, "motion");
}

static void gst_fomo_motion_insert_finalize(GObject* object) {
  delete GST_FOMO_MOTION_INSERT(object)->messages;
  G_OBJECT_CLASS(gst_fomo_motion_insert_parent_class)->finalize(object);
}

static void gst_fomo_motion_insert_class_init(GstFomoMotionInsertClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = gst_fomo_motion_insert_finalize;
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Inserter of motion", "Codec/Video/Muxer",
                                        "Writes motion into H.264 and H.265 streams",
                                        "The fomotransfer authors");
  gst_element_class_add_static_pad_template_with_gtype(element_class, &video_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &motion_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &src_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  auto* aggregator_class = GST_AGGREGATOR_CLASS(klass);
  aggregator_class->stop = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_stop);
  aggregator_class->flush = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_flush);
  aggregator_class->aggregate = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_aggregate);
  aggregator_class->sink_event = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_sink_event);
  aggregator_class->sink_query = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_sink_query);
  aggregator_class->negotiate = GST_DEBUG_FUNCPTR(gst_fomo_motion_insert_negotiate);
  aggregator_class->get_next_time = GST_DEBUG_FUNCPTR(gst_aggregator_simple_get_next_time);
}
