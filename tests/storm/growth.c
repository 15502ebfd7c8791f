/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory, descriptors and threads over many starts, frames and pictures; child processes. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.h"
#include "storm.h"

#define WINDOWS 10

static void judge(const char* what, guint count, const Figures* at) {
  printf("storm: %u %s: memory in MB:", count, what);
  for (int i = 0; i <= WINDOWS; i++)
    printf(" %.1f", (double)at[i].memory_kb / 1024);
  printf("; descriptors %ld to %ld, threads %ld to %ld\n", at[1].descriptors,
         at[WINDOWS].descriptors, at[1].threads, at[WINDOWS].threads);
  fflush(stdout);
  const char* grown = what_grows(at, WINDOWS + 1);
  if (grown)
    broken("%u %s: %s", count, what, grown);
}

typedef struct {
  GRand* rand;
  GstElement* element;
  GstPad *src, *sink;
  GstClockTime time;
} Line;

static GstFlowReturn drop(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  (void)pad;
  (void)parent;
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;
}

static void start(Line* line) {
  if (gst_element_set_state(line->element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    broken("the element does not start");
  GstCaps* caps = gst_caps_from_string("video/x-raw,format=I420,width=64,height=64,framerate=25/1");
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(line->src, gst_event_new_stream_start("growth"));
  gst_pad_push_event(line->src, gst_event_new_caps(caps));
  gst_pad_push_event(line->src, gst_event_new_segment(&segment));
  gst_caps_unref(caps);
}

/* Animates a frame and drops the messages. Returns whether another picture is shown now. */
static gboolean animate_one(Line* line) {
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, 64 * 64 * 3 / 2, NULL);
  gst_buffer_memset(buffer, 0, (guint8)(line->time / GST_MSECOND), 64 * 64 * 3 / 2);
  GST_BUFFER_PTS(buffer) = line->time;
  line->time += 40 * GST_MSECOND;
  if (gst_pad_push(line->src, buffer) != GST_FLOW_OK)
    broken("a frame is not animated");
  gboolean changed = FALSE;
  GstMessage* message;
  while ((message = gst_bus_pop(GST_ELEMENT_BUS(line->element)))) {
    const GstStructure* structure = gst_message_get_structure(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
        g_strcmp0(gst_structure_get_string(structure, "event"), "source-changed") == 0)
      changed = TRUE;
    gst_message_unref(message);
  }
  return changed;
}

static void animate(Line* line) { animate_one(line); }

static void start_again(Line* line) {
  gst_element_set_state(line->element, GST_STATE_NULL);
  start(line);
  animate(line);
}

/* Another picture, and frames until it is shown. */
static void swap(Line* line) {
  animate(line);
  g_object_set(line->element, "source-image", good_picture(line->rand), NULL);
  while (!animate_one(line))
    ;
}

static void repeat(Line* line, const char* what, guint count, void (*act)(Line*)) {
  Figures at[WINDOWS + 1];
  at[0] = figures_now();
  for (guint window = 0; window < WINDOWS; window++) {
    for (guint i = 0; i < count / WINDOWS; i++)
      act(line);
    step("%s, window %u", what, window);
    at[window + 1] = figures_now();
  }
  judge(what, count, at);
}

static Line open_line(GRand* rand) {
  Line line = {.rand = rand, .element = gst_object_ref_sink(new_element(rand))};
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(line.element, bus);
  gst_object_unref(bus);
  line.src = gst_pad_new("feeder", GST_PAD_SRC);
  line.sink = gst_pad_new("taker", GST_PAD_SINK);
  gst_pad_set_chain_function(line.sink, drop);
  gst_pad_set_active(line.src, TRUE);
  gst_pad_set_active(line.sink, TRUE);
  GstPad* in = gst_element_get_static_pad(line.element, "sink");
  GstPad* out = gst_element_get_static_pad(line.element, "src");
  if (gst_pad_link(line.src, in) || gst_pad_link(out, line.sink))
    broken("the pads cannot be linked");
  gst_object_unref(in);
  gst_object_unref(out);
  start(&line);
  animate(&line);
  return line;
}

static void close_line(Line* line) {
  gst_element_set_state(line->element, GST_STATE_NULL);
  gst_bus_set_flushing(GST_ELEMENT_BUS(line->element), TRUE);
  gst_element_set_bus(line->element, NULL);
  gst_object_unref(line->src);
  gst_object_unref(line->sink);
  gst_object_unref(line->element);
}

void measure_growth(GRand* rand, guint starts, guint frames, guint pictures) {
  Line line = open_line(rand);
  repeat(&line, "frames", frames, animate);
  repeat(&line, "pictures", pictures, swap);
  repeat(&line, "starts", starts, start_again);
  close_line(&line);
}

/* In the child GLib's and GStreamer's pools believe in threads that are not there, so the child
 * pushes its frames itself. The engine makes its threads anew. */
static void run_child(GRand* rand) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(200); /* when it hangs */
  Line line = open_line(rand);
  swap(&line);
  start_again(&line);
  close_line(&line);
  _exit(0);
}

void storm_fork(GRand* rand) {
  step("fork");
  Line line = open_line(rand); /* the engine's threads exist */
  swap(&line);                 /* so does the loader's */
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0)
    run_child(rand);
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    broken("the child process ended with status 0x%x", (unsigned)status);
  animate(&line);
  close_line(&line);
}
