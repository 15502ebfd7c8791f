/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every raw format, odd sizes and padded rows, on both pads: the output equals the input. */
#include "common.h"

#include <stdlib.h>

static const struct { int width, height; } sizes[] = {{16, 16}, {65, 49}, {34, 97}};

static GArray* all_formats(void) {
  GArray* formats = g_array_new(FALSE, FALSE, sizeof(GstVideoFormat));
  guint count;
  const GstVideoFormat* raw = gst_video_formats_raw(&count);
  for (guint i = 0; i < count; i++)
    if (raw[i] > GST_VIDEO_FORMAT_ENCODED)
      g_array_append_val(formats, raw[i]);
  return formats;
}

static GstBuffer* run(const GstVideoInfo* in, GstBuffer* frame, const GstVideoInfo* out) {
  GstHarness* harness = fake_harness(in->width, in->height, "crop", FOMO_CROP_NONE, NULL);
  gst_harness_set_caps(harness, gst_video_info_to_caps(in), gst_video_info_to_caps(out));
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  end_harness(harness);
  return result;
}

static void set_info(GstVideoInfo* info, GstVideoFormat format, int width, int height) {
  fail_unless(gst_video_info_set_format(info, format, (guint)width, (guint)height));
  info->fps_n = 30;
  info->fps_d = 1;
}

static Part whole(const GstVideoInfo* info) { return (Part){0, 0, info->width, info->height}; }

/* The model's input equals GstVideoConverter's RGB, whatever the padding of the frame's rows. */
GST_START_TEST(test_input_formats) {
  GArray* formats = all_formats();
  for (guint f = 0; f < formats->len; f++)
    for (guint s = 0; s < G_N_ELEMENTS(sizes); s++)
      for (int padding = 0; padding <= 8; padding += 8) {
        GstVideoInfo in, out;
        set_info(&in, g_array_index(formats, GstVideoFormat, f), sizes[s].width, sizes[s].height);
        set_info(&out, GST_VIDEO_FORMAT_RGB, sizes[s].width, sizes[s].height);
        if (padding && (in.finfo->flags & GST_VIDEO_FORMAT_FLAG_TILED))
          continue; // tiled formats have no rows to pad
        if (GST_VIDEO_INFO_FORMAT(&in) == GST_VIDEO_FORMAT_NV61 && in.width % 2)
          continue; // GStreamer 1.22 swaps U and V of the last column's sample
        GstBuffer* frame = pattern_frame(&in, padding);
        GstBuffer* expected = to_rgb(&in, frame, whole(&in), in.width, in.height);
        GstBuffer* result = run(&in, frame, &out);
        const int difference = max_difference(result, expected, in.width, in.height);
        fail_unless(difference <= reading_tolerance(in.finfo), "%s %dx%d padding %d: differs by %d",
                    in.finfo->name, in.width, in.height, padding, difference);
        gst_buffer_unref(expected);
        gst_buffer_unref(result);
      }
  g_array_unref(formats);
}
GST_END_TEST;

/* The output in every format equals GstVideoConverter's conversion of the model's picture. */
GST_START_TEST(test_output_formats) {
  GArray* formats = all_formats();
  for (guint f = 0; f < formats->len; f++)
    for (guint s = 0; s < G_N_ELEMENTS(sizes); s++) {
      GstVideoInfo in, out;
      set_info(&in, GST_VIDEO_FORMAT_RGB, sizes[s].width, sizes[s].height);
      set_info(&out, g_array_index(formats, GstVideoFormat, f), sizes[s].width, sizes[s].height);
      GstBuffer* frame = pattern_frame(&in, 0);
      GstBuffer* converted = from_rgb(frame, &out);
      GstBuffer* expected = to_rgb(&out, converted, whole(&out), out.width, out.height);
      GstBuffer* result = run(&in, frame, &out);
      GstBuffer* back = to_rgb(&out, result, whole(&out), out.width, out.height);
      const int difference = max_difference(back, expected, in.width, in.height);
      fail_unless(difference == 0, "%s %dx%d: differs by %d", out.finfo->name, out.width,
                  out.height, difference);
      gst_buffer_unref(converted);
      gst_buffer_unref(expected);
      gst_buffer_unref(result);
      gst_buffer_unref(back);
    }
  g_array_unref(formats);
}
GST_END_TEST;

/* In the formats of cameras, decoders and encoders the output shows the input's pattern. */
GST_START_TEST(test_usual_formats_show_the_picture) {
  const GstVideoFormat usual[] = {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12,
                                  GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_UYVY,
                                  GST_VIDEO_FORMAT_Y444, GST_VIDEO_FORMAT_P010_10LE,
                                  GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_RGBA,
                                  GST_VIDEO_FORMAT_ARGB, GST_VIDEO_FORMAT_BGR};
  for (guint f = 0; f < G_N_ELEMENTS(usual); f++)
    for (int padding = 0; padding <= 8; padding += 8) {
      GstVideoInfo info, rgb;
      set_info(&info, usual[f], 129, 97);
      set_info(&rgb, GST_VIDEO_FORMAT_RGB, 129, 97);
      GstBuffer* pattern = pattern_frame(&rgb, 0);
      GstBuffer* result = run(&info, pattern_frame(&info, padding), &info);
      GstBuffer* back = to_rgb(&info, result, whole(&info), info.width, info.height);
      const int difference = max_difference(back, pattern, info.width, info.height);
      fail_unless(difference <= 20, "%s: differs by %d", info.finfo->name, difference);
      gst_buffer_unref(pattern);
      gst_buffer_unref(result);
      gst_buffer_unref(back);
    }
}
GST_END_TEST;

static Suite* formats_suite(void) {
  Suite* suite = suite_create("formats");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_input_formats);
  tcase_add_test(tests, test_output_formats);
  tcase_add_test(tests, test_usual_formats_show_the_picture);
  return suite;
}

GST_CHECK_MAIN(formats)
