/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The storm's program: rounds of random use until the time is over, then the growth of memory.
 *   storm [--seconds N | --minutes N] [--seed S] [--starts N --frames N --pictures N] [--verbose]
 * With FOMOTRANSFER_ENGINE in the environment the element uses the fake engine of tests/gst. A seed
 * gives the same actions, but threads meet differently each time. The status is 0 if the process
 * lives, nothing hangs, no message is empty, and nothing grows. */
#include "storm.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACE 60       /* steps that are kept */
#define PATIENCE_S 120 /* without a step */

gboolean real_engine;

static gint option_seconds = 10, option_minutes = 0, option_seed = 0;
static gint option_starts = 500, option_frames = 10000, option_pictures = 1000;
static gboolean option_verbose;

/* ---- trace and watchdog ---- */

/* A mutex of the C library: the thread sanitizer knows it, and not GLib's. */
static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static char trace[TRACE][160];
static guint steps;

void step(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&trace_lock);
  char* line = trace[steps++ % TRACE];
  vsnprintf(line, sizeof trace[0], format, arguments);
  if (option_verbose)
    fprintf(stderr, "storm: %s\n", line);
  pthread_mutex_unlock(&trace_lock);
  va_end(arguments);
}

void broken(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&trace_lock);
  fprintf(stderr, "storm: the last steps with --seed %d, the newest at the end:\n", option_seed);
  for (guint i = steps > TRACE ? steps - TRACE : 0; i < steps; i++)
    fprintf(stderr, "  %s\n", trace[i % TRACE]);
  fprintf(stderr, "storm: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  abort();
}

static void* watch(void* unused) {
  (void)unused;
  guint seen = 0;
  for (int waited = 0;; waited++) {
    sleep(1);
    pthread_mutex_lock(&trace_lock);
    if (seen != steps)
      waited = 0;
    seen = steps;
    pthread_mutex_unlock(&trace_lock);
    if (waited > PATIENCE_S)
      broken("nothing has happened for %d seconds", PATIENCE_S);
  }
  return NULL;
}

/* ---- random numbers and elements ---- */

guint pick(GRand* rand, guint count) {
  return (guint)g_rand_int_range(rand, 0, (gint32)MAX(count, 1));
}

gboolean one_in(GRand* rand, guint count) { return pick(rand, count) == 0; }

GstElement* new_element(GRand* rand) {
  GstElement* element = gst_element_factory_make_full("fomotransfer", "source-image",
                                                      good_picture(rand), "device", "cpu", NULL);
  if (!element)
    broken("no element fomotransfer");
  if (!real_engine) {
    static const char* const models[] = {"fake", "fake:size=32x48", "fake:faces=1", "fake:faces=3"};
    g_object_set(element, "model", models[pick(rand, G_N_ELEMENTS(models))], NULL);
  } else {
    const char* golden = one_in(rand, 5) ? "vox" : "zero-order";
    char* model = g_strdup_printf("%s/golden/%s/checkpoint.pth.tar", FOMO_TEST_DATA, golden);
    char* config = g_strdup_printf("%s/golden/%s/config.yaml", FOMO_TEST_DATA, golden);
    g_object_set(element, "model", model, "config", config, NULL);
    g_free(model);
    g_free(config);
  }
  return element;
}

/* ---- the program ---- */

/* The thread sanitizer does not support the child of a process with threads. */
#ifdef __SANITIZE_THREAD__
#define CAN_FORK FALSE
#else
#define CAN_FORK TRUE
#endif

static void parse_options(int argc, char** argv) {
  const GOptionEntry entries[] = {
      {"seconds", 0, 0, G_OPTION_ARG_INT, &option_seconds, "How long the storm lasts", "N"},
      {"minutes", 0, 0, G_OPTION_ARG_INT, &option_minutes, "The same in minutes", "N"},
      {"seed", 0, 0, G_OPTION_ARG_INT, &option_seed, "Of the random numbers; default: random", "S"},
      {"starts", 0, 0, G_OPTION_ARG_INT, &option_starts, "Starts whose growth is measured", "N"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &option_frames, "Frames whose growth is measured", "N"},
      {"pictures", 0, 0, G_OPTION_ARG_INT, &option_pictures, "Pictures, too", "N"},
      {"verbose", 0, 0, G_OPTION_ARG_NONE, &option_verbose, "Print every step", NULL},
      {0}};
  GError* error = NULL;
  GOptionContext* context = g_option_context_new("- storms the element fomotransfer");
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error)) {
    fprintf(stderr, "storm: %s\n", error->message);
    exit(2);
  }
  g_option_context_free(context);
}

int main(int argc, char** argv) {
  parse_options(argc, argv);
  gst_init(NULL, NULL);
  real_engine = g_getenv("FOMOTRANSFER_ENGINE") == NULL;
  if (option_seed == 0)
    option_seed = (gint)(g_random_int() & 0x7fffffff);
  printf("storm: --seed %d, %s engine\n", option_seed, real_engine ? "real" : "fake");
  fflush(stdout);
  pthread_t watchdog;
  pthread_create(&watchdog, NULL, watch, NULL);
  pthread_detach(watchdog);
  make_pictures();

  GRand* rand = g_rand_new_with_seed((guint32)option_seed);
  const gint64 seconds = option_minutes > 0 ? 60 * (gint64)option_minutes : option_seconds;
  const gint64 end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
  guint rounds = 0;
  while (g_get_monotonic_time() < end) {
    rounds++;
    if (CAN_FORK && rounds % 10 == 5)
      storm_fork(rand);
    else if (one_in(rand, 3))
      storm_pipelines(rand);
    else
      storm_pads(rand);
  }
  printf("storm: %u rounds, %u steps\n", rounds, steps);
  fflush(stdout);
  measure_growth(rand, (guint)option_starts, (guint)option_frames, (guint)option_pictures);
  g_rand_free(rand);
  remove_pictures();
  return 0;
}
