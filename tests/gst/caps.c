/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Negotiation, geometry and allocation. */
#include "common.h"

#include <stdlib.h>
#include <string.h>

#define RGB_CAPS(rest) "video/x-raw,format=RGB,framerate=30/1," rest

/* Compares `caps` with `text`, and frees `caps`. */
static void expect_caps(GstCaps* caps, const char* text) {
  GstCaps* expected = gst_caps_from_string(text);
  char* found = gst_caps_to_string(caps);
  fail_unless(gst_caps_is_subset(caps, expected), "%s is not %s", found, text);
  g_free(found);
  gst_caps_unref(expected);
  gst_caps_unref(caps);
}

/* The output caps for the caps `input` when downstream allows `allowed`. */
static GstCaps* negotiate(FomoCrop crop, const char* input, const char* allowed) {
  GstHarness* harness = fake_harness(64, 64, "crop", crop, NULL);
  if (allowed)
    gst_harness_set_sink_caps_str(harness, allowed);
  gst_harness_set_src_caps_str(harness, input);
  GstVideoInfo info;
  GstCaps* caps = gst_caps_from_string(input);
  fail_unless(gst_video_info_from_caps(&info, caps));
  gst_caps_unref(caps);
  fail_unless_equals_int(gst_harness_push(harness, pattern_frame(&info, 0)), GST_FLOW_OK);
  caps = gst_pad_get_current_caps(harness->sinkpad);
  end_harness(harness);
  return caps;
}

static const struct {
  FomoCrop crop;
  const char *input, *allowed, *expected;
} negotiations[] = {
    /* Any caps allowed: the model's size, the input's format, square pixels. */
    {FOMO_CROP_CENTER, "video/x-raw,format=I420,width=160,height=120,framerate=30/1", NULL,
     "video/x-raw,format=I420,width=64,height=64,pixel-aspect-ratio=1/1,framerate=30/1,"
     "colorimetry=bt601"},
    {FOMO_CROP_NONE, RGB_CAPS("width=160,height=120"), NULL,
     RGB_CAPS("width=64,height=64,pixel-aspect-ratio=1/1,colorimetry=sRGB")},
    /* The pixel aspect ratio keeps the displayed shape square. */
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"), "video/x-raw,width=320,height=240",
     RGB_CAPS("width=320,height=240,pixel-aspect-ratio=3/4,colorimetry=sRGB")},
    {FOMO_CROP_NONE, RGB_CAPS("width=160,height=120"), "video/x-raw,width=320,height=240",
     RGB_CAPS("width=320,height=240,pixel-aspect-ratio=1/1,colorimetry=sRGB")},
    /* If one side is fixed, the other side follows. */
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"), "video/x-raw,width=100",
     RGB_CAPS("width=100,height=100,pixel-aspect-ratio=1/1,colorimetry=sRGB")},
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"),
     "video/x-raw,height=100,pixel-aspect-ratio=2/1",
     RGB_CAPS("width=50,height=100,pixel-aspect-ratio=2/1,colorimetry=sRGB")},
    /* The shape of the output does not depend on the driving video's shape. */
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120,pixel-aspect-ratio=12/11"), NULL,
     RGB_CAPS("width=64,height=64,pixel-aspect-ratio=1/1,colorimetry=sRGB")},
    /* Ranges and steps. */
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"),
     "video/x-raw,width=[96,1000],height=[96,1000]",
     RGB_CAPS("width=96,height=96,pixel-aspect-ratio=1/1,colorimetry=sRGB")},
    /* Grey driving video gives colour output if downstream allows it. */
    {FOMO_CROP_CENTER, "video/x-raw,format=GRAY8,width=160,height=120,framerate=30/1",
     "video/x-raw,format={GRAY8,Y444_10LE,Y444,NV12}",
     "video/x-raw,format=NV12,width=64,height=64,pixel-aspect-ratio=1/1,framerate=30/1,"
     "colorimetry=bt601"},
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"), "video/x-raw,format=GRAY8",
     "video/x-raw,format=GRAY8,width=64,height=64,pixel-aspect-ratio=1/1,framerate=30/1,"
     "colorimetry=1:4:0:0"},
    /* The input's format wherever it is in downstream's list, and downstream's colorimetry. */
    {FOMO_CROP_CENTER, "video/x-raw,format=NV12,width=160,height=120,framerate=30/1",
     "video/x-raw,format=I420;video/x-raw,format=NV12,colorimetry=bt709",
     "video/x-raw,format=NV12,width=64,height=64,pixel-aspect-ratio=1/1,framerate=30/1,"
     "colorimetry=bt709"},
};

GST_START_TEST(test_negotiation) {
  const char* input = negotiations[__i__].input;
  expect_caps(negotiate(negotiations[__i__].crop, input, negotiations[__i__].allowed),
              negotiations[__i__].expected);
}
GST_END_TEST;

/* What describes the driving video's light and eyes does not describe the output. */
GST_START_TEST(test_hdr_and_stereo) {
  GstCaps* caps = negotiate(
      FOMO_CROP_CENTER,
      "video/x-raw,format=P010_10LE,width=160,height=120,framerate=30/1,colorimetry=bt2100-pq,"
      "mastering-display-info=(string)35400:14600:8500:39850:6550:2300:15635:16450:10000000:1,"
      "content-light-level=(string)1000:400,multiview-mode=side-by-side,views=2",
      NULL);
  const char* fields[] = {"mastering-display-info", "content-light-level", "multiview-mode",
                          "multiview-flags", "views"};
  const GstStructure* output = gst_caps_get_structure(caps, 0);
  for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
    fail_if(gst_structure_has_field(output, fields[i]), "%s", fields[i]);
  fail_if(strstr(gst_structure_get_string(output, "colorimetry"), "2100"));
  gst_caps_unref(caps);
}
GST_END_TEST;

/* Allowed difference, in levels, between the model's input and GstVideoConverter's result: the two
 * round differently when they scale. */
static int tolerance_of(const GstVideoInfo* info, Part part) {
  return reading_tolerance(info->finfo) + (part.width != 64 || part.height != 64 ? 1 : 0);
}

/* Checks that the model sees `part` of a frame. With the fake engine the output shows the model's
 * input. */
static void check_crop(const char* caps_text, FomoCrop crop, Part part) {
  GstVideoInfo info;
  GstCaps* caps = gst_caps_from_string(caps_text);
  fail_unless(gst_video_info_from_caps(&info, caps));
  gst_caps_unref(caps);
  GstHarness* harness = fake_harness(64, 64, "crop", crop, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, caps_text);
  GstBuffer* frame = pattern_frame(&info, 0);
  GstBuffer* expected = to_rgb(&info, frame, part, 64, 64);
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  const int difference = max_difference(result, expected, 64, 64);
  fail_unless(difference <= tolerance_of(&info, part), "%s: differs by %d", caps_text, difference);
  gst_buffer_unref(result);
  gst_buffer_unref(expected);
  end_harness(harness);
}

static const struct {
  FomoCrop crop;
  const char* caps;
  Part part;
} crops[] = {
    {FOMO_CROP_NONE, RGB_CAPS("width=160,height=120"), {0, 0, 160, 120}},
    {FOMO_CROP_CENTER, RGB_CAPS("width=160,height=120"), {20, 0, 120, 120}},
    {FOMO_CROP_CENTER, RGB_CAPS("width=120,height=160"), {0, 20, 120, 120}},
    {FOMO_CROP_CENTER, RGB_CAPS("width=161,height=121"), {20, 0, 121, 121}},
    {FOMO_CROP_CENTER, RGB_CAPS("width=64,height=64"), {0, 0, 64, 64}},
    /* displayed as 240x120: 60 stored pixels are the width of a square */
    {FOMO_CROP_CENTER, RGB_CAPS("width=120,height=120,pixel-aspect-ratio=2/1"), {30, 0, 60, 120}},
    {FOMO_CROP_CENTER, RGB_CAPS("width=120,height=120,pixel-aspect-ratio=1/2"), {0, 30, 120, 60}},
    /* the part begins at a chroma sample */
    {FOMO_CROP_CENTER,
     "video/x-raw,format=I420,width=162,height=120,framerate=30/1",
     {20, 0, 120, 120}},
    {FOMO_CROP_CENTER, "video/x-raw,format=NV12,width=64,height=70,framerate=30/1", {0, 2, 64, 64}},
};

GST_START_TEST(test_crop) { check_crop(crops[__i__].caps, crops[__i__].crop, crops[__i__].part); }
GST_END_TEST;

/* Square pixels and a wide output frame: the picture is a square in the middle, with black beside
 * it. */
GST_START_TEST(test_letterbox) {
  const char* formats[] = {"RGB", "I420", "NV12", "YUY2", "AYUV64"};
  guint major, minor, micro, nano, count = G_N_ELEMENTS(formats);
  gst_version(&major, &minor, &micro, &nano);
  if (minor >= 28)
    count--; /* GstVideoConverter of 1.28.8 fills the borders of AYUV64 with white */
  for (guint i = 0; i < count; i++) {
    char* allowed = g_strdup_printf(
        "video/x-raw,format=%s,width=101,height=48,pixel-aspect-ratio=1/1", formats[i]);
    GstHarness* harness = fake_harness(64, 64, "source-image", picture_file(228, 128, 128), NULL);
    gst_harness_set_sink_caps_str(harness, allowed);
    gst_harness_set_src_caps_str(harness, RGB_CAPS("width=64,height=64"));
    fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 128, 128, 128)),
                           GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    GstVideoInfo info;
    GstCaps* caps = gst_pad_get_current_caps(harness->sinkpad);
    fail_unless(gst_video_info_from_caps(&info, caps));
    gst_caps_unref(caps);
    GstBuffer* rgb = to_rgb(&info, result, (Part){0, 0, 101, 48}, 101, 48);
    const int black[] = {0, 20, 80, 100}, red[] = {32, 50, 68};
    int color[3];
    for (guint k = 0; k < G_N_ELEMENTS(black); k++) {
      pixel_of(rgb, 101, 48, black[k], 24, color);
      fail_unless(color[0] < 8 && color[1] < 8 && color[2] < 8, "%s: %d is not black", formats[i],
                  black[k]);
    }
    for (guint k = 0; k < G_N_ELEMENTS(red); k++)
      for (int y = 0; y < 48; y += 47) {
        pixel_of(rgb, 101, 48, red[k], y, color);
        fail_unless(abs(color[0] - 228) < 8 && abs(color[1] - 128) < 8, "%s: %d,%d is not red",
                    formats[i], red[k], y);
      }
    gst_buffer_unref(rgb);
    gst_buffer_unref(result);
    end_harness(harness);
    g_free(allowed);
  }
}
GST_END_TEST;

/* The matrix of the input's colorimetry is used: the same YUV values give other colours. */
GST_START_TEST(test_colorimetry) {
  const char* names[] = {"bt601", "bt709", "bt2020", "1:4:0:0"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    char* caps = g_strdup_printf(
        "video/x-raw,format=I420,width=64,height=64,framerate=30/1,colorimetry=%s", names[i]);
    check_crop(caps, FOMO_CROP_CENTER, (Part){0, 0, 64, 64});
    g_free(caps);
  }
}
GST_END_TEST;

GST_START_TEST(test_caps_change_mid_stream) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  const char* caps[] = {
      RGB_CAPS("width=64,height=64"), "video/x-raw,format=NV12,width=161,height=90,framerate=25/1",
      RGB_CAPS("width=64,height=64"), "video/x-raw,format=GRAY8,width=16,height=640,framerate=25/1",
      "video/x-raw,format=P010_10LE,width=1280,height=720,framerate=60/1"};
  for (guint i = 0; i < G_N_ELEMENTS(caps); i++) {
    GstVideoInfo info;
    GstCaps* parsed = gst_caps_from_string(caps[i]);
    fail_unless(gst_video_info_from_caps(&info, parsed));
    gst_harness_set_src_caps(harness, parsed);
    const int square = MIN(info.width, info.height);
    const Part part = {((info.width - square) / 2) & ~1, ((info.height - square) / 2) & ~1, square,
                       square};
    GstBuffer* frame = pattern_frame(&info, 0);
    GstBuffer* expected = to_rgb(&info, frame, part, 64, 64);
    fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    fail_unless(max_difference(result, expected, 64, 64) <= tolerance_of(&info, part));
    gst_buffer_unref(result);
    gst_buffer_unref(expected);
  }
  end_harness(harness);
}
GST_END_TEST;

/* Downstream asks for another size while frames flow. */
GST_START_TEST(test_downstream_renegotiates) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, RGB_CAPS("width=64,height=64"));
  for (int i = 0; i < 2; i++) {
    fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 9, 9, 9)), GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    fail_unless_equals_int((int)gst_buffer_get_size(result), i ? 96 * 96 * 4 : 64 * 64 * 3);
    gst_buffer_unref(result);
    gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGBA,width=96,height=96");
    gst_harness_push_upstream_event(harness, gst_event_new_reconfigure());
  }
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_refused_caps) {
  const char* refused[] = {"video/x-raw,format=RGB,width=15,height=64,framerate=30/1",
                           "video/x-raw,format=RGB,width=64,height=8,framerate=30/1",
                           "video/x-raw(memory:GLMemory),format=RGBA,width=64,height=64",
                           "audio/x-raw,format=S16LE,rate=48000,channels=1"};
  for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
    GstHarness* harness = fake_harness(64, 64, NULL);
    GstCaps* caps = gst_caps_from_string(refused[i]);
    fail_if(gst_pad_query_accept_caps(GST_PAD_PEER(harness->srcpad), caps), "%s", refused[i]);
    gst_caps_unref(caps);
    end_harness(harness);
  }
}
GST_END_TEST;

/* A frame is not negotiated, and the error message has the words. Ends the harness. */
static void expect_refusal(GstHarness* harness, const char* const words[]) {
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 9, 9, 9)),
                         GST_FLOW_NOT_NEGOTIATED);
  expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_CORE_ERROR,
                   GST_CORE_ERROR_NEGOTIATION, words);
  end_harness(harness);
}

GST_START_TEST(test_interlaced_is_refused) {
  const char* words[] = {"Interlaced", "deinterlace", NULL};
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_src_caps_str(harness, RGB_CAPS("width=64,height=64,interlace-mode=interleaved"));
  expect_refusal(harness, words);
}
GST_END_TEST;

/* Pixel aspect ratios that make a side longer than 32768 pixels or shorter than one are refused
 * with the reason, on both pads. 2147483647/1 is valid caps. */
static const struct {
  FomoCrop crop;
  const char *input, *allowed;
} stretched[] = {
    {FOMO_CROP_FACE, "2147483647/1", "1/1"},   {FOMO_CROP_CENTER, "2147483647/1", "1/1"},
    {FOMO_CROP_NONE, "2147483647/1", "1/1"},   {FOMO_CROP_MANUAL, "1/2147483647", "1/1"},
    {FOMO_CROP_CENTER, "2147483647/3", "1/1"}, {FOMO_CROP_NONE, "513/1", "1/1"},
    {FOMO_CROP_FACE, "1/513", "1/1"},          {FOMO_CROP_CENTER, "0/1", "1/1"},
    {FOMO_CROP_CENTER, "1/1", "2147483647/1"}, {FOMO_CROP_FACE, "1/1", "1/2147483647"},
    {FOMO_CROP_CENTER, "1/1", "129/1"},        {FOMO_CROP_NONE, "1/1", "0/1"},
};

static GstHarness* stretched_harness(FomoCrop crop, const char* input, const char* allowed) {
  GstHarness* harness = fake_harness(64, 64, "model", "fake:faces=1", "crop", crop, NULL);
  char* out = g_strdup_printf(RGB_CAPS("width=64,height=64,pixel-aspect-ratio=%s"), allowed);
  char* in = g_strdup_printf(RGB_CAPS("width=64,height=64,pixel-aspect-ratio=%s"), input);
  gst_harness_set_sink_caps_str(harness, out);
  gst_harness_set_src_caps_str(harness, in);
  g_free(out);
  g_free(in);
  return harness;
}

GST_START_TEST(test_stretched_pixels_are_refused) {
  const char* ratio = stretched[__i__].input;
  if (strcmp(ratio, "1/1") == 0)
    ratio = stretched[__i__].allowed;
  const char* words[] = {"pixel aspect ratio", ratio, "64x64", NULL};
  GstHarness* harness =
      stretched_harness(stretched[__i__].crop, stretched[__i__].input, stretched[__i__].allowed);
  expect_refusal(harness, words);
}
GST_END_TEST;

/* The largest that are not refused. */
GST_START_TEST(test_stretched_pixels) {
  static const struct {
    const char *input, *allowed;
  } ratios[] = {{"512/1", "1/1"}, {"1/512", "1/1"}, {"1/1", "128/1"}, {"1/1", "1/128"}};
  static const FomoCrop crop[] = {FOMO_CROP_FACE, FOMO_CROP_CENTER, FOMO_CROP_MANUAL};
  const char* input = ratios[__i__ % 4].input;
  GstHarness* harness = stretched_harness(crop[__i__ / 4], input, ratios[__i__ % 4].allowed);
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 99, 99, 99)), GST_FLOW_OK);
  end_harness(harness);
}
GST_END_TEST;

/* The allocation query's answer: upstream may pad rows (video meta), but not ask the element to
 * crop (crop meta). */
GST_START_TEST(test_allocation) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, RGB_CAPS("width=64,height=64"));
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 9, 9, 9)), GST_FLOW_OK);
  GstCaps* caps = gst_caps_from_string(RGB_CAPS("width=64,height=64"));
  GstQuery* query = gst_query_new_allocation(caps, TRUE);
  fail_unless(gst_pad_peer_query(harness->srcpad, query));
  fail_unless(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL));
  fail_if(gst_query_find_allocation_meta(query, GST_VIDEO_CROP_META_API_TYPE, NULL));
  gst_query_unref(query);
  gst_caps_unref(caps);
  end_harness(harness);
}
GST_END_TEST;

static GstPadProbeReturn offer_pool(GstPad* pad, GstPadProbeInfo* probe, gpointer pool) {
  (void)pad;
  GstQuery* query = GST_PAD_PROBE_INFO_QUERY(probe);
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  GstStructure* config = gst_buffer_pool_get_config(pool);
  guint size;
  gst_buffer_pool_config_get_params(config, NULL, &size, NULL, NULL);
  gst_structure_free(config);
  gst_query_add_allocation_pool(query, pool, size, 0, 0);
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
  return GST_PAD_PROBE_HANDLED;
}

/* A pool of frames with padded rows. */
static GstBufferPool* padded_pool(GstCaps* caps, const GstVideoInfo* info) {
  GstVideoAlignment align;
  gst_video_alignment_reset(&align);
  align.padding_right = 30;
  GstBufferPool* pool = gst_video_buffer_pool_new();
  GstStructure* config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, (guint)info->size, 0, 0);
  gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment(config, &align);
  fail_unless(gst_buffer_pool_set_config(pool, config));
  return pool;
}

/* Downstream's own pool is used, with its padded rows. */
GST_START_TEST(test_downstream_pool) {
  GstHarness* harness = fake_harness(64, 64, NULL);
  GstCaps* caps = gst_caps_from_string(RGB_CAPS("width=64,height=64"));
  GstVideoInfo info;
  fail_unless(gst_video_info_from_caps(&info, caps));
  GstBufferPool* pool = padded_pool(caps, &info);
  gst_pad_add_probe(harness->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, offer_pool, pool, NULL);
  gst_harness_set_src_caps(harness, caps);

  GstBuffer* frame = pattern_frame(&info, 12);
  fail_unless_equals_int(gst_harness_push(harness, gst_buffer_ref(frame)), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless(result->pool == pool);
  fail_unless(gst_buffer_get_video_meta(result)->stride[0] > 64 * 3);
  fail_unless_equals_int(max_difference(result, frame, 64, 64), 0);
  gst_buffer_unref(frame);
  gst_buffer_unref(result);
  end_harness(harness);
  gst_object_unref(pool);
}
GST_END_TEST;

/* A model that is not square. */
GST_START_TEST(test_oblong_model) {
  GstHarness* harness = fake_harness(96, 48, NULL);
  gst_harness_set_src_caps_str(harness, RGB_CAPS("width=64,height=64"));
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 9, 9, 9)), GST_FLOW_OK);
  expect_caps(gst_pad_get_current_caps(harness->sinkpad),
              RGB_CAPS("width=96,height=48,pixel-aspect-ratio=1/2,colorimetry=sRGB"));
  end_harness(harness);
}
GST_END_TEST;

static Suite* caps_suite(void) {
  Suite* suite = suite_create("caps");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_loop_test(tests, test_negotiation, 0, G_N_ELEMENTS(negotiations));
  tcase_add_test(tests, test_hdr_and_stereo);
  tcase_add_loop_test(tests, test_crop, 0, G_N_ELEMENTS(crops));
  tcase_add_test(tests, test_letterbox);
  tcase_add_test(tests, test_colorimetry);
  tcase_add_test(tests, test_caps_change_mid_stream);
  tcase_add_test(tests, test_downstream_renegotiates);
  tcase_add_test(tests, test_refused_caps);
  tcase_add_test(tests, test_interlaced_is_refused);
  tcase_add_loop_test(tests, test_stretched_pixels_are_refused, 0, G_N_ELEMENTS(stretched));
  tcase_add_loop_test(tests, test_stretched_pixels, 0, 12);
  tcase_add_test(tests, test_allocation);
  tcase_add_test(tests, test_downstream_pool);
  tcase_add_test(tests, test_oblong_model);
  return suite;
}

GST_CHECK_MAIN(caps)
