/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffers, events and queries: times, flags, metadata, the neutral pose, late frames. */
#include "common.h"

#include <gst/video/navigation.h>
#include <string.h>

#define CAPS "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"
#define SECOND GST_SECOND

static GstHarness* rgb_harness(gboolean relative) {
  GstHarness* harness = fake_harness(64, 64, "relative", relative, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  return harness;
}

/* Pushes a grey frame and returns the level of the output. */
static int grey_through(GstHarness* harness, int grey, GstClockTime pts) {
  GstBuffer* frame = color_frame(64, 64, grey, grey, grey);
  GST_BUFFER_PTS(frame) = pts;
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  int color[3];
  pixel_of(result, 64, 64, 5, 5, color);
  gst_buffer_unref(result);
  return color[0];
}

GST_START_TEST(test_times_and_flags) {
  GstHarness* harness = rgb_harness(FALSE);
  GstBuffer* frame = color_frame(64, 64, 1, 2, 3);
  GST_BUFFER_PTS(frame) = 7 * SECOND;
  GST_BUFFER_DTS(frame) = 6 * SECOND;
  GST_BUFFER_DURATION(frame) = SECOND / 30;
  GST_BUFFER_OFFSET(frame) = 21;
  GST_BUFFER_OFFSET_END(frame) = 22;
  GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_DISCONT);
  GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_MARKER);
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless_equals_uint64(GST_BUFFER_PTS(result), 7 * SECOND);
  fail_unless_equals_uint64(GST_BUFFER_DTS(result), 6 * SECOND);
  fail_unless_equals_uint64(GST_BUFFER_DURATION(result), SECOND / 30);
  fail_unless_equals_uint64(GST_BUFFER_OFFSET(result), 21);
  fail_unless(GST_BUFFER_FLAG_IS_SET(result, GST_BUFFER_FLAG_DISCONT));
  fail_unless(GST_BUFFER_FLAG_IS_SET(result, GST_BUFFER_FLAG_MARKER));
  gst_buffer_unref(result);

  frame = color_frame(64, 64, 1, 2, 3);
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  result = gst_harness_pull(harness);
  fail_if(GST_BUFFER_FLAG_IS_SET(result, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref(result);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_metadata) {
  const guint8 caption[] = {0x94, 0x20};
  GstHarness* harness = rgb_harness(FALSE);
  GstBuffer* frame = color_frame(64, 64, 1, 2, 3);
  GstCaps* clock = gst_caps_new_empty_simple("timestamp/x-unix");
  GstVideoOverlayComposition* overlay = gst_video_overlay_composition_new(NULL);
  gst_buffer_add_video_time_code_meta_full(frame, 30, 1, NULL, GST_VIDEO_TIME_CODE_FLAGS_NONE, 1, 2,
                                           3, 4, 0);
  gst_buffer_add_video_caption_meta(frame, GST_VIDEO_CAPTION_TYPE_CEA608_RAW, caption, 2);
  gst_buffer_add_reference_timestamp_meta(frame, clock, 5, 6);
  gst_buffer_add_video_region_of_interest_meta(frame, "face", 1, 2, 3, 4);
  gst_buffer_add_video_crop_meta(frame);
  gst_buffer_add_video_overlay_composition_meta(frame, overlay);
  gst_video_overlay_composition_unref(overlay);
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless(gst_buffer_get_video_time_code_meta(result) != NULL);
  fail_unless(gst_buffer_get_video_caption_meta(result) != NULL);
  fail_unless(gst_buffer_get_reference_timestamp_meta(result, clock) != NULL);
  fail_unless(gst_buffer_get_video_region_of_interest_meta_id(result, 0) == NULL);
  fail_unless(gst_buffer_get_video_crop_meta(result) == NULL);
  fail_unless(gst_buffer_get_video_overlay_composition_meta(result) == NULL);
  gst_buffer_unref(result);
  gst_caps_unref(clock);
  end_harness(harness);
}
GST_END_TEST;

static void new_stream(GstHarness* harness) {
  GstSegment segment;
  fail_unless(gst_harness_push_event(harness, gst_event_new_stream_start("another")));
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_set_src_caps_str(harness, CAPS);
  fail_unless(gst_harness_push_event(harness, gst_event_new_segment(&segment)));
}

static void new_segment(GstHarness* harness) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.base = 5 * SECOND;
  fail_unless(gst_harness_push_event(harness, gst_event_new_segment(&segment)));
}

static void action_signal(GstHarness* harness) {
  g_signal_emit_by_name(harness->element, "reset-reference");
}

static const struct {
  void (*happen)(GstHarness*);
  gboolean resets;
} happenings[] = {{flush, TRUE}, {new_stream, TRUE}, {action_signal, TRUE}, {new_segment, FALSE}};

/* Relative motion: the output is the picture's level plus the difference to the neutral pose. */
GST_START_TEST(test_neutral_pose) {
  GstHarness* harness = rgb_harness(TRUE);
  GstBus* bus = harness_bus(harness);
  fail_unless_equals_int(grey_through(harness, 50, 0), 128);
  fail_unless(have_message(bus, GST_MESSAGE_ELEMENT, "reference-set"));
  fail_unless_equals_int(grey_through(harness, 60, SECOND), 138);
  fail_if(have_message(bus, GST_MESSAGE_ELEMENT, "reference-set"));

  happenings[__i__].happen(harness);
  const gboolean resets = happenings[__i__].resets;
  fail_unless_equals_int(grey_through(harness, 70, 2 * SECOND), resets ? 128 : 148);
  fail_unless_equals_int(have_message(bus, GST_MESSAGE_ELEMENT, "reference-set"), resets);
  fail_unless_equals_int(grey_through(harness, 60, 3 * SECOND), resets ? 118 : 138);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_eos_and_gap_pass) {
  GstHarness* harness = rgb_harness(FALSE);
  grey_through(harness, 50, 0);
  const guint before = gst_harness_events_received(harness);
  fail_unless(gst_harness_push_event(harness, gst_event_new_gap(SECOND, SECOND)));
  fail_unless(gst_harness_push_event(harness, gst_event_new_eos()));
  fail_unless_equals_int((int)(gst_harness_events_received(harness) - before), 2);
  end_harness(harness);
}
GST_END_TEST;

/* A rotated frame. Once upright, it is brighter to the right and to the bottom. */
static const struct {
  const char* tag;
  int corner[2]; /* the stored frame's corner that is the upright frame's top left */
  int next[2];   /* the stored frame's corner that is the upright frame's top right */
} turns[] = {{"rotate-0", {0, 0}, {1, 0}},        {"rotate-90", {0, 1}, {0, 0}},
             {"rotate-180", {1, 1}, {0, 1}},      {"rotate-270", {1, 0}, {1, 1}},
             {"flip-rotate-0", {1, 0}, {0, 0}},   {"flip-rotate-90", {1, 1}, {1, 0}},
             {"flip-rotate-180", {0, 1}, {1, 1}}, {"flip-rotate-270", {0, 0}, {0, 1}}};

static void push_orientation(GstHarness* harness, const char* orientation) {
  fail_unless(gst_harness_push_event(
      harness, gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, orientation,
                                                  GST_TAG_TITLE, "kept", NULL))));
}

static void corner_of(GstBuffer* frame, int width, int height, const int corner[2], int color[3]) {
  pixel_of(frame, width, height, corner[0] * (width - 1), corner[1] * (height - 1), color);
}

static void expect_color(const int found[3], const int wanted[3], const char* where) {
  for (int c = 0; c < 3; c++)
    fail_unless(ABS(found[c] - wanted[c]) <= 4, "%s: %d,%d,%d instead of %d,%d,%d", where, found[0],
                found[1], found[2], wanted[0], wanted[1], wanted[2]);
}

static void expect_upright_tag(GstHarness* harness) {
  GstTagList* tags = NULL;
  char *orientation = NULL, *title = NULL;
  GstEvent* event = gst_pad_get_sticky_event(harness->sinkpad, GST_EVENT_TAG, 0);
  fail_unless(event != NULL);
  gst_event_parse_tag(event, &tags);
  fail_unless(gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &orientation));
  fail_unless(gst_tag_list_get_string(tags, GST_TAG_TITLE, &title));
  fail_unless_equals_string(orientation, "rotate-0");
  fail_unless_equals_string(title, "kept");
  g_free(orientation);
  g_free(title);
  gst_event_unref(event);
}

GST_START_TEST(test_orientation) {
  const int left[2] = {0, 0}, right[2] = {1, 0};
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 96, 64);
  GstHarness* harness = fake_harness(64, 64, "crop", FOMO_CROP_NONE, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=96,height=64,framerate=30/1");
  push_orientation(harness, turns[__i__].tag);
  expect_upright_tag(harness);
  GstBuffer* frame = pattern_frame(&info, 0);
  fail_unless_equals_int(gst_harness_push(harness, gst_buffer_ref(frame)), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  int found[3], wanted[3];
  corner_of(result, 64, 64, left, found);
  corner_of(frame, 96, 64, turns[__i__].corner, wanted);
  expect_color(found, wanted, turns[__i__].tag);
  corner_of(result, 64, 64, right, found);
  corner_of(frame, 96, 64, turns[__i__].next, wanted);
  expect_color(found, wanted, turns[__i__].tag);
  gst_buffer_unref(result);
  gst_buffer_unref(frame);
  end_harness(harness);
}
GST_END_TEST;

/* A new stream has no rotation until it has an orientation tag. */
GST_START_TEST(test_orientation_ends_with_the_stream) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstHarness* harness = rgb_harness(FALSE);
  push_orientation(harness, "rotate-180");
  new_stream(harness);
  GstBuffer* frame = pattern_frame(&info, 0);
  fail_unless_equals_int(gst_harness_push(harness, gst_buffer_ref(frame)), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless_equals_int(max_difference(result, frame, 64, 64), 0);
  gst_buffer_unref(result);
  gst_buffer_unref(frame);
  end_harness(harness);
}
GST_END_TEST;

/* Navigation events at the output's corner are mapped to the corner of the square of the driving
 * frame. */
GST_START_TEST(test_navigation) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_sink_caps_str(
      harness, "video/x-raw,format=RGB,width=200,height=100,pixel-aspect-ratio=1/1");
  gst_harness_set_src_caps_str(harness,
                               "video/x-raw,format=RGB,width=160,height=120,framerate=30/1");
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 160, 120);
  fail_unless_equals_int(gst_harness_push(harness, pattern_frame(&info, 0)), GST_FLOW_OK);

  gst_harness_push_upstream_event(
      harness, gst_event_new_navigation(gst_structure_new(
                   "application/x-gst-navigation", "event", G_TYPE_STRING, "mouse-move",
                   "pointer_x", G_TYPE_DOUBLE, 100.0, "pointer_y", G_TYPE_DOUBLE, 25.0, NULL)));
  GstEvent* event;
  while ((event = gst_harness_pull_upstream_event(harness)) &&
         GST_EVENT_TYPE(event) != GST_EVENT_NAVIGATION)
    gst_event_unref(event);
  gdouble x, y;
  fail_unless(gst_navigation_event_get_coordinates(event, &x, &y));
  fail_unless_equals_float(x, 80);
  fail_unless_equals_float(y, 30);
  gst_event_unref(event);
  end_harness(harness);
}
GST_END_TEST;

/* With qos=true, frames that are too late for downstream are dropped and counted. */
GST_START_TEST(test_late_frames) {
  const gboolean qos = __i__;
  GstHarness* harness = rgb_harness(FALSE);
  g_object_set(harness->element, "qos", qos, NULL);
  grey_through(harness, 50, 0);
  gst_harness_push_upstream_event(
      harness, gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2.0, (GstClockTimeDiff)SECOND, SECOND));
  GstBuffer* late = color_frame(64, 64, 9, 9, 9);
  GST_BUFFER_PTS(late) = SECOND / 2;
  fail_unless_equals_int(gst_harness_push(harness, late), GST_FLOW_OK);
  fail_unless_equals_int((int)gst_harness_buffers_in_queue(harness), qos ? 0 : 1);
  if (!qos)
    gst_buffer_unref(gst_harness_pull(harness));
  grey_through(harness, 50, 30 * SECOND);

  GstStructure* stats = NULL;
  guint64 frames = 0, dropped = 0;
  g_object_get(harness->element, "stats", &stats, NULL);
  fail_unless(gst_structure_get_uint64(stats, "frames", &frames));
  fail_unless(gst_structure_get_uint64(stats, "dropped", &dropped));
  fail_unless_equals_uint64(frames, qos ? 2 : 3);
  fail_unless_equals_uint64(dropped, qos ? 1 : 0);
  gst_structure_free(stats);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_qos_is_on_by_default) {
  GstElement* element = gst_element_factory_make("fomotransfer", NULL);
  gboolean qos = FALSE;
  g_object_get(element, "qos", &qos, NULL);
  fail_unless(qos);
  gst_object_unref(element);
}
GST_END_TEST;

static void query_latency(GstHarness* harness, GstClockTime* min, GstClockTime* max) {
  gboolean live;
  GstQuery* query = gst_query_new_latency();
  fail_unless(gst_pad_peer_query(harness->sinkpad, query));
  gst_query_parse_latency(query, &live, min, max);
  fail_unless(live);
  gst_query_unref(query);
}

/* The answer has the upstream latency and at least what the fake engine sleeps; a frame time that
 * is another altogether makes the pipeline ask again. */
GST_START_TEST(test_latency) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:delay-us=20000", NULL);
  gst_harness_set_live(harness, TRUE);
  gst_harness_set_upstream_latency(harness, SECOND);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  GstClockTime min, max;
  query_latency(harness, &min, &max);
  fail_unless(min >= SECOND + 20 * GST_MSECOND);
  fail_unless(max >= min);
  grey_through(harness, 50, 0);

  /* Twice what the frames took so far, however slow the machine is. */
  query_latency(harness, &min, &max);
  while (have_message(harness_bus(harness), GST_MESSAGE_LATENCY, NULL))
    ;
  const GstClockTime slow = 2 * (min - SECOND) + 50 * GST_MSECOND;
  fake()->delay_us = (int)(slow / GST_USECOND);
  grey_through(harness, 50, SECOND);
  grey_through(harness, 50, 2 * SECOND);
  gst_message_unref(wait_message(harness_bus(harness), GST_MESSAGE_LATENCY, NULL));
  query_latency(harness, &min, &max);
  fail_unless(min >= SECOND + slow);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_slow_frames_are_reported) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:delay-us=50000", NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  grey_through(harness, 50, 0);
  GstMessage* message = wait_message(harness_bus(harness), GST_MESSAGE_ELEMENT, "slow-frame");
  gdouble ms = 0, budget = 0;
  const GstStructure* structure = gst_message_get_structure(message);
  fail_unless(gst_structure_get_double(structure, "ms", &ms));
  fail_unless(gst_structure_get_double(structure, "budget-ms", &budget));
  fail_unless(ms >= 50);
  fail_unless_equals_float(budget, 1000.0 / 30);
  gst_message_unref(message);
  end_harness(harness);
}
GST_END_TEST;

/* A buffer that is too small for its caps is an error, not a crash. */
GST_START_TEST(test_small_buffer) {
  GstHarness* harness = rgb_harness(FALSE);
  fail_unless_equals_int(gst_harness_push(harness, gst_buffer_new_allocate(NULL, 100, NULL)),
                         GST_FLOW_ERROR);
  expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_FAILED, NULL);
  end_harness(harness);
}
GST_END_TEST;

static Suite* stream_suite(void) {
  Suite* suite = suite_create("stream");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_times_and_flags);
  tcase_add_test(tests, test_metadata);
  tcase_add_loop_test(tests, test_neutral_pose, 0, G_N_ELEMENTS(happenings));
  tcase_add_test(tests, test_eos_and_gap_pass);
  tcase_add_loop_test(tests, test_orientation, 0, G_N_ELEMENTS(turns));
  tcase_add_test(tests, test_orientation_ends_with_the_stream);
  tcase_add_test(tests, test_navigation);
  tcase_add_loop_test(tests, test_late_frames, 0, 2);
  tcase_add_test(tests, test_qos_is_on_by_default);
  tcase_add_test(tests, test_latency);
  tcase_add_test(tests, test_slow_frames_are_reported);
  tcase_add_test(tests, test_small_buffer);
  return suite;
}

GST_CHECK_MAIN(stream)
