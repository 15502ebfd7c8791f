// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/motion_pad.h"

#include <memory>
#include <new>

namespace {

/// What the pad's streaming thread knows of times.
struct Times {
  GstSegment segment;
  GstClockTime frame = 0; ///< duration of a frame by the caps; 0: unknown
  GstClockTime next = 0;  ///< running time of a packet without a time
};

constexpr GstClockTime kUsualFrame = 40 * GST_MSECOND;

} // namespace

struct _GstFomoMotionPad {
  GstPad parent;
  fomo::MotionLaneHandle* lane; // never null
  Times* times;
};

G_DEFINE_TYPE(GstFomoMotionPad, gst_fomo_motion_pad, GST_TYPE_PAD)

enum { PROP_FACE_INDEX = 1 };

static void gst_fomo_motion_pad_set_property(GObject* object, guint id, const GValue* value,
                                             GParamSpec* spec) {
  if (id == PROP_FACE_INDEX)
    (*GST_FOMO_MOTION_PAD(object)->lane)->face_index = g_value_get_int(value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_fomo_motion_pad_get_property(GObject* object, guint id, GValue* value,
                                             GParamSpec* spec) {
  if (id == PROP_FACE_INDEX)
    g_value_set_int(value, (*GST_FOMO_MOTION_PAD(object)->lane)->face_index);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_fomo_motion_pad_init(GstFomoMotionPad* self) {
  // Holds the property until there is a lane.
  self->lane = new fomo::MotionLaneHandle(std::make_shared<fomo::MotionLane>());
  self->times = new Times();
  gst_segment_init(&self->times->segment, GST_FORMAT_UNDEFINED);
}

static void gst_fomo_motion_pad_finalize(GObject* object) {
  auto* self = GST_FOMO_MOTION_PAD(object);
  delete self->lane;
  delete self->times;
  G_OBJECT_CLASS(gst_fomo_motion_pad_parent_class)->finalize(object);
}

static void gst_fomo_motion_pad_class_init(GstFomoMotionPadClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->finalize = gst_fomo_motion_pad_finalize;
  object_class->set_property = gst_fomo_motion_pad_set_property;
  object_class->get_property = gst_fomo_motion_pad_get_property;
  /**
   * GstFomoMotionPad:face-index:
   *
   * The face that this driver moves, counted from the largest, which is 0. -1: all faces that no
   * other pad moves. The default is -1 for `sink`, and N for `sink_N`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_FACE_INDEX,
      g_param_spec_int("face-index", "Face index",
                       "The face that the driver moves; -1: those that no other pad moves", -1,
                       1023, -1,
                       static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                GST_PARAM_MUTABLE_PLAYING)));
}

void fomo::set_lane(GstFomoMotionPad* pad, const MotionLaneHandle& lane) {
  lane->face_index = (*pad->lane)->face_index.load();
  *pad->lane = lane;
}

const fomo::MotionLaneHandle& fomo::lane_of(GstFomoMotionPad* pad) { return *pad->lane; }

void fomo::follow_times(GstFomoMotionPad* pad, GstEvent* event) {
  Times& times = *pad->times;
  GstCaps* caps = nullptr;
  gint numerator = 0, denominator = 1;
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_CAPS:
    gst_event_parse_caps(event, &caps);
    times.frame = 0;
    if (gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &numerator,
                                   &denominator) &&
        numerator > 0)
      times.frame = gst_util_uint64_scale_int(GST_SECOND, denominator, numerator);
    break;
  case GST_EVENT_SEGMENT:
    gst_event_copy_segment(event, &times.segment);
    break;
  case GST_EVENT_FLUSH_STOP:
    gst_segment_init(&times.segment, GST_FORMAT_UNDEFINED);
    times.next = 0;
    break;
  default:
    break;
  }
}

GstClockTime fomo::running_time(GstFomoMotionPad* pad, GstBuffer* packet) {
  Times& times = *pad->times;
  GstClockTime time = times.next;
  if (times.segment.format == GST_FORMAT_TIME && GST_BUFFER_PTS_IS_VALID(packet)) {
    guint64 running = 0;
    const gint sign = gst_segment_to_running_time_full(&times.segment, GST_FORMAT_TIME,
                                                       GST_BUFFER_PTS(packet), &running);
    time = sign > 0 ? running : 0; // packets before the segment are needed by those in it
  }
  times.next = time + (times.frame > 0 ? times.frame : kUsualFrame);
  return time;
}

GstClockTime fomo::running_end(GstFomoMotionPad* pad, GstBuffer* packet, GstClockTime start) {
  const GstClockTime own = GST_BUFFER_DURATION(packet);
  return start + (GST_CLOCK_TIME_IS_VALID(own) ? own : pad->times->frame);
}

GstClockTime fomo::gap_end(GstFomoMotionPad* pad, GstEvent* gap) {
  const GstSegment& segment = pad->times->segment;
  GstClockTime start, duration;
  gst_event_parse_gap(gap, &start, &duration);
  if (segment.format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID(start))
    return 0;
  const GstClockTime end = start + (GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0);
  const GstClockTime time = gst_segment_to_running_time(&segment, GST_FORMAT_TIME, end);
  return GST_CLOCK_TIME_IS_VALID(time) ? time : 0;
}
