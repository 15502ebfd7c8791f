/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time that the element takes besides the engine: the real element on the decoded frames of a
 * clip. Prints one line of medians for each configuration. */
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <stdlib.h>

enum { FRAMES = 32, ROUNDS = 2, WARM_UP = 8 };

enum { ENGINE, COMPOSE, BEYOND, IN, OUT, FIGURES };

/* Converts a decoded frame to another format and size. */
static GstBuffer* converted(GstSample* sample, const GstVideoInfo* wanted) {
  GstVideoInfo info;
  GstVideoFrame from, to;
  g_assert_true(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
  info.fps_n = wanted->fps_n; /* the converter requires equal frame rates */
  info.fps_d = wanted->fps_d;
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, wanted->size, NULL);
  g_assert_true(gst_video_frame_map(&from, &info, gst_sample_get_buffer(sample), GST_MAP_READ));
  g_assert_true(gst_video_frame_map(&to, wanted, buffer, GST_MAP_WRITE));
  GstVideoConverter* converter = gst_video_converter_new(&info, wanted, NULL);
  gst_video_converter_frame(converter, &from, &to);
  gst_video_converter_free(converter);
  gst_video_frame_unmap(&to);
  gst_video_frame_unmap(&from);
  return buffer;
}

static GPtrArray* decoded_frames(const gchar* clip, const gchar* caps_text) {
  GPtrArray* frames = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
  GstVideoInfo wanted;
  GstCaps* caps = gst_caps_from_string(caps_text);
  g_assert_true(gst_video_info_from_caps(&wanted, caps));
  gst_caps_unref(caps);
  gchar* line = g_strdup_printf("filesrc location=\"%s\" ! qtdemux ! h264parse ! avdec_h264 ! "
                                "appsink name=out sync=false",
                                clip);
  GstElement* pipeline = gst_parse_launch(line, NULL);
  g_free(line);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  while (frames->len < FRAMES) {
    GstSample* sample = NULL;
    g_signal_emit_by_name(out, "pull-sample", &sample);
    if (!sample)
      break;
    g_ptr_array_add(frames, converted(sample, &wanted));
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  return frames;
}

static gdouble last_of(const GstStructure* stats, const gchar* stage) {
  gdouble time = 0;
  gchar* name = g_strdup_printf("%s-last-ms", stage);
  g_assert_true(gst_structure_get_double(stats, name, &time));
  g_free(name);
  return time;
}

/* Reads the element's times of its last frame, milliseconds. */
static void read_figures(GstElement* element, gdouble* figures) {
  GstStructure* stats = NULL;
  g_object_get(element, "stats", &stats, NULL);
  figures[COMPOSE] = last_of(stats, "compose");
  figures[ENGINE] = last_of(stats, "keypoints") + last_of(stats, "motion") +
                    last_of(stats, "generator") + figures[COMPOSE];
  figures[BEYOND] = last_of(stats, "total") - figures[ENGINE];
  figures[IN] = last_of(stats, "input");
  figures[OUT] = last_of(stats, "output");
  gst_structure_free(stats);
}

static int by_size(const void* a, const void* b) {
  const gdouble left = *(const gdouble*)a, right = *(const gdouble*)b;
  return (left > right) - (left < right);
}

static gdouble median(const gdouble (*figures)[FIGURES], guint count, int figure) {
  gdouble* sorted = g_new(gdouble, count);
  for (guint i = 0; i < count; i++)
    sorted[i] = figures[i][figure];
  qsort(sorted, count, sizeof *sorted, by_size);
  const gdouble middle = sorted[count / 2];
  g_free(sorted);
  return middle;
}

static void measure(const gchar* clip, const gchar* picture, const gchar* settings,
                    const gchar* format, gint in_width, gint in_height, gint out_side) {
  gchar* in = g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=25/1", format,
                              in_width, in_height);
  gchar* out = g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=25/1", format,
                               out_side, out_side);
  gchar* line = g_strdup_printf("fomotransfer source-image=\"%s\" %s", picture, settings);
  GPtrArray* frames = decoded_frames(clip, in);
  g_assert_cmpuint(frames->len, ==, FRAMES);
  GstHarness* harness = gst_harness_new_parse(line);
  gst_harness_set_src_caps_str(harness, in);
  gst_harness_set_sink_caps_str(harness, out);
  GstElement* element = gst_harness_find_element(harness, "fomotransfer");
  gdouble figures[FRAMES * ROUNDS][FIGURES];
  const guint count = ROUNDS * frames->len;
  for (guint i = 0; i < count; i++) {
    GstBuffer* frame = gst_buffer_copy(frames->pdata[i % frames->len]);
    GST_BUFFER_PTS(frame) = i * GST_SECOND / 25;
    GST_BUFFER_DURATION(frame) = GST_SECOND / 25;
    GstBuffer* made = gst_harness_push_and_pull(harness, frame);
    g_assert_nonnull(made);
    gst_buffer_unref(made);
    read_figures(element, figures[i]);
  }
  const gdouble(*steady)[FIGURES] = (const gdouble(*)[FIGURES])figures + WARM_UP;
  const guint left = count - WARM_UP;
  g_print("%s %4dx%-4d -> %3dx%-3d  %-24s engine %6.2f ms (composition %5.2f)  beyond it %5.2f ms "
          "(in %5.2f, out %5.2f)\n",
          format, in_width, in_height, out_side, out_side, settings, median(steady, left, ENGINE),
          median(steady, left, COMPOSE), median(steady, left, BEYOND), median(steady, left, IN),
          median(steady, left, OUT));
  gst_object_unref(element);
  gst_harness_teardown(harness);
  g_ptr_array_unref(frames);
  g_free(line);
  g_free(in);
  g_free(out);
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 3) {
    g_printerr("usage: %s CLIP.mp4 PICTURE\n", argv[0]);
    return 2;
  }
  const gchar* settings[] = {"crop=center detail=false", "crop=center", "crop=auto detail=false",
                             "crop=auto"};
  const gchar* formats[] = {"I420", "NV12"};
  for (guint f = 0; f < G_N_ELEMENTS(formats); f++)
    for (guint s = 0; s < G_N_ELEMENTS(settings); s++) {
      measure(argv[1], argv[2], settings[s], formats[f], 1280, 720, 256);
      measure(argv[1], argv[2], settings[s], formats[f], 1920, 1080, 512);
    }
  return 0;
}
