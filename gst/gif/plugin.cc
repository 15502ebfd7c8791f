// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomogifdec
 * @title: fomogifdec
 * @short_description: Decodes animated GIF files
 *
 * The GIF demuxer of GStreamer's libav plugin (1.22) sends no end of stream and no time stamps.
 * This decoder sends both, so that a GIF file can be a driving video. It has a plugin of its own,
 * because it links giflib.
 *
 * Since: 0.1
 */
#include <gst/gst.h>
#include <gst/video/video.h>

#include <exception>

#include "gst/gif/gif_decoder.h"

struct GstFomoGifDec {
  GstElement parent;
  GstPad *sink, *src;
  GByteArray* bytes;
};
struct GstFomoGifDecClass {
  GstElementClass parent;
};

G_DEFINE_TYPE(GstFomoGifDec, gst_fomo_gif_dec, GST_TYPE_ELEMENT)

namespace {

constexpr guint kMostBytes = 256U << 20;

GstFomoGifDec* self_of(GstObject* object) { return reinterpret_cast<GstFomoGifDec*>(object); }

GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
  GstFomoGifDec* self = self_of(parent);
  GstMapInfo map;
  const bool fits = gst_buffer_get_size(buffer) <= kMostBytes - self->bytes->len;
  const bool mapped = fits && gst_buffer_map(buffer, &map, GST_MAP_READ);
  if (mapped) {
    g_byte_array_append(self->bytes, map.data, static_cast<guint>(map.size));
    gst_buffer_unmap(buffer, &map);
  } else {
    GST_ELEMENT_ERROR(
        self, STREAM, DECODE,
        ("The GIF file has more than %u MiB. Use a video file instead.", kMostBytes >> 20),
        (nullptr));
  }
  gst_buffer_unref(buffer);
  return mapped ? GST_FLOW_OK : GST_FLOW_ERROR;
}

void push_caps(GstFomoGifDec* self, const fomo::GifDecoder& gif) {
  const int delay = gif.common_delay();
  GstCaps* caps = gst_caps_new_simple(
      "video/x-raw", "format", G_TYPE_STRING, "RGBA", "width", G_TYPE_INT, gif.width(), "height",
      G_TYPE_INT, gif.height(), "framerate", GST_TYPE_FRACTION, delay > 0 ? 100 : 0,
      delay > 0 ? delay : 1, "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, "interlace-mode",
      G_TYPE_STRING, "progressive", nullptr);
  gst_pad_push_event(self->src, gst_event_new_caps(caps));
  gst_caps_unref(caps);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(self->src, gst_event_new_segment(&segment));
}

/// Decodes the file and pushes its frames until downstream wants no more.
GstFlowReturn push_frames(GstFomoGifDec* self) {
  fomo::GifDecoder gif(self->bytes->data, self->bytes->len);
  GstClockTime time = 0;
  GstFlowReturn flow = GST_FLOW_OK;
  for (bool first = true; flow == GST_FLOW_OK && gif.next(); first = false) {
    if (first)
      push_caps(self, gif);
    const gsize size = gif.pixels().size();
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
    gst_buffer_fill(buffer, 0, gif.pixels().data(), size);
    GST_BUFFER_PTS(buffer) = time;
    GST_BUFFER_DURATION(buffer) = static_cast<GstClockTime>(gif.delay()) * 10 * GST_MSECOND;
    time += GST_BUFFER_DURATION(buffer);
    flow = gst_pad_push(self->src, buffer);
  }
  return flow;
}

void decode(GstFomoGifDec* self) {
  try {
    const GstFlowReturn flow = push_frames(self);
    if (flow < GST_FLOW_EOS)
      GST_ELEMENT_FLOW_ERROR(self, flow);
  } catch (const std::exception& reason) {
    GST_ELEMENT_ERROR(
        self, STREAM, DECODE,
        ("The GIF file cannot be decoded: %s. Save it again, or use a video file.", reason.what()),
        (nullptr));
  }
  g_byte_array_set_size(self->bytes, 0);
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  GstFomoGifDec* self = self_of(parent);
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_CAPS:
  case GST_EVENT_SEGMENT: // those of the frames follow
    gst_event_unref(event);
    return TRUE;
  case GST_EVENT_EOS:
    decode(self);
    break;
  case GST_EVENT_FLUSH_STOP:
    g_byte_array_set_size(self->bytes, 0);
    break;
  default:
    break;
  }
  return gst_pad_event_default(pad, parent, event);
}

/// Frames are pushed when the whole file is there: no seeks.
gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_SEEK)
    return gst_pad_event_default(pad, parent, event);
  gst_event_unref(event);
  return FALSE;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_fomo_gif_dec_parent_class)->change_state(element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    g_byte_array_set_size(self_of(GST_OBJECT(element))->bytes, 0);
  return result;
}

void finalize(GObject* object) {
  g_byte_array_unref(self_of(GST_OBJECT(object))->bytes);
  G_OBJECT_CLASS(gst_fomo_gif_dec_parent_class)->finalize(object);
}

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("image/gif"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("RGBA")));

} // namespace

static void gst_fomo_gif_dec_class_init(GstFomoGifDecClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = finalize;
  auto* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = GST_DEBUG_FUNCPTR(change_state);
  gst_element_class_set_static_metadata(element_class, "GIF decoder", "Codec/Decoder/Video",
                                        "Decodes animated GIF files", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
}

static void gst_fomo_gif_dec_init(GstFomoGifDec* self) {
  self->bytes = g_byte_array_new();
  self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
  gst_pad_set_chain_function(self->sink, GST_DEBUG_FUNCPTR(chain));
  gst_pad_set_event_function(self->sink, GST_DEBUG_FUNCPTR(sink_event));
  gst_element_add_pad(GST_ELEMENT(self), self->sink);
  self->src = gst_pad_new_from_static_template(&src_template, "src");
  gst_pad_set_event_function(self->src, GST_DEBUG_FUNCPTR(src_event));
  gst_pad_use_fixed_caps(self->src);
  gst_element_add_pad(GST_ELEMENT(self), self->src);
}

/// Above libav's demuxer, which has the rank `marginal`.
static gboolean plugin_init(GstPlugin* plugin) {
  return gst_element_register(plugin, "fomogifdec", GST_RANK_SECONDARY,
                              gst_fomo_gif_dec_get_type());
}

#define PACKAGE "fomotransfer"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, fomogif, "Decodes animated GIF files",
                  plugin_init, FOMO_VERSION, "LGPL", "fomotransfer", "Unknown package origin")
