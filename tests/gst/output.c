/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The output frames: animated part or full picture, detail, transparency, overlays; the calibration
 * of motion; the metadata of frames. */
#include "common.h"
#include "gst/enums.h"

#define SMALL "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"

static GstSample* rgba_sample(int width, int height) {
  GstCaps* caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGBA", "width",
                                      G_TYPE_INT, width, "height", G_TYPE_INT, height, NULL);
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, (gsize)(width * height * 4), NULL);
  gst_buffer_memset(buffer, 0, 128, (gsize)-1);
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  return sample;
}

/* An element with a picture of 96x48 and a model of 64x64. */
static GstHarness* picture_harness(const char* sink_caps, const char* property, int value) {
  GstSample* sample = rgba_sample(96, 48);
  GstHarness* harness = fake_harness(64, 64, "model", "fake:size=64x64,faces=3", "source-sample",
                                     sample, "crop", FOMO_CROP_CENTER, property, value, NULL);
  gst_sample_unref(sample);
  gst_harness_set_sink_caps_str(harness, sink_caps);
  gst_harness_set_src_caps_str(harness, SMALL);
  return harness;
}

/* Pushes a frame and returns the video info of the output. */
static GstVideoInfo push(GstHarness* harness) {
  GstVideoInfo info;
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 128, 128, 128)),
                         GST_FLOW_OK);
  gst_buffer_unref(gst_harness_pull(harness));
  GstCaps* caps = gst_pad_get_current_caps(harness->sinkpad);
  fail_unless(gst_video_info_from_caps(&info, caps));
  gst_caps_unref(caps);
  return info;
}

static void expect_view(gboolean whole, gboolean detail, int width, int height, int channels) {
  const FomoPresentation view = fake()->presentation;
  fail_unless_equals_int(view.whole_picture, whole);
  fail_unless_equals_int(view.detail, detail);
  fail_unless_equals_int(view.width, width);
  fail_unless_equals_int(view.height, height);
  fail_unless_equals_int(view.channels, channels);
}

/* By default a full picture has its own size. In another size it keeps its shape. */
GST_START_TEST(test_full_picture) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "output", 1);
  GstVideoInfo info = push(harness);
  fail_unless_equals_int(info.width, 96);
  fail_unless_equals_int(info.height, 48);
  fail_unless_equals_int(info.par_n, info.par_d);
  expect_view(TRUE, FALSE, 96, 48, 3);

  gst_harness_set_sink_caps_str(
      harness, "video/x-raw,format=RGB,width=100,height=100,pixel-aspect-ratio=1/1");
  gst_harness_push_upstream_event(harness, gst_event_new_reconfigure());
  info = push(harness);
  expect_view(TRUE, FALSE, 100, 50, 3);

  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,height=24");
  gst_harness_push_upstream_event(harness, gst_event_new_reconfigure());
  info = push(harness);
  fail_unless_equals_int(info.width, 48);
  expect_view(TRUE, FALSE, 48, 24, 3);
  end_harness(harness);
}
GST_END_TEST;

/* A picture with a long side is shown in 4096 pixels, unless downstream asks for more. */
GST_START_TEST(test_large_picture) {
  GstSample* sample = rgba_sample(6000, 500);
  GstHarness* harness = fake_harness(64, 64, "model", "fake:size=64x64,faces=3", "source-sample",
                                     sample, "crop", FOMO_CROP_CENTER, "output", 1, NULL);
  gst_sample_unref(sample);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB");
  gst_harness_set_src_caps_str(harness, SMALL);
  GstVideoInfo info = push(harness);
  fail_unless_equals_int(info.width, 4096);
  fail_unless_equals_int(info.height, 341);
  fail_unless_equals_int(info.par_n, info.par_d);
  expect_view(TRUE, FALSE, 4096, 341, 3);

  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=6000");
  gst_harness_push_upstream_event(harness, gst_event_new_reconfigure());
  info = push(harness);
  fail_unless_equals_int(info.height, 500);
  expect_view(TRUE, FALSE, 6000, 500, 3);
  end_harness(harness);
}
GST_END_TEST;

/* The property `output` changes while frames flow. */
GST_START_TEST(test_output_while_frames_flow) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  fail_unless_equals_int(push(harness).width, 64);
  g_object_set(harness->element, "output", 1, NULL);
  fail_unless_equals_int(push(harness).width, 96);
  g_object_set(harness->element, "output", 0, NULL);
  fail_unless_equals_int(push(harness).width, 64);
  end_harness(harness);
}
GST_END_TEST;

/* In a full picture all faces move. With output=face only the chosen face is shown. */
GST_START_TEST(test_faces) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "faces", 1);
  fail_unless_equals_int(fake()->framing.face_index, 0);
  push(harness);
  const int encoded = fake()->sources_encoded;
  g_object_set(harness->element, "face-index", 2, NULL);
  fake_wait(&fake()->sources_encoded, encoded + 1);
  fail_unless_equals_int(fake()->framing.face_index, 2);
  g_object_set(harness->element, "output", 1, NULL);
  fake_wait(&fake()->sources_encoded, encoded + 2);
  fail_unless_equals_int(fake()->framing.face_index, FOMO_ALL_FACES);
  push(harness);
  /* With faces=one again, all faces are shown until the picture of the one face is ready. */
  while (push(harness).width != 96)
    ;
  g_object_set(harness->element, "output", 0, NULL);
  while (push(harness).width != 64)
    ;
  end_harness(harness);
}
GST_END_TEST;

/* With detail, frames are composed in the output's size. */
GST_START_TEST(test_detail) {
  GstHarness* harness = picture_harness(
      "video/x-raw,format=RGB,width=200,height=100,pixel-aspect-ratio=1/1", "detail", TRUE);
  push(harness);
  expect_view(FALSE, TRUE, 100, 100, 3);
  g_object_set(harness->element, "detail", FALSE, "output", 1, NULL);
  push(harness);
  expect_view(TRUE, FALSE, 200, 100, 3);
  end_harness(harness);
}
GST_END_TEST;

/* A picture with transparency gives frames with transparency if downstream accepts them. */
GST_START_TEST(test_transparency) {
  for (int detail = 0; detail < 2; detail++) {
    GstHarness* harness = picture_harness("video/x-raw", "detail", detail);
    fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 128, 128, 128)),
                           GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    const GstVideoInfo info = push(harness);
    fail_unless_equals_int((int)GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_RGBA);
    guint8 pixel[4];
    gst_buffer_extract(result, 0, pixel, 4);
    fail_unless_equals_int(pixel[3], FAKE_ALPHA);
    gst_buffer_unref(result);
    expect_view(FALSE, detail, 64, 64, 4);
    end_harness(harness);
  }
  GstHarness* harness = picture_harness("video/x-raw,format=BGRA", "detail", FALSE);
  push(harness);
  expect_view(FALSE, FALSE, 64, 64, 4);
  end_harness(harness);
}
GST_END_TEST;

/* Another picture is prepared for composition in the loader thread, too. */
GST_START_TEST(test_picture_is_prepared) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", TRUE);
  push(harness);
  const int views = fake()->presentations;
  g_object_set(harness->element, "source-image", picture_file(9, 9, 9), NULL);
  fake_wait(&fake()->presentations, views + 1);
  while (!have_message(harness_bus(harness), GST_MESSAGE_ELEMENT, "source-changed"))
    push(harness);
  fail_unless_equals_int(fake()->presentations, views + 1);
  end_harness(harness);
}
GST_END_TEST;

static void expect_mark(int imperceptible, double letters, FomoCorner corner) {
  fail_unless_equals_int(fake()->mark.imperceptible, imperceptible);
  fail_unless_equals_float(fake()->mark.letters, letters);
  fail_unless_equals_int((int)fake()->mark.corner, (int)corner);
}

/* Frames are marked by default; mark=none asks the engine for nothing. */
GST_START_TEST(test_mark) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  push(harness);
  expect_mark(1, 0, FOMO_CORNER_BOTTOM_RIGHT);
  g_object_set(harness->element, "mark", GST_FOMO_TRANSFER_MARK_NONE, NULL);
  push(harness);
  expect_mark(0, 0, FOMO_CORNER_TOP_LEFT);
  g_object_set(harness->element, "mark", GST_FOMO_TRANSFER_MARK_VISIBLE, "mark-size", 0.25,
               "mark-corner", FOMO_CORNER_TOP_RIGHT, NULL);
  push(harness);
  expect_mark(1, 0.25, FOMO_CORNER_TOP_RIGHT);
  end_harness(harness);
}
GST_END_TEST;

static void push_at(GstHarness* harness, GstClockTime time) {
  GstBuffer* frame = color_frame(64, 64, 128, 128, 128);
  GST_BUFFER_PTS(frame) = time;
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  gst_buffer_unref(gst_harness_pull(harness));
}

/* The letters are shown for mark-duration from the first frame, and again after a seek. */
GST_START_TEST(test_mark_duration) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  g_object_set(harness->element, "qos", FALSE, "mark", GST_FOMO_TRANSFER_MARK_VISIBLE,
               "mark-duration", 2 * GST_SECOND, NULL);
  push_at(harness, 5 * GST_SECOND);
  expect_mark(1, 0.08, FOMO_CORNER_BOTTOM_RIGHT);
  push_at(harness, 7 * GST_SECOND - 1);
  expect_mark(1, 0.08, FOMO_CORNER_BOTTOM_RIGHT);
  push_at(harness, 7 * GST_SECOND);
  expect_mark(1, 0, FOMO_CORNER_BOTTOM_RIGHT);
  flush(harness);
  push_at(harness, 20 * GST_SECOND);
  expect_mark(1, 0.08, FOMO_CORNER_BOTTOM_RIGHT);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_overlay) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  push(harness);
  fail_unless_equals_int(fake()->overlay, 0);
  gst_util_set_object_arg(G_OBJECT(harness->element), "overlay", "keypoints+stats");
  push(harness);
  fail_unless_equals_int(fake()->overlay, FOMO_OVERLAY_KEYPOINTS | FOMO_OVERLAY_STATS);
  fail_unless(strstr(fake()->overlay_text, "frame 1") != NULL, "%s", fake()->overlay_text);
  g_object_set(harness->element, "overlay", 0, NULL);
  push(harness);
  fail_unless_equals_int(fake()->overlay, 0);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_calibration) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  push(harness);
  const FomoCalibration* calibration = &fake()->calibration;
  fail_unless(calibration->strength == 1 && calibration->smoothing == 0.5);
  fail_unless_equals_int((int)calibration->on_lost, FOMO_LOST_RELAX);
  g_object_set(harness->element, "strength", 1.5, "smoothing", 0.25, "on-lost", FOMO_LOST_FREEZE,
               "reference", FOMO_REFERENCE_MANUAL, NULL);
  push(harness);
  fail_unless(calibration->strength == 1.5 && calibration->smoothing == 0.25);
  fail_unless_equals_int((int)calibration->on_lost, FOMO_LOST_FREEZE);
  fail_unless_equals_int((int)calibration->reference, FOMO_REFERENCE_MANUAL);
  end_harness(harness);
}
GST_END_TEST;

static int red_through(GstHarness* harness, int red) {
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, red, 128, 128)),
                         GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  int color[3];
  pixel_of(result, 64, 64, 32, 32, color);
  gst_buffer_unref(result);
  return color[0];
}

/* The pose of a reference picture is the neutral pose: from the start, also after a flush, until
 * another neutral pose is set. */
GST_START_TEST(test_reference_image) {
  GstHarness* harness = fake_harness(64, 64, "relative", TRUE, "reference-image",
                                     picture_file(100, 0, 0), "face-index", 2, NULL);
  fail_unless_equals_int(fake()->pose_framing.face_index, 0); /* the driver's, not the picture's */
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64");
  gst_harness_set_src_caps_str(harness, SMALL);
  fail_unless_equals_int(red_through(harness, 110), 128 + 10);
  flush(harness);
  fail_unless_equals_int(red_through(harness, 120), 128 + 20);

  /* Another reference picture is used as soon as it is ready. */
  g_object_set(harness->element, "reference-image", picture_file(50, 0, 0), NULL);
  while (red_through(harness, 60) != 128 + 10)
    ;
  /* A file that cannot be read changes nothing. */
  g_object_set(harness->element, "reference-image", "/nowhere.png", NULL);
  GstMessage* message = wait_message(harness_bus(harness), GST_MESSAGE_WARNING, NULL);
  gst_message_unref(message);
  fail_unless_equals_int(red_through(harness, 60), 128 + 10);
  /* The signal replaces the reference picture. */
  g_signal_emit_by_name(harness->element, "reset-reference");
  fail_unless_equals_int(red_through(harness, 70), 128);
  fail_unless_equals_int(red_through(harness, 75), 128 + 5);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_frames_carry_confidence) {
  GstHarness* harness = picture_harness("video/x-raw,format=RGB", "detail", FALSE);
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 128, 128, 128)),
                         GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  GstCustomMeta* meta = gst_buffer_get_custom_meta(result, "GstFomoTransferMeta");
  fail_unless(meta != NULL);
  gdouble confidence = 0;
  gboolean present = FALSE;
  const GstStructure* structure = gst_custom_meta_get_structure(meta);
  fail_unless(gst_structure_get(structure, "confidence", G_TYPE_DOUBLE, &confidence, "present",
                                G_TYPE_BOOLEAN, &present, NULL));
  fail_unless(confidence == 1 && present);
  gst_buffer_unref(result);
  GstStructure* stats = NULL;
  g_object_get(harness->element, "stats", &stats, NULL);
  gdouble compose = 0;
  fail_unless(gst_structure_get(stats, "confidence", G_TYPE_DOUBLE, &confidence, "compose-last-ms",
                                G_TYPE_DOUBLE, &compose, NULL));
  fail_unless(confidence == 1 && compose == 4);
  gst_structure_free(stats);
  end_harness(harness);
}
GST_END_TEST;

static Suite* output_suite(void) {
  Suite* suite = suite_create("output");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_full_picture);
  tcase_add_test(tests, test_large_picture);
  tcase_add_test(tests, test_output_while_frames_flow);
  tcase_add_test(tests, test_faces);
  tcase_add_test(tests, test_detail);
  tcase_add_test(tests, test_transparency);
  tcase_add_test(tests, test_picture_is_prepared);
  tcase_add_test(tests, test_mark);
  tcase_add_test(tests, test_mark_duration);
  tcase_add_test(tests, test_overlay);
  tcase_add_test(tests, test_calibration);
  tcase_add_test(tests, test_reference_image);
  tcase_add_test(tests, test_frames_carry_confidence);
  return suite;
}

GST_CHECK_MAIN(output)
