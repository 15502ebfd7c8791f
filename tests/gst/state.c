/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Repeated state changes; several elements; properties, controllers, statistics, messages. */
#include "common.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <string.h>

#define CAPS "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"

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

static GstHarness* rgb_harness(const char* property, int value) {
  GstHarness* harness = fake_harness(64, 64, property, value, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  return harness;
}

/* From NULL to PLAYING and back, with a frame each time. The fixture checks for leaks. */
GST_START_TEST(test_fifty_state_changes) {
  GstElement* pipeline = gst_parse_launch("appsrc name=in format=time caps=" CAPS
                                          " ! fomotransfer name=f ! fakesink name=out async=true",
                                          NULL);
  GstElement* in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline), "f");
  g_object_set(element, "model", "fake", "source-image", picture_file(1, 2, 3), NULL);
  for (int i = 0; i < 50; i++) {
    fail_if(gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE);
    GstFlowReturn flow;
    GstBuffer* frame = color_frame(64, 64, 9, 9, 9);
    g_signal_emit_by_name(in, "push-buffer", frame, &flow);
    gst_buffer_unref(frame);
    fail_unless_equals_int(gst_element_get_state(pipeline, NULL, NULL, GST_CLOCK_TIME_NONE),
                           GST_STATE_CHANGE_SUCCESS);
    fail_unless_equals_int(gst_element_set_state(pipeline, GST_STATE_NULL),
                           GST_STATE_CHANGE_SUCCESS);
    fail_unless_equals_int(fake()->models, 0);
  }
  fail_unless_equals_int(fake()->models_opened, 50);
  gst_object_unref(in);
  gst_object_unref(element);
  gst_object_unref(pipeline);
}
GST_END_TEST;

/* In READY the stream's state is gone: neutral pose, orientation, statistics. */
GST_START_TEST(test_ready_forgets) {
  GstHarness* harness = rgb_harness("relative", TRUE);
  fail_unless_equals_int(grey_through(harness, 50, 0), 128);
  fail_unless_equals_int(grey_through(harness, 60, GST_SECOND), 138);
  gst_element_set_state(harness->element, GST_STATE_READY);
  gst_element_set_state(harness->element, GST_STATE_PLAYING);
  gst_harness_push_event(harness, gst_event_new_stream_start("again"));
  gst_harness_set_src_caps_str(harness, CAPS);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(harness, gst_event_new_segment(&segment));
  fail_unless_equals_int(grey_through(harness, 70, 0), 128);
  GstStructure* stats = NULL;
  guint64 frames = 0;
  g_object_get(harness->element, "stats", &stats, NULL);
  fail_unless(gst_structure_get_uint64(stats, "frames", &frames));
  fail_unless_equals_uint64(frames, 1);
  gst_structure_free(stats);
  end_harness(harness);
}
GST_END_TEST;

/* Two elements have separate pictures and neutral poses. */
GST_START_TEST(test_two_elements) {
  GstHarness* one = fake_harness(64, 64, "source-image", picture_file(20, 20, 20), NULL);
  GstHarness* other =
      fake_harness(64, 64, "source-image", picture_file(90, 90, 90), "relative", TRUE, NULL);
  GstHarness* both[] = {one, other};
  for (int i = 0; i < 2; i++) {
    gst_harness_set_sink_caps_str(both[i], "video/x-raw,format=RGB,width=64,height=64");
    gst_harness_set_src_caps_str(both[i], CAPS);
  }
  fail_unless_equals_int(grey_through(one, 128, 0), 20);
  fail_unless_equals_int(grey_through(other, 100, 0), 90);
  fail_unless_equals_int(grey_through(one, 138, 1), 30);
  fail_unless_equals_int(grey_through(other, 110, 1), 100);
  end_harness(one);
  fail_unless_equals_int(grey_through(other, 120, 2), 110);
  end_harness(other);
}
GST_END_TEST;

/* The properties of the model reach the engine at the next start, not before. */
GST_START_TEST(test_model_properties) {
  GstHarness* harness =
      fake_harness(64, 64, "config", "some.yaml", "device", "cuda:3", "precision",
                   FOMO_PRECISION_BF16, "threads", 7, "align-corners", FALSE, NULL);
  fail_unless_equals_string(fake()->config, "some.yaml");
  fail_unless_equals_string(fake()->device, "cuda:3");
  fail_unless_equals_int((int)fake()->precision, FOMO_PRECISION_BF16);
  fail_unless_equals_int(fake()->threads, 7);
  fail_unless_equals_int(fake()->align_corners, FALSE);
  g_object_set(harness->element, "threads", 3, NULL);
  fail_unless_equals_int(fake()->threads, 7);
  gst_element_set_state(harness->element, GST_STATE_READY);
  gst_element_set_state(harness->element, GST_STATE_PLAYING);
  fail_unless_equals_int(fake()->threads, 3);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_defaults) {
  GstElement* element = gst_element_factory_make("fomotransfer", NULL);
  char *model, *config, *device, *source;
  gboolean relative, jacobian, scale, align;
  gint precision, threads, crop;
  g_object_get(element, "model", &model, "config", &config, "device", &device, "source-image",
               &source, "relative", &relative, "relative-jacobian", &jacobian, "adapt-scale",
               &scale, "align-corners", &align, "precision", &precision, "threads", &threads,
               "crop", &crop, NULL);
  fail_unless_equals_string(model, "builtin");
  fail_unless(config == NULL);
  fail_unless_equals_string(device, "auto");
  fail_unless(source == NULL);
  fail_unless(relative && jacobian && scale && align);
  fail_unless_equals_int(precision, FOMO_PRECISION_AUTO);
  fail_unless_equals_int(threads, 0);
  fail_unless_equals_int(crop, FOMO_CROP_AUTO);
  g_free(model);
  g_free(device);
  gst_object_unref(element);
}
GST_END_TEST;

/* Motion properties apply from the next frame on. */
GST_START_TEST(test_motion_while_frames_flow) {
  GstHarness* harness = rgb_harness("relative", TRUE);
  grey_through(harness, 50, 0);
  fail_unless(fake()->calibration.motion.relative && fake()->calibration.motion.relative_jacobian &&
              fake()->calibration.motion.adapt_scale);
  g_object_set(harness->element, "relative", FALSE, "relative-jacobian", FALSE, "adapt-scale",
               FALSE, NULL);
  fail_unless_equals_int(grey_through(harness, 60, 1), 60);
  fail_if(fake()->calibration.motion.relative || fake()->calibration.motion.relative_jacobian ||
          fake()->calibration.motion.adapt_scale);
  end_harness(harness);
}
GST_END_TEST;

/* A control source switches relative motion off at one second of stream time. */
GST_START_TEST(test_controlled_property) {
  const char* names[] = {"relative", "relative-jacobian", "adapt-scale"};
  GstHarness* harness = rgb_harness("relative", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    GstControlSource* control = gst_interpolation_control_source_new();
    g_object_set(control, "mode", GST_INTERPOLATION_MODE_NONE, NULL);
    gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(control), 0, 1.0);
    gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(control), GST_SECOND, 0.0);
    fail_unless(gst_object_add_control_binding(
        GST_OBJECT(harness->element),
        gst_direct_control_binding_new(GST_OBJECT(harness->element), names[i], control)));
    gst_object_unref(control);
  }
  grey_through(harness, 50, 0);
  fail_unless(fake()->calibration.motion.relative && fake()->calibration.motion.relative_jacobian &&
              fake()->calibration.motion.adapt_scale);
  grey_through(harness, 50, GST_SECOND);
  fail_if(fake()->calibration.motion.relative || fake()->calibration.motion.relative_jacobian ||
          fake()->calibration.motion.adapt_scale);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_stats) {
  GstHarness* harness = rgb_harness("relative", TRUE);
  for (int i = 0; i < 300; i++)
    grey_through(harness, 50, (GstClockTime)i * GST_SECOND / 30);
  GstStructure* stats = NULL;
  guint64 frames = 0;
  gdouble keypoints = 0, motion = 0, generator = 0, last = 0;
  g_object_get(harness->element, "stats", &stats, NULL);
  fail_unless(gst_structure_get_uint64(stats, "frames", &frames));
  fail_unless_equals_uint64(frames, 300);
  fail_unless(gst_structure_get_double(stats, "keypoints-last-ms", &keypoints));
  fail_unless(gst_structure_get_double(stats, "motion-mean-ms", &motion));
  fail_unless(gst_structure_get_double(stats, "generator-p95-ms", &generator));
  fail_unless(gst_structure_get_double(stats, "total-last-ms", &last));
  fail_unless_equals_float(keypoints, 1);
  fail_unless_equals_float(motion, 2);
  fail_unless_equals_float(generator, 3);
  gst_structure_free(stats);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_start_messages) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  GstBus* bus = harness_bus(harness);
  GstProgressType type;
  GstMessage* message = wait_message(bus, GST_MESSAGE_PROGRESS, NULL);
  gst_message_parse_progress(message, &type, NULL, NULL);
  fail_unless_equals_int((int)type, GST_PROGRESS_TYPE_START);
  gst_message_unref(message);
  message = wait_message(bus, GST_MESSAGE_PROGRESS, NULL);
  gst_message_parse_progress(message, &type, NULL, NULL);
  fail_unless_equals_int((int)type, GST_PROGRESS_TYPE_COMPLETE);
  gst_message_unref(message);

  message = wait_message(bus, GST_MESSAGE_ELEMENT, "model-loaded");
  const GstStructure* loaded = gst_message_get_structure(message);
  gdouble ms = 0;
  gint width = 0;
  fail_unless_equals_string(gst_structure_get_string(loaded, "name"), "fake");
  fail_unless_equals_string(gst_structure_get_string(loaded, "device"), "cpu");
  fail_unless_equals_string(gst_structure_get_string(loaded, "precision"), "fp32");
  fail_unless(gst_structure_get_double(loaded, "ms", &ms));
  fail_unless(gst_structure_get_int(loaded, "width", &width));
  fail_unless_equals_float(ms, 1.5);
  fail_unless_equals_int(width, 64);
  gst_message_unref(message);

  message = wait_message(bus, GST_MESSAGE_ELEMENT, "source-changed");
  const char* location =
      gst_structure_get_string(gst_message_get_structure(message), "source-image");
  fail_unless(g_str_has_suffix(location, "128-128-128.picture"));
  gst_message_unref(message);
  end_harness(harness);
}
GST_END_TEST;

static Suite* state_suite(void) {
  Suite* suite = suite_create("state");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_fifty_state_changes);
  tcase_add_test(tests, test_ready_forgets);
  tcase_add_test(tests, test_two_elements);
  tcase_add_test(tests, test_model_properties);
  tcase_add_test(tests, test_defaults);
  tcase_add_test(tests, test_motion_while_frames_flow);
  tcase_add_test(tests, test_controlled_property);
  tcase_add_test(tests, test_stats);
  tcase_add_test(tests, test_start_messages);
  return suite;
}

GST_CHECK_MAIN(state)
