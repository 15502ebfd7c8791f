/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fomomotioninsert: which access unit gets which packets when motion is late, announces gaps, or
 * ends. The packets are told apart by a number in them. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#define FRAME (40 * GST_MSECOND)
#define MOTION_CAPS "application/x-fomo-motion"
#define VIDEO_CAPS "video/x-h264,stream-format=byte-stream,alignment=au"

typedef struct {
  GstElement* element;
  GstHarness *video, *motion;
} Insert;

static void begin(Insert* insert) {
  insert->element = gst_element_factory_make("fomomotioninsert", NULL);
  insert->video = gst_harness_new_with_element(insert->element, "sink", "src");
  insert->motion = gst_harness_new_with_element(insert->element, "motion", NULL);
  gst_harness_set_src_caps_str(insert->video, VIDEO_CAPS);
  gst_harness_set_src_caps_str(insert->motion, MOTION_CAPS);
}

static void end(Insert* insert) {
  gst_harness_teardown(insert->motion);
  gst_harness_teardown(insert->video);
  gst_object_unref(insert->element);
}

static GstBuffer* buffer_at(int frame, gconstpointer bytes, gsize size) {
  GstBuffer* buffer = gst_buffer_new_memdup(bytes, size);
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = frame * FRAME;
  GST_BUFFER_DURATION(buffer) = FRAME;
  return buffer;
}

/* A unit with one slice. */
static void push_unit(Insert* insert, int frame) {
  const guint8 slice[] = {0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21};
  fail_unless_equals_int(gst_harness_push(insert->video, buffer_at(frame, slice, sizeof slice)),
                         GST_FLOW_OK);
}

/* A message of type 223 with one byte. */
static void push_packet(Insert* insert, int frame, guint8 number) {
  const guint8 packet[] = {223, 1, number};
  fail_unless_equals_int(gst_harness_push(insert->motion, buffer_at(frame, packet, sizeof packet)),
                         GST_FLOW_OK);
}

static void push_gap(Insert* insert, int frame, int frames) {
  fail_unless(
      gst_harness_push_event(insert->motion, gst_event_new_gap(frame * FRAME, frames * FRAME)));
}

/* The next unit has these packets and no others. */
static void expect_unit(Insert* insert, const char* numbers) {
  GstBuffer* unit = gst_harness_pull(insert->video);
  fail_unless(unit != NULL);
  char found[16] = "";
  GstMapInfo map;
  gst_buffer_map(unit, &map, GST_MAP_READ);
  for (gsize i = 0; i + 2 < map.size; i++)
    if (map.data[i] == 223 && map.data[i + 1] == 1)
      strncat(found, (const char*)map.data + i + 2, 1);
  gst_buffer_unmap(unit, &map);
  gst_buffer_unref(unit);
  fail_unless_equals_string(found, numbers);
}

/* Makes both sides live, and lets the clock be moved by hand. */
static void make_live(Insert* insert) {
  gst_harness_use_testclock(insert->video);
  gst_harness_set_upstream_latency(insert->video, FRAME);
  gst_harness_set_upstream_latency(insert->motion, FRAME);
}

/* The element waits with a unit for motion until the unit's time and the latency have passed. */
static void let_unit_wait(Insert* insert, int frame) {
  GstTestClock* clock = gst_harness_get_testclock(insert->video);
  fail_unless(gst_harness_wait_for_clock_id_waits(insert->video, 1, 60));
  fail_unless_equals_int(gst_harness_buffers_in_queue(insert->video), 0);
  fail_unless(gst_harness_crank_single_clock_wait(insert->video));
  fail_unless_equals_uint64(gst_clock_get_time(GST_CLOCK(clock)), frame * FRAME + FRAME);
  gst_object_unref(clock);
}

/* Motion that is late and not too late is waited for; what is later goes into the next unit. */
GST_START_TEST(test_live_motion_falls_behind) {
  Insert insert;
  begin(&insert);
  make_live(&insert);
  push_unit(&insert, 0);
  push_packet(&insert, 0, 'a');
  push_packet(&insert, 1, 'b');
  expect_unit(&insert, "a");
  push_unit(&insert, 1);
  let_unit_wait(&insert, 1);
  expect_unit(&insert, "b");
  push_unit(&insert, 2);
  let_unit_wait(&insert, 2);
  expect_unit(&insert, "");
  /* A packet that is too late, and one in time. */
  push_packet(&insert, 2, 'c');
  push_packet(&insert, 3, 'd');
  push_unit(&insert, 3);
  let_unit_wait(&insert, 3);
  expect_unit(&insert, "cd");
  end(&insert);
}
GST_END_TEST;

/* Units in a gap do not wait for motion. A packet that comes in it all the same is not lost. */
GST_START_TEST(test_gap) {
  Insert insert;
  begin(&insert);
  push_gap(&insert, 0, 2);
  push_unit(&insert, 0);
  expect_unit(&insert, "");
  push_unit(&insert, 1);
  expect_unit(&insert, "");
  push_packet(&insert, 1, 'a');
  /* Behind the gap units wait again. */
  push_unit(&insert, 2);
  push_packet(&insert, 3, 'b');
  expect_unit(&insert, "a");
  /* A gap before its time does not hide the packets before it. */
  push_gap(&insert, 5, 2);
  push_unit(&insert, 3);
  expect_unit(&insert, "b");
  for (int frame = 4; frame < 7; frame++) {
    push_unit(&insert, frame);
    expect_unit(&insert, "");
  }
  push_unit(&insert, 7);
  push_packet(&insert, 7, 'c');
  push_packet(&insert, 8, 'd');
  expect_unit(&insert, "c");
  end(&insert);
}
GST_END_TEST;

GST_START_TEST(test_motion_ends) {
  Insert insert;
  begin(&insert);
  push_packet(&insert, 0, 'a');
  fail_unless(gst_harness_push_event(insert.motion, gst_event_new_eos()));
  for (int frame = 0; frame < 3; frame++) {
    push_unit(&insert, frame);
    expect_unit(&insert, frame == 0 ? "a" : "");
  }
  end(&insert);
}
GST_END_TEST;

static Suite* motion_insert_suite(void) {
  Suite* suite = suite_create("motion-insert");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_live_motion_falls_behind);
  tcase_add_test(tests, test_gap);
  tcase_add_test(tests, test_motion_ends);
  return suite;
}

GST_CHECK_MAIN(motion_insert)
