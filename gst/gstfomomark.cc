// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomark
 * @title: fomomark
 *
 * Writes into an H.264 or H.265 stream that it is synthetic: an SEI message of the type "user data
 * unregistered" with what #element-fomotransfer said upstream (in its tags, or in a
 * #GstVideoSEIUserDataUnregisteredMeta), before the first slice of each key frame and of at least
 * one frame a second. Decoders skip the message; remuxing keeps it. A frame that has such a message
 * already, because the encoder wrote it, is left as it is.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=driving.mp4 ! decodebin ! fomotransfer source-image=me.jpg !
 * videoconvert ! x264enc ! h264parse ! fomomark ! flvmux ! rtmp2sink location=rtmp://server/live/me
 * ]|
 *
 * Since: 0.1
 */
#include "gst/gstfomomark.h"

#include <exception>
#include <string>

#include "gst/access_unit.h"
#include "gst/log.h"
#include "gst/stream_marks.h"
#include "mark/sei.h"

namespace {

constexpr GstClockTime kInterval = GST_SECOND;

struct FomoMarkState {
  fomo::NalFormat format;
  std::string text;                           ///< JSON of the provenance
  GstClockTime written = GST_CLOCK_TIME_NONE; ///< time of the last frame with a message
};

std::string default_text() { return fomo::to_json({"fomotransfer " FOMO_VERSION, "", ""}); }

} // namespace

struct _GstFomoMark {
  GstBaseTransform parent;
  FomoMarkState* state; // the streaming thread's
};

G_DEFINE_TYPE(GstFomoMark, gst_fomo_mark, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(fomomark, "fomomark", GST_RANK_NONE, GST_TYPE_FOMO_MARK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_ACCESS_UNIT_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_ACCESS_UNIT_CAPS));

static gboolean gst_fomo_mark_start(GstBaseTransform* trans) {
  *GST_FOMO_MARK(trans)->state = {{}, default_text(), GST_CLOCK_TIME_NONE};
  return TRUE;
}

static gboolean gst_fomo_mark_set_caps(GstBaseTransform* trans, GstCaps* caps, GstCaps*) {
  auto* self = GST_FOMO_MARK(trans);
  if (fomo::nal_format_of(caps, self->state->format))
    return TRUE;
  GST_ELEMENT_ERROR(self, STREAM, FORMAT,
                    ("The video stream's caps have no codec_data. Put h264parse or h265parse "
                     "before fomomark."),
                    ("%" GST_PTR_FORMAT, caps));
  return FALSE;
}

static gboolean gst_fomo_mark_sink_event(GstBaseTransform* trans, GstEvent* event) {
  auto* state = GST_FOMO_MARK(trans)->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_TAG) {
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    if (std::string text = fomo::provenance_in(tags); !text.empty())
      state->text = std::move(text);
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
    state->text = default_text();
    state->written = GST_CLOCK_TIME_NONE;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_fomo_mark_parent_class)->sink_event(trans, event);
}

/// Whether the frame needs a message: a key frame, so that every segment and every viewer that
/// joins has one, and at least one frame a second.
static bool is_due(const FomoMarkState& state, GstBuffer* buffer, GstClockTime time) {
  if (!GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT) ||
      !GST_CLOCK_TIME_IS_VALID(state.written))
    return true;
  return GST_CLOCK_TIME_IS_VALID(time) &&
         (time < state.written || time - state.written >= kInterval);
}

/// The frame with the message; empty if it has one already or if it cannot have one.
static std::vector<uint8_t> marked_frame(GstFomoMark* self, GstBuffer* buffer) {
  const FomoMarkState& state = *self->state;
  GstMapInfo map;
  std::vector<uint8_t> marked;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    return marked;
  if (fomo::sei_texts(map.data, map.size, state.format).empty()) {
    marked = fomo::with_nal(map.data, map.size, state.format,
                            fomo::sei_nal(state.format.codec, state.text));
    if (marked.empty())
      GST_WARNING_OBJECT(self, "a frame of %" G_GSIZE_FORMAT " bytes has no slice", map.size);
  }
  gst_buffer_unmap(buffer, &map);
  return marked;
}

static GstFlowReturn gst_fomo_mark_transform_ip(GstBaseTransform* trans, GstBuffer* buffer) {
  auto* self = GST_FOMO_MARK(trans);
  const GstClockTime time = GST_BUFFER_DTS_OR_PTS(buffer);
  try {
    if (std::string text = fomo::provenance_in(buffer); !text.empty())
      self->state->text = std::move(text);
    if (!is_due(*self->state, buffer, time))
      return GST_FLOW_OK;
    const std::vector<uint8_t> marked = marked_frame(self, buffer);
    self->state->written = time;
    if (marked.empty())
      return GST_FLOW_OK;
    fomo::replace_bytes(buffer, marked);
    return GST_FLOW_OK;
  } catch (const std::exception& error) {
    GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", error.what()), (nullptr));
    return GST_FLOW_ERROR;
  }
}

static void gst_fomo_mark_init(GstFomoMark* self) {
  self->state = new FomoMarkState();
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_fomo_mark_finalize(GObject* object) {
  delete GST_FOMO_MARK(object)->state;
  G_OBJECT_CLASS(gst_fomo_mark_parent_class)->finalize(object);
}

static void gst_fomo_mark_class_init(GstFomoMarkClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = gst_fomo_mark_finalize;
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element_class, "Marker of synthetic video", "Codec/Video/Filter",
      "Writes into H.264 and H.265 streams that they are synthetic", "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->start = GST_DEBUG_FUNCPTR(gst_fomo_mark_start);
  trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_fomo_mark_set_caps);
  trans_class->sink_event = GST_DEBUG_FUNCPTR(gst_fomo_mark_sink_event);
  trans_class->transform_ip = GST_DEBUG_FUNCPTR(gst_fomo_mark_transform_ip);
}
