// SPDX-License-Identifier: LGPL-2.1-or-later
// A tracer that measures how late a picture is where it is watched, with a clock in the picture. It
// needs no change of the pipeline: GST_TRACERS=glass, and the folder of this plugin in
// GST_PLUGIN_PATH_1_0.
//
// At the sender it notes when a frame reaches the queue before `fomotransfer`, and draws this time
// into the frame that `fomotransfer` gives. At a viewer that is a GStreamer pipeline, it reads the
// clock in the frames that leave an element named `glass`; `identity name=glass sync=true` passes a
// frame at the moment at which a sink would show it.
//
// The clock is two rows of 16 squares at the bottom: the milliseconds since 1970 modulo 65536, most
// significant bit first, white is 1; below each square its opposite. So a reader knows whether
// there is a clock.
//
// FOMO_GLASS_LOG names a file. Lines, times in microseconds since 1970:
//   frame CAPTURED TAKEN GIVEN   at the queue, at fomotransfer, behind it
//   seen CLOCK NOW               a clock that was read, in milliseconds modulo 65536
#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>

#define BITS 16

#define GLASS_TYPE_TRACER (glass_tracer_get_type())
G_DECLARE_FINAL_TYPE(GlassTracer, glass_tracer, GLASS, TRACER, GstTracer)

struct _GlassTracer {
  GstTracer parent;
  GMutex lock;
  GHashTable* captured; // microseconds, by PTS
  GHashTable* taken;
  FILE* log;
};

G_DEFINE_TYPE(GlassTracer, glass_tracer, GST_TYPE_TRACER)

static void remember(GHashTable* table, GstClockTime key, gint64 value) {
  g_hash_table_insert(table, g_memdup2(&key, sizeof key), g_memdup2(&value, sizeof value));
}

static gint64 recall(GHashTable* table, GstClockTime key, gint64 otherwise) {
  const gint64* value = g_hash_table_lookup(table, &key);
  return value ? *value : otherwise;
}

static gboolean is_a(GstElement* element, const char* factory_name) {
  GstElementFactory* factory = element ? gst_element_get_factory(element) : NULL;
  return factory && g_str_equal(GST_OBJECT_NAME(factory), factory_name);
}

// The element that gets what the pad pushes, or NULL. The caller unrefs it.
static GstElement* receiver_of(GstPad* pad) {
  GstPad* peer = gst_pad_get_peer(pad);
  GstElement* element = peer ? gst_pad_get_parent_element(peer) : NULL;
  gst_clear_object(&peer);
  return element;
}

static gboolean feeds_the_element(GstElement* queue) {
  GstPad* pad = gst_element_get_static_pad(queue, "src");
  GstElement* next = receiver_of(pad);
  const gboolean feeds = is_a(next, "fomotransfer");
  gst_clear_object(&next);
  gst_object_unref(pad);
  return feeds;
}

static gboolean map_frame(GstVideoFrame* frame, GstPad* pad, GstBuffer* buffer, GstMapFlags flags) {
  GstVideoInfo info;
  GstCaps* caps = gst_pad_get_current_caps(pad);
  const gboolean known = caps && gst_video_info_from_caps(&info, caps) &&
                         GST_VIDEO_INFO_COMP_DEPTH(&info, 0) == 8 &&
                         GST_VIDEO_INFO_WIDTH(&info) >= BITS * 4;
  gst_clear_caps(&caps);
  return known && gst_video_frame_map(frame, &info, buffer, flags);
}

// The corner and the side of a square, in pixels.
static gint square(const GstVideoFrame* frame, gint column, gint row, gint* x, gint* y) {
  const gint side = GST_VIDEO_FRAME_WIDTH(frame) / BITS;
  *x = column * side;
  *y = GST_VIDEO_FRAME_HEIGHT(frame) - (2 - row) * side;
  return side;
}

static void fill(GstVideoFrame* frame, gint x, gint y, gint side, gboolean white) {
  const GstVideoFormatInfo* format = frame->info.finfo;
  const gboolean yuv = GST_VIDEO_FORMAT_INFO_IS_YUV(format);
  for (guint c = 0; c < MIN(3, GST_VIDEO_FORMAT_INFO_N_COMPONENTS(format)); c++) {
    const guint8 value = yuv && c > 0 ? 128 : yuv ? (white ? 235 : 16) : (white ? 255 : 0);
    const gint across = format->w_sub[c], down = format->h_sub[c];
    const gint step = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, c);
    for (gint row = y >> down; row < (y + side) >> down; row++) {
      guint8* pixels = (guint8*)GST_VIDEO_FRAME_COMP_DATA(frame, c) +
                       row * GST_VIDEO_FRAME_COMP_STRIDE(frame, c);
      for (gint column = x >> across; column < (x + side) >> across; column++)
        pixels[column * step] = value;
    }
  }
}

static void draw_clock(GstVideoFrame* frame, guint16 clock) {
  for (gint column = 0; column < BITS; column++)
    for (gint row = 0; row < 2; row++) {
      gint x, y;
      const gint side = square(frame, column, row, &x, &y);
      fill(frame, x, y, side, ((clock >> (BITS - 1 - column)) & 1) != row);
    }
}

// The mean of the first component (luma or a colour) in the middle of a square.
static gint brightness(GstVideoFrame* frame, gint column, gint row) {
  gint x, y, sum = 0, count = 0;
  const gint side = square(frame, column, row, &x, &y);
  for (gint i = y + side / 4; i < y + side - side / 4; i++)
    for (gint j = x + side / 4; j < x + side - side / 4; j++, count++)
      sum +=
          *((guint8*)GST_VIDEO_FRAME_COMP_DATA(frame, 0) +
            i * GST_VIDEO_FRAME_COMP_STRIDE(frame, 0) + j * GST_VIDEO_FRAME_COMP_PSTRIDE(frame, 0));
  return sum / count;
}

static gboolean read_clock(GstVideoFrame* frame, guint16* clock) {
  *clock = 0;
  for (gint column = 0; column < BITS; column++) {
    const gint difference = brightness(frame, column, 0) - brightness(frame, column, 1);
    if (ABS(difference) < 60)
      return FALSE;
    *clock = (guint16)(*clock << 1 | (difference > 0));
  }
  return TRUE;
}

static void on_given(GlassTracer* self, GstPad* pad, GstBuffer* buffer, gint64 now) {
  GstVideoFrame frame;
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const gint64 taken = recall(self->taken, pts, now);
  const gint64 captured = recall(self->captured, pts, taken);
  if (!gst_buffer_is_writable(buffer) || !map_frame(&frame, pad, buffer, GST_MAP_READWRITE))
    return;
  draw_clock(&frame, (guint16)(captured / 1000));
  gst_video_frame_unmap(&frame);
  fprintf(self->log, "frame %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
          captured, taken, now);
}

static void on_shown(GlassTracer* self, GstPad* pad, GstBuffer* buffer, gint64 now) {
  GstVideoFrame frame;
  guint16 clock;
  if (!map_frame(&frame, pad, buffer, GST_MAP_READ))
    return;
  if (read_clock(&frame, &clock))
    fprintf(self->log, "seen %u %" G_GINT64_FORMAT "\n", clock, now);
  gst_video_frame_unmap(&frame);
}

static void on_push(GlassTracer* self, GstClockTime time, GstPad* pad, GstBuffer* buffer) {
  (void)time;
  const gint64 now = g_get_real_time();
  GstElement* sender = gst_pad_get_parent_element(pad);
  if (!sender)
    return;
  GstElement* receiver = receiver_of(pad);
  g_mutex_lock(&self->lock);
  if (is_a(sender, "fomotransfer"))
    on_given(self, pad, buffer, now);
  else if (is_a(receiver, "fomotransfer"))
    remember(self->taken, GST_BUFFER_PTS(buffer), now);
  else if (is_a(receiver, "queue") && feeds_the_element(receiver))
    remember(self->captured, GST_BUFFER_PTS(buffer), now);
  else if (g_str_equal(GST_OBJECT_NAME(sender), "glass"))
    on_shown(self, pad, buffer, now);
  g_mutex_unlock(&self->lock);
  gst_clear_object(&receiver);
  gst_object_unref(sender);
}

static void glass_tracer_init(GlassTracer* self) {
  const char* path = g_getenv("FOMO_GLASS_LOG");
  self->log = path ? fopen(path, "w") : NULL;
  if (!self->log) {
    fprintf(stderr, "glass: FOMO_GLASS_LOG names no file that can be written\n");
    return;
  }
  setvbuf(self->log, NULL, _IOLBF, 0); // tests read it while the pipeline runs
  g_mutex_init(&self->lock);
  self->captured = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  self->taken = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  gst_tracing_register_hook(GST_TRACER(self), "pad-push-pre", G_CALLBACK(on_push));
}

// GStreamer keeps its tracers until the process ends, so there is nothing to free.
static void glass_tracer_class_init(GlassTracerClass* klass) { (void)klass; }

static gboolean plugin_init(GstPlugin* plugin) {
  return gst_tracer_register(plugin, "glass", GLASS_TYPE_TRACER);
}

#define PACKAGE "fomotransfer"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, glass,
                  "Measures how late a picture is, with a clock in the picture", plugin_init,
                  "0.1.0", "LGPL", "fomotransfer", "fomotransfer")
