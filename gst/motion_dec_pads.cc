// SPDX-License-Identifier: LGPL-2.1-or-later
// The pads of fomomotiondec. With `sink` alone, its data go to the base class at once. With request
// pads, all pads' data go into lanes, and the output thread calls the base class's functions of the
// pad `sink` with one packet for each frame.
#include <cstdio>

#include "gst/log.h"
#include "gst/motion_dec_element.h"

GstStaticPadTemplate fomo::motion_request_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

namespace {

using fomo::MotionLane;
using fomo::MotionLaneHandle;

fomo::MotionDecState& state_of(GstFomoMotionDec* self) { return *self->state; }
GstPad* sink_of(GstFomoMotionDec* self) { return GST_BASE_TRANSFORM_SINK_PAD(self); }
GstPad* src_of(GstFomoMotionDec* self) { return GST_BASE_TRANSFORM_SRC_PAD(self); }
MotionLane& lane_of_pad(GstPad* pad) { return *fomo::lane_of(GST_FOMO_MOTION_PAD(pad)); }

/* ---- the pads' threads ---- */

void ensure_output(GstFomoMotionDec* self) {
  if (state_of(self).lanes.needs_start())
    gst_pad_start_task(src_of(self), fomo::output_motion, self, nullptr);
}

/// Whether a buffer has no frame of motion: it is the header of a stream.
bool is_header(GstBuffer* buffer) {
  guint8 type = 0;
  if (gst_buffer_extract(buffer, 0, &type, 1) != 1 || type == FOMO_MOTION_PAYLOAD_TYPE)
    return false;
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    return false;
  const int64_t length = fomo::Engine::open().packet_length(map.data, map.size);
  const bool alone = length > 0 && static_cast<gsize>(length) == map.size;
  gst_buffer_unmap(buffer, &map);
  return alone;
}

GstFlowReturn push(GstFomoMotionDec* self, GstPad* pad, GstBuffer* buffer) {
  fomo::MotionLanes& lanes = state_of(self).lanes;
  auto* motion_pad = GST_FOMO_MOTION_PAD(pad);
  ensure_output(self);
  return fomo::posting_errors(self, GST_FLOW_ERROR, [&] {
    if (is_header(buffer)) {
      lanes.push(lane_of_pad(pad), GST_MINI_OBJECT_CAST(buffer));
      return GST_FLOW_OK;
    }
    const GstClockTime start = fomo::running_time(motion_pad, buffer);
    return lanes.push(lane_of_pad(pad), buffer, start,
                      fomo::running_end(motion_pad, buffer, start));
  });
}

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  auto* self = GST_FOMO_MOTION_DEC(parent);
  fomo::MotionDecState& state = state_of(self);
  if (pad != sink_of(self) || !state.lanes.begin_direct())
    return push(self, pad, buffer);
  fomo::running_time(GST_FOMO_MOTION_PAD(pad), buffer);
  const GstFlowReturn flow = state.base_chain(pad, parent, buffer);
  state.lanes.end_direct();
  return flow;
}

/// Asks upstream whether the driver is live, as only live drivers may be late.
void ask_whether_live(GstFomoMotionDec* self, GstPad* pad) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(pad, query))
    gst_query_parse_latency(query, &live, nullptr, nullptr);
  gst_query_unref(query);
  state_of(self).lanes.set_live(lane_of_pad(pad), live);
}

/// A serialised event, for the lane of a pad. Takes the event.
void queue_event(GstFomoMotionDec* self, GstPad* pad, GstEvent* event) {
  fomo::MotionLanes& lanes = state_of(self).lanes;
  MotionLane& lane = lane_of_pad(pad);
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_EOS:
    lanes.set_ended(lane, true);
    break;
  case GST_EVENT_GAP:
    lanes.gap(lane, fomo::gap_end(GST_FOMO_MOTION_PAD(pad), event));
    break;
  default:
    if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START)
      lanes.set_ended(lane, false);
    lanes.push(lane, GST_MINI_OBJECT_CAST(gst_event_ref(event)));
    break;
  }
  gst_event_unref(event);
  ensure_output(self);
}

/// Events of `sink` that do not wait in the lane. Takes the event.
gboolean pass_main_event(GstFomoMotionDec* self, GstPad* pad, GstEvent* event) {
  fomo::MotionDecState& state = state_of(self);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START)
    state.lanes.flush_start(*state.main);
  if (GST_EVENT_TYPE(event) != GST_EVENT_FLUSH_STOP)
    return state.base_event(pad, GST_OBJECT(self), event);
  // The output thread returns from downstream, which flushes, and waits for flush_stop().
  const std::lock_guard<std::recursive_mutex> guard(state.in_base);
  const gboolean passed = state.base_event(pad, GST_OBJECT(self), event);
  state.lanes.flush_stop(*state.main, nullptr);
  return passed;
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto* self = GST_FOMO_MOTION_DEC(parent);
  fomo::MotionLanes& lanes = state_of(self).lanes;
  fomo::follow_times(GST_FOMO_MOTION_PAD(pad), event);
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
    ask_whether_live(self, pad);
  if (!GST_EVENT_IS_SERIALIZED(event) || GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
    return pass_main_event(self, pad, event);
  if (lanes.begin_direct()) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS || GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START)
      lanes.set_ended(lane_of_pad(pad), GST_EVENT_TYPE(event) == GST_EVENT_EOS);
    const gboolean passed = state_of(self).base_event(pad, parent, event);
    lanes.end_direct();
    return passed;
  }
  queue_event(self, pad, event);
  return TRUE;
}

gboolean other_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto* self = GST_FOMO_MOTION_DEC(parent);
  fomo::MotionLanes& lanes = state_of(self).lanes;
  MotionLane& lane = lane_of_pad(pad);
  fomo::follow_times(GST_FOMO_MOTION_PAD(pad), event);
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_FLUSH_START:
    lanes.flush_start(lane);
    gst_event_unref(event);
    break;
  case GST_EVENT_FLUSH_STOP:
    lanes.flush_stop(lane, event);
    break;
  case GST_EVENT_SEGMENT:
    ask_whether_live(self, pad);
    gst_event_unref(event);
    break;
  case GST_EVENT_STREAM_START:
  case GST_EVENT_CAPS:
  case GST_EVENT_EOS:
  case GST_EVENT_GAP:
    queue_event(self, pad, event);
    break;
  default:
    gst_event_unref(event);
    break;
  }
  return TRUE;
}

/// What goes through the picture is not the driver's business: other queries find no answer.
gboolean other_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
  case GST_QUERY_CAPS:
  case GST_QUERY_ACCEPT_CAPS:
    return gst_pad_query_default(pad, parent, query);
  default:
    return FALSE;
  }
}

void on_link_changed(GstPad*, GstPad*, GstFomoMotionDec* self) { state_of(self).lanes.wake(); }

MotionLaneHandle add_lane(GstFomoMotionDec* self, GstPad* pad) {
  MotionLaneHandle lane = state_of(self).lanes.add(pad);
  fomo::set_lane(GST_FOMO_MOTION_PAD(pad), lane);
  g_signal_connect(pad, "linked", G_CALLBACK(on_link_changed), self);
  g_signal_connect(pad, "unlinked", G_CALLBACK(on_link_changed), self);
  return lane;
}

/* ---- request pads ---- */

/// The number in the name of a new pad, the lowest free one from 1 on if no name is wanted.
guint number_of(GstElement* element, const gchar* name) {
  guint number = 0;
  if (name && std::sscanf(name, "sink_%u", &number) == 1)
    return number;
  for (number = 1;; number++) {
    gchar* free_name = g_strdup_printf("sink_%u", number);
    GstPad* taken = gst_element_get_static_pad(element, free_name);
    g_free(free_name);
    if (!taken)
      return number;
    gst_object_unref(taken);
  }
}

void post_latency(GstFomoMotionDec* self) {
  gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
}

GstPad* request_new_pad(GstElement* element, GstPadTemplate* pad_template, const gchar* name,
                        const GstCaps*) {
  auto* self = GST_FOMO_MOTION_DEC(element);
  const guint number = number_of(element, name);
  gchar* pad_name = g_strdup_printf("sink_%u", number);
  auto* pad = GST_PAD(g_object_new(GST_TYPE_FOMO_MOTION_PAD, "name", pad_name, "direction",
                                   GST_PAD_SINK, "template", pad_template, "face-index",
                                   static_cast<gint>(MIN(number, 1023U)), nullptr));
  g_free(pad_name);
  gst_pad_set_chain_function(pad, GST_DEBUG_FUNCPTR(chain));
  gst_pad_set_event_function(pad, GST_DEBUG_FUNCPTR(other_event));
  gst_pad_set_query_function(pad, GST_DEBUG_FUNCPTR(other_query));
  ask_whether_live(self, sink_of(self)); // its segment may have come long ago
  add_lane(self, pad);
  if (GST_STATE(element) >= GST_STATE_PAUSED || GST_STATE_TARGET(element) >= GST_STATE_PAUSED)
    gst_pad_set_active(pad, TRUE);
  if (!gst_element_add_pad(element, pad))
    return nullptr;
  gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), GST_OBJECT_NAME(pad));
  post_latency(self);
  return pad;
}

void release_pad(GstElement* element, GstPad* pad) {
  auto* self = GST_FOMO_MOTION_DEC(element);
  state_of(self).lanes.release(lane_of_pad(pad));
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), GST_OBJECT_NAME(pad));
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(element, pad);
  post_latency(self);
}

/* ---- latency and seeks ---- */

/// Adds the answer of a pad's upstream to that of the others.
void add_latency(GstFomoMotionDec* self, GstPad* pad, gboolean& live, GstClockTime& min,
                 GstClockTime& max) {
  GstQuery* query = gst_query_new_latency();
  gboolean this_live = FALSE;
  GstClockTime this_min = 0, this_max = GST_CLOCK_TIME_NONE;
  if (gst_pad_peer_query(pad, query))
    gst_query_parse_latency(query, &this_live, &this_min, &this_max);
  gst_query_unref(query);
  state_of(self).lanes.set_live(lane_of_pad(pad), this_live);
  if (!this_live)
    return;
  live = TRUE;
  min = MAX(min, this_min);
  if (GST_CLOCK_TIME_IS_VALID(this_max))
    max = GST_CLOCK_TIME_IS_VALID(max) ? MIN(max, this_max) : this_max;
}

gboolean add_latency_of(GstElement* element, GstPad* pad, gpointer data) {
  auto* answer = static_cast<GstQuery*>(data);
  gboolean live;
  GstClockTime min, max;
  gst_query_parse_latency(answer, &live, &min, &max);
  add_latency(GST_FOMO_MOTION_DEC(element), pad, live, min, max);
  gst_query_set_latency(answer, live, min, max);
  return TRUE;
}

gboolean query(GstBaseTransform* trans, GstPadDirection direction, GstQuery* query) {
  auto* self = GST_FOMO_MOTION_DEC(trans);
  fomo::MotionLanes& lanes = state_of(self).lanes;
  auto* parent = GST_BASE_TRANSFORM_CLASS(g_type_class_peek(GST_TYPE_FOMO_TRANSFER));
  if (direction != GST_PAD_SRC || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY || !lanes.engaged())
    return parent->query(trans, direction, query);
  gst_query_set_latency(query, FALSE, 0, GST_CLOCK_TIME_NONE);
  gst_element_foreach_sink_pad(GST_ELEMENT(self), add_latency_of, query);
  const GstClockTime own = self->parent.priv->latency.add_to(query, lanes.wait());
  GST_DEBUG_OBJECT(self, "own latency with several drivers %" GST_TIME_FORMAT, GST_TIME_ARGS(own));
  return TRUE;
}

gboolean send_seek(GstElement* element, GstPad* pad, gpointer seek) {
  if (pad != GST_BASE_TRANSFORM_SINK_PAD(element))
    gst_pad_push_event(pad, gst_event_ref(GST_EVENT_CAST(seek)));
  return TRUE;
}

/// Seeks go to all drivers, so that they stay in time with each other.
gboolean src_event(GstBaseTransform* trans, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEEK)
    gst_element_foreach_sink_pad(GST_ELEMENT(trans), send_seek, event);
  return GST_BASE_TRANSFORM_CLASS(g_type_class_peek(GST_TYPE_FOMO_TRANSFER))
      ->src_event(trans, event);
}

/* ---- child proxy ---- */

GObject* child_by_index(GstChildProxy* proxy, guint index) {
  GST_OBJECT_LOCK(proxy);
  auto* pad = static_cast<GObject*>(g_list_nth_data(GST_ELEMENT(proxy)->sinkpads, index));
  if (pad)
    g_object_ref(pad);
  GST_OBJECT_UNLOCK(proxy);
  return pad;
}

guint children_count(GstChildProxy* proxy) {
  GST_OBJECT_LOCK(proxy);
  const guint count = GST_ELEMENT(proxy)->numsinkpads;
  GST_OBJECT_UNLOCK(proxy);
  return count;
}

} // namespace

void fomo::take_over_sink(GstFomoMotionDec* self) {
  MotionDecState& state = *self->state;
  GstPad* sink = sink_of(self);
  state.main = add_lane(self, sink);
  state.base_chain = GST_PAD_CHAINFUNC(sink);
  state.base_event = GST_PAD_EVENTFUNC(sink);
  gst_pad_set_chain_function(sink, GST_DEBUG_FUNCPTR(chain));
  gst_pad_set_event_function(sink, GST_DEBUG_FUNCPTR(sink_event));
}

void fomo::install_motion_pads(GstFomoMotionDecClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  element_class->request_new_pad = GST_DEBUG_FUNCPTR(request_new_pad);
  element_class->release_pad = GST_DEBUG_FUNCPTR(release_pad);
  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->query = GST_DEBUG_FUNCPTR(query);
  trans_class->src_event = GST_DEBUG_FUNCPTR(src_event);
}

void fomo::init_child_proxy(gpointer interface, gpointer) {
  auto* proxy = static_cast<GstChildProxyInterface*>(interface);
  proxy->get_child_by_index = child_by_index;
  proxy->get_children_count = children_count;
}

void fomo::stop_output(GstFomoMotionDec* self) {
  self->state->lanes.stop();
  if (!self->state->lanes.engaged())
    return;
  // Wakes the output thread where it waits for downstream.
  gst_pad_set_active(src_of(self), FALSE);
  gst_pad_stop_task(src_of(self));
}
