/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Following the driver's face: crops, messages, frames without a face. */
#include <math.h>

#include "common.h"

#define WIDE "video/x-raw,format=RGB,width=160,height=120,framerate=10/1"

/* A harness for 160x120 frames and a model of faces, 32x32, so that the fake face's square of 40
 * pixels has to be scaled. The picture is of one colour. */
static GstHarness* face_harness(const char* property, int value) {
  GstHarness* harness =
      fake_harness(64, 64, "model", "fake:size=32x32,faces=2", property, value, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=32,height=32");
  gst_harness_set_src_caps_str(harness, WIDE);
  return harness;
}

/* A frame whose corner pixel tells the fake engine whether there is a face (see fake-engine.h). The
 * second quarter of its width and height has the level `inside`, the rest `outside`. */
static GstBuffer* driver_frame(int corner, int inside, int outside, GstClockTime time) {
  GstBuffer* buffer = color_frame(160, 120, outside, outside, outside);
  GstMapInfo map;
  fail_unless(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
  for (int y = 30; y < 70; y++)
    memset(map.data + y * 480 + 120, inside, 120);
  map.data[0] = (guint8)corner;
  gst_buffer_unmap(buffer, &map);
  GST_BUFFER_PTS(buffer) = time;
  return buffer;
}

/* Pushes a frame and returns the red of the output's centre pixel. */
static int through(GstHarness* harness, GstBuffer* frame) {
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  int color[3];
  pixel_of(result, 32, 32, 16, 16, color);
  gst_buffer_unref(result);
  return color[0];
}

static void expect_event(GstHarness* harness, const char* event, gboolean face) {
  GstMessage* message = wait_message(harness_bus(harness), GST_MESSAGE_ELEMENT, event);
  gboolean there = !face;
  fail_unless(gst_structure_get_boolean(gst_message_get_structure(message), "face", &there) &&
              there == face);
  gst_message_unref(message);
}

/* Checks the face's box of the last frame. Fractions of the frame's size round it. */
static void expect_box(double x, double y, double width, double height) {
  const FomoBox box = fake()->box;
  fail_unless(fabs(box.x - x) < 1e-6 && fabs(box.y - y) < 1e-6 && fabs(box.width - width) < 1e-6 &&
                  fabs(box.height - height) < 1e-6,
              "%f, %f, %f x %f", box.x, box.y, box.width, box.height);
}

GST_START_TEST(test_face_is_followed) {
  GstHarness* harness = face_harness("crop", 3);
  /* The model sees only the square around the face. */
  fail_unless_equals_int(through(harness, driver_frame(FAKE_FACE, 200, 40, 0)), 200);
  expect_event(harness, "face-found", TRUE);
  fail_unless_equals_int(fake()->driving.crop, FOMO_CROP_AUTO);
  fail_unless(fake()->driving.face_timeout == 2);

  through(harness, driver_frame(FAKE_FACE, 200, 40, GST_SECOND));
  fail_unless(fake()->driving.seconds == 1);

  through(harness, driver_frame(0, 180, 40, 2 * GST_SECOND));
  expect_event(harness, "face-lost", FALSE);
  through(harness, driver_frame(FAKE_FACE, 200, 40, 3 * GST_SECOND));
  expect_event(harness, "face-returned", TRUE);
  through(harness, driver_frame(FAKE_CUT, 200, 40, 4 * GST_SECOND));
  expect_event(harness, "scene-cut", TRUE);
  end_harness(harness);
}
GST_END_TEST;

/* Until there is a face the picture rests, and the element posts one warning. */
GST_START_TEST(test_no_face_in_time) {
  const char* words[] = {"No face", "face-timeout", "rests", "crop=center", NULL};
  GstHarness* harness = face_harness("relative", TRUE);
  g_object_set(harness->element, "source-image", picture_file(99, 0, 0), NULL);
  gst_element_set_state(harness->element, GST_STATE_READY);
  gst_element_set_state(harness->element, GST_STATE_PLAYING);
  for (int i = 0; i < 2; i++)
    fail_unless_equals_int(through(harness, driver_frame(0, 30, 30, i * GST_SECOND)), 99);
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  fail_unless_equals_int(through(harness, driver_frame(0, 30, 30, 2 * GST_SECOND)), 99);
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_SETTINGS, words);
  fail_unless_equals_int(through(harness, driver_frame(0, 50, 50, 3 * GST_SECOND)), 99);
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  /* The first frame with a face becomes the neutral pose. */
  fail_unless_equals_int(through(harness, driver_frame(FAKE_FACE, 200, 30, 4 * GST_SECOND)), 99);
  expect_event(harness, "face-found", TRUE);
  fail_unless_equals_int(through(harness, driver_frame(FAKE_FACE, 210, 30, 5 * GST_SECOND)), 109);
  end_harness(harness);
}
GST_END_TEST;

/* A face that lies: one warning names the remedy. */
GST_START_TEST(test_lying_driver) {
  const char* lies[] = {"lies on its side", "orientation tag", "videoflip video-direction=90l",
                        NULL};
  const char* stands[] = {"upside down", "videoflip video-direction=180", NULL};
  GstHarness* harness = face_harness("relative", TRUE);
  through(harness, driver_frame(FAKE_FACE, 30, 30, 0));
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  fake()->lies = FOMO_ORIENTATION_90L;
  through(harness, driver_frame(FAKE_FACE, 30, 30, GST_SECOND));
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_SETTINGS, lies);
  fake()->lies = FOMO_ORIENTATION_180;
  through(harness, driver_frame(FAKE_FACE, 30, 30, 2 * GST_SECOND));
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_SETTINGS, stands);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_timeout_is_a_property) {
  GstHarness* harness = face_harness("crop", 2);
  g_object_set(harness->element, "face-timeout", G_GUINT64_CONSTANT(0), NULL);
  through(harness, driver_frame(0, 30, 30, 0));
  fail_unless(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  end_harness(harness);
}
GST_END_TEST;

/* A seek restarts the search for a face and its timeout. */
GST_START_TEST(test_flush_restarts_the_search) {
  GstHarness* harness = face_harness("crop", 3);
  through(harness, driver_frame(FAKE_FACE, 200, 40, GST_SECOND));
  expect_event(harness, "face-found", TRUE);
  flush(harness);
  through(harness, driver_frame(FAKE_FACE, 200, 40, 0));
  expect_event(harness, "face-found", TRUE);
  end_harness(harness);
}
GST_END_TEST;

/* Faces that an upstream element has marked are used; other regions of interest are not. */
GST_START_TEST(test_marked_faces) {
  GstHarness* harness = face_harness("crop", 3);
  GstBuffer* frame = driver_frame(0, 10, 40, 0);
  gst_buffer_add_video_region_of_interest_meta(frame, "car", 1, 2, 3, 4);
  fail_unless_equals_int(through(harness, frame), 128); /* at rest */
  fail_unless_equals_int(fake()->driving.face_count, 0);
  frame = driver_frame(0, 10, 40, GST_SECOND / 10);
  gst_buffer_add_video_region_of_interest_meta(frame, "car", 1, 2, 3, 4);
  gst_buffer_add_video_region_of_interest_meta(frame, "human/face", 60, 30, 20, 20);
  fail_unless_equals_int(through(harness, frame), 10);
  fail_unless_equals_int(fake()->driving.face_count, 1);
  expect_box(60, 30, 20, 20);
  end_harness(harness);
}
GST_END_TEST;

/* The element passes the orientation and the marked faces, in the stored frame, to the engine. */
static const struct {
  const char* tag;
  int corner_x, corner_y; /* the stored frame's pixel that is pixel 0, 0 of the upright frame */
  int box_x, box_y;       /* place, in the upright frame, of the stored box 20 x 10 at 30, 40 */
  gboolean swaps;
} turns[] = {{"rotate-0", 0, 0, 30, 40, FALSE},         {"rotate-90", 0, 119, 70, 30, TRUE},
             {"rotate-180", 159, 119, 110, 70, FALSE},  {"rotate-270", 159, 0, 40, 110, TRUE},
             {"flip-rotate-0", 159, 0, 110, 40, FALSE}, {"flip-rotate-180", 0, 119, 30, 70, FALSE}};

GST_START_TEST(test_upright) {
  GstHarness* harness = face_harness("crop", 3);
  gst_harness_push_event(harness, gst_event_new_tag(gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION,
                                                                     turns[__i__].tag, NULL)));
  GstBuffer* frame = color_frame(160, 120, 5, 5, 5);
  GstMapInfo map;
  fail_unless(gst_buffer_map(frame, &map, GST_MAP_WRITE));
  map.data[turns[__i__].corner_y * 480 + turns[__i__].corner_x * 3] = FAKE_FACE;
  gst_buffer_unmap(frame, &map);
  through(harness, frame);
  expect_event(harness, "face-found", TRUE);
  fail_unless_equals_int(fake()->driving.frame.width, 160);
  fail_unless_equals_int(fake()->driving.frame.height, 120);

  frame = color_frame(160, 120, 5, 5, 5);
  gst_buffer_add_video_region_of_interest_meta(frame, "face", 30, 40, 20, 10);
  through(harness, frame);
  expect_box(turns[__i__].box_x, turns[__i__].box_y, turns[__i__].swaps ? 10 : 20,
             turns[__i__].swaps ? 20 : 10);
  end_harness(harness);
}
GST_END_TEST;

/* Formats that the engine reads are passed on; other formats are converted first. */
static const struct {
  const char* caps;
  gboolean yuv;
  int width, components;
} layouts[] = {{"format=RGB,width=160,height=120", FALSE, 160, 3},
               {"format=xBGR,width=161,height=120", FALSE, 161, 3},
               {"format=I420,width=161,height=121", TRUE, 161, 3},
               {"format=NV12,width=160,height=120", TRUE, 160, 3},
               {"format=UYVY,width=160,height=120", TRUE, 160, 3},
               {"format=Y444,width=160,height=120", TRUE, 160, 3},
               {"format=GRAY8,width=160,height=120", FALSE, 160, 1},
               {"format=I420_10LE,width=160,height=120", FALSE, 160, 3},
               {"format=RGB16,width=160,height=120", FALSE, 160, 3},
               {"format=v210,width=160,height=120", FALSE, 160, 3},
               {"format=P010_10LE,width=160,height=120", FALSE, 160, 3},
               /* Frames are scaled to square pixels: a face has its displayed width. */
               {"format=I420,width=160,height=120,pixel-aspect-ratio=2/1", FALSE, 320, 3}};

GST_START_TEST(test_layouts) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:size=32x32,faces=1", NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=32,height=32");
  char* text = g_strdup_printf("video/x-raw,framerate=30/1,%s", layouts[__i__].caps);
  GstCaps* caps = gst_caps_from_string(text);
  GstVideoInfo info;
  fail_unless(gst_video_info_from_caps(&info, caps));
  gst_harness_set_src_caps(harness, caps);
  GstBuffer* white = color_frame(info.width, info.height, 255, 255, 255);
  fail_unless_equals_int(gst_harness_push(harness, from_rgb(white, &info)), GST_FLOW_OK);
  gst_buffer_unref(gst_harness_pull(harness));
  gst_buffer_unref(white);
  expect_event(harness, "face-found", TRUE);
  fail_unless_equals_int(fake()->driving.frame.width, layouts[__i__].width);
  fail_unless_equals_int(fake()->driving.frame.components, layouts[__i__].components);
  fail_unless_equals_int(fake()->driving.frame.yuv, layouts[__i__].yuv);
  g_free(text);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_no_face_in_the_picture) {
  const char* words[] = {"crop=center", NULL};
  GstElement* element = fake_element(64, 64);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  g_object_set(element, "crop", 2, NULL);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, words);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_element_set_bus(element, NULL);
  gst_object_unref(bus);
  gst_object_unref(element);
}
GST_END_TEST;

/* With models of other things than faces the element looks for no faces. */
GST_START_TEST(test_auto_without_faces) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:size=32x32", "crop", 3, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=32,height=32");
  gst_harness_set_src_caps_str(harness, WIDE);
  fail_unless_equals_int(through(harness, driver_frame(FAKE_FACE, 200, 200, 0)), 200);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_manual_crop) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:size=32x32,faces=1", "crop", 4,
                                     "crop-x", 0.375, "crop-y", 0.25, "crop-size", 0.5, NULL);
  fail_unless_equals_int((int)fake()->framing.crop, FOMO_CROP_MANUAL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=32,height=32");
  gst_harness_set_src_caps_str(harness, WIDE);
  through(harness, driver_frame(0, 200, 40, 0));
  fail_unless(fake()->info.square.cx == 60 && fake()->info.square.cy == 30 &&
              fake()->info.square.size == 60);
  g_object_set(harness->element, "crop-size", 2.0, NULL);
  fail_unless_equals_int(through(harness, driver_frame(0, 200, 40, 0)), 200);
  fail_unless(fake()->info.square.size == 240);
  end_harness(harness);
}
GST_END_TEST;

/* Navigation events are mapped from the output to the crop of the driving frame. */
GST_START_TEST(test_navigation_follows) {
  GstHarness* harness = face_harness("crop", 3);
  through(harness, driver_frame(FAKE_FACE, 200, 40, 0));
  gst_harness_push_upstream_event(harness, gst_navigation_event_new_mouse_move(8, 24, 0));
  gdouble x = 0, y = 0;
  for (GstEvent* event; (event = gst_harness_try_pull_upstream_event(harness));
       gst_event_unref(event))
    if (GST_EVENT_TYPE(event) == GST_EVENT_NAVIGATION)
      gst_navigation_event_get_coordinates(event, &x, &y);
  fail_unless(x == 50 && y == 60, "%f, %f", x, y);
  end_harness(harness);
}
GST_END_TEST;

static Suite* faces_suite(void) {
  Suite* suite = suite_create("faces");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_face_is_followed);
  tcase_add_test(tests, test_no_face_in_time);
  tcase_add_test(tests, test_lying_driver);
  tcase_add_test(tests, test_timeout_is_a_property);
  tcase_add_test(tests, test_flush_restarts_the_search);
  tcase_add_test(tests, test_marked_faces);
  tcase_add_loop_test(tests, test_upright, 0, G_N_ELEMENTS(turns));
  tcase_add_loop_test(tests, test_layouts, 0, G_N_ELEMENTS(layouts));
  tcase_add_test(tests, test_no_face_in_the_picture);
  tcase_add_test(tests, test_auto_without_faces);
  tcase_add_test(tests, test_manual_crop);
  tcase_add_test(tests, test_navigation_follows);
  return suite;
}

GST_CHECK_MAIN(faces)
