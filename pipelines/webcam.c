// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-webcam: animates pictures with a camera, in a window. Keys in the window and in the terminal
// control it. pipelines/webcam.sh checks the requirements and starts this program; `fomo-webcam
// --help` lists the options.
#include <glib-unix.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MOST_STRENGTH 2.0
#define STRENGTH_STEP 0.1
#define KEY_MESSAGE "fomo-webcam-key"
#define BEGUN_MESSAGE "fomo-webcam-begun"

static const gchar key_help[] =
    "Keys, in the window and here:\n"
    "  x     take the present pose as the neutral pose: look straight ahead\n"
    "  1-9   another picture\n"
    "  + -   more, less motion\n"
    "  o     another overlay: guide, everything, nothing\n"
    "  q     quit\n";

static const gchar* const overlays[] = {"guide", "guide+keypoints+crops+stats", ""};

typedef struct {
  gchar *camera, *driving, *model, *device, *sink;
  gint size;     // side of the square, pixels; 0: the element's output size
  gint frames;   // number of frames to show; -1: no limit
  gchar** words; // paths of the pictures
  gchar** properties;
} Options;

typedef struct {
  Options options;
  GMainLoop* loop;
  GstElement *pipeline, *animator;
  guint overlay; // index into overlays
  gint shown;    // number of frames shown; atomic
  gboolean failed;
  struct termios terminal; // the terminal's settings before the program changed them
  gboolean terminal_changed;
} App;

// ---- keys ----

static void choose_picture(App* app, guint number) {
  if (number > g_strv_length(app->options.words)) {
    g_print("there is no picture %u\n", number);
    return;
  }
  g_object_set(app->animator, "source-image", app->options.words[number - 1], NULL);
}

static void change_strength(App* app, gdouble step) {
  gdouble strength = 1;
  g_object_get(app->animator, "strength", &strength, NULL);
  strength = CLAMP(strength + step, 0, MOST_STRENGTH);
  g_object_set(app->animator, "strength", strength, NULL);
  g_print("strength %.1f\n", strength);
}

static void show_overlay(App* app) {
  const gchar* overlay = overlays[app->overlay];
  gst_util_set_object_arg(G_OBJECT(app->animator), "overlay", overlay);
  g_print("overlay %s\n", *overlay ? overlay : "none");
}

static void press(App* app, gunichar key) {
  if (key >= '1' && key <= '9')
    choose_picture(app, key - '0');
  else if (key == '+' || key == '=')
    change_strength(app, STRENGTH_STEP);
  else if (key == '-')
    change_strength(app, -STRENGTH_STEP);
  else if (key == 'x')
    g_signal_emit_by_name(app->animator, "reset-reference");
  else if (key == 'q')
    g_main_loop_quit(app->loop);
  else if (key == 'o') {
    app->overlay = (app->overlay + 1) % G_N_ELEMENTS(overlays);
    show_overlay(app);
  }
}

// The character of a key, whose window system name is the character itself or a word; 0: no
// character.
static gunichar key_of_name(const gchar* name) {
  static const struct {
    const gchar* name;
    gunichar key;
  } words[] = {{"plus", '+'}, {"KP_Add", '+'},      {"equal", '+'}, {"minus", '-'},
               {"-", '-'},    {"KP_Subtract", '-'}, {"Escape", 'q'}};
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_equal(name, words[i].name))
      return words[i].key;
  if (g_str_has_prefix(name, "KP_"))
    name += strlen("KP_");
  return g_utf8_strlen(name, -1) == 1 ? g_unichar_tolower(g_utf8_get_char(name)) : 0;
}

// Posts a message to the main loop. Thread-safe.
static void post(App* app, GstStructure* what) {
  gst_element_post_message(app->pipeline,
                           gst_message_new_application(GST_OBJECT(app->pipeline), what));
}

// The window's key presses travel upstream as navigation events, in a thread of the window.
static GstPadProbeReturn on_window_event(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  App* app = data;
  const gchar* name = NULL;
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_NAVIGATION ||
      gst_navigation_event_get_type(event) != GST_NAVIGATION_EVENT_KEY_PRESS ||
      !gst_navigation_event_parse_key_event(event, &name))
    return GST_PAD_PROBE_OK;
  post(app, gst_structure_new(KEY_MESSAGE, "key", G_TYPE_UINT, (guint)key_of_name(name), NULL));
  return GST_PAD_PROBE_OK;
}

static gboolean on_terminal(gint descriptor, GIOCondition condition, gpointer data) {
  (void)condition;
  gchar keys[64];
  const gssize count = read(descriptor, keys, sizeof keys);
  for (gssize i = 0; i < count; i++)
    press(data, (guchar)keys[i]);
  return count > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

// Makes the terminal pass on each key at once, without the enter key.
static void open_terminal(App* app) {
  if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &app->terminal) == 0) {
    struct termios direct = app->terminal;
    direct.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    app->terminal_changed = tcsetattr(STDIN_FILENO, TCSANOW, &direct) == 0;
  }
  g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_terminal, app);
}

// ---- the pipeline ----

static GstPadProbeReturn on_frame(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad, (void)info;
  App* app = data;
  const gint shown = g_atomic_int_add(&app->shown, 1) + 1;
  if (shown == 1)
    post(app, gst_structure_new_empty(BEGUN_MESSAGE));
  if (shown == app->options.frames)
    gst_element_post_message(app->pipeline, gst_message_new_eos(GST_OBJECT(app->pipeline)));
  return GST_PAD_PROBE_OK;
}

static const gchar* either(const gchar* given, const gchar* otherwise) {
  return given ? given : otherwise;
}

// The pipeline's text. Its queue keeps only the newest frame: a slow machine shows fewer frames,
// never late ones.
static gchar* description(const Options* options) {
  const gchar* from = options->driving
                          ? "filesrc name=from ! decodebin ! videoconvert ! deinterlace fields=top "
                            "! identity sync=true"
                          : "v4l2src name=from ! decodebin ! videoconvert ! deinterlace fields=top";
  gchar* size = options->size > 0
                    ? g_strdup_printf("! video/x-raw,width=%d,height=%d,pixel-aspect-ratio=1/1",
                                      options->size, options->size)
                    : g_strdup("");
  gchar* text = g_strdup_printf("%s ! queue max-size-buffers=1 leaky=downstream "
                                "! fomotransfer name=animator %s ! videoconvert name=last ! %s",
                                from, size, either(options->sink, "autovideosink sync=false"));
  g_free(size);
  return text;
}

static gboolean set_property(GstElement* animator, const gchar* assignment) {
  gchar** words = g_strsplit(assignment, "=", 2);
  const gboolean known =
      words[0] && words[1] && g_object_class_find_property(G_OBJECT_GET_CLASS(animator), words[0]);
  if (known)
    gst_util_set_object_arg(G_OBJECT(animator), words[0], words[1]);
  else
    g_printerr("'%s' is no property=value of fomotransfer\n", assignment);
  g_strfreev(words);
  return known;
}

static void watch_window(App* app) {
  GstElement* last = gst_bin_get_by_name(GST_BIN(app->pipeline), "last");
  GstPad* pad = gst_element_get_static_pad(last, "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_window_event, app, NULL);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, app, NULL);
  gst_object_unref(pad);
  gst_object_unref(last);
}

static gboolean build(App* app) {
  const Options* options = &app->options;
  const gchar* location =
      options->driving ? options->driving : either(options->camera, "/dev/video0");
  if (!g_file_test(location, G_FILE_TEST_EXISTS)) {
    g_printerr("there is no '%s': name a camera, or a clip with --driving\n", location);
    return FALSE;
  }
  gchar* text = description(options);
  GError* error = NULL;
  app->pipeline = gst_parse_launch_full(text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_free(text);
  if (error) { // an element is not installed
    g_printerr("%s\n", error->message);
    g_clear_error(&error);
    return FALSE;
  }
  GstElement* from = gst_bin_get_by_name(GST_BIN(app->pipeline), "from");
  g_object_set(from, options->driving ? "location" : "device", location, NULL);
  gst_object_unref(from);
  app->animator = gst_bin_get_by_name(GST_BIN(app->pipeline), "animator");
  g_object_set(app->animator, "model", either(options->model, "builtin"), "device",
               either(options->device, "auto"), "source-image", options->words[0], NULL);
  show_overlay(app);
  watch_window(app);
  for (gchar** assignment = options->properties; *assignment; assignment++)
    if (!set_property(app->animator, *assignment))
      return FALSE;
  return TRUE;
}

// ---- the pipeline's messages ----

static void show_event(const GstStructure* structure) {
  if (!gst_structure_has_name(structure, "fomotransfer"))
    return;
  const gchar* event = gst_structure_get_string(structure, "event");
  if (g_str_equal(event, "source-changed"))
    g_print("picture %s\n", gst_structure_get_string(structure, "source-image"));
  else if (g_str_equal(event, "model-loaded"))
    g_print("model %s on %s\n", gst_structure_get_string(structure, "name"),
            gst_structure_get_string(structure, "device"));
  else if (!g_str_equal(event, "slow-frame"))
    g_print("%s\n", event);
}

static void on_error(App* app, GstMessage* message) {
  GError* error = NULL;
  gst_message_parse_error(message, &error, NULL);
  // A sink reports by this error that the user closed its window.
  const gboolean closed = g_atomic_int_get(&app->shown) > 0 &&
                          GST_OBJECT_FLAG_IS_SET(message->src, GST_ELEMENT_FLAG_SINK) &&
                          g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
  if (!closed) {
    g_printerr("%s\n", error->message);
    app->failed = TRUE;
  }
  g_clear_error(&error);
  g_main_loop_quit(app->loop);
}

static void show_warning(GstMessage* message) {
  GError* error = NULL;
  gst_message_parse_warning(message, &error, NULL);
  g_printerr("%s\n", error->message);
  g_clear_error(&error);
}

// Plays the clip in a loop. Only the first seek flushes: a flush makes the element take a new
// neutral pose.
static gboolean play_clip(App* app, GstSeekFlags flags) {
  return gst_element_seek(app->pipeline, 1, GST_FORMAT_TIME, GST_SEEK_FLAG_SEGMENT | flags,
                          GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1);
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer data) {
  (void)bus;
  App* app = data;
  const GstStructure* structure = gst_message_get_structure(message);
  guint key = 0;
  switch (GST_MESSAGE_TYPE(message)) {
  case GST_MESSAGE_SEGMENT_DONE:
    if (!play_clip(app, 0))
      g_main_loop_quit(app->loop);
    break;
  case GST_MESSAGE_APPLICATION:
    if (gst_structure_has_name(structure, KEY_MESSAGE) &&
        gst_structure_get_uint(structure, "key", &key))
      press(app, key);
    else if (gst_structure_has_name(structure, BEGUN_MESSAGE) && app->options.driving)
      play_clip(app, GST_SEEK_FLAG_FLUSH); // a clip that is not seekable plays once
    break;
  case GST_MESSAGE_ELEMENT:
    show_event(structure);
    break;
  case GST_MESSAGE_WARNING:
    show_warning(message);
    break;
  case GST_MESSAGE_ERROR:
    on_error(app, message);
    break;
  case GST_MESSAGE_EOS:
    g_main_loop_quit(app->loop);
    break;
  default:
    break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gpointer data) {
  g_main_loop_quit(((App*)data)->loop);
  return G_SOURCE_CONTINUE;
}

// ---- the program ----

// Removes -- and the words after it from the command line, and returns these words.
static gchar** take_properties(gint* argc, gchar** argv) {
  for (gint i = 1; i < *argc; i++)
    if (g_str_equal(argv[i], "--")) {
      gchar** properties = g_strdupv(argv + i + 1);
      argv[i] = NULL;
      *argc = i;
      return properties;
    }
  return g_new0(gchar*, 1);
}

static gboolean parse(Options* options, gint* argc, gchar*** argv) {
  options->properties = take_properties(argc, *argv);
  const GOptionEntry entries[] = {
      {"camera", 0, 0, G_OPTION_ARG_FILENAME, &options->camera, "The camera's device", "FILE"},
      {"driving", 0, 0, G_OPTION_ARG_FILENAME, &options->driving,
       "Play this clip in a loop instead of the camera", "FILE"},
      {"model", 0, 0, G_OPTION_ARG_FILENAME, &options->model, "A checkpoint, or builtin", "FILE"},
      {"device", 0, 0, G_OPTION_ARG_STRING, &options->device, "auto, cpu, cuda or cuda:N", "NAME"},
      {"size", 0, 0, G_OPTION_ARG_INT, &options->size,
       "Side of the square that is shown; 0: the element's output size", "PIXELS"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &options->frames, "Stop after N frames; -1: never", "N"},
      {"sink", 0, 0, G_OPTION_ARG_STRING, &options->sink, "The video sink", "ELEMENT"},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->words, NULL, NULL},
      {0}};
  GOptionContext* context = g_option_context_new("PICTURE ... [-- property=value ...]");
  g_option_context_set_summary(context, "Animates pictures with a camera, in a window.");
  g_option_context_set_description(context, key_help);
  g_option_context_add_main_entries(context, entries, NULL);
  g_option_context_add_group(context, gst_init_get_option_group());
  GError* error = NULL;
  const gboolean parsed = g_option_context_parse(context, argc, argv, &error);
  g_option_context_free(context);
  if (!parsed)
    g_printerr("%s\n", error->message);
  else if (!options->words)
    g_printerr("name a picture to animate (see --help)\n");
  g_clear_error(&error);
  return parsed && options->words;
}

static void run(App* app) {
  GstBus* bus = gst_element_get_bus(app->pipeline);
  gst_bus_add_watch(bus, on_message, app);
  g_unix_signal_add(SIGINT, on_signal, app);
  g_unix_signal_add(SIGTERM, on_signal, app);
  g_print("%s", key_help);
  open_terminal(app);
  gst_element_set_state(app->pipeline, GST_STATE_PLAYING);
  g_main_loop_run(app->loop);
  if (app->terminal_changed)
    tcsetattr(STDIN_FILENO, TCSANOW, &app->terminal);
  gst_element_set_state(app->pipeline, GST_STATE_NULL);
  g_print("%d frames\n", g_atomic_int_get(&app->shown));
  gst_bus_remove_watch(bus);
  gst_object_unref(bus);
}

int main(int argc, char** argv) {
  App app = {.options = {.size = 512, .frames = -1}};
  if (!parse(&app.options, &argc, &argv))
    return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  app.loop = g_main_loop_new(NULL, FALSE);
  app.failed = !build(&app);
  if (!app.failed)
    run(&app);
  g_clear_object(&app.animator);
  g_clear_object(&app.pipeline);
  g_main_loop_unref(app.loop);
  g_strfreev(app.options.words);
  g_strfreev(app.options.properties);
  g_free(app.options.camera);
  g_free(app.options.driving);
  g_free(app.options.model);
  g_free(app.options.device);
  g_free(app.options.sink);
  return app.failed ? 1 : 0;
}
