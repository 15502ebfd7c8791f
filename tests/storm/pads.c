/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An element between two pads of the storm. The main thread pushes, and decides what downstream
 * answers. */
#include <string.h>

#include "storm.h"
#include "tests/gst/own-pool.h"

typedef enum {
  NO_ANSWER,
  META_ONLY,
  FAILING_POOL,
  SHORT_POOL,
  PADDED_POOL,
  ALLOCATIONS
} Allocation;

typedef struct {
  GRand* rand;
  GstElement* element;
  GstPad *src, *sink; /* of the storm: src feeds the element, sink takes its frames */
  GstVideoInfo info;  /* of the frames; finfo NULL: no caps */
  GstClockTime time;
  /* What downstream answers. The main thread sets and the same thread reads in push and events. The
   * actors' caps queries read `wanted` too. */
  gint flow, allocation, wanted;
  guint received;
} Place;

static const char* const wanted_caps[] = {"ANY",
                                          "video/x-raw,format=I420,width=64,height=48",
                                          "video/x-raw,format={RGBA,NV12}",
                                          "video/x-raw,format=GRAY8,width=[16,64],height=[16,64]",
                                          "video/x-raw,width=33,height=200",
                                          "EMPTY",
                                          "audio/x-raw"};

static Place* place_of(GstPad* pad) { return gst_pad_get_element_private(pad); }

static GstFlowReturn take_frame(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  (void)parent;
  Place* place = place_of(pad);
  place->received++;
  gst_buffer_unref(buffer);
  return (GstFlowReturn)g_atomic_int_get(&place->flow);
}

static gboolean take_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  (void)pad;
  (void)parent;
  gst_event_unref(event);
  return TRUE;
}

static GstBuffer* fail_to_make(const GstVideoInfo* info) {
  (void)info;
  return NULL;
}

static GstBuffer* make_short(const GstVideoInfo* info) {
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, info->size, NULL);
  gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(info),
                            (guint)info->width, (guint)info->height);
  gst_buffer_set_size(buffer, (gssize)info->size / 2);
  return buffer;
}

static GstBuffer* make_padded(const GstVideoInfo* info) {
  GstVideoInfo padded = *info;
  GstVideoAlignment align;
  gst_video_alignment_reset(&align);
  align.padding_right = 32;
  if (GST_VIDEO_FORMAT_INFO_IS_TILED(info->finfo) || !gst_video_info_align(&padded, &align))
    return gst_buffer_new_allocate(NULL, info->size, NULL);
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, padded.size, NULL);
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(info),
                                 (guint)info->width, (guint)info->height,
                                 GST_VIDEO_INFO_N_PLANES(info), padded.offset, padded.stride);
  return buffer;
}

static gboolean answer(GstPad* pad, GstObject* parent, GstQuery* query) {
  static const MakeBuffer makers[] = {NULL, NULL, fail_to_make, make_short, make_padded};
  Place* place = place_of(pad);
  if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION) {
    const Allocation allocation = (Allocation)g_atomic_int_get(&place->allocation);
    if (allocation == META_ONLY)
      gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    return makers[allocation] ? offer_own_pool(query, makers[allocation]) : allocation == META_ONLY;
  }
  if (GST_QUERY_TYPE(query) == GST_QUERY_CAPS) {
    GstCaps *filter, *caps = gst_caps_from_string(wanted_caps[g_atomic_int_get(&place->wanted)]);
    gst_query_parse_caps(query, &filter);
    if (filter) {
      GstCaps* both = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
      gst_caps_unref(caps);
      caps = both;
    }
    gst_query_set_caps_result(query, caps);
    gst_caps_unref(caps);
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

/* ---- acts ---- */

static void push_event(Place* place, GstEvent* event) {
  step("event %s", GST_EVENT_TYPE_NAME(event));
  gst_pad_push_event(place->src, event);
}

static void push_segment(Place* place) {
  static const double rates[] = {1, 1, -1, 0.5, -2};
  GstSegment segment;
  gst_segment_init(&segment, one_in(place->rand, 10) ? GST_FORMAT_BYTES : GST_FORMAT_TIME);
  segment.rate = rates[pick(place->rand, G_N_ELEMENTS(rates))];
  segment.stop = segment.rate < 0 || one_in(place->rand, 2) ? 10 * GST_SECOND : GST_CLOCK_TIME_NONE;
  push_event(place, gst_event_new_segment(&segment));
}

static void push_caps(Place* place, gboolean valid) {
  GstCaps* caps = random_caps(place->rand, valid);
  char* text = gst_caps_to_string(caps);
  step("caps %s", text);
  g_free(text);
  if (!gst_video_info_from_caps(&place->info, caps))
    place->info.finfo = NULL;
  gst_pad_push_event(place->src, gst_event_new_caps(caps));
  gst_caps_unref(caps);
}

static void push_frame(Place* place, gboolean valid) {
  GstBuffer* buffer = place->info.finfo && (valid || !one_in(place->rand, 20))
                          ? random_frame(place->rand, &place->info, valid)
                          : gst_buffer_new();
  if (!one_in(place->rand, 8)) {
    GST_BUFFER_PTS(buffer) = place->time;
    GST_BUFFER_DURATION(buffer) = 40 * GST_MSECOND;
  }
  place->time += one_in(place->rand, 50) ? 1000 * GST_SECOND : 40 * GST_MSECOND;
  step("%s frame", valid ? "good" : "bad");
  gst_pad_push(place->src, buffer);
}

static void push_tag(Place* place) {
  char* orientation = g_strdup_printf("%srotate-%u", one_in(place->rand, 2) ? "flip-" : "",
                                      90 * pick(place->rand, 5));
  push_event(place,
             gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, orientation, NULL)));
  g_free(orientation);
}

static void flush(Place* place) {
  push_event(place, gst_event_new_flush_start());
  push_event(place, gst_event_new_flush_stop(one_in(place->rand, 2)));
  push_segment(place);
}

static void change_state(Place* place) {
  static const GstState states[] = {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED,
                                    GST_STATE_PLAYING};
  const GstState state = states[pick(place->rand, G_N_ELEMENTS(states))];
  step("state %s", gst_element_state_get_name(state));
  gst_element_set_state(place->element, state);
}

static void change_downstream(Place* place) {
  static const GstFlowReturn flows[] = {
      GST_FLOW_OK,  GST_FLOW_OK,        GST_FLOW_FLUSHING, GST_FLOW_ERROR, GST_FLOW_NOT_NEGOTIATED,
      GST_FLOW_EOS, GST_FLOW_NOT_LINKED};
  g_atomic_int_set(&place->flow, flows[pick(place->rand, G_N_ELEMENTS(flows))]);
  g_atomic_int_set(&place->allocation, (gint)pick(place->rand, ALLOCATIONS));
  if (one_in(place->rand, 2)) {
    g_atomic_int_set(&place->wanted, (gint)pick(place->rand, G_N_ELEMENTS(wanted_caps)));
    gst_pad_push_event(place->sink, gst_event_new_reconfigure());
  }
  step("downstream returns %d, allocation %d, caps %s", place->flow, place->allocation,
       wanted_caps[place->wanted]);
}

static void act(Place* place) {
  switch (pick(place->rand, 24)) {
  case 0:
    return push_caps(place, FALSE);
  case 1:
    return push_caps(place, TRUE);
  case 2:
    return push_segment(place);
  case 3:
    return flush(place);
  case 4:
    return push_tag(place);
  case 5:
    return push_event(place, gst_event_new_gap(place->time, 40 * GST_MSECOND));
  case 6:
    return push_event(place, gst_event_new_eos());
  case 7:
    return push_event(place, gst_event_new_stream_start("storm"));
  case 8:
    return change_state(place);
  case 9:
    return change_downstream(place);
  case 10:
  case 11:
    return push_frame(place, FALSE);
  default:
    return push_frame(place, TRUE);
  }
}

/* Whatever has happened: once everything is as usual again, a frame comes out. */
static void expect_frame(Place* place) {
  g_atomic_int_set(&place->flow, GST_FLOW_OK);
  g_atomic_int_set(&place->allocation, NO_ANSWER);
  g_atomic_int_set(&place->wanted, 0);
  gst_element_set_state(place->element, GST_STATE_NULL);
  g_object_set(place->element, "source-image", good_picture(place->rand), "reference-image", NULL,
               "crop", 1 /* center */, "face-index", 0, NULL);
  if (gst_element_set_state(place->element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    broken("the element does not start any more");
  push_event(place, gst_event_new_stream_start("last"));
  push_caps(place, TRUE);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  push_event(place, gst_event_new_segment(&segment));
  const guint before = place->received;
  push_frame(place, TRUE);
  if (place->received != before + 1)
    broken("no frame after everything is as usual again");
}

static GstPad* connect(Place* place, GstPad* pad, const char* name) {
  gst_pad_set_element_private(pad, place);
  GstPad* peer = gst_element_get_static_pad(place->element, name);
  gst_pad_set_active(pad, TRUE);
  if (GST_PAD_IS_SRC(pad) ? gst_pad_link(pad, peer) : gst_pad_link(peer, pad))
    broken("the pads cannot be linked");
  gst_object_unref(peer);
  return pad;
}

/* Errors and warnings have a text. */
static void check_messages(GstBus* bus) {
  GstMessage* message;
  while ((message = gst_bus_pop(bus))) {
    GError* error = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
      gst_message_parse_error(message, &error, NULL);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
      gst_message_parse_warning(message, &error, NULL);
    if (error && !error->message[0])
      broken("a message without a reason");
    g_clear_error(&error);
    gst_message_unref(message);
  }
}

void storm_pads(GRand* rand) {
  Place place = {.rand = rand, .flow = GST_FLOW_OK};
  step("pads");
  place.element = gst_object_ref_sink(new_element(rand));
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(place.element, bus);
  place.src = connect(&place, gst_pad_new("feeder", GST_PAD_SRC), "sink");
  place.sink = gst_pad_new("taker", GST_PAD_SINK);
  gst_pad_set_chain_function(place.sink, take_frame);
  gst_pad_set_event_function(place.sink, take_event);
  gst_pad_set_query_function(place.sink, answer);
  connect(&place, place.sink, "src");

  Actors* actors = one_in(rand, 3) ? NULL : start_actors(place.element, g_rand_int(rand));
  gst_element_set_state(place.element, GST_STATE_PLAYING);
  push_event(&place, gst_event_new_stream_start("first"));
  push_caps(&place, TRUE);
  push_segment(&place);
  for (guint i = 50 + pick(rand, 100); i > 0; i--) {
    act(&place);
    check_messages(bus);
  }
  if (actors)
    stop_actors(actors);
  expect_frame(&place);
  gst_element_set_state(place.element, GST_STATE_NULL);
  check_messages(bus);
  gst_pad_set_active(place.src, FALSE);
  gst_pad_set_active(place.sink, FALSE);
  gst_element_set_bus(place.element, NULL);
  gst_object_unref(bus);
  gst_object_unref(place.src);
  gst_object_unref(place.sink);
  gst_object_unref(place.element);
}
