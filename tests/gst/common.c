/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char* folder;

FakeEngine* fake(void) {
  void* library = dlopen(g_getenv("FOMO_FAKE_ENGINE"), RTLD_NOW | RTLD_LOCAL);
  fail_unless(library != NULL, "%s", dlerror());
  FakeEngine* engine = dlsym(library, FAKE_ENGINE_SYMBOL);
  fail_unless(engine != NULL);
  return engine;
}

void fake_wait(const int* what, int least) {
  FakeEngine* engine = fake();
  g_mutex_lock(&engine->lock);
  while (*what < least)
    g_cond_wait(&engine->changed, &engine->lock);
  g_mutex_unlock(&engine->lock);
}

/* ---- fixture ---- */

static void remove_folder(const char* path) {
  GDir* dir = g_dir_open(path, 0, NULL);
  const char* name;
  while (dir && (name = g_dir_read_name(dir))) {
    char* file = g_build_filename(path, name, NULL);
    g_unlink(file);
    g_free(file);
  }
  if (dir)
    g_dir_close(dir);
  g_rmdir(path);
}

static void expect_no_leaks(void) {
  GList* tracers = gst_tracing_get_active_tracers();
  fail_unless(tracers != NULL, "run with GST_TRACERS=leaks");
  GstStructure* live = NULL;
  g_signal_emit_by_name(tracers->data, "get-live-objects", &live);
  g_list_free_full(tracers, gst_object_unref);
  fail_unless(live != NULL);
  const GValue* list = gst_structure_get_value(live, "live-objects-list");
  for (guint i = 0; list && i < gst_value_list_get_size(list); i++) {
    const GstStructure* entry = g_value_get_boxed(gst_value_list_get_value(list, i));
    const GValue* object = gst_structure_get_value(entry, "object");
    /* Plugin features belong to their plugins and live on, whenever the plugins are loaded. */
    if (G_VALUE_HOLDS(object, GST_TYPE_PLUGIN_FEATURE))
      continue;
    char* text = gst_structure_to_string(entry);
    fail("left over: %s", text);
  }
  /* The tracer does not own the objects in its list, so only an empty list may be freed. */
  if (!list || gst_value_list_get_size(list) == 0)
    gst_structure_free(live);
}

static void set_up(void) { folder = g_dir_make_tmp("fomotransfer-test-XXXXXX", NULL); }

static void tear_down(void) {
  remove_folder(folder);
  g_clear_pointer(&folder, g_free);
  expect_no_leaks();
  if (g_getenv("FOMO_FAKE_ENGINE") == NULL)
    return;
  FakeEngine* engine = fake();
  fail_unless_equals_int(engine->models, 0);
  fail_unless_equals_int(engine->pictures, 0);
  fail_unless_equals_int(engine->sources, 0);
  fail_unless_equals_int(engine->poses, 0);
  fail_unless_equals_int(engine->streams, 0);
}

void add_fixture(TCase* tests) { tcase_add_checked_fixture(tests, set_up, tear_down); }

const char* test_folder(void) { return folder; }

const char* text_file(const char* name, const char* text) {
  char* path = g_build_filename(folder, name, NULL);
  fail_unless(g_file_set_contents(path, text, -1, NULL));
  const char* kept = g_intern_string(path);
  g_free(path);
  return kept;
}

const char* picture_file(int r, int g, int b) {
  char* text = g_strdup_printf("FAKE %d %d %d\n", r, g, b);
  char* name = g_strdup_printf("%d-%d-%d.picture", r, g, b);
  const char* path = text_file(name, text);
  g_free(name);
  g_free(text);
  return path;
}

/* ---- elements and messages ---- */

GstElement* fake_element(int width, int height) {
  char* model = g_strdup_printf("fake:size=%dx%d", width, height);
  GstElement* element = gst_element_factory_make_full(
      "fomotransfer", "model", model, "source-image", picture_file(128, 128, 128), "relative",
      FALSE, "detail", FALSE, "reference", FOMO_REFERENCE_FIRST, NULL);
  fail_unless(element != NULL);
  g_free(model);
  return element;
}

GstHarness* fake_harness(int width, int height, const char* property, ...) {
  GstElement* element = fake_element(width, height);
  va_list properties;
  va_start(properties, property);
  if (property)
    g_object_set_valist(G_OBJECT(element), property, properties);
  va_end(properties);
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  gst_object_unref(bus);
  GstHarness* harness = gst_harness_new_with_element(element, "sink", "src");
  gst_object_unref(element);
  return harness;
}

GstBus* harness_bus(GstHarness* harness) { return GST_ELEMENT_BUS(harness->element); }

void end_harness(GstHarness* harness) {
  GstElement* element = gst_object_ref(harness->element);
  gst_harness_teardown(harness);
  gst_bus_set_flushing(GST_ELEMENT_BUS(element), TRUE);
  gst_element_set_bus(element, NULL);
  gst_object_unref(element);
}

void flush(GstHarness* harness) {
  GstSegment segment;
  fail_unless(gst_harness_push_event(harness, gst_event_new_flush_start()));
  fail_unless(gst_harness_push_event(harness, gst_event_new_flush_stop(TRUE)));
  gst_segment_init(&segment, GST_FORMAT_TIME);
  fail_unless(gst_harness_push_event(harness, gst_event_new_segment(&segment)));
}

static gboolean is_wanted(GstMessage* message, const char* event) {
  if (!event)
    return TRUE;
  const GstStructure* structure = gst_message_get_structure(message);
  return structure && gst_structure_has_name(structure, "fomotransfer") &&
         g_strcmp0(gst_structure_get_string(structure, "event"), event) == 0;
}

static GstMessage* next_message(GstBus* bus, GstClockTime timeout, GstMessageType types,
                                const char* event) {
  GstMessage* message;
  while ((message = gst_bus_timed_pop_filtered(bus, timeout, types))) {
    if (is_wanted(message, event))
      return message;
    gst_message_unref(message);
  }
  return NULL;
}

GstMessage* wait_message(GstBus* bus, GstMessageType types, const char* event) {
  return next_message(bus, GST_CLOCK_TIME_NONE, types, event);
}

static void collect(GstElement* sink, GstBuffer* buffer, GstPad* pad, GPtrArray* buffers) {
  (void)sink;
  (void)pad;
  g_ptr_array_add(buffers, gst_buffer_ref(buffer));
}

GPtrArray* buffers_of(const char* launch) {
  GstElement* pipeline = gst_parse_launch(launch, NULL);
  fail_unless(pipeline != NULL, "%s", launch);
  GPtrArray* buffers = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  g_signal_connect(out, "handoff", G_CALLBACK(collect), buffers);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = wait_message(bus, GST_MESSAGE_EOS | GST_MESSAGE_ERROR, NULL);
  fail_unless_equals_int((int)GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS);
  gst_message_unref(message);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  return buffers;
}

gboolean have_message(GstBus* bus, GstMessageType types, const char* event) {
  GstMessage* message = next_message(bus, 0, types, event);
  if (message)
    gst_message_unref(message);
  return message != NULL;
}

void expect_complaint(GstBus* bus, GstMessageType type, GQuark domain, gint code,
                      const char* const words[]) {
  GstMessage* message = wait_message(bus, type, NULL);
  GError* error = NULL;
  char* debug = NULL;
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error(message, &error, &debug);
  else
    gst_message_parse_warning(message, &error, &debug);
  fail_unless_equals_string(g_quark_to_string(error->domain), g_quark_to_string(domain));
  fail_unless_equals_int(error->code, code);
  for (; words && *words; words++)
    fail_unless(strstr(error->message, *words) != NULL, "'%s' is not in: %s", *words,
                error->message);
  g_error_free(error);
  g_free(debug);
  gst_message_unref(message);
}

/* ---- frames ---- */

/* Draws a smooth pattern, which scaling and chroma subsampling hardly change, as RGBA and converts
 * it. */
static void draw_pattern(GstVideoFrame* frame) {
  const int width = GST_VIDEO_FRAME_WIDTH(frame), height = GST_VIDEO_FRAME_HEIGHT(frame);
  for (int y = 0; y < height; y++) {
    guint8* out =
        (guint8*)GST_VIDEO_FRAME_PLANE_DATA(frame, 0) + y * GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);
    for (int x = 0; x < width; x++, out += 4) {
      out[0] = (guint8)(40 + 170 * x / width);
      out[1] = (guint8)(40 + 170 * y / height);
      out[2] = (guint8)(210 - 85 * x / width - 85 * y / height);
      out[3] = 255;
    }
  }
}

static void convert(const GstVideoInfo* in_info, GstBuffer* in, const GstVideoInfo* out_info,
                    GstBuffer* out, Part part) {
  GstVideoInfo from = *in_info, to = *out_info;
  GstVideoFrame in_frame, out_frame;
  from.fps_n = to.fps_n = 0;
  from.fps_d = to.fps_d = 1;
  from.interlace_mode = to.interlace_mode = GST_VIDEO_INTERLACE_MODE_PROGRESSIVE;
  const gboolean shrinks = to.width < part.width || to.height < part.height;
  fail_unless(gst_video_frame_map(&in_frame, &from, in, GST_MAP_READ));
  fail_unless(gst_video_frame_map(&out_frame, &to, out, GST_MAP_WRITE));
  GstVideoConverter* converter = gst_video_converter_new(
      &from, &to,
      gst_structure_new(
          "config", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT, part.x,
          GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, part.y, GST_VIDEO_CONVERTER_OPT_SRC_WIDTH,
          G_TYPE_INT, part.width, GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT, G_TYPE_INT, part.height,
          GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
          shrinks ? GST_VIDEO_RESAMPLER_METHOD_LINEAR : GST_VIDEO_RESAMPLER_METHOD_CUBIC, NULL));
  fail_unless(converter != NULL);
  gst_video_converter_frame(converter, &in_frame, &out_frame);
  gst_video_converter_free(converter);
  gst_video_frame_unmap(&in_frame);
  gst_video_frame_unmap(&out_frame);
}

/* A buffer whose rows are `padding` pixels longer than necessary; the padding contains noise. */
static GstBuffer* padded_buffer(const GstVideoInfo* info, int padding) {
  GstVideoInfo padded = *info;
  GstVideoAlignment align;
  gst_video_alignment_reset(&align);
  align.padding_right = align.padding_top = align.padding_bottom = (guint)padding;
  fail_unless(gst_video_info_align(&padded, &align));
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, padded.size, NULL);
  gst_buffer_memset(buffer, 0, 0xe7, padded.size);
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(info),
                                 (guint)info->width, (guint)info->height,
                                 GST_VIDEO_INFO_N_PLANES(info), padded.offset, padded.stride);
  return buffer;
}

GstBuffer* pattern_frame(const GstVideoInfo* info, int padding) {
  GstVideoInfo drawn;
  gst_video_info_set_format(&drawn, GST_VIDEO_FORMAT_RGBA, (guint)info->width, (guint)info->height);
  GstBuffer* drawing = gst_buffer_new_allocate(NULL, drawn.size, NULL);
  GstVideoFrame frame;
  fail_unless(gst_video_frame_map(&frame, &drawn, drawing, GST_MAP_WRITE));
  draw_pattern(&frame);
  gst_video_frame_unmap(&frame);

  GstBuffer* buffer =
      padding ? padded_buffer(info, padding) : gst_buffer_new_allocate(NULL, info->size, NULL);
  convert(&drawn, drawing, info, buffer, (Part){0, 0, info->width, info->height});
  gst_buffer_unref(drawing);
  return buffer;
}

GstBuffer* color_frame(int width, int height, int r, int g, int b) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, (guint)width, (guint)height);
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, info.size, NULL);
  GstVideoFrame frame;
  fail_unless(gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE));
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      guint8* out = (guint8*)frame.data[0] + y * info.stride[0] + x * 3;
      out[0] = (guint8)r;
      out[1] = (guint8)g;
      out[2] = (guint8)b;
    }
  gst_video_frame_unmap(&frame);
  return buffer;
}

GstBuffer* to_rgb(const GstVideoInfo* info, GstBuffer* buffer, Part part, int width, int height) {
  GstVideoInfo rgb;
  gst_video_info_set_format(&rgb, GST_VIDEO_FORMAT_RGB, (guint)width, (guint)height);
  GstBuffer* out = gst_buffer_new_allocate(NULL, rgb.size, NULL);
  convert(info, buffer, &rgb, out, part);
  return out;
}

int reading_tolerance(const GstVideoFormatInfo* format) {
  if (!GST_VIDEO_FORMAT_INFO_IS_YUV(format) || GST_VIDEO_FORMAT_INFO_DEPTH(format, 0) != 8 ||
      GST_VIDEO_FORMAT_INFO_IS_COMPLEX(format) || GST_VIDEO_FORMAT_INFO_IS_TILED(format))
    return 0;
  const guint subsampling = format->w_sub[1] + format->h_sub[1];
  // 4:4:4; 4:2:2 and 4:2:0; 4:1:1; 4:1:0
  return subsampling == 0 ? 6 : format->w_sub[1] < 2 ? 14 : subsampling == 2 ? 28 : 48;
}

GstBuffer* from_rgb(GstBuffer* buffer, const GstVideoInfo* info) {
  GstVideoInfo rgb;
  gst_video_info_set_format(&rgb, GST_VIDEO_FORMAT_RGB, (guint)info->width, (guint)info->height);
  GstBuffer* out = gst_buffer_new_allocate(NULL, info->size, NULL);
  convert(&rgb, buffer, info, out, (Part){0, 0, info->width, info->height});
  return out;
}

int max_difference(GstBuffer* a, GstBuffer* b, int width, int height) {
  GstVideoInfo rgb;
  GstVideoFrame frame_a, frame_b;
  gst_video_info_set_format(&rgb, GST_VIDEO_FORMAT_RGB, (guint)width, (guint)height);
  fail_unless(gst_video_frame_map(&frame_a, &rgb, a, GST_MAP_READ));
  fail_unless(gst_video_frame_map(&frame_b, &rgb, b, GST_MAP_READ));
  int most = 0;
  for (int y = 0; y < height; y++) {
    const guint8* row_a = (guint8*)frame_a.data[0] + y * frame_a.info.stride[0];
    const guint8* row_b = (guint8*)frame_b.data[0] + y * frame_b.info.stride[0];
    for (int x = 0; x < width * 3; x++)
      most = MAX(most, ABS(row_a[x] - row_b[x]));
  }
  gst_video_frame_unmap(&frame_a);
  gst_video_frame_unmap(&frame_b);
  return most;
}

void pixel_of(GstBuffer* buffer, int width, int height, int x, int y, int color[3]) {
  GstVideoInfo rgb;
  GstVideoFrame frame;
  gst_video_info_set_format(&rgb, GST_VIDEO_FORMAT_RGB, (guint)width, (guint)height);
  fail_unless(gst_video_frame_map(&frame, &rgb, buffer, GST_MAP_READ));
  const guint8* at = (guint8*)frame.data[0] + y * frame.info.stride[0] + x * 3;
  for (int c = 0; c < 3; c++)
    color[c] = at[c];
  gst_video_frame_unmap(&frame);
}

int red_of_picture(GstHarness* harness) {
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 128, 128, 128)),
                         GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  int color[3];
  pixel_of(result, 64, 64, 5, 5, color);
  gst_buffer_unref(result);
  return color[0];
}
