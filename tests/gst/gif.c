/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The decoder of animated GIF files. */
#include "common.h"

#include <string.h>

#include "tests/pictures/animated_gif.h"

/* Feeds the first `size` bytes of the file in pieces, with an end. */
static GstHarness* decoded(gsize size) {
  GstHarness* harness = gst_harness_new("fomogifdec");
  gst_harness_set_src_caps_str(harness, "image/gif");
  for (gsize at = 0; at < size; at += 20) {
    const gsize count = MIN(20, size - at);
    fail_unless_equals_int(
        gst_harness_push(harness, gst_buffer_new_memdup(animated_gif + at, count)), GST_FLOW_OK);
  }
  fail_unless(gst_harness_push_event(harness, gst_event_new_eos()));
  return harness;
}

static gboolean has_ended(GstHarness* harness) {
  gboolean ended = FALSE;
  GstEvent* event;
  while ((event = gst_harness_try_pull_event(harness))) {
    ended |= GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
  }
  return ended;
}

static void expect_frame(GstHarness* harness, GstClockTime time, guint8 red_at_2_0) {
  GstBuffer* frame = gst_harness_pull(harness);
  GstMapInfo map;
  fail_unless_equals_uint64(GST_BUFFER_PTS(frame), time);
  fail_unless_equals_uint64(GST_BUFFER_DURATION(frame), 100 * GST_MSECOND);
  fail_unless(gst_buffer_map(frame, &map, GST_MAP_READ));
  fail_unless_equals_int(map.size, 8 * 6 * 4);
  fail_unless_equals_int(map.data[3], 0); /* outside of the frame */
  fail_unless_equals_int(map.data[(1 * 8 + 1) * 4 + 3] != 0, red_at_2_0 != 0 || time == 0);
  fail_unless_equals_int(map.data[(1 * 8 + 2) * 4], red_at_2_0);
  gst_buffer_unmap(frame, &map);
  gst_buffer_unref(frame);
}

GST_START_TEST(test_frames_and_end) {
  GstHarness* harness = decoded(sizeof(animated_gif));
  fail_unless_equals_int(gst_harness_buffers_received(harness), 2);
  GstCaps* caps = gst_pad_get_current_caps(harness->sinkpad);
  GstCaps* expected =
      gst_caps_from_string("video/x-raw,format=RGBA,width=8,height=6,framerate=10/1");
  fail_unless(gst_caps_is_subset(caps, expected));
  gst_caps_unref(caps);
  gst_caps_unref(expected);
  expect_frame(harness, 0, 200);
  expect_frame(harness, 100 * GST_MSECOND, 200);
  fail_unless(has_ended(harness));
  gst_harness_teardown(harness);
}
GST_END_TEST;

/* A damaged rest counts as the end; without a frame there is an error. */
GST_START_TEST(test_damage) {
  for (gsize size = 1; size < sizeof(animated_gif); size++) {
    GstHarness* harness = gst_harness_new("fomogifdec");
    GstBus* bus = gst_bus_new();
    gst_element_set_bus(harness->element, bus);
    gst_harness_set_src_caps_str(harness, "image/gif");
    gst_harness_push(harness, gst_buffer_new_memdup(animated_gif, size));
    gst_harness_push_event(harness, gst_event_new_eos());
    GstMessage* error = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    fail_unless((error != NULL) == (gst_harness_buffers_received(harness) == 0), "%u",
                (unsigned)size);
    if (error)
      gst_message_unref(error);
    fail_unless(has_ended(harness));
    gst_element_set_bus(harness->element, NULL);
    gst_object_unref(bus);
    gst_harness_teardown(harness);
  }
}
GST_END_TEST;

/* decodebin prefers the decoder to libav's demuxer. */
GST_START_TEST(test_rank) {
  GstElementFactory* factory = gst_element_factory_find("fomogifdec");
  fail_unless(gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)) > GST_RANK_MARGINAL);
  fail_unless(gst_element_factory_list_is_type(factory, GST_ELEMENT_FACTORY_TYPE_DECODABLE));
  gst_object_unref(factory);
}
GST_END_TEST;

static Suite* gif_suite(void) {
  Suite* suite = suite_create("gif");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_frames_and_end);
  tcase_add_test(tests, test_damage);
  tcase_add_test(tests, test_rank);
  return suite;
}

GST_CHECK_MAIN(gif)
