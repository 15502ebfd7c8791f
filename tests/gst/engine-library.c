/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine library is missing, broken or of another version; the engine's log. */
#include "common.h"

#include <string.h>

/* Without an engine library the change to READY fails, and the element's error lists the paths that
 * were tried. */
static void expect_no_engine(const char* library, const char* const words[]) {
  g_setenv("FOMOTRANSFER_ENGINE", library, TRUE);
  GstElement* element = gst_element_factory_make("fomotransfer", NULL);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT, words);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_bus_set_flushing(bus, TRUE);
  gst_element_set_bus(element, NULL);
  gst_object_unref(bus);
  gst_object_unref(element);
}

GST_START_TEST(test_no_library) {
  const char* words[] = {"libfomoengine.so", "/no/such/engine.so", "No such file", NULL};
  expect_no_engine("/no/such/engine.so", words);
}
GST_END_TEST;

GST_START_TEST(test_no_elf_file) {
  const char* path = text_file("engine.so", "no library");
  const char* words[] = {path, "too short", NULL};
  expect_no_engine(path, words);
}
GST_END_TEST;

GST_START_TEST(test_another_library) {
  const char* words[] = {"fomo_engine_get_api", NULL};
  expect_no_engine("libgio-2.0.so.0", words);
}
GST_END_TEST;

GST_START_TEST(test_another_version) {
  const char* words[] = {"another version", NULL};
  expect_no_engine(g_getenv("FOMO_OLD_ENGINE"), words);
}
GST_END_TEST;

/* An element that failed because the library was missing works once the library is there. */
GST_START_TEST(test_second_attempt) {
  char* library = g_strdup(g_getenv("FOMOTRANSFER_ENGINE"));
  const char* words[] = {"/no/such/engine.so", NULL};
  expect_no_engine("/no/such/engine.so", words);
  g_setenv("FOMOTRANSFER_ENGINE", library, TRUE);
  GstElement* element = fake_element(64, 64);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
  g_free(library);
}
GST_END_TEST;

static void note_log(GstDebugCategory* category, GstDebugLevel level, const gchar* file,
                     const gchar* function, gint line, GObject* object, GstDebugMessage* message,
                     gpointer found) {
  (void)file, (void)function, (void)line, (void)object;
  if (strcmp(gst_debug_category_get_name(category), "fomoengine") == 0 && level == GST_LEVEL_INFO &&
      strcmp(gst_debug_message_get(message), "fake: model opened") == 0)
    *(gboolean*)found = TRUE;
}

/* The engine's log messages appear in the debug category fomoengine. */
GST_START_TEST(test_engine_log) {
  gboolean found = FALSE;
  gst_debug_set_threshold_for_name("fomoengine", GST_LEVEL_INFO);
  gst_debug_remove_log_function(gst_debug_log_default);
  gst_debug_add_log_function(note_log, &found, NULL);
  GstElement* element = fake_element(64, 64);
  gst_element_set_state(element, GST_STATE_PAUSED);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
  gst_debug_remove_log_function(note_log);
  fail_unless(found);
}
GST_END_TEST;

static Suite* engine_library_suite(void) {
  Suite* suite = suite_create("engine-library");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_no_library);
  tcase_add_test(tests, test_no_elf_file);
  tcase_add_test(tests, test_another_library);
  tcase_add_test(tests, test_another_version);
  tcase_add_test(tests, test_second_attempt);
  tcase_add_test(tests, test_engine_log);
  return suite;
}

GST_CHECK_MAIN(engine_library)
