/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setting the picture: from files and from memory, at the start and while frames flow. */
#include "common.h"

#include <string.h>

#define CAPS "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"

static GstHarness* rgb_harness(const char* property, gconstpointer value) {
  GstHarness* harness = fake_harness(64, 64, property, value, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  return harness;
}

/* Pushes frames until the element posts that the picture has changed. Each frame gives an output.
 */
static void until_changed(GstHarness* harness) {
  while (!have_message(harness_bus(harness), GST_MESSAGE_ELEMENT, "source-changed"))
    red_of_picture(harness);
}

static void hold_encodes(gboolean hold) {
  g_mutex_lock(&fake()->lock);
  fake()->hold_encodes = hold;
  g_cond_broadcast(&fake()->changed);
  g_mutex_unlock(&fake()->lock);
}

/* Frames show the old picture while the new one is loaded, and the new one as soon as it is ready.
 * Then a new neutral pose is taken. */
GST_START_TEST(test_swap_while_frames_flow) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  g_object_set(harness->element, "relative", TRUE, NULL);
  fail_unless_equals_int(red_of_picture(harness), 10);
  fail_unless(have_message(harness_bus(harness), GST_MESSAGE_ELEMENT, "source-changed"));

  hold_encodes(TRUE);
  g_object_set(harness->element, "source-image", picture_file(200, 0, 0), NULL);
  fake_wait(&fake()->encodes_held, 1);
  for (int i = 0; i < 20; i++)
    fail_unless_equals_int(red_of_picture(harness), 10);
  const int references = fake()->references_set;
  hold_encodes(FALSE);
  until_changed(harness);
  fail_unless_equals_int(red_of_picture(harness), 200);
  fail_unless_equals_int(fake()->references_set, references + 1);
  end_harness(harness);
}
GST_END_TEST;

static gpointer start_element(gpointer element) {
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  gst_object_unref(bus);
  GstHarness* harness = gst_harness_new_with_element(element, "sink", "src");
  gst_object_unref(element);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  return harness;
}

/* A picture that is set while the element starts is not lost. */
GST_START_TEST(test_swap_while_starting) {
  GstElement* element = fake_element(64, 64);
  hold_encodes(TRUE);
  GThread* starter = g_thread_new("starter", start_element, element);
  fake_wait(&fake()->encodes_held, 1);
  g_object_set(element, "source-image", picture_file(200, 0, 0), NULL);
  hold_encodes(FALSE);
  GstHarness* harness = g_thread_join(starter);
  while (red_of_picture(harness) != 200)
    ;
  end_harness(harness);
}
GST_END_TEST;

/* Nor is a reference picture. */
GST_START_TEST(test_reference_while_starting) {
  GstElement* element = fake_element(64, 64);
  g_object_set(element, "relative", TRUE, NULL);
  hold_encodes(TRUE);
  GThread* starter = g_thread_new("starter", start_element, element);
  fake_wait(&fake()->encodes_held, 1);
  g_object_set(element, "reference-image", picture_file(100, 100, 100), NULL);
  hold_encodes(FALSE);
  GstHarness* harness = g_thread_join(starter);
  fake_wait(&fake()->poses_detected, 1);
  end_harness(harness);
}
GST_END_TEST;

/* Of several pictures that are set while one is loaded, only the last is loaded. */
GST_START_TEST(test_last_picture_counts) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  fail_unless_equals_int(red_of_picture(harness), 10);
  const int encoded = fake()->sources_encoded;
  hold_encodes(TRUE);
  for (int red = 20; red <= 200; red += 20) {
    g_object_set(harness->element, "source-image", picture_file(red, 0, 0), NULL);
    fake_wait(&fake()->encodes_held, 1);
  }
  hold_encodes(FALSE);
  while (red_of_picture(harness) != 200)
    ;
  /* the picture that was being loaded, and the last one */
  fail_unless_equals_int(fake()->sources_encoded - encoded, 2);
  end_harness(harness);
}
GST_END_TEST;

/* Stopping waits for the picture that is being loaded, and discards a picture that was never shown.
 */
GST_START_TEST(test_stop_while_loading) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  hold_encodes(TRUE);
  g_object_set(harness->element, "source-image", picture_file(200, 0, 0), NULL);
  fake_wait(&fake()->encodes_held, 1);
  hold_encodes(FALSE);
  end_harness(harness);
}
GST_END_TEST;

static void hold_loads(gboolean hold) {
  g_mutex_lock(&fake()->lock);
  fake()->hold_loads = hold;
  g_cond_broadcast(&fake()->changed);
  g_mutex_unlock(&fake()->lock);
}

/* A file system that hangs does not hold up the end: the loader's thread is left behind, and frees
 * what it has when the file system answers. A picture that cannot be read then tells nobody. */
GST_START_TEST(test_stop_while_reading_hangs) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  hold_loads(TRUE);
  g_object_set(harness->element, "source-image", __i__ ? picture_file(200, 0, 0) : "/no/such",
               NULL);
  fake_wait(&fake()->loads_held, 1);
  fail_unless_equals_int(red_of_picture(harness), 10);
  const gint64 before = g_get_monotonic_time();
  end_harness(harness);
  fail_unless(g_get_monotonic_time() - before < 20 * G_USEC_PER_SEC);
  fail_unless_equals_int(fake()->models, 1);
  hold_loads(FALSE);
  g_mutex_lock(&fake()->lock);
  while (fake()->models > 0)
    g_cond_wait(&fake()->changed, &fake()->lock);
  g_mutex_unlock(&fake()->lock);
}
GST_END_TEST;

GST_START_TEST(test_bad_picture_while_frames_flow) {
  const char* words[] = {"nowhere.png", NULL};
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  fail_unless_equals_int(red_of_picture(harness), 10);
  g_object_set(harness->element, "source-image", "/nowhere.png", NULL);
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                   GST_RESOURCE_ERROR_NOT_FOUND, words);
  fail_unless_equals_int(red_of_picture(harness), 10);
  /* The next readable picture is shown as usual. */
  g_object_set(harness->element, "source-image", picture_file(30, 0, 0), NULL);
  until_changed(harness);
  while (red_of_picture(harness) != 30)
    ;
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_ERROR, NULL));
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_no_picture_while_frames_flow) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  g_object_set(harness->element, "source-image", NULL, NULL);
  fail_unless_equals_int(red_of_picture(harness), 10);
  fail_if(have_message(harness_bus(harness), GST_MESSAGE_WARNING | GST_MESSAGE_ERROR, NULL));
  end_harness(harness);
}
GST_END_TEST;

/* Names with spaces and letters beyond ASCII, as path and as URI. */
GST_START_TEST(test_paths_and_uris) {
  const char* path = text_file("my picture, \xc3\xa4\xc3\xb6%20.fake", "FAKE 77 0 0");
  char* uri = g_filename_to_uri(path, NULL, NULL);
  const char* locations[] = {path, uri};
  for (guint i = 0; i < G_N_ELEMENTS(locations); i++) {
    GstHarness* harness = rgb_harness("source-image", locations[i]);
    fail_unless_equals_int(red_of_picture(harness), 77);
    char* location = NULL;
    g_object_get(harness->element, "source-image", &location, NULL);
    fail_unless_equals_string(location, locations[i]);
    g_free(location);
    end_harness(harness);
  }
  g_free(uri);
}
GST_END_TEST;

typedef struct {
  GstHarness* harness;
  const char* pictures[3];
  gboolean ending;
  int turns;
} ConcurrentUse;

/* Everything that an application may do with an element at any time. */
static gpointer use_element(gpointer data) {
  ConcurrentUse* use = data;
  GstElement* element = use->harness->element;
  while (!g_atomic_int_get(&use->ending)) {
    const int turn = g_atomic_int_add(&use->turns, 1);
    g_object_set(element, "source-image", use->pictures[turn % 3], "crop", turn % 2, "relative",
                 turn % 2, "threads", turn % 8, NULL);
    g_signal_emit_by_name(element, "reset-reference");
    GstStructure* stats = NULL;
    char* location = NULL;
    g_object_get(element, "stats", &stats, "source-image", &location, NULL);
    gst_structure_free(stats);
    g_free(location);
    GstQuery* query = gst_query_new_latency();
    gst_pad_peer_query(use->harness->sinkpad, query);
    gst_query_unref(query);
    gst_harness_push_upstream_event(
        use->harness, gst_event_new_navigation(gst_structure_new(
                          "application/x-gst-navigation", "event", G_TYPE_STRING, "mouse-move",
                          "pointer_x", G_TYPE_DOUBLE, 1.0, "pointer_y", G_TYPE_DOUBLE, 2.0, NULL)));
    g_thread_yield();
  }
  return NULL;
}

/* Several threads set and read everything while frames flow: each frame gives an output. */
GST_START_TEST(test_concurrent_use) {
  ConcurrentUse use = {rgb_harness("source-image", picture_file(10, 0, 0)),
                       {picture_file(10, 0, 0), picture_file(90, 0, 0), "/nowhere.png"},
                       FALSE,
                       0};
  GThread* threads[3];
  for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
    threads[i] = g_thread_new("user", use_element, &use);
  /* At least 200 frames, and until the threads had 60 turns. */
  for (int i = 0; i < 200 || g_atomic_int_get(&use.turns) < 60; i++)
    red_of_picture(use.harness);
  g_atomic_int_set(&use.ending, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
    g_thread_join(threads[i]);
  fail_if(have_message(harness_bus(use.harness), GST_MESSAGE_ERROR, NULL));
  end_harness(use.harness);
}
GST_END_TEST;

typedef struct {
  GstElement* element;
  const char* picture;
  int* waiting; /* threads that are not there yet */
} Setter;

static gpointer set_picture(gpointer data) {
  Setter* setter = data;
  g_atomic_int_add(setter->waiting, -1);
  while (g_atomic_int_get(setter->waiting) > 0)
    ;
  g_object_set(setter->element, "source-image", setter->picture, NULL);
  return NULL;
}

/* Two threads set a picture at the same time: the frames show the one that the property has in the
 * end, also after everything that was asked for has been loaded. */
GST_START_TEST(test_two_setters) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  const char* pictures[] = {picture_file(50, 0, 0), picture_file(200, 0, 0)};
  for (int round = 1; round <= 200; round++) {
    int waiting = 2;
    GThread* threads[2];
    Setter setters[2];
    for (int i = 0; i < 2; i++) {
      setters[i] = (Setter){harness->element, pictures[i], &waiting};
      threads[i] = g_thread_new("setter", set_picture, &setters[i]);
    }
    for (int i = 0; i < 2; i++)
      g_thread_join(threads[i]);
    char* last = NULL;
    g_object_get(harness->element, "source-image", &last, NULL);
    /* The loader detects a pose after the pictures that were requested before it. */
    g_object_set(harness->element, "reference-image", pictures[0], NULL);
    fake_wait(&fake()->poses_detected, round);
    fail_unless_equals_int(red_of_picture(harness), strcmp(last, pictures[0]) == 0 ? 50 : 200);
    g_free(last);
  }
  end_harness(harness);
}
GST_END_TEST;

static GstSample* raw_sample(const char* format, int width, int height, const char* rest, int red) {
  char* text =
      g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d%s", format, width, height, rest);
  GstCaps* caps = gst_caps_from_string(text);
  GstVideoInfo info;
  fail_unless(gst_video_info_from_caps(&info, caps));
  GstBuffer* color = color_frame(width, height, red, 128, 128);
  GstBuffer* buffer = from_rgb(color, &info);
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  gst_buffer_unref(color);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  g_free(text);
  return sample;
}

static const struct {
  const char* format;
  const char* rest;
  int width, height, channels;
} samples[] = {
    {"RGB", "", 50, 30, 3},
    {"RGBA", "", 50, 30, 4},
    {"I420", ",colorimetry=bt709", 50, 30, 3},
    {"AYUV64", "", 50, 30, 4},
    {"RGB", ",pixel-aspect-ratio=2/1", 100, 30, 3},
    {"RGB", ",pixel-aspect-ratio=1/2", 50, 60, 3},
    {"BGR", ",framerate=30/1,interlace-mode=interleaved", 50, 30, 3},
};

/* A raw picture from memory reaches the engine with square pixels and with its transparency. */
GST_START_TEST(test_raw_sample) {
  GstSample* sample = raw_sample(samples[__i__].format, 50, 30, samples[__i__].rest, 228);
  GstHarness* harness = rgb_harness("source-sample", sample);
  gst_sample_unref(sample);
  const int red = red_of_picture(harness);
  fail_unless(ABS(red - 228) <= 6, "%d", red);
  fail_unless_equals_int(fake()->picture_width, samples[__i__].width);
  fail_unless_equals_int(fake()->picture_height, samples[__i__].height);
  fail_unless_equals_int(fake()->picture_channels, samples[__i__].channels);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_sample_while_frames_flow) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  GstSample* sample = raw_sample("RGB", 32, 32, "", 99);
  g_object_set(harness->element, "source-sample", sample, NULL);
  gst_sample_unref(sample);
  while (red_of_picture(harness) != 99)
    ;
  char* location = NULL;
  g_object_get(harness->element, "source-image", &location, NULL);
  fail_unless(location == NULL);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_encoded_sample) {
  const char text[] = "FAKE 55 0 0";
  GstCaps* caps = gst_caps_new_empty_simple("image/png");
  GstBuffer* buffer = gst_buffer_new_memdup(text, sizeof(text));
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  GstHarness* harness = rgb_harness("source-sample", sample);
  gst_sample_unref(sample);
  fail_unless_equals_int(red_of_picture(harness), 55);
  end_harness(harness);
}
GST_END_TEST;

/* Samples without a picture cause warnings, not crashes. */
static GstSample* sample_of(const char* caps_text, gssize size) {
  GstCaps* caps = caps_text ? gst_caps_from_string(caps_text) : NULL;
  GstBuffer* buffer = size >= 0 ? gst_buffer_new_allocate(NULL, (gsize)size, NULL) : NULL;
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  if (buffer)
    gst_buffer_unref(buffer);
  if (caps)
    gst_caps_unref(caps);
  return sample;
}

static const struct {
  const char* caps;
  gssize size;
  const char* word;
} bad_samples[] = {{NULL, 100, "source-sample"},
                   {"video/x-raw,format=RGB,width=64,height=64", -1, "source-sample"},
                   {"video/x-raw,format=RGB,width=64,height=64", 10, "smaller than its caps"},
                   {"audio/x-raw,format=S16LE,rate=8000,channels=1", 100, "audio/x-raw"},
                   {"video/x-raw,format=RGB", 100, "source-sample"},
                   {"video/x-raw,format=RGB,width=64,height=64,pixel-aspect-ratio=2147483647/1",
                    12288, "2147483647/1"},
                   {"video/x-raw,format=RGB,width=64,height=64,pixel-aspect-ratio=1/2147483647",
                    12288, "1/2147483647"},
                   {"image/png", 100, "source-sample"},
                   {"image/png", 0, "source-sample"}};

GST_START_TEST(test_bad_samples) {
  GstHarness* harness = rgb_harness("source-image", picture_file(10, 0, 0));
  GstSample* sample = sample_of(bad_samples[__i__].caps, bad_samples[__i__].size);
  g_object_set(harness->element, "source-sample", sample, NULL);
  gst_sample_unref(sample);
  GstMessage* message = wait_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL);
  GError* error = NULL;
  gst_message_parse_warning(message, &error, NULL);
  fail_unless(strstr(error->message, bad_samples[__i__].word) != NULL, "%s", error->message);
  g_error_free(error);
  gst_message_unref(message);
  fail_unless_equals_int(red_of_picture(harness), 10);
  end_harness(harness);
}
GST_END_TEST;

/* Crop and picture change together, and so do the output caps. */
GST_START_TEST(test_crop_while_frames_flow) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=128,height=64");
  gst_harness_set_src_caps_str(harness, CAPS);
  red_of_picture(harness);
  hold_encodes(TRUE);
  g_object_set(harness->element, "crop", FOMO_CROP_NONE, NULL);
  fake_wait(&fake()->encodes_held, 1);
  for (int i = 0; i < 2; i++) {
    if (i) {
      hold_encodes(FALSE);
      gst_bus_set_flushing(harness_bus(harness), TRUE);
      gst_bus_set_flushing(harness_bus(harness), FALSE);
      while (!have_message(harness_bus(harness), GST_MESSAGE_ELEMENT, "source-changed")) {
        gst_harness_push(harness, color_frame(64, 64, 128, 128, 128));
        gst_buffer_unref(gst_harness_pull(harness));
      }
    }
    GstCaps* caps = gst_pad_get_current_caps(harness->sinkpad);
    GstVideoInfo info;
    fail_unless(gst_video_info_from_caps(&info, caps));
    fail_unless_equals_int(info.par_n, 1);
    fail_unless_equals_int(info.par_d, i ? 1 : 2);
    gst_caps_unref(caps);
  }
  fail_unless_equals_int((int)fake()->framing.crop, FOMO_CROP_NONE);
  end_harness(harness);
}
GST_END_TEST;

static Suite* source_suite(void) {
  Suite* suite = suite_create("source");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_swap_while_frames_flow);
  tcase_add_test(tests, test_swap_while_starting);
  tcase_add_test(tests, test_reference_while_starting);
  tcase_add_test(tests, test_last_picture_counts);
  tcase_add_test(tests, test_stop_while_loading);
  tcase_add_loop_test(tests, test_stop_while_reading_hangs, 0, 2);
  tcase_add_test(tests, test_bad_picture_while_frames_flow);
  tcase_add_test(tests, test_no_picture_while_frames_flow);
  tcase_add_test(tests, test_paths_and_uris);
  tcase_add_test(tests, test_concurrent_use);
  tcase_add_test(tests, test_two_setters);
  tcase_add_loop_test(tests, test_raw_sample, 0, G_N_ELEMENTS(samples));
  tcase_add_test(tests, test_sample_while_frames_flow);
  tcase_add_test(tests, test_encoded_sample);
  tcase_add_loop_test(tests, test_bad_samples, 0, G_N_ELEMENTS(bad_samples));
  tcase_add_test(tests, test_crop_while_frames_flow);
  return suite;
}

GST_CHECK_MAIN(source)
