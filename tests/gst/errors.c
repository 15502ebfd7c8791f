/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failures at the start and with a frame: each posts the right error and leaves no object behind.
 */
#include "common.h"

#include <string.h>

#define CAPS "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"

static GstElement* element_on_bus(const char* model, const char* picture, GstBus** bus) {
  GstElement* element =
      gst_element_factory_make_full("fomotransfer", "model", model, "source-image", picture, NULL);
  *bus = gst_bus_new();
  gst_element_set_bus(element, *bus);
  return element;
}

static void end(GstElement* element, GstBus* bus) {
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_bus_set_flushing(bus, TRUE);
  gst_element_set_bus(element, NULL);
  gst_object_unref(bus);
  gst_object_unref(element);
}

/* The element's error code for each status of the engine. */
static const struct {
  FomoStatus status;
  const char* domain;
  gint code;
} codes[] = {
    {FOMO_NOT_FOUND, "gst-resource-error-quark", GST_RESOURCE_ERROR_NOT_FOUND},
    {FOMO_OPEN_READ, "gst-resource-error-quark", GST_RESOURCE_ERROR_OPEN_READ},
    {FOMO_WRONG_TYPE, "gst-stream-error-quark", GST_STREAM_ERROR_WRONG_TYPE},
    {FOMO_SETTINGS, "gst-resource-error-quark", GST_RESOURCE_ERROR_SETTINGS},
    {FOMO_NO_MEMORY, "gst-resource-error-quark", GST_RESOURCE_ERROR_NO_SPACE_LEFT},
    {FOMO_LIBRARY, "gst-library-error-quark", GST_LIBRARY_ERROR_INIT},
    {FOMO_FAILED, "gst-stream-error-quark", GST_STREAM_ERROR_FAILED},
};
static const char* const start_failures[] = {"fake:fail", "fake:encode-fail", "fake:stream-fail"};

/* Each step of the start fails with each status: the state change fails, and an error on the bus
 * tells the reason. With a working model the same element then starts. */
GST_START_TEST(test_start_failures) {
  const guint code = (guint)__i__ % G_N_ELEMENTS(codes);
  const char* step = start_failures[(guint)__i__ / G_N_ELEMENTS(codes)];
  char* model = g_strdup_printf("%s=%d", step, codes[code].status);
  const char* words[] = {"fake: no", NULL};
  GstBus* bus;
  GstElement* element = element_on_bus(model, picture_file(1, 2, 3), &bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, g_quark_from_string(codes[code].domain),
                   codes[code].code, words);
  fail_if(have_message(bus, GST_MESSAGE_ERROR, NULL));

  gst_element_set_state(element, GST_STATE_NULL);
  g_object_set(element, "model", "fake", NULL);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_SUCCESS);
  end(element, bus);
  g_free(model);
}
GST_END_TEST;

GST_START_TEST(test_animation_failure) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:animate-fail=5", NULL);
  gst_harness_set_src_caps_str(harness, CAPS);
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 1, 2, 3)), GST_FLOW_ERROR);
  expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_NO_SPACE_LEFT, NULL);
  end_harness(harness);
}
GST_END_TEST;

/* The device vanishes while frames flow: the error is posted. When the device is there again, so is
 * the picture, and the neutral pose has not changed. */
GST_START_TEST(test_device_vanishes) {
  const char* words[] = {"the device is gone", NULL};
  GstHarness* harness =
      fake_harness(64, 64, "relative", TRUE, "source-image", picture_file(40, 50, 60), NULL);
  gst_harness_set_src_caps_str(harness, CAPS);
  for (int round = 0; round < 3; round++) {
    int color[3];
    fail_unless_equals_int(
        gst_harness_push(harness, color_frame(64, 64, 100 + 10 * round, 100, 100)), GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    pixel_of(result, 64, 64, 5, 5, color);
    gst_buffer_unref(result);
    fail_unless_equals_int(color[0], 40 + 10 * round);
    fail_unless_equals_int(color[1], 50);

    fake()->animate_status = FOMO_FAILED;
    fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 200, 1, 2)),
                           GST_FLOW_ERROR);
    expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                     GST_STREAM_ERROR_FAILED, words);
    fake()->animate_status = FOMO_OK;
  }
  fail_unless_equals_int(fake()->references_set, 1);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_no_picture) {
  const char* words[] = {"source-image", "source-sample", NULL};
  GstBus* bus;
  GstElement* element = element_on_bus("fake", NULL, &bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, words);
  fail_unless_equals_int(fake()->models_opened, 0);
  end(element, bus);
}
GST_END_TEST;

static const struct {
  const char* location;
  gint code;
} bad_pictures[] = {{"/no/such/picture.png", GST_RESOURCE_ERROR_NOT_FOUND},
                    {"file:///no/such/picture.png", GST_RESOURCE_ERROR_NOT_FOUND},
                    {"http://host/picture.png", GST_RESOURCE_ERROR_NOT_FOUND},
                    {"file://%zz", GST_RESOURCE_ERROR_NOT_FOUND},
                    {"file://picture-host/../etc/passwd", GST_RESOURCE_ERROR_NOT_FOUND}};

GST_START_TEST(test_bad_pictures) {
  const char* words[] = {"picture", NULL};
  if (__i__ == 3)
    words[0] = "%zz";
  GstBus* bus;
  GstElement* element = element_on_bus("fake", bad_pictures[__i__].location, &bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, bad_pictures[__i__].code, words);
  end(element, bus);
}
GST_END_TEST;

GST_START_TEST(test_unreadable_picture) {
  const char* words[] = {"notes.txt", NULL};
  GstBus* bus;
  GstElement* element = element_on_bus("fake", text_file("notes.txt", "no picture"), &bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ, words);
  end(element, bus);
}
GST_END_TEST;

/* A URI may name this computer. */
GST_START_TEST(test_local_uri) {
  const char* hosts[] = {"", "localhost"};
  char* uri = g_strdup_printf("file://%s%s", hosts[__i__], picture_file(1, 2, 3));
  GstBus* bus;
  GstElement* element = element_on_bus("fake", uri, &bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_SUCCESS);
  end(element, bus);
  g_free(uri);
}
GST_END_TEST;

static Suite* errors_suite(void) {
  Suite* suite = suite_create("errors");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_loop_test(tests, test_start_failures, 0,
                      G_N_ELEMENTS(codes) * G_N_ELEMENTS(start_failures));
  tcase_add_test(tests, test_animation_failure);
  tcase_add_test(tests, test_device_vanishes);
  tcase_add_test(tests, test_no_picture);
  tcase_add_loop_test(tests, test_bad_pictures, 0, G_N_ELEMENTS(bad_pictures));
  tcase_add_test(tests, test_unreadable_picture);
  tcase_add_loop_test(tests, test_local_uri, 0, 2);
  return suite;
}

GST_CHECK_MAIN(errors)
