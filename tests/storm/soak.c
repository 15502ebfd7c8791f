/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plays a clip in a loop for hours, with another picture every second, and logs what it takes.
 * tests/soak.sh starts this program. Each line of the log: seconds since the start, frames,
 * pictures, resident memory in MB, descriptors, threads, and the milliseconds of a frame in the
 * element since the last line: median, 99%, 99.9%, most. The status is 0 if nothing grows in every
 * line and no error was posted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"

#define BIN_MS 0.05
#define BINS 40000 /* up to two seconds */

static gint seconds = 3600, lines = 60;
static char *clip, *model = "builtin";
static char** pictures;

/* ---- time of frames ---- */

/* How often a frame took so many bins. Only the streaming thread changes it; the main thread reads
 * it while the lock is held. */
typedef struct {
  GMutex lock;
  guint count[BINS];
  guint64 frames;
  double most;
  gint64 entered;
} Times;

static Times times;

static GstPadProbeReturn enter(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  (void)info;
  (void)data;
  times.entered = g_get_monotonic_time();
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn leave(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  (void)info;
  (void)data;
  const double ms = (double)(g_get_monotonic_time() - times.entered) / 1000;
  g_mutex_lock(&times.lock);
  times.count[CLAMP((int)(ms / BIN_MS), 0, BINS - 1)]++;
  times.most = MAX(times.most, ms);
  times.frames++;
  g_mutex_unlock(&times.lock);
  return GST_PAD_PROBE_OK;
}

/* The time that this share of the frames does not exceed. */
static double percentile(const guint* count, guint64 frames, double share) {
  guint64 seen = 0;
  for (int i = 0; i < BINS; i++)
    if ((double)(seen += count[i]) >= share * (double)frames && seen > 0)
      return (i + 1) * BIN_MS;
  return 0;
}

/* ---- the pipeline ---- */

typedef struct {
  GMainLoop* loop;
  GstElement *pipeline, *element;
  gint64 start;
  guint64 frames;
  guint swaps;
  Figures* at; /* one for each line */
  gint line;
  gboolean loading, line_due, failed;
} Soak;

static void play_segment(Soak* soak, GstSeekFlags flags) {
  gst_element_seek(soak->pipeline, 1, GST_FORMAT_TIME, flags | GST_SEEK_FLAG_SEGMENT,
                   GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0);
}

static void write_line(Soak* soak) {
  static guint count[BINS];
  g_mutex_lock(&times.lock);
  memcpy(count, times.count, sizeof count);
  const guint64 frames = times.frames;
  const double most = times.most;
  memset(times.count, 0, sizeof times.count);
  times.frames = 0;
  times.most = 0;
  g_mutex_unlock(&times.lock);
  soak->frames += frames;
  const Figures now = figures_now();
  printf("%8.0f s %9" G_GUINT64_FORMAT " frames %7u pictures %7.1f MB %4ld descriptors %4ld threads"
         "  p50 %.2f p99 %.2f p99.9 %.2f most %.2f ms\n",
         (double)(g_get_monotonic_time() - soak->start) / G_USEC_PER_SEC, soak->frames, soak->swaps,
         (double)now.memory_kb / 1024, now.descriptors, now.threads, percentile(count, frames, 0.5),
         percentile(count, frames, 0.99), percentile(count, frames, 0.999), most);
  fflush(stdout);
  soak->at[soak->line++] = now;
  if (soak->line == lines)
    g_main_loop_quit(soak->loop);
}

/* While a picture is loaded its file is open: the line waits until the picture is shown. */
static gboolean on_line_due(gpointer data) {
  Soak* soak = data;
  soak->line_due = soak->loading;
  if (!soak->loading)
    write_line(soak);
  return soak->line < lines;
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer data) {
  (void)bus;
  Soak* soak = data;
  GError* error = NULL;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_SEGMENT_DONE)
    play_segment(soak, 0);
  else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    gst_message_parse_error(message, &error, NULL);
  else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning(message, &error, NULL);
  const GstStructure* structure = gst_message_get_structure(message);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
      g_strcmp0(gst_structure_get_string(structure, "event"), "source-changed") == 0) {
    soak->loading = FALSE;
    if (soak->line_due && soak->line < lines)
      write_line(soak);
    soak->line_due = FALSE;
  }
  if (error) {
    fprintf(stderr, "soak: %s\n", error->message);
    g_error_free(error);
    soak->failed = TRUE;
    g_main_loop_quit(soak->loop);
  }
  return TRUE;
}

static gboolean swap_picture(gpointer data) {
  Soak* soak = data;
  if (soak->loading)
    return TRUE;
  soak->loading = TRUE;
  g_object_set(soak->element, "source-image", pictures[++soak->swaps % g_strv_length(pictures)],
               NULL);
  return TRUE;
}

static void parse_options(int argc, char** argv) {
  const GOptionEntry entries[] = {
      {"seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "How long", "N"},
      {"lines", 0, 0, G_OPTION_ARG_INT, &lines, "Lines of the log, at least 4", "N"},
      {"clip", 0, 0, G_OPTION_ARG_FILENAME, &clip, "The driving video", "FILE"},
      {"model", 0, 0, G_OPTION_ARG_STRING, &model, "The model", "MODEL"},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &pictures, NULL, "PICTURE..."},
      {0}};
  GError* error = NULL;
  GOptionContext* context = g_option_context_new("- plays a clip for hours");
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error) || !clip || !pictures || lines < 4 ||
      seconds < 1) {
    fprintf(stderr, "soak: %s\n", error ? error->message : "a clip and pictures are needed");
    exit(2);
  }
  g_option_context_free(context);
}

static void open_pipeline(Soak* soak) {
  soak->pipeline = gst_parse_launch("filesrc name=in ! qtdemux ! h264parse ! avdec_h264 "
                                    "! fomotransfer name=element ! fakesink sync=false",
                                    NULL);
  if (!soak->pipeline) {
    fprintf(stderr, "soak: a plugin is missing, run scripts/setup.sh\n");
    exit(1);
  }
  GstElement* in = gst_bin_get_by_name(GST_BIN(soak->pipeline), "in");
  soak->element = gst_bin_get_by_name(GST_BIN(soak->pipeline), "element");
  g_object_set(in, "location", clip, NULL);
  g_object_set(soak->element, "source-image", pictures[0], "model", model, NULL);
  const struct {
    const char* name;
    GstPadProbeCallback call;
  } probes[] = {{"sink", enter}, {"src", leave}};
  for (guint i = 0; i < G_N_ELEMENTS(probes); i++) {
    GstPad* pad = gst_element_get_static_pad(soak->element, probes[i].name);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, probes[i].call, NULL, NULL);
    gst_object_unref(pad);
  }
  gst_object_unref(in);
}

int main(int argc, char** argv) {
  parse_options(argc, argv);
  gst_init(NULL, NULL);
  Soak soak = {.loop = g_main_loop_new(NULL, FALSE), .at = g_new0(Figures, lines)};
  open_pipeline(&soak);
  GstBus* bus = gst_element_get_bus(soak.pipeline);
  gst_bus_add_watch(bus, on_message, &soak);
  gst_element_set_state(soak.pipeline, GST_STATE_PAUSED);
  if (gst_element_get_state(soak.pipeline, NULL, NULL, GST_CLOCK_TIME_NONE) !=
      GST_STATE_CHANGE_SUCCESS)
    soak.failed = TRUE;
  play_segment(&soak, GST_SEEK_FLAG_FLUSH);
  gst_element_set_state(soak.pipeline, GST_STATE_PLAYING);
  soak.start = g_get_monotonic_time();
  g_timeout_add(1000, swap_picture, &soak);
  g_timeout_add((guint)(1000.0 * seconds / lines), on_line_due, &soak);
  g_main_loop_run(soak.loop);
  gst_element_set_state(soak.pipeline, GST_STATE_NULL);

  if (soak.frames == 0) {
    fprintf(stderr, "soak: no frame came\n");
    soak.failed = TRUE;
  }
  const char* grown = soak.line < lines ? NULL : what_grows(soak.at, (guint)lines);
  if (grown)
    fprintf(stderr, "soak: %s\n", grown);
  gst_bus_remove_watch(bus);
  gst_object_unref(bus);
  gst_object_unref(soak.element);
  gst_object_unref(soak.pipeline);
  g_main_loop_unref(soak.loop);
  g_free(soak.at);
  g_strfreev(pictures);
  g_free(clip);
  return soak.failed || grown || soak.line < lines;
}
