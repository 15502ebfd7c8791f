/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fomomotionenc and fomomotiondec with the real engine: the same frames as fomotransfer, what is in
 * packets, lost and hostile packets, another model. */
#include "common.h"

#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#define PORTRAIT FOMO_ASSETS "/portrait.png"
#define CLIP FOMO_ASSETS "/driving.mp4"
#define OTHER_MODEL FOMO_TEST_DATA "/golden/zero-order/checkpoint.pth.tar"
#define OTHER_CONFIG FOMO_TEST_DATA "/golden/zero-order/config.yaml"
#define SIZE 256
#define DECODER                                                                                    \
  "fomomotiondec name=dec device=cpu precision=fp32 deterministic=true source-image=" PORTRAIT
#define RGB " ! video/x-raw,format=RGB,width=256,height=256"

/* The buffers of a pipeline; frees `launch`. */
static GPtrArray* run(char* launch) {
  GPtrArray* buffers = buffers_of(launch);
  g_free(launch);
  return buffers;
}

/* The buffers that `chain` makes of the clip's first frames. */
static GPtrArray* play(const char* chain, int frames) {
  GPtrArray* buffers = run(g_strdup_printf(
      "filesrc location=" CLIP " ! qtdemux ! h264parse ! avdec_h264 ! identity eos-after=%d ! %s"
      " ! fakesink name=out signal-handoffs=true sync=false",
      frames + 1, chain));
  fail_unless(buffers->len >= (guint)frames, "%u frames", buffers->len);
  return buffers;
}

/* The same; each %s in `chain` becomes the settings of an element that gives the same results on
 * every run. */
static GPtrArray* play_at(const char* precision, const char* chain) {
  char* settings = g_strdup_printf("device=cpu deterministic=true precision=%s", precision);
  char** parts = g_strsplit(chain, "%s", -1);
  char* filled = g_strjoinv(settings, parts);
  GPtrArray* buffers = play(filled, 24);
  g_free(filled);
  g_strfreev(parts);
  g_free(settings);
  return buffers;
}

static GstBuffer* at(GPtrArray* buffers, guint i) {
  return (GstBuffer*)g_ptr_array_index(buffers, i);
}

/* A harness with the decoder, and with the caps of the encoder's packets. */
static GstHarness* decoder(void) {
  GstHarness* harness = gst_harness_new_parse(DECODER);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=256,height=256");
  gst_harness_set_src_caps_str(harness, "application/x-fomo-motion,framerate=25/1");
  return harness;
}

static guint64 counted(GstHarness* harness, const char* field) {
  GstElement* element = gst_bin_get_by_name(GST_BIN(harness->element), "dec");
  GstStructure* stats = NULL;
  guint64 value = 0;
  g_object_get(element, "stats", &stats, NULL);
  fail_unless(gst_structure_get_uint64(stats, field, &value), "no %s", field);
  gst_structure_free(stats);
  gst_object_unref(element);
  return value;
}

/* With quantiser 0 the pair gives what fomotransfer gives, also where the network computes in
 * bfloat16 (precision=auto on CPUs that can), where the last bit of a coordinate matters. */
static void compare_pair(const char* precision) {
  GPtrArray* one = play_at(precision, "fomotransfer source-image=" PORTRAIT " %s" RGB);
  GPtrArray* two = play_at(precision, "fomomotionenc quantiser=0 %s ! fomomotiondec "
                                      "source-image=" PORTRAIT " %s" RGB);
  int moved = 0;
  for (guint i = 0; i < 24; i++) {
    fail_unless_equals_int(max_difference(at(one, i), at(two, i), SIZE, SIZE), 0);
    fail_unless_equals_uint64(GST_BUFFER_PTS(at(one, i)), GST_BUFFER_PTS(at(two, i)));
    moved = MAX(moved, max_difference(at(one, 0), at(one, i), SIZE, SIZE));
  }
  fail_unless(moved > 20, "the driver of this test does not move: %d", moved);
  g_ptr_array_unref(one);
  g_ptr_array_unref(two);
}

GST_START_TEST(test_pair_equals_fomotransfer) {
  compare_pair("fp32");
  compare_pair("auto");
}
GST_END_TEST;

/* Sizes and flags of packets. The first buffer also has the stream's header. */
GST_START_TEST(test_packets) {
  GPtrArray* packets = play("fomomotionenc device=cpu refresh-interval=10", 40);
  GPtrArray* small = play("fomomotionenc device=cpu jacobians=false", 40);
  gsize bytes = 0, small_bytes = 0;
  for (guint i = 0; i < 40; i++) {
    fail_unless_equals_int(!GST_BUFFER_FLAG_IS_SET(at(packets, i), GST_BUFFER_FLAG_DELTA_UNIT),
                           i % 10 == 0);
    if (i > 0) {
      bytes += gst_buffer_get_size(at(packets, i));
      small_bytes += gst_buffer_get_size(at(small, i));
    }
  }
  /* 10 kbit/s at 25 frames/s are 50 bytes a frame. The interval is shorter here. */
  fail_unless(bytes < 39 * 70, "%" G_GSIZE_FORMAT, bytes);
  fail_unless(small_bytes < 39 * 25, "%" G_GSIZE_FORMAT, small_bytes);
  guint8 type = 0;
  gst_buffer_extract(at(packets, 0), 0, &type, 1);
  fail_unless_equals_int(type, 5);
  gst_buffer_extract(at(packets, 1), 0, &type, 1);
  fail_unless_equals_int(type, 223);
  g_ptr_array_unref(packets);
  g_ptr_array_unref(small);
}
GST_END_TEST;

/* A request from downstream makes the next packet one that stands alone. */
GST_START_TEST(test_refresh_on_request) {
  GstHarness* harness = gst_harness_new_parse("fomomotionenc device=cpu crop=center");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64,framerate=25/1");
  for (int i = 0; i < 8; i++) {
    if (i == 5)
      gst_harness_push_upstream_event(
          harness, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, FALSE, 1));
    GstBuffer* frame = color_frame(64, 64, 10 * i, 90, 90);
    GST_BUFFER_PTS(frame) = (GstClockTime)i * GST_SECOND / 25;
    fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
    GstBuffer* packet = gst_harness_pull(harness);
    fail_unless_equals_int(!GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_DELTA_UNIT),
                           i == 0 || i == 5);
    gst_buffer_unref(packet);
  }
  gst_harness_teardown(harness);
}
GST_END_TEST;

/* One packet of twenty is lost, with a fixed pattern: every packet that arrives gives a frame, and
 * what was lost is counted. */
GST_START_TEST(test_lost_packets) {
  GPtrArray* packets = play("fomomotionenc device=cpu", 60);
  GstHarness* harness = decoder();
  guint lost = 0, frames = 0;
  for (guint i = 0; i < 60; i++) {
    if (i % 20 == 13) {
      lost++;
      continue;
    }
    fail_unless_equals_int(gst_harness_push(harness, gst_buffer_ref(at(packets, i))), GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(harness));
    frames++;
  }
  fail_unless_equals_uint64(counted(harness, "packets-lost"), lost);
  fail_unless_equals_uint64(counted(harness, "frames"), frames);
  const guint64 concealed = counted(harness, "packets-concealed");
  fail_unless(concealed > 0 && concealed <= 6 * lost, "%" G_GUINT64_FORMAT, concealed);
  gst_harness_teardown(harness);
  g_ptr_array_unref(packets);
}
GST_END_TEST;

/* Shuffled, truncated, repeated packets and noise: frames or nothing, and no error. */
GST_START_TEST(test_hostile_packets) {
  GPtrArray* packets = play("fomomotionenc device=cpu", 30);
  GstHarness* harness = decoder();
  GRand* random = g_rand_new_with_seed(7);
  for (int i = 0; i < 60; i++) {
    GstBuffer* packet = gst_buffer_copy_deep(at(packets, (guint)g_rand_int_range(random, 0, 30)));
    GstMapInfo map;
    fail_unless(gst_buffer_map(packet, &map, GST_MAP_READWRITE));
    const int kind = g_rand_int_range(random, 0, 4);
    if (kind == 1)
      map.data[g_rand_int_range(random, 0, (gint32)map.size)] ^= 0x24;
    for (gsize k = 0; kind == 2 && k < map.size; k++)
      map.data[k] = (guint8)g_rand_int_range(random, 0, 256);
    const gssize size =
        kind == 3 ? g_rand_int_range(random, 0, (gint32)map.size) : (gssize)map.size;
    gst_buffer_unmap(packet, &map);
    gst_buffer_set_size(packet, size);
    GST_BUFFER_PTS(packet) = (GstClockTime)i * GST_SECOND / 25;
    const GstFlowReturn flow = gst_harness_push(harness, packet);
    /* A header that names another model is the one thing that is an error. */
    fail_unless(flow == GST_FLOW_OK || (kind > 0 && flow == GST_FLOW_ERROR), "%d", flow);
    if (flow == GST_FLOW_ERROR)
      break;
  }
  g_rand_free(random);
  gst_harness_teardown(harness);
  g_ptr_array_unref(packets);
}
GST_END_TEST;

/* Motion of another model is an error that names both, in caps as in the stream's header. */
GST_START_TEST(test_another_model) {
  const char* const words[] = {"checkpoint.pth.tar", "builtin", "model", NULL};
  GPtrArray* packets =
      play("fomomotionenc device=cpu model=" OTHER_MODEL " config=" OTHER_CONFIG, 2);
  for (int in_caps = 0; in_caps < 2; in_caps++) {
    GstHarness* harness = gst_harness_new_parse(DECODER);
    GstBus* bus = gst_bus_new();
    gst_element_set_bus(harness->element, bus);
    gst_harness_set_src_caps_str(
        harness, in_caps ? "application/x-fomo-motion,framerate=25/1,model-name=checkpoint.pth.tar,"
                           "num-kp=10,model-sha256=00"
                         : "application/x-fomo-motion,framerate=25/1");
    fail_if(gst_harness_push(harness, gst_buffer_ref(at(packets, 0))) == GST_FLOW_OK);
    expect_complaint(bus, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                     words);
    gst_element_set_bus(harness->element, NULL);
    gst_object_unref(bus);
    gst_harness_teardown(harness);
  }
  g_ptr_array_unref(packets);
}
GST_END_TEST;

/* A file of motion plays as the packets did: the same times, and the same frames. */
GST_START_TEST(test_file) {
  char* path = g_build_filename(g_get_tmp_dir(), "fomo-motion-XXXXXX", NULL);
  const int file = g_mkstemp(path);
  fail_unless(file >= 0);
  char* write =
      g_strdup_printf("fomomotionenc device=cpu deterministic=true ! tee name=t ! queue ! "
                      "filesink location=%s  t. ! queue ! " DECODER RGB,
                      path);
  GPtrArray* direct = play(write, 15);
  char* launch = g_strdup_printf("filesrc location=%s ! fomomotionparse ! " DECODER RGB
                                 " ! fakesink name=out signal-handoffs=true sync=false",
                                 path);
  GPtrArray* played = run(launch);
  fail_unless_equals_int((int)played->len, (int)direct->len);
  for (guint i = 0; i < 15; i++) {
    fail_unless(max_difference(at(direct, i), at(played, i), SIZE, SIZE) <= 1, "frame %u", i);
    fail_unless_equals_uint64(GST_BUFFER_PTS(at(played, i)), (guint64)i * GST_SECOND / 25);
  }
  g_ptr_array_unref(direct);
  g_ptr_array_unref(played);
  fail_unless_equals_int(g_unlink(path), 0);
  close(file);
  g_free(path);
  g_free(write);
}
GST_END_TEST;

/* A plane of square frames, turned about its middle by `degrees` clockwise. */
static void turn_plane(const guint8* from, guint8* to, int side, double degrees) {
  const double c = cos(degrees * G_PI / 180), s = sin(degrees * G_PI / 180), middle = side / 2.0;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      const double dx = x + 0.5 - middle, dy = y + 0.5 - middle;
      const int at_x = CLAMP((int)(middle + c * dx + s * dy), 0, side - 1);
      const int at_y = CLAMP((int)(middle - s * dx + c * dy), 0, side - 1);
      to[y * side + x] = from[at_y * side + at_x];
    }
}

/* The clip's frame (I420 of 512x512), as that of a driver who leans. */
static GstBuffer* leaning_frame(GstBuffer* frame, int i) {
  const gsize luma = 512 * 512;
  GstBuffer* result = gst_buffer_new_allocate(NULL, luma * 3 / 2, NULL);
  GstMapInfo from, to;
  fail_unless(gst_buffer_map(frame, &from, GST_MAP_READ));
  fail_unless(gst_buffer_map(result, &to, GST_MAP_WRITE));
  fail_unless(from.size == to.size);
  const double degrees = 14 + 2.5 * i;
  turn_plane(from.data, to.data, 512, degrees);
  for (int plane = 0; plane < 2; plane++)
    turn_plane(from.data + luma + (gsize)plane * luma / 4, to.data + luma + (gsize)plane * luma / 4,
               256, degrees);
  gst_buffer_unmap(frame, &from);
  gst_buffer_unmap(result, &to);
  GST_BUFFER_PTS(result) = (GstClockTime)i * GST_SECOND / 5;
  GST_BUFFER_DURATION(result) = GST_SECOND / 5;
  return result;
}

/* The driver's head leans, more and more, and the crop leans with it. The pair gives what
 * fomotransfer gives. */
GST_START_TEST(test_leaning_driver) {
  GPtrArray* frames = play("identity", 14);
  GstHarness* harness[2] = {
      gst_harness_new_parse(
          "fomotransfer device=cpu precision=fp32 deterministic=true source-image=" PORTRAIT),
      gst_harness_new_parse(
          "fomomotionenc device=cpu precision=fp32 deterministic=true quantiser=0 ! " DECODER)};
  for (int k = 0; k < 2; k++) {
    gst_harness_set_sink_caps_str(harness[k], "video/x-raw,format=RGB,width=256,height=256");
    gst_harness_set_src_caps_str(harness[k],
                                 "video/x-raw,format=I420,width=512,height=512,framerate=5/1");
  }
  GstBuffer* first = NULL;
  int moved = 0;
  for (guint i = 0; i < 14; i++) {
    GstBuffer* frame = leaning_frame(at(frames, i), (int)i);
    GstBuffer* animated[2];
    for (int k = 0; k < 2; k++) {
      fail_unless_equals_int(gst_harness_push(harness[k], gst_buffer_ref(frame)), GST_FLOW_OK);
      animated[k] = gst_harness_pull(harness[k]);
    }
    const int difference = max_difference(animated[0], animated[1], SIZE, SIZE);
    fail_unless(difference <= 1, "frame %u: %d", i, difference);
    if (!first)
      first = gst_buffer_ref(animated[0]);
    moved = MAX(moved, max_difference(first, animated[0], SIZE, SIZE));
    gst_buffer_unref(animated[0]);
    gst_buffer_unref(animated[1]);
    gst_buffer_unref(frame);
  }
  fail_unless(moved > 20, "the driver of this test does not move: %d", moved);
  gst_buffer_unref(first);
  gst_harness_teardown(harness[0]);
  gst_harness_teardown(harness[1]);
  g_ptr_array_unref(frames);
}
GST_END_TEST;

/* The latency of a live pipeline, upstream's included. */
static void latency_of(GstHarness* harness, GstClockTime* min, GstClockTime* max) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  fail_unless(gst_pad_peer_query(harness->sinkpad, query));
  gst_query_parse_latency(query, &live, min, max);
  fail_unless(live);
  gst_query_unref(query);
}

/* Neither element holds frames: each adds the time that it measures to upstream's latency, to the
 * least and to the most. */
GST_START_TEST(test_latency) {
  const GstClockTime upstream = 70 * GST_MSECOND;
  GPtrArray* packets = play("fomomotionenc device=cpu", 3);
  for (int decodes = 0; decodes < 2; decodes++) {
    GstHarness* harness =
        decodes ? decoder() : gst_harness_new_parse("fomomotionenc device=cpu crop=center");
    if (!decodes)
      gst_harness_set_src_caps_str(harness,
                                   "video/x-raw,format=RGB,width=64,height=64,framerate=25/1");
    gst_harness_set_upstream_latency(harness, upstream);
    GstClockTime min, max;
    latency_of(harness, &min, &max);
    fail_unless(min >= upstream && max >= min);
    for (guint i = 0; i < 3; i++) {
      GstBuffer* buffer = decodes ? gst_buffer_ref(at(packets, i)) : color_frame(64, 64, 9, 9, 9);
      fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
      gst_buffer_unref(gst_harness_pull(harness));
    }
    latency_of(harness, &min, &max);
    fail_unless(min > upstream && min < upstream + 20 * GST_SECOND, "%" GST_TIME_FORMAT,
                GST_TIME_ARGS(min));
    fail_unless(max >= min);
    gst_harness_teardown(harness);
  }
  g_ptr_array_unref(packets);
}
GST_END_TEST;

static Suite* motion_suite(void) {
  Suite* suite = suite_create("motion");
  TCase* tests = tcase_create("all");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_pair_equals_fomotransfer);
  tcase_add_test(tests, test_packets);
  tcase_add_test(tests, test_refresh_on_request);
  tcase_add_test(tests, test_lost_packets);
  tcase_add_test(tests, test_hostile_packets);
  tcase_add_test(tests, test_another_model);
  tcase_add_test(tests, test_file);
  tcase_add_test(tests, test_leaning_driver);
  tcase_add_test(tests, test_latency);
  return suite;
}

GST_CHECK_MAIN(motion);
