/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system has no thread left for the element. */
#define _GNU_SOURCE
#include "common.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static gint no_threads;

/* Replaces that of the C library, also for the plugin. */
__attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                          const pthread_attr_t* attributes,
                                                          void* (*body)(void*), void* argument) {
  int (*real)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) =
      (int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*))dlsym(RTLD_NEXT,
                                                                                 "pthread_create");
  return g_atomic_int_get(&no_threads) ? EAGAIN : real(thread, attributes, body, argument);
}

/* There is no thread to load another picture: a warning that names the picture, and the old one
 * stays. The next one is loaded when there is a thread again. */
GST_START_TEST(test_no_thread_for_the_loader) {
  const char* properties[] = {"source-image", "reference-image"};
  const char* picture = picture_file(200, 0, 0);
  const char* words[] = {"200-0-0.picture", "thread", "ulimit", NULL};
  GstHarness* harness = fake_harness(64, 64, "source-image", picture_file(10, 0, 0), NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64,framerate=30/1");
  for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
    g_atomic_int_set(&no_threads, TRUE);
    g_object_set(harness->element, properties[i], picture, NULL);
    g_atomic_int_set(&no_threads, FALSE);
    expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                     GST_RESOURCE_ERROR_NO_SPACE_LEFT, words);
    fail_unless_equals_int(red_of_picture(harness), 10);
  }
  g_object_set(harness->element, "source-image", picture, NULL);
  while (red_of_picture(harness) != 200)
    ;
  end_harness(harness);
}
GST_END_TEST;

static Suite* threads_suite(void) {
  Suite* suite = suite_create("threads");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_no_thread_for_the_loader);
  return suite;
}

GST_CHECK_MAIN(threads)
