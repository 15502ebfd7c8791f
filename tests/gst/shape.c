/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties that shape the motion of a face's parts, and the presets. */
#include "common.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

static GstHarness* shape_harness(const char* model) {
  GstHarness* harness = fake_harness(64, 64, "model", model, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64,framerate=30/1");
  return harness;
}

static void push(GstHarness* harness, GstClockTime pts) {
  GstBuffer* frame = color_frame(64, 64, 9, 9, 9);
  GST_BUFFER_PTS(frame) = pts;
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  gst_buffer_unref(gst_harness_pull(harness));
}

/* What the engine was told of the face's parts with the last frame. */
static void expect_controls(FomoFaceControls expected) {
  const FomoFaceControls* told = &fake()->calibration.face;
  fail_unless_equals_float(told->head, expected.head);
  fail_unless_equals_float(told->eyes, expected.eyes);
  fail_unless_equals_float(told->mouth, expected.mouth);
  fail_unless_equals_float(told->brows, expected.brows);
  fail_unless_equals_float(told->yaw, expected.yaw);
  fail_unless_equals_float(told->pitch, expected.pitch);
  fail_unless_equals_float(told->roll, expected.roll);
  fail_unless_equals_float(told->eyes_open, expected.eyes_open);
  fail_unless_equals_float(told->mouth_open, expected.mouth_open);
  fail_unless_equals_float(told->smile, expected.smile);
}

GST_START_TEST(test_properties_reach_the_engine) {
  GstHarness* harness = shape_harness("fake:named=1");
  push(harness, 0);
  expect_controls((FomoFaceControls)FOMO_NO_FACE_CONTROLS);
  g_object_set(harness->element, "head-strength", 0.1, "eyes-strength", 0.2, "mouth-strength", 0.3,
               "brows-strength", 0.4, "yaw", 5.0, "pitch", -6.0, "roll", 7.0, "eyes-open", -0.8,
               "mouth-open", 0.9, "smile", 1.0, NULL);
  push(harness, 1);
  expect_controls((FomoFaceControls){0.1, 0.2, 0.3, 0.4, 5, -6, 7, -0.8, 0.9, 1});
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  end_harness(harness);
}
GST_END_TEST;

/* A GstController animates an offset. */
GST_START_TEST(test_controller) {
  GstHarness* harness = shape_harness("fake:named=1");
  GstControlSource* control = gst_interpolation_control_source_new();
  g_object_set(control, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(control), 0, 0);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(control), GST_SECOND, 20);
  fail_unless(gst_object_add_control_binding(
      GST_OBJECT(harness->element),
      gst_direct_control_binding_new_absolute(GST_OBJECT(harness->element), "yaw", control)));
  gst_object_unref(control);
  push(harness, GST_SECOND / 4);
  fail_unless_equals_float(fake()->calibration.face.yaw, 5);
  push(harness, GST_SECOND / 2);
  fail_unless_equals_float(fake()->calibration.face.yaw, 10);
  end_harness(harness);
}
GST_END_TEST;

/* A model whose keypoints have no names: one warning, when a property is not neutral. */
GST_START_TEST(test_keypoints_without_names) {
  GstHarness* harness = shape_harness("fake");
  const char* const words[] = {"fake", "smile", "model=builtin", NULL};
  push(harness, 0);
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  g_object_set(harness->element, "smile", 0.5, NULL);
  push(harness, 1);
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_SETTINGS, words);
  g_object_set(harness->element, "yaw", 5.0, NULL);
  push(harness, 2);
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL));
  end_harness(harness);
}
GST_END_TEST;

static double number_of(gpointer element, const char* property) {
  double value = -1;
  g_object_get(element, property, &value, NULL);
  return value;
}

/* The presets are found by name, and one replaces another. */
GST_START_TEST(test_presets) {
  static const char* const expected[] = {"lively", "low-latency", "natural", "official-demo",
                                         "still"};
  GstHarness* harness = shape_harness("fake:named=1");
  GstPreset* preset = GST_PRESET(harness->element);
  gchar** names = gst_preset_get_preset_names(preset);
  fail_unless_equals_int((int)g_strv_length(names), (int)G_N_ELEMENTS(expected));
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    fail_unless(g_strv_contains((const gchar* const*)names, expected[i]), "no %s", expected[i]);
    gchar* comment = NULL;
    fail_unless(gst_preset_get_meta(preset, expected[i], "comment", &comment));
    g_free(comment);
  }
  g_strfreev(names);
  fail_if(gst_preset_load_preset(preset, "no such preset"));

  fail_unless(gst_preset_load_preset(preset, "lively"));
  fail_unless(number_of(harness->element, "mouth-strength") > 1);
  fail_unless(gst_preset_load_preset(preset, "still"));
  fail_unless_equals_float(number_of(harness->element, "mouth-strength"), 1);
  fail_unless(number_of(harness->element, "head-strength") < 0.5);
  fail_unless(gst_preset_load_preset(preset, "low-latency"));
  fail_unless_equals_float(number_of(harness->element, "head-strength"), 1);
  gboolean detail = TRUE;
  g_object_get(harness->element, "detail", &detail, NULL);
  fail_if(detail);
  end_harness(harness);
}
GST_END_TEST;

/* "natural" is the defaults, and replaces every other preset but for the offsets. */
GST_START_TEST(test_natural_is_the_default) {
  GstElement* fresh = gst_element_factory_make("fomotransfer", NULL);
  GstElement* changed = gst_element_factory_make("fomotransfer", NULL);
  static const char* const others[] = {"lively", "still", "official-demo", "low-latency"};
  for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
    fail_unless(gst_preset_load_preset(GST_PRESET(changed), others[i]));
    fail_unless(gst_preset_load_preset(GST_PRESET(changed), "natural"));
    gchar** names = gst_preset_get_property_names(GST_PRESET(fresh));
    for (gchar** name = names; *name; name++) {
      GValue a = G_VALUE_INIT, b = G_VALUE_INIT;
      g_object_get_property(G_OBJECT(fresh), *name, &a);
      g_object_get_property(G_OBJECT(changed), *name, &b);
      if (g_strcmp0(*name, "name") != 0 && g_strcmp0(*name, "parent") != 0)
        fail_unless(gst_value_compare(&a, &b) == GST_VALUE_EQUAL, "%s after %s", *name, others[i]);
      g_value_unset(&a);
      g_value_unset(&b);
    }
    g_strfreev(names);
  }
  gst_object_unref(fresh);
  gst_object_unref(changed);
}
GST_END_TEST;

/* The settings of "official-demo" reach the engine. */
GST_START_TEST(test_official_demo) {
  GstHarness* harness = shape_harness("fake:named=1");
  g_object_set(harness->element, "yaw", 10.0, NULL);
  fail_unless(gst_preset_load_preset(GST_PRESET(harness->element), "official-demo"));
  push(harness, 0);
  const FomoCalibration* told = &fake()->calibration;
  expect_controls((FomoFaceControls)FOMO_NO_FACE_CONTROLS);
  fail_unless_equals_float(told->smoothing, 0);
  fail_unless(told->motion.relative && told->motion.relative_jacobian && told->motion.adapt_scale);
  fail_unless_equals_int((int)told->reference, FOMO_REFERENCE_FIRST);
  end_harness(harness);
}
GST_END_TEST;

static Suite* shape_suite(void) {
  Suite* suite = suite_create("shape");
  TCase* tests = tcase_create("all");
  add_fixture(tests);
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_properties_reach_the_engine);
  tcase_add_test(tests, test_controller);
  tcase_add_test(tests, test_keypoints_without_names);
  tcase_add_test(tests, test_presets);
  tcase_add_test(tests, test_natural_is_the_default);
  tcase_add_test(tests, test_official_demo);
  return suite;
}

GST_CHECK_MAIN(shape);
