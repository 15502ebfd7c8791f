/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real engine in whole pipelines, with a small checkpoint in the published form and real media.
 */
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/common/hanging_folder.h"

#define MODEL FOMO_TEST_DATA "/golden/zero-order/checkpoint.pth.tar"
#define CONFIG FOMO_TEST_DATA "/golden/zero-order/config.yaml"
#define PORTRAIT FOMO_ASSETS "/portrait.png"
#define CLIP FOMO_ASSETS "/driving.mp4"

static GstElement* real_element(void) {
  GstElement* element =
      gst_element_factory_make_full("fomotransfer", "model", MODEL, "config", CONFIG, "device",
                                    "cpu", "source-image", PORTRAIT, "name", "f", NULL);
  fail_unless(element != NULL);
  return element;
}

/* A pipeline that plays the clip through `element` and counts the frames at its end. */
static GstElement* clip_pipeline(GstElement* element) {
  GstElement* pipeline =
      gst_parse_launch("filesrc name=in ! qtdemux ! h264parse ! avdec_h264 ! identity name=before  "
                       "fakesink name=out sync=false",
                       NULL);
  GstElement* in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  GstElement* before = gst_bin_get_by_name(GST_BIN(pipeline), "before");
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  g_object_set(in, "location", CLIP, NULL);
  gst_bin_add(GST_BIN(pipeline), element);
  fail_unless(gst_element_link_many(before, element, out, NULL));
  gst_object_unref(in);
  gst_object_unref(before);
  gst_object_unref(out);
  return pipeline;
}

static guint64 frames_of(GstElement* element) {
  GstStructure* stats = NULL;
  guint64 frames = 0;
  g_object_get(element, "stats", &stats, NULL);
  fail_unless(gst_structure_get_uint64(stats, "frames", &frames));
  gst_structure_free(stats);
  return frames;
}

static void seek(GstElement* pipeline, GstClockTime start, GstClockTime stop) {
  fail_unless(gst_element_seek(pipeline, 1.0, GST_FORMAT_TIME,
                               GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET,
                               (gint64)start, GST_SEEK_TYPE_SET, (gint64)stop));
}

/* A flushing seek while paused, then playing to the end: a new neutral pose, no error, EOS. */
GST_START_TEST(test_seek_and_eos) {
  GstElement* element = real_element();
  GstElement* pipeline = clip_pipeline(element);
  GstBus* bus = gst_element_get_bus(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int(gst_element_get_state(pipeline, NULL, NULL, GST_CLOCK_TIME_NONE),
                         GST_STATE_CHANGE_SUCCESS);
  gst_message_unref(wait_message(bus, GST_MESSAGE_ELEMENT, "reference-set"));
  seek(pipeline, 2 * GST_SECOND, 2 * GST_SECOND + GST_SECOND / 2);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage* message = wait_message(bus, GST_MESSAGE_ELEMENT, "reference-set");
  guint64 time = 0;
  fail_unless(gst_structure_get_uint64(gst_message_get_structure(message), "stream-time", &time));
  fail_unless_equals_uint64(time, 2 * GST_SECOND);
  gst_message_unref(message);
  message = wait_message(bus, GST_MESSAGE_EOS | GST_MESSAGE_ERROR, NULL);
  fail_unless_equals_int((int)GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS);
  gst_message_unref(message);
  /* Half a second at 25 frames/s, and the frames before the seek. */
  fail_unless(frames_of(element) >= 13);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
}
GST_END_TEST;

static long resident_kb(void) {
  long pages = 0, resident = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  fail_unless(file && fscanf(file, "%ld %ld", &pages, &resident) == 2);
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Model and picture are loaded and freed repeatedly: memory does not grow by a model each time.
 * The allocator (and the address sanitizer's quarantine) takes an unknown number of starts to
 * settle; a leak grows in every ten starts, so one window without growth proves that there is
 * none. */
GST_START_TEST(test_many_starts) {
  GstElement* element = real_element();
  long least_growth = G_MAXLONG;
  /* The weights are 1 MB and a portrait is another 1 MB: a leak of either is 10 MB in a window. */
  const long allowed = 4 * 1024;
  for (int window = 0; window < 8 && least_growth >= allowed; window++) {
    const long before = resident_kb();
    for (int i = 0; i < 10; i++) {
      fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                             GST_STATE_CHANGE_SUCCESS);
      fail_unless_equals_int(gst_element_set_state(element, GST_STATE_NULL),
                             GST_STATE_CHANGE_SUCCESS);
    }
    least_growth = MIN(least_growth, resident_kb() - before);
  }
  fail_unless(least_growth < allowed, "%ld KB more in every ten starts", least_growth);
  gst_object_unref(element);
}
GST_END_TEST;

/* The second element of a process uses the weights of the first. */
GST_START_TEST(test_weights_are_shared) {
  GstElement* elements[] = {real_element(), real_element()};
  GstBus* bus = gst_bus_new();
  for (int i = 0; i < 2; i++) {
    gst_element_set_bus(elements[i], bus);
    fail_unless_equals_int(gst_element_set_state(elements[i], GST_STATE_PAUSED),
                           GST_STATE_CHANGE_SUCCESS);
    GstMessage* message = wait_message(bus, GST_MESSAGE_ELEMENT, "model-loaded");
    gboolean shared = FALSE;
    fail_unless(gst_structure_get_boolean(gst_message_get_structure(message), "shared", &shared));
    fail_unless_equals_int(shared, i);
    gst_message_unref(message);
  }
  for (int i = 0; i < 2; i++) {
    gst_element_set_state(elements[i], GST_STATE_NULL);
    gst_element_set_bus(elements[i], NULL);
    gst_object_unref(elements[i]);
  }
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);
}
GST_END_TEST;

static GstBuffer* first_frame(const char* property, gconstpointer value) {
  GstElement* element = real_element();
  g_object_set(element, property, value, NULL);
  GstHarness* harness = gst_harness_new_with_element(element, "sink", "src");
  gst_object_unref(element);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64,framerate=25/1");
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 80, 120, 160)), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  gst_harness_teardown(harness);
  return result;
}

/* The same picture as a file and as an encoded sample gives the same frame. */
GST_START_TEST(test_picture_from_memory) {
  char* bytes = NULL;
  gsize size = 0;
  fail_unless(g_file_get_contents(PORTRAIT, &bytes, &size, NULL));
  GstCaps* caps = gst_caps_new_empty_simple("image/png");
  GstBuffer* buffer = gst_buffer_new_wrapped(bytes, size);
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  GstBuffer* from_file = first_frame("source-image", PORTRAIT);
  GstBuffer* from_memory = first_frame("source-sample", sample);
  GstMapInfo map;
  fail_unless(gst_buffer_map(from_file, &map, GST_MAP_READ));
  fail_unless_equals_int(gst_buffer_memcmp(from_memory, 0, map.data, map.size), 0);
  gst_buffer_unmap(from_file, &map);
  gst_buffer_unref(from_file);
  gst_buffer_unref(from_memory);
  gst_sample_unref(sample);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
}
GST_END_TEST;

/* Files that users may take for a model or a picture. */
static const struct {
  const char *property, *value, *domain;
  gint code;
} mistakes[] = {
    {"model", "/no/such/model.pth.tar", "gst-resource-error-quark", GST_RESOURCE_ERROR_NOT_FOUND},
    {"model", PORTRAIT, "gst-stream-error-quark", GST_STREAM_ERROR_WRONG_TYPE},
    {"config", "/no/such/config.yaml", "gst-resource-error-quark", GST_RESOURCE_ERROR_NOT_FOUND},
    {"source-image", "/no/such.png", "gst-resource-error-quark", GST_RESOURCE_ERROR_NOT_FOUND},
    {"source-image", MODEL, NULL, 0},
    {"device", "tpu", "gst-resource-error-quark", GST_RESOURCE_ERROR_SETTINGS},
    {"device", "cuda:99", NULL, 0},
};

GST_START_TEST(test_mistakes) {
  const char* property = mistakes[__i__].property;
  const char* value = mistakes[__i__].value;
  GstElement* element = real_element();
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  g_object_set(element, property, value, NULL);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  GstMessage* message = wait_message(bus, GST_MESSAGE_ERROR, NULL);
  GError* error = NULL;
  gst_message_parse_error(message, &error, NULL);
  char* name = g_path_get_basename(value);
  fail_unless(strstr(error->message, name) != NULL, "%s does not name %s", error->message, name);
  if (mistakes[__i__].domain) {
    fail_unless_equals_string(g_quark_to_string(error->domain), mistakes[__i__].domain);
    fail_unless_equals_int(error->code, mistakes[__i__].code);
  }
  g_free(name);
  g_error_free(error);
  gst_message_unref(message);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_bus_set_flushing(bus, TRUE);
  gst_element_set_bus(element, NULL);
  gst_object_unref(bus);
  gst_object_unref(element);
}
GST_END_TEST;

/* An element whose start waits for a file. */
typedef struct {
  const char *element, *property; /* that names the file */
  char* path;
  GstElement* pipeline;
  GstBus* bus;
} Waiting;

#define WAITING(element, property)                                                                 \
  { element, property, NULL, NULL, NULL }

/* Starts an element with a source before it. The start does not wait for the file. */
static void start_waiting(Waiting* waiting) {
  const gboolean decodes = strcmp(waiting->element, "fomomotiondec") == 0;
  waiting->path = g_build_filename(test_folder(), waiting->property, NULL);
  char* launch = g_strdup_printf(
      "%s ! %s name=element %s ! fakesink",
      decodes ? "filesrc location=" FOMO_ASSETS "/motion/nod.fomomotion ! fomomotionparse"
              : "videotestsrc ! video/x-raw,width=64,height=64",
      waiting->element,
      strcmp(waiting->element, "fomomotionenc") == 0 ? "" : "source-image=" PORTRAIT);
  waiting->pipeline = gst_parse_launch(launch, NULL);
  fail_unless(waiting->pipeline != NULL);
  GstElement* element = gst_bin_get_by_name(GST_BIN(waiting->pipeline), "element");
  g_object_set(element, "model", MODEL, "config", CONFIG, "device", "cpu", "threads", 1, NULL);
  g_object_set(element, waiting->property, waiting->path, NULL);
  gst_object_unref(element);
  waiting->bus = gst_element_get_bus(waiting->pipeline);
  g_object_set(waiting->pipeline, "auto-flush-bus", FALSE, NULL);
  fail_unless_equals_int(gst_element_set_state(waiting->pipeline, GST_STATE_PLAYING),
                         GST_STATE_CHANGE_ASYNC);
  g_free(launch);
}

/* Stops it. The stop does not wait for the file. */
static void stop_waiting(Waiting* waiting) {
  const gint64 before = g_get_monotonic_time();
  fail_unless_equals_int(gst_element_set_state(waiting->pipeline, GST_STATE_NULL),
                         GST_STATE_CHANGE_SUCCESS);
  const gint64 took = g_get_monotonic_time() - before;
  fail_unless(took < 5 * G_USEC_PER_SEC, "%s of %s: stopping took %d ms", waiting->property,
              waiting->element, (int)(took / 1000));
  gst_bus_set_flushing(waiting->bus, TRUE);
  gst_object_unref(waiting->bus);
  gst_object_unref(waiting->pipeline);
  g_free(waiting->path);
}

/* Whether this machine lets the test mount a file system that hangs. */
static gboolean can_hang(HangingFolder* hanging) {
  if (hang_folder(hanging, test_folder()) == 0)
    return TRUE;
  g_print("skipped: no file system can be mounted here: %s\n", g_strerror(errno));
  return FALSE;
}

/* A file is on a file system that hangs: neither start nor stop wait for it, nor is there an error
 * about a stop. What was left behind ends when the file system answers. */
GST_START_TEST(test_stop_while_file_system_hangs) {
  Waiting waiting[] = {
      WAITING("fomotransfer", "source-image"), WAITING("fomotransfer", "model"),
      WAITING("fomotransfer", "config"),       WAITING("fomotransfer", "reference-image"),
      WAITING("fomomotionenc", "model"),       WAITING("fomomotiondec", "model"),
      WAITING("fomomotiondec", "source-image")};
  HangingFolder hanging;
  if (!can_hang(&hanging))
    return;
  for (guint i = 0; i < G_N_ELEMENTS(waiting); i++)
    start_waiting(&waiting[i]);
  for (guint i = 0; i < G_N_ELEMENTS(waiting); i++) {
    fail_if(have_message(waiting[i].bus, GST_MESSAGE_ERROR, NULL));
    stop_waiting(&waiting[i]);
  }
  release_folder(&hanging);
}
GST_END_TEST;

/* Two elements with one model file: the second one waits for the first, and stops as soon. */
GST_START_TEST(test_stop_while_another_opens_the_model) {
  Waiting waiting[] = {WAITING("fomotransfer", "model"), WAITING("fomotransfer", "model")};
  HangingFolder hanging;
  if (!can_hang(&hanging))
    return;
  for (guint i = 0; i < G_N_ELEMENTS(waiting); i++)
    start_waiting(&waiting[i]);
  for (guint i = G_N_ELEMENTS(waiting); i-- > 0;)
    stop_waiting(&waiting[i]);
  release_folder(&hanging);
}
GST_END_TEST;

/* Nobody stops: after ten seconds there is an error that names the file, the reason and the
 * remedy. */
GST_START_TEST(test_file_system_hangs) {
  Waiting waiting[] = {WAITING("fomotransfer", "source-image"), WAITING("fomotransfer", "model"),
                       WAITING("fomomotionenc", "config")};
  HangingFolder hanging;
  if (!can_hang(&hanging))
    return;
  for (guint i = 0; i < G_N_ELEMENTS(waiting); i++)
    start_waiting(&waiting[i]);
  for (guint i = 0; i < G_N_ELEMENTS(waiting); i++) {
    const char* words[] = {waiting[i].path, "has not answered for 10 seconds", "local disk", NULL};
    expect_complaint(waiting[i].bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                     GST_RESOURCE_ERROR_OPEN_READ, words);
    stop_waiting(&waiting[i]);
  }
  release_folder(&hanging);
}
GST_END_TEST;

/* The file system answers after a while, with an error here: then that is the error. */
GST_START_TEST(test_file_system_answers_late) {
  Waiting waiting = WAITING("fomotransfer", "source-image");
  HangingFolder hanging;
  if (!can_hang(&hanging))
    return;
  start_waiting(&waiting);
  release_folder(&hanging);
  GstMessage* message = wait_message(waiting.bus, GST_MESSAGE_ERROR, NULL);
  GError* error = NULL;
  gst_message_parse_error(message, &error, NULL);
  fail_unless(strstr(error->message, waiting.path) != NULL, "%s", error->message);
  g_error_free(error);
  gst_message_unref(message);
  stop_waiting(&waiting);
}
GST_END_TEST;

static Suite* real_engine_suite(void) {
  Suite* suite = suite_create("real-engine");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_seek_and_eos);
  tcase_add_test(tests, test_many_starts);
  tcase_add_test(tests, test_weights_are_shared);
  tcase_add_test(tests, test_picture_from_memory);
  tcase_add_test(tests, test_stop_while_file_system_hangs);
  tcase_add_test(tests, test_stop_while_another_opens_the_model);
  tcase_add_test(tests, test_file_system_hangs);
  tcase_add_test(tests, test_file_system_answers_late);
  tcase_add_loop_test(tests, test_mistakes, 0, G_N_ELEMENTS(mistakes));
  return suite;
}

GST_CHECK_MAIN(real_engine)
