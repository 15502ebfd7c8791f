/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"

/* ---- pictures ---- */

static char folder[] = "/tmp/fomo-storm-XXXXXX";
static char* good[3]; /* readable */
static char* rewritten;
static char* fifo;

/* Small pictures: the fuzzers' seeds; for the fake engine files of its own. */
static char* copy_picture(int index) {
  static const char* const seeds[G_N_ELEMENTS(good)] = {"png/rgb", "jpeg/rgb", "gif/interlaced"};
  char* path = g_strdup_printf("%s/good-%d", folder, index);
  char* bytes = NULL;
  gsize size = 0;
  if (real_engine) {
    char* seed = g_strdup_printf("%s/%s", FOMO_CORPUS, seeds[index]);
    if (!g_file_get_contents(seed, &bytes, &size, NULL))
      broken("%s cannot be read", seed);
    g_free(seed);
  } else {
    bytes = g_strdup_printf("FAKE %d 128 64\n", 60 * index + 10);
    size = strlen(bytes);
  }
  if (!g_file_set_contents(path, bytes, (gssize)size, NULL))
    broken("%s cannot be written", path);
  g_free(bytes);
  return path;
}

void make_pictures(void) {
  if (!g_mkdtemp(folder))
    broken("no temporary folder");
  for (guint i = 0; i < G_N_ELEMENTS(good); i++)
    good[i] = copy_picture((int)i);
  rewritten = g_strdup_printf("%s/rewritten", folder);
  fifo = g_strdup_printf("%s/fifo", folder);
  if (mkfifo(fifo, 0600) != 0)
    broken("no FIFO");
}

void remove_pictures(void) {
  for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
    g_unlink(good[i]);
    g_free(good[i]);
  }
  g_unlink(rewritten);
  g_unlink(fifo);
  g_free(rewritten);
  g_free(fifo);
  g_rmdir(folder);
}

const char* good_picture(GRand* rand) { return good[pick(rand, G_N_ELEMENTS(good))]; }

/* The file is not whole most of the time. */
static void rewrite(GRand* rand) {
  char* bytes = NULL;
  gsize size = 0;
  if (!g_file_get_contents(good_picture(rand), &bytes, &size, NULL))
    return;
  const int file = open(rewritten, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const gsize first = pick(rand, (guint)size);
  if (write(file, bytes, first) == (gssize)first) {
    g_thread_yield();
    if (write(file, bytes + first, size - first) < 0)
      broken("the temporary folder is full");
  }
  close(file);
  g_free(bytes);
}

static void set_sample(GRand* rand, GstElement* element) {
  GstCaps* caps = random_caps(rand, !one_in(rand, 4));
  GstVideoInfo info;
  GstBuffer* buffer = gst_video_info_from_caps(&info, caps)
                          ? random_frame(rand, &info, !one_in(rand, 4))
                          : gst_buffer_new_allocate(NULL, 100, NULL);
  GstSample* sample = gst_sample_new(buffer, one_in(rand, 8) ? NULL : caps, NULL, NULL);
  g_object_set(element, "source-sample", sample, NULL);
  gst_sample_unref(sample);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
}

static void set_picture(GRand* rand, GstElement* element) {
  const char* property = one_in(rand, 8) ? "reference-image" : "source-image";
  /* The fake engine would wait for a writer of the FIFO. */
  const char* const places[] = {
      rewritten, real_engine ? fifo : "/no/fifo", "/nowhere.png",   folder,        "/dev/zero",
      "",        "file://host/etc/passwd",        "/proc/self/mem", "/dev/random", "file:"};
  switch (pick(rand, 4)) {
  case 0:
    set_sample(rand, element);
    break;
  case 1:
    rewrite(rand);
    g_object_set(element, property, rewritten, NULL);
    break;
  case 2:
    g_object_set(element, property, places[pick(rand, G_N_ELEMENTS(places))], NULL);
    break;
  default:
    g_object_set(element, property, good_picture(rand), NULL);
  }
}

/* ---- properties ---- */

static void set_string(GRand* rand, GstElement* element, const char* name) {
  static const char* const texts[] = {"",         "auto", "cpu",  "~",
                                      "\xff\xfe", "/",    "fp32", "0x7fffffff"};
  g_object_set(element, name, texts[pick(rand, G_N_ELEMENTS(texts))], NULL);
}

/* A value within the limits that the property's specification tells. */
static void set_property(GRand* rand, GstElement* element, GParamSpec* spec) {
  const char* name = spec->name;
  if (G_IS_PARAM_SPEC_BOOLEAN(spec)) {
    g_object_set(element, name, (gboolean)pick(rand, 2), NULL);
  } else if (G_IS_PARAM_SPEC_INT(spec)) {
    const GParamSpecInt* of = G_PARAM_SPEC_INT(spec);
    const int values[] = {of->minimum, of->maximum, of->default_value, 1};
    g_object_set(element, name, CLAMP(values[pick(rand, 4)], of->minimum, of->maximum), NULL);
  } else if (G_IS_PARAM_SPEC_DOUBLE(spec)) {
    const GParamSpecDouble* of = G_PARAM_SPEC_DOUBLE(spec);
    g_object_set(element, name, g_rand_double_range(rand, of->minimum, of->maximum), NULL);
  } else if (G_IS_PARAM_SPEC_UINT64(spec)) {
    g_object_set(element, name, one_in(rand, 2) ? G_GUINT64_CONSTANT(0) : 50 * GST_MSECOND, NULL);
  } else if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumClass* of = G_PARAM_SPEC_ENUM(spec)->enum_class;
    g_object_set(element, name, of->values[pick(rand, of->n_values)].value, NULL);
  } else if (G_IS_PARAM_SPEC_FLAGS(spec)) {
    g_object_set(element, name, pick(rand, 128) & G_PARAM_SPEC_FLAGS(spec)->flags_class->mask,
                 NULL);
  }
}

/* What decides whether the element can start is left as it is, but now and then. */
static gboolean is_delicate(const char* name) {
  static const char* const names[] = {"name", "parent", "model", "config", "device", "precision"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (strcmp(name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static void use_properties(GRand* rand, GstElement* element) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  for (int i = 0; i < 4; i++) {
    GParamSpec* spec = specs[pick(rand, count)];
    if ((spec->flags & G_PARAM_WRITABLE) && !is_delicate(spec->name))
      set_property(rand, element, spec);
    if (spec->flags & G_PARAM_READABLE) {
      GValue value = G_VALUE_INIT;
      g_value_init(&value, spec->value_type);
      g_object_get_property(G_OBJECT(element), spec->name, &value);
      g_value_unset(&value);
    }
  }
  if (one_in(rand, 50)) { /* the element goes on with what it has, and fails at the next start */
    char* before = NULL;
    const char* name = one_in(rand, 2) ? "model" : "config";
    g_object_get(element, name, &before, NULL);
    set_string(rand, element, name);
    g_object_set(element, name, before, NULL);
    g_free(before);
  }
  g_free(specs);
}

/* ---- questions ---- */

static void ask(GRand* rand, GstElement* element) {
  GstPad* pad = gst_element_get_static_pad(element, one_in(rand, 2) ? "src" : "sink");
  GstQuery* query = NULL;
  GstCaps* caps = random_caps(rand, FALSE);
  switch (pick(rand, 6)) {
  case 0:
    query = gst_query_new_latency();
    break;
  case 1:
    query = gst_query_new_caps(one_in(rand, 2) ? NULL : caps);
    break;
  case 2:
    query = gst_query_new_accept_caps(caps);
    break;
  case 3:
    query = gst_query_new_position(GST_FORMAT_TIME);
    break;
  case 4:
    g_signal_emit_by_name(element, "reset-reference");
    break;
  default:
    gst_element_send_event(element,
                           gst_event_new_navigation(gst_structure_new(
                               "application/x-gst-navigation", "event", G_TYPE_STRING, "mouse-move",
                               "pointer_x", G_TYPE_DOUBLE, g_rand_double_range(rand, -1e9, 1e9),
                               "pointer_y", G_TYPE_DOUBLE, 2.0, NULL)));
  }
  if (query) {
    gst_pad_query(pad, query);
    gst_query_unref(query);
  }
  gst_caps_unref(caps);
  gst_object_unref(pad);
}

/* ---- threads ---- */

typedef void (*Act)(GRand* rand, GstElement* element);
static const Act acts[] = {set_picture, use_properties, ask};

typedef struct {
  Actors* actors;
  Act act;
  guint32 seed;
  pthread_t thread;
} Actor;

struct Actors {
  GstElement* element;
  gint ending;
  Actor actor[G_N_ELEMENTS(acts)];
};

static void* run_actor(void* data) {
  Actor* actor = data;
  GRand* rand = g_rand_new_with_seed(actor->seed);
  while (!g_atomic_int_get(&actor->actors->ending)) {
    actor->act(rand, actor->actors->element);
    g_usleep(pick(rand, 2000)); /* so that frames flow between two acts */
  }
  g_rand_free(rand);
  return NULL;
}

Actors* start_actors(GstElement* element, guint32 seed) {
  Actors* actors = g_new0(Actors, 1);
  actors->element = gst_object_ref(element);
  for (guint i = 0; i < G_N_ELEMENTS(acts); i++) {
    actors->actor[i] = (Actor){actors, acts[i], seed + i, 0};
    if (pthread_create(&actors->actor[i].thread, NULL, run_actor, &actors->actor[i]) != 0)
      broken("no thread");
  }
  return actors;
}

void stop_actors(Actors* actors) {
  g_atomic_int_set(&actors->ending, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS(acts); i++)
    pthread_join(actors->actor[i].thread, NULL);
  gst_object_unref(actors->element);
  g_free(actors);
}
