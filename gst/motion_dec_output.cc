// SPDX-License-Identifier: LGPL-2.1-or-later
// The output thread of fomomotiondec with several drivers: it decodes what belongs to a frame, and
// calls the base class's functions of the pad `sink` with one packet for each frame.
#include "gst/log.h"
#include "gst/motion_dec_element.h"

namespace {

using fomo::MotionLaneHandle;
using fomo::MotionRound;

fomo::MotionDecState& state_of(GstFomoMotionDec* self) { return *self->state; }
GstPad* sink_of(GstFomoMotionDec* self) { return GST_BASE_TRANSFORM_SINK_PAD(self); }
GstPad* src_of(GstFomoMotionDec* self) { return GST_BASE_TRANSFORM_SRC_PAD(self); }

gboolean send_to_base(GstFomoMotionDec* self, GstEvent* event) {
  return state_of(self).base_event(sink_of(self), GST_OBJECT(self), event);
}

/// A driver leads whose pad is not `sink`, and nothing has come through `sink` yet: the stream
/// begins with the running time.
void begin_stream(GstFomoMotionDec* self, GstCaps* leader) {
  GstPad* sink = sink_of(self);
  gchar* id = gst_pad_create_stream_id(src_of(self), GST_ELEMENT(self), "drivers");
  GstCaps* caps = leader ? gst_caps_ref(leader) : gst_caps_new_empty_simple(FOMO_MOTION_MEDIA_TYPE);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  for (GstEvent* event : {gst_event_new_stream_start(id), gst_event_new_caps(caps),
                          gst_event_new_segment(&segment)}) {
    gst_pad_store_sticky_event(sink, event);
    send_to_base(self, event);
  }
  gst_caps_unref(caps);
  g_free(id);
}

/// The buffer that the base class transforms into the frame of a round: the packet of `sink`, or an
/// empty buffer of the same time; null: `sink` has no such time.
GstBuffer* trigger_of(GstFomoMotionDec* self, const MotionRound& round) {
  GstBuffer* packet = nullptr;
  for (const MotionRound::Taken& taken : round.taken)
    if (taken.lane == round.lane)
      packet = GST_BUFFER_CAST(taken.packets.back().get());
  if (round.lane == state_of(self).main)
    return gst_buffer_ref(packet);
  const GstSegment& segment = GST_BASE_TRANSFORM(self)->segment;
  GstBuffer* trigger = gst_buffer_new();
  GST_BUFFER_PTS(trigger) =
      segment.format == GST_FORMAT_TIME
          ? gst_segment_position_from_running_time(&segment, GST_FORMAT_TIME, round.time)
          : round.time;
  if (round.length > 0)
    GST_BUFFER_DURATION(trigger) = round.length;
  if (GST_BUFFER_PTS_IS_VALID(trigger))
    return trigger;
  gst_buffer_unref(trigger);
  return nullptr;
}

/// Decodes what a round has of each driver.
void decode_round(GstFomoMotionDec* self, const MotionRound& round) {
  fomo::MotionDrivers& drivers = state_of(self).decoding->drivers;
  for (const MotionRound::Taken& taken : round.taken) {
    fomo::MotionDriver& driver = drivers.of(taken.lane);
    const double seconds = static_cast<double>(round.time) / GST_SECOND;
    for (const fomo::MiniObject& packet : taken.packets) {
      const FomoFaceEvent event = driver.info.event;
      drivers.decode(driver, GST_BUFFER_CAST(packet.get()), seconds, self->parent.priv->stats);
      if (driver.info.event == FOMO_FACE_UNCHANGED)
        driver.info.event = event; // until the frame that reports it
    }
    if (taken.absent)
      drivers.conceal(driver, seconds);
  }
  for (const MotionLaneHandle& lane : drivers.forget_replaced())
    state_of(self).lanes.forget(lane);
}

GstFlowReturn output_frame(GstFomoMotionDec* self, const MotionRound& round) {
  decode_round(self, round);
  if (round.kind != MotionRound::Kind::frame)
    return GST_FLOW_OK;
  if (GST_BASE_TRANSFORM(self)->segment.format == GST_FORMAT_UNDEFINED)
    begin_stream(self, state_of(self).decoding->drivers.of(round.lane).caps.get());
  GstBuffer* trigger = trigger_of(self, round);
  return trigger ? state_of(self).base_chain(sink_of(self), GST_OBJECT(self), trigger)
                 : GST_FLOW_OK;
}

/// An event of a lane in its turn, or a buffer with the header of its stream.
GstFlowReturn take_object(GstFomoMotionDec* self, MotionRound& round) {
  fomo::MotionDecState& state = state_of(self);
  fomo::MotionDrivers& drivers = state.decoding->drivers;
  fomo::MotionDriver& driver = drivers.of(round.lane);
  if (GST_IS_BUFFER(round.object.get())) {
    drivers.decode(driver, GST_BUFFER_CAST(round.object.get()), 0, self->parent.priv->stats);
    return GST_FLOW_OK;
  }
  auto* event = GST_EVENT_CAST(round.object.get());
  if (round.lane == state.main) {
    send_to_base(self, GST_EVENT_CAST(round.object.release()));
    return GST_FLOW_OK;
  }
  GstCaps* caps = nullptr;
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_STREAM_START:
  case GST_EVENT_FLUSH_STOP:
    drivers.reset(driver);
    break;
  case GST_EVENT_CAPS:
    gst_event_parse_caps(event, &caps);
    fomo::check_same_model(fomo::identity_in_caps(caps), drivers.model());
    driver.caps.reset(gst_caps_ref(caps), gst_caps_unref);
    break;
  default:
    break;
  }
  return GST_FLOW_OK;
}

} // namespace

void fomo::output_motion(gpointer data) {
  auto* self = GST_FOMO_MOTION_DEC(data);
  fomo::MotionDecState& state = state_of(self);
  const GstFlowReturn ready = finish_start(&self->parent);
  MotionRound round = ready == GST_FLOW_OK ? state.lanes.next() : MotionRound();
  if (ready == GST_FLOW_ERROR)
    state.lanes.finish(ready);
  if (ready != GST_FLOW_OK || round.kind == MotionRound::Kind::stopped) {
    gst_pad_pause_task(src_of(self));
    return;
  }
  const std::lock_guard<std::recursive_mutex> guard(state.in_base);
  if (round.kind == MotionRound::Kind::end) {
    send_to_base(self, gst_event_new_eos());
    return;
  }
  state.lanes.finish(fomo::posting_errors(self, GST_FLOW_ERROR, [&] {
    return round.kind == MotionRound::Kind::object ? take_object(self, round)
                                                   : output_frame(self, round);
  }));
}
