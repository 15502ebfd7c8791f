/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several drivers of fomomotiondec, with the real engine: two drivers move two faces of one picture
 * in time with each other, and each may be slower, late or gone. */
#include "common.h"

#define PORTRAIT FOMO_ASSETS "/portrait.png"
#define CLIP FOMO_ASSETS "/driving.mp4"
#define PORTRAIT_SIZE 512
#define SMALL_SIZE 384
#define WIDTH (PORTRAIT_SIZE + SMALL_SIZE)
#define HEIGHT PORTRAIT_SIZE
#define SECOND_DRIVER 14 /* the packet that the second driver begins with */
#define FRAME (GST_SECOND / 25)

/* ---- what all tests need ---- */

static GPtrArray* packets;   /* of the clip; each stands alone */
static GstSample* two_faces; /* the portrait, and the portrait again, smaller, on its right */

static GstSample* make_two_faces(void) {
  GPtrArray* decoded = buffers_of("filesrc blocksize=10000000 location=" PORTRAIT
                                  " ! image/png ! avdec_png ! video/x-raw,format=RGB"
                                  " ! fakesink name=out signal-handoffs=true sync=false");
  fail_unless_equals_int((int)decoded->len, 1);
  GstMapInfo from, to;
  GstBuffer* both = gst_buffer_new_allocate(NULL, (gsize)WIDTH * HEIGHT * 3, NULL);
  gst_buffer_memset(both, 0, 90, (gsize)WIDTH * HEIGHT * 3);
  fail_unless(gst_buffer_map((GstBuffer*)decoded->pdata[0], &from, GST_MAP_READ));
  fail_unless(gst_buffer_map(both, &to, GST_MAP_READWRITE));
  fail_unless(from.size >= (gsize)PORTRAIT_SIZE * PORTRAIT_SIZE * 3);
  for (int y = 0; y < HEIGHT; y++) {
    memcpy(to.data + (gsize)y * WIDTH * 3, from.data + (gsize)y * PORTRAIT_SIZE * 3,
           (gsize)PORTRAIT_SIZE * 3);
    for (int x = 0; x < SMALL_SIZE && y < SMALL_SIZE; x++)
      memcpy(to.data + ((gsize)y * WIDTH + PORTRAIT_SIZE + x) * 3,
             from.data + ((gsize)(y * PORTRAIT_SIZE / SMALL_SIZE) * PORTRAIT_SIZE +
                          x * PORTRAIT_SIZE / SMALL_SIZE) *
                             3,
             3);
  }
  gst_buffer_unmap((GstBuffer*)decoded->pdata[0], &from);
  gst_buffer_unmap(both, &to);
  g_ptr_array_unref(decoded);
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width",
                                      G_TYPE_INT, WIDTH, "height", G_TYPE_INT, HEIGHT, NULL);
  GstSample* sample = gst_sample_new(both, caps, NULL, NULL);
  gst_caps_unref(caps);
  gst_buffer_unref(both);
  return sample;
}

static void set_up(void) {
  packets = buffers_of(
      "filesrc location=" CLIP " ! qtdemux ! h264parse ! avdec_h264"
      " ! identity eos-after=25 ! fomomotionenc device=cpu quantiser=0 refresh-interval=1"
      " ! fakesink name=out signal-handoffs=true sync=false");
  fail_unless(packets->len >= 24, "%u", packets->len);
  two_faces = make_two_faces();
}

static void tear_down(void) {
  g_ptr_array_unref(packets);
  gst_sample_unref(two_faces);
}

/* ---- the decoder with one or two drivers ---- */

typedef struct {
  GstHarness *main, *other; /* `other` is NULL without a second driver */
  GstBus* bus;
} Drivers;

static Drivers start(gboolean second, gboolean live) {
  Drivers drivers = {NULL, NULL, gst_bus_new()};
  GstElement* element = gst_element_factory_make("fomomotiondec", NULL);
  gst_util_set_object_arg(G_OBJECT(element), "faces", "all");
  gst_util_set_object_arg(G_OBJECT(element), "output", "picture");
  g_object_set(element, "device", "cpu", "deterministic", TRUE, "detail", FALSE, "source-sample",
               two_faces, NULL);
  gst_element_set_bus(element, drivers.bus);
  drivers.main = gst_harness_new_with_element(element, "sink", "src");
  if (second)
    drivers.other = gst_harness_new_with_element(element, "sink_1", NULL);
  for (int i = 0; i < (second ? 2 : 1); i++) {
    GstHarness* harness = i ? drivers.other : drivers.main;
    gst_harness_set_live(harness, live);
    gst_harness_set_src_caps_str(harness, "application/x-fomo-motion,framerate=25/1");
  }
  gst_harness_set_sink_caps_str(drivers.main, "video/x-raw,format=RGB,width=896,height=512");
  gst_harness_play(drivers.main);
  gst_object_unref(element);
  return drivers;
}

static void stop(Drivers* drivers) {
  gst_element_set_bus(drivers->main->element, NULL);
  gst_object_unref(drivers->bus);
  if (drivers->other)
    gst_harness_teardown(drivers->other);
  gst_harness_teardown(drivers->main);
}

/* Packet `i` of the clip, with the time of frame `frame`, which lasts for `frames`. */
static void push(GstHarness* harness, int i, int frame, int frames) {
  GstBuffer* packet = gst_buffer_copy((GstBuffer*)packets->pdata[(guint)i % packets->len]);
  GST_BUFFER_PTS(packet) = (GstClockTime)frame * FRAME;
  GST_BUFFER_DURATION(packet) = (GstClockTime)frames * FRAME;
  fail_unless_equals_int(gst_harness_push(harness, packet), GST_FLOW_OK);
}

static GstBuffer* pull(Drivers* drivers, int frame) {
  GstBuffer* buffer = gst_harness_pull(drivers->main);
  fail_unless(buffer != NULL, "frame %d does not come", frame);
  fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), (GstClockTime)frame * FRAME);
  return buffer;
}

static void push_eos(GstHarness* harness) {
  fail_unless(gst_harness_push_event(harness, gst_event_new_eos()));
}

static gboolean is_eos(GstHarness* harness) {
  GstEvent* event = gst_pad_get_sticky_event(harness->sinkpad, GST_EVENT_EOS, 0);
  gst_clear_event(&event);
  return event != NULL;
}

/* Waits for the end of the output. */
static void wait_eos(GstHarness* harness) {
  for (;;) {
    GstEvent* event = gst_harness_pull_event(harness);
    fail_unless(event != NULL, "the output does not end");
    const gboolean ends = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
    if (ends)
      return;
  }
}

/* Largest difference of two frames in the left portrait or the right one. */
static int difference(GstBuffer* a, GstBuffer* b, gboolean right) {
  GstMapInfo one, two;
  int most = 0;
  fail_unless(gst_buffer_map(a, &one, GST_MAP_READ) && gst_buffer_map(b, &two, GST_MAP_READ));
  for (int y = 0; y < HEIGHT; y++)
    for (int i = 3 * (right ? PORTRAIT_SIZE : 0); i < 3 * (right ? WIDTH : PORTRAIT_SIZE); i++) {
      const gsize at = (gsize)y * WIDTH * 3 + (gsize)i;
      most = MAX(most, ABS(one.data[at] - two.data[at]));
    }
  gst_buffer_unmap(a, &one);
  gst_buffer_unmap(b, &two);
  return most;
}

/* The frames that one driver makes, who moves both faces by packets from `first` on. */
static GPtrArray* alone(int first, int frames) {
  GPtrArray* result = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
  Drivers drivers = start(FALSE, FALSE);
  for (int i = 0; i < frames; i++) {
    push(drivers.main, first + i, i, 1);
    g_ptr_array_add(result, pull(&drivers, i));
  }
  stop(&drivers);
  return result;
}

/* ---- tests ---- */

/* Each face moves as if its driver moved the whole picture. The second driver comes first or last,
 * by running time nothing changes. */
GST_START_TEST(test_two_drivers) {
  enum { COUNT = 9 };
  GPtrArray* first = alone(0, COUNT);
  GPtrArray* second = alone(SECOND_DRIVER, COUNT);
  int moved = 0;
  for (int order = 0; order < 2; order++) {
    Drivers drivers = start(TRUE, FALSE);
    for (int driver = 0; driver < 2; driver++)
      for (int i = 0; i < COUNT; i++) {
        const gboolean other = driver == order;
        push(other ? drivers.other : drivers.main, other ? SECOND_DRIVER + i : i, i, 1);
      }
    for (int i = 0; i < COUNT; i++) {
      GstBuffer* frame = pull(&drivers, i);
      fail_unless(difference(frame, (GstBuffer*)first->pdata[i], FALSE) <= 1, "left, %d", i);
      fail_unless(difference(frame, (GstBuffer*)second->pdata[i], TRUE) <= 1, "right, %d", i);
      moved = MAX(moved, difference(frame, (GstBuffer*)first->pdata[i], TRUE));
      gst_buffer_unref(frame);
    }
    fail_if(have_message(drivers.bus, GST_MESSAGE_WARNING, NULL));
    stop(&drivers);
  }
  fail_unless(moved > 20, "the drivers of this test move alike: %d", moved);
  g_ptr_array_unref(first);
  g_ptr_array_unref(second);
}
GST_END_TEST;

/* A driver with half the frame rate holds its pose between its packets. */
GST_START_TEST(test_other_frame_rate) {
  Drivers drivers = start(TRUE, FALSE);
  GstBuffer* before = NULL;
  int moved = 0;
  for (int i = 0; i < 12; i++) {
    if (i % 2 == 0)
      push(drivers.other, SECOND_DRIVER + i, i, 2);
    push(drivers.main, i, i, 1);
    GstBuffer* frame = pull(&drivers, i);
    if (i % 2 == 1)
      fail_unless(difference(frame, before, TRUE) <= 1, "frame %d", i);
    else if (before)
      moved = MAX(moved, difference(frame, before, TRUE));
    if (before)
      gst_buffer_unref(before);
    before = frame;
  }
  fail_unless(moved > 10, "%d", moved);
  gst_buffer_unref(before);
  stop(&drivers);
}
GST_END_TEST;

/* The second driver leaves: the first one goes on, the second face counts as lost and comes to rest
 * in the picture's pose, and the output ends with the first driver. */
static void expect_second_face_lost(Drivers* drivers) {
  GstMessage* message = wait_message(drivers->bus, GST_MESSAGE_ELEMENT, "face-lost");
  gint face = -1;
  fail_unless(gst_structure_get_int(gst_message_get_structure(message), "face-index", &face));
  fail_unless_equals_int(face, 1);
  gst_message_unref(message);
}

enum { LEAVES_BY_EOS, LEAVES_BY_RELEASE, LEAVES_BY_FLUSH, LEAVES_BY_GAP, LEAVING };

static void leave(Drivers* drivers, int how, int frame) {
  GstHarness* other = drivers->other;
  if (how == LEAVES_BY_EOS)
    push_eos(other);
  if (how == LEAVES_BY_FLUSH)
    gst_harness_push_event(other, gst_event_new_flush_start());
  if (how == LEAVES_BY_GAP)
    gst_harness_push_event(
        other, gst_event_new_gap((GstClockTime)frame * FRAME, (GstClockTime)1000 * FRAME));
  if (how == LEAVES_BY_RELEASE) {
    gst_harness_teardown(other);
    drivers->other = NULL;
  }
}

GST_START_TEST(test_second_driver_leaves) {
  enum { LEAVES = 3, COUNT = 18, STEP = 5 };
  Drivers drivers = start(TRUE, FALSE);
  GstBuffer* first = NULL;
  int moved[2] = {0, 0};
  for (int i = 0; i < COUNT; i++) {
    if (i < LEAVES)
      push(drivers.other, SECOND_DRIVER + 5 * i, STEP * i, STEP);
    if (i == LEAVES)
      leave(&drivers, __i__, STEP * i);
    push(drivers.main, 2 * i, STEP * i, STEP);
    GstBuffer* frame = pull(&drivers, STEP * i);
    if (i == 0)
      first = gst_buffer_ref(frame);
    moved[0] = MAX(moved[0], difference(first, frame, FALSE));
    moved[1] = MAX(moved[1], difference(first, frame, TRUE));
    /* In the first frame the neutral pose is the picture's, to which the face returns. */
    if (i == COUNT - 1)
      fail_unless(difference(first, frame, TRUE) <= 2, "%d", difference(first, frame, TRUE));
    gst_buffer_unref(frame);
  }
  expect_second_face_lost(&drivers);
  fail_unless(moved[0] > 20 && moved[1] > 20, "%d, %d", moved[0], moved[1]);
  gst_buffer_unref(first);
  fail_if(is_eos(drivers.main));
  push_eos(drivers.main);
  if (__i__ == LEAVES_BY_FLUSH)
    gst_harness_push_event(drivers.other, gst_event_new_flush_stop(TRUE));
  if (__i__ == LEAVES_BY_FLUSH || __i__ == LEAVES_BY_GAP)
    push_eos(drivers.other);
  wait_eos(drivers.main);
  stop(&drivers);
}
GST_END_TEST;

/* The driver of `sink` leaves, the other one goes on. */
GST_START_TEST(test_first_driver_leaves) {
  Drivers drivers = start(TRUE, FALSE);
  for (int i = 0; i < 16; i++) {
    push(drivers.other, SECOND_DRIVER + i, i, 1);
    if (i < 4)
      push(drivers.main, i, i, 1);
    if (i == 4)
      push_eos(drivers.main);
    gst_buffer_unref(pull(&drivers, i));
  }
  fail_if(is_eos(drivers.main));
  push_eos(drivers.other);
  wait_eos(drivers.main);
  stop(&drivers);
}
GST_END_TEST;

/* A flush of `sink`, as a seek makes it, ends nothing; a driver who comes back takes the face up.
 */
GST_START_TEST(test_flush_and_return) {
  Drivers drivers = start(TRUE, FALSE);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) {
      push(drivers.other, SECOND_DRIVER + i, i, 1);
      push(drivers.main, i, i, 1);
      gst_buffer_unref(pull(&drivers, i));
    }
    GstHarness* both[] = {drivers.other, drivers.main};
    for (int i = 0; i < 2; i++) {
      fail_unless(gst_harness_push_event(both[i], gst_event_new_flush_start()));
      fail_unless(gst_harness_push_event(both[i], gst_event_new_flush_stop(TRUE)));
      fail_unless(gst_harness_push_event(both[i], gst_event_new_segment(&segment)));
    }
  }
  stop(&drivers);
}
GST_END_TEST;

/* Live: a second driver who sends nothing delays frames by `latency` at most, and the latency says
 * so. */
GST_START_TEST(test_live_driver_falls_behind) {
  Drivers drivers = start(TRUE, TRUE);
  g_object_set(drivers.main->element, "latency", (guint64)(30 * GST_MSECOND), NULL);
  gst_harness_set_upstream_latency(drivers.main, 7 * GST_MSECOND);
  gst_harness_set_upstream_latency(drivers.other, 20 * GST_MSECOND);
  for (int i = 0; i < 6; i++)
    push(drivers.main, i, i, 1);
  for (int i = 0; i < 6; i++)
    gst_buffer_unref(pull(&drivers, i));
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  GstClockTime min = 0, max = 0;
  fail_unless(gst_pad_peer_query(drivers.main->sinkpad, query));
  gst_query_parse_latency(query, &live, &min, &max);
  fail_unless(live);
  fail_unless(min > 50 * GST_MSECOND, "%" GST_TIME_FORMAT, GST_TIME_ARGS(min));
  fail_unless(!GST_CLOCK_TIME_IS_VALID(max) || max >= min);
  gst_query_unref(query);
  /* The first driver is late: the second one sets the times. */
  for (int i = 6; i < 12; i++)
    push(drivers.other, i, i, 1);
  for (int i = 6; i < 12; i++)
    gst_buffer_unref(pull(&drivers, i));
  stop(&drivers);
}
GST_END_TEST;

/* A face that the picture does not have is a warning that says what to do. */
GST_START_TEST(test_no_such_face) {
  const char* const words[] = {"face 5", "2", "faces=all", "output=picture", NULL};
  Drivers drivers = start(TRUE, FALSE);
  gst_child_proxy_set(GST_CHILD_PROXY(drivers.main->element), "sink_1::face-index", 5, NULL);
  push(drivers.other, 0, 0, 1);
  push(drivers.main, 0, 0, 1);
  gst_buffer_unref(pull(&drivers, 0));
  expect_complaint(drivers.bus, GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_SETTINGS, words);
  stop(&drivers);
}
GST_END_TEST;

/* As a launch line, with two drivers of one clip: one frame for each packet. */
GST_START_TEST(test_launch_line) {
  GPtrArray* frames = buffers_of(
      "fomomotiondec name=dec device=cpu source-image=" PORTRAIT " sink_1::face-index=0"
      " ! fakesink name=out signal-handoffs=true sync=false"
      "  filesrc location=" CLIP " ! qtdemux ! h264parse ! avdec_h264 ! identity eos-after=14"
      " ! tee name=t ! queue ! fomomotionenc device=cpu ! dec.sink"
      "  t. ! queue ! fomomotionenc device=cpu ! dec.sink_1");
  /* The decoder of the clip drops frames before the end. */
  fail_unless(frames->len >= 8, "%u", frames->len);
  for (guint i = 0; i < 8; i++)
    fail_unless_equals_uint64(GST_BUFFER_PTS((GstBuffer*)frames->pdata[i]),
                              GST_BUFFER_PTS((GstBuffer*)frames->pdata[0]) + i * FRAME);
  g_ptr_array_unref(frames);
}
GST_END_TEST;

static Suite* motion_pads_suite(void) {
  Suite* suite = suite_create("motion-pads");
  TCase* tests = tcase_create("all");
  suite_add_tcase(suite, tests);
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_test(tests, test_two_drivers);
  tcase_add_test(tests, test_other_frame_rate);
  tcase_add_loop_test(tests, test_second_driver_leaves, 0, LEAVING);
  tcase_add_test(tests, test_first_driver_leaves);
  tcase_add_test(tests, test_flush_and_return);
  tcase_add_test(tests, test_live_driver_falls_behind);
  tcase_add_test(tests, test_no_such_face);
  tcase_add_test(tests, test_launch_line);
  return suite;
}

GST_CHECK_MAIN(motion_pads);
