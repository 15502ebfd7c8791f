/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pipelines: branches of a source, the element and a sink, each with a thread of its own. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "storm.h"

#define BRANCHES 8

typedef struct {
  GstElement *source, *caps, *animator, *sink; /* owned by the pipeline; source NULL: none */
  Actors* actors;
} Branch;

typedef struct {
  GRand* rand;
  GstElement* pipeline;
  Branch branches[BRANCHES];
} Scene;

/* ---- frames that arrive ---- */

static pthread_mutex_t frames_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t frame_came = PTHREAD_COND_INITIALIZER;
static guint frames;

static void count_frame(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer unused) {
  (void)sink;
  (void)buffer;
  (void)pad;
  (void)unused;
  pthread_mutex_lock(&frames_lock);
  frames++;
  pthread_cond_broadcast(&frame_came);
  pthread_mutex_unlock(&frames_lock);
}

/* Waits until `count` more frames came, at most `ms` milliseconds: a pipeline need not flow.
 * Returns whether they came. */
static gboolean wait_frames(guint count, guint ms) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += (long)(ms % 1000) * 1000000;
  until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&frames_lock);
  const guint wanted = frames + count;
  int result = 0;
  while (frames < wanted && result == 0)
    result = pthread_cond_timedwait(&frame_came, &frames_lock, &until);
  pthread_mutex_unlock(&frames_lock);
  return result == 0;
}

/* ---- branches ---- */

static void set_caps(Scene* scene, Branch* branch) {
  GstCaps* caps = random_caps(scene->rand, TRUE);
  gst_structure_remove_field(gst_caps_get_structure(caps, 0), "framerate");
  g_object_set(branch->caps, "caps", caps, NULL);
  gst_caps_unref(caps);
}

/* Stops an element and removes it. The pipeline may be changing its elements' states on a thread of
 * its own; an element that is no longer one of them keeps the state that it is given here. */
static void take_out(Scene* scene, GstElement* element) {
  gst_object_ref(element);
  gst_element_set_locked_state(element, TRUE);
  gst_bin_remove(GST_BIN(scene->pipeline), element);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
}

static void add_branch(Scene* scene, Branch* branch) {
  step("add branch %d", (int)(branch - scene->branches));
  branch->source = gst_element_factory_make("videotestsrc", NULL);
  branch->caps = gst_element_factory_make("capsfilter", NULL);
  branch->animator = new_element(scene->rand);
  branch->sink = gst_element_factory_make("fakesink", NULL);
  if (!branch->source || !branch->caps || !branch->sink)
    broken("videotestsrc, capsfilter or fakesink is missing");
  /* Some streams end, some without a frame. An EOS event sent to the source would wait for the
   * source's thread, which may be held by a sink that waits for the pipeline to play. */
  static const int frames_of_streams[] = {-1, -1, -1, 20, 3, 0};
  g_object_set(branch->source, "is-live", one_in(scene->rand, 4), "num-buffers",
               frames_of_streams[pick(scene->rand, G_N_ELEMENTS(frames_of_streams))], NULL);
  g_object_set(branch->sink, "sync", one_in(scene->rand, 8), "async", one_in(scene->rand, 2),
               "signal-handoffs", TRUE, "qos", one_in(scene->rand, 2), NULL);
  g_signal_connect(branch->sink, "handoff", G_CALLBACK(count_frame), NULL);
  set_caps(scene, branch);
  gst_bin_add_many(GST_BIN(scene->pipeline), branch->source, branch->caps, branch->animator,
                   branch->sink, NULL);
  if (!gst_element_link_many(branch->source, branch->caps, branch->animator, branch->sink, NULL))
    broken("the branch cannot be linked");
  GstElement* const all[] = {branch->sink, branch->animator, branch->caps, branch->source};
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    gst_element_sync_state_with_parent(all[i]);
  if (one_in(scene->rand, 4))
    branch->actors = start_actors(branch->animator, g_rand_int(scene->rand));
}

static void stop_branch_actors(Branch* branch) {
  if (branch->actors)
    stop_actors(branch->actors);
  branch->actors = NULL;
}

static void remove_branch(Scene* scene, Branch* branch) {
  step("remove branch %d", (int)(branch - scene->branches));
  stop_branch_actors(branch);
  /* The sink first: it may hold the source's thread. */
  GstElement* const all[] = {branch->sink, branch->animator, branch->caps, branch->source};
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    take_out(scene, all[i]);
  *branch = (Branch){0};
}

/* ---- another element in the place of one that runs ---- */

typedef struct {
  Scene* scene;
  Branch* branch;
  GstElement* fresh; /* NULL: done */
} Exchange;

static pthread_mutex_t exchange_lock = PTHREAD_MUTEX_INITIALIZER; /* of all members */
static pthread_cond_t exchanged = PTHREAD_COND_INITIALIZER;

/* On the streaming thread, which stands still before the old element. */
static GstPadProbeReturn exchange_here(GstPad* pad, GstPadProbeInfo* probe, gpointer data) {
  (void)pad;
  (void)probe;
  Exchange* exchange = data;
  pthread_mutex_lock(&exchange_lock);
  if (exchange->fresh) {
    Branch* branch = exchange->branch;
    gst_element_unlink(branch->caps, branch->animator);
    gst_element_unlink(branch->animator, branch->sink);
    take_out(exchange->scene, branch->animator);
    branch->animator = exchange->fresh;
    gst_bin_add(GST_BIN(exchange->scene->pipeline), branch->animator);
    if (!gst_element_link_many(branch->caps, branch->animator, branch->sink, NULL))
      broken("the new element cannot be linked");
    gst_element_sync_state_with_parent(branch->animator);
    exchange->fresh = NULL;
  }
  pthread_cond_signal(&exchanged);
  pthread_mutex_unlock(&exchange_lock);
  return GST_PAD_PROBE_REMOVE;
}

static void exchange_element(Scene* scene, Branch* branch) {
  if (branch->actors || !wait_frames(1, 20))
    return;
  step("another element in branch %d", (int)(branch - scene->branches));
  pthread_mutex_lock(&exchange_lock);
  Exchange exchange = {scene, branch, new_element(scene->rand)};
  pthread_mutex_unlock(&exchange_lock);
  GstPad* pad = gst_element_get_static_pad(branch->caps, "src");
  const gulong probe =
      gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, exchange_here, &exchange, NULL);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 2;
  pthread_mutex_lock(&exchange_lock);
  int result = 0;
  while (exchange.fresh && result == 0)
    result = pthread_cond_timedwait(&exchanged, &exchange_lock, &until);
  GstElement* unused = exchange.fresh; /* no frame came */
  exchange.fresh = NULL;
  pthread_mutex_unlock(&exchange_lock);
  if (unused) {
    gst_pad_remove_probe(pad, probe);
    gst_object_unref(gst_object_ref_sink(unused));
  }
  gst_object_unref(pad);
}

/* ---- acts ---- */

static void seek(Scene* scene) {
  static const double rates[] = {1, 1, 0.5, 2, -1, -2};
  static const GstSeekFlags flags[] = {
      GST_SEEK_FLAG_FLUSH, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT};
  const double rate = rates[pick(scene->rand, G_N_ELEMENTS(rates))];
  const gint64 start = (gint64)pick(scene->rand, 20) * GST_SECOND;
  step("seek to %d s, rate %.1f", (int)(start / GST_SECOND), rate);
  gst_element_seek(scene->pipeline, rate, GST_FORMAT_TIME, flags[pick(scene->rand, 4)],
                   GST_SEEK_TYPE_SET, start, GST_SEEK_TYPE_SET, start + 30 * GST_SECOND);
}

static void change_state(Scene* scene) {
  static const GstState states[] = {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED,
                                    GST_STATE_PLAYING, GST_STATE_PLAYING};
  const GstState state = states[pick(scene->rand, G_N_ELEMENTS(states))];
  step("pipeline to %s", gst_element_state_get_name(state));
  gst_element_set_state(scene->pipeline, state);
}

static void act(Scene* scene) {
  Branch* branch = &scene->branches[pick(scene->rand, BRANCHES)];
  if (!branch->source)
    return add_branch(scene, branch);
  switch (pick(scene->rand, 9)) {
  case 0:
    return remove_branch(scene, branch);
  case 1:
    return exchange_element(scene, branch);
  case 2:
    return seek(scene);
  case 3:
    return change_state(scene);
  case 4:
    step("other caps");
    return set_caps(scene, branch);
  default:
    wait_frames(1 + pick(scene->rand, 10), 30);
    step("frames came");
  }
}

void storm_pipelines(GRand* rand) {
  Scene scene = {.rand = rand, .pipeline = gst_pipeline_new(NULL)};
  GstBus* bus = gst_element_get_bus(scene.pipeline);
  const int count = one_in(rand, 4) ? BRANCHES : 1 + (int)pick(rand, 3);
  gst_object_ref_sink(scene.pipeline);
  for (int i = 0; i < count; i++)
    add_branch(&scene, &scene.branches[i]);
  gst_element_set_state(scene.pipeline, GST_STATE_PLAYING);
  for (guint i = 10 + pick(rand, 20); i > 0; i--) {
    act(&scene);
    gst_bus_set_flushing(bus, TRUE); /* drops the messages */
    gst_bus_set_flushing(bus, FALSE);
  }
  for (int i = 0; i < BRANCHES; i++)
    stop_branch_actors(&scene.branches[i]);
  step("pipeline ends");
  gst_element_set_state(scene.pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(scene.pipeline);
}
