// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-fomomotionextract
 * @title: fomomotionextract
 *
 * Takes the motion out of an H.264 or H.265 stream, into which #element-fomomotioninsert has
 * written it. Each access unit with motion gives one buffer with its packets and its time.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=in.mp4 ! qtdemux ! h264parse ! fomomotionextract ! fomomotiondec
 * source-image=portrait.png ! videoconvert ! autovideosink
 * ]| The motion in a video moves a picture.
 *
 * Since: 0.1
 */
#include "gst/gstfomomotionextract.h"

#include <algorithm>
#include <array>
#include <exception>
#include <vector>

#include "api/engine_api.h"
#include "gst/access_unit.h"
#include "gst/caps.h"
#include "gst/log.h"
#include "gst/motion_stream.h"

struct _GstFomoMotionExtract {
  GstBaseTransform parent;
  fomo::NalFormat format; // of the video
};

G_DEFINE_TYPE(GstFomoMotionExtract, gst_fomo_motion_extract, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(fomomotionextract, "fomomotionextract", GST_RANK_NONE,
                            GST_TYPE_FOMO_MOTION_EXTRACT)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_ACCESS_UNIT_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(FOMO_MOTION_MEDIA_TYPE));

static GstCaps* gst_fomo_motion_extract_transform_caps(GstBaseTransform*, GstPadDirection direction,
                                                       GstCaps* caps, GstCaps* filter) {
  GstCaps* other =
      direction == GST_PAD_SRC
          ? gst_static_pad_template_get_caps(&sink_template)
          : fomo::with_framerate_of(caps, gst_static_pad_template_get_caps(&src_template));
  return fomo::filtered_caps(other, filter);
}

static gboolean gst_fomo_motion_extract_set_caps(GstBaseTransform* trans, GstCaps* caps, GstCaps*) {
  auto* self = GST_FOMO_MOTION_EXTRACT(trans);
  if (fomo::nal_format_of(caps, self->format))
    return TRUE;
  GST_ELEMENT_ERROR(self, STREAM, FORMAT,
                    ("The video stream's caps have no codec_data. Put h264parse or h265parse "
                     "before fomomotionextract."),
                    ("%" GST_PTR_FORMAT, caps));
  return FALSE;
}

static bool is_motion(const fomo::SeiView& message) {
  constexpr std::array<uint8_t, 16> uuid = FOMO_MOTION_HEADER_UUID;
  return message.type == FOMO_MOTION_PAYLOAD_TYPE ||
         (message.type == FOMO_MOTION_HEADER_TYPE && message.payload.size() >= uuid.size() &&
          std::equal(uuid.begin(), uuid.end(), message.payload.begin()));
}

static void append_number(size_t number, std::vector<uint8_t>& bytes) {
  for (; number >= 0xff; number -= 0xff)
    bytes.push_back(0xff);
  bytes.push_back(static_cast<uint8_t>(number));
}

/// The packets of motion in an access unit, one after the other.
static std::vector<uint8_t> packets_in(GstFomoMotionExtract* self, GstBuffer* unit) {
  std::vector<uint8_t> packets;
  GstMapInfo map;
  if (!gst_buffer_map(unit, &map, GST_MAP_READ))
    return packets;
  const std::vector<fomo::SeiView> messages = fomo::sei_messages(map.data, map.size, self->format);
  gst_buffer_unmap(unit, &map);
  for (const fomo::SeiView& message : messages) {
    if (!is_motion(message))
      continue;
    append_number(message.type, packets);
    append_number(message.payload.size(), packets);
    packets.insert(packets.end(), message.payload.begin(), message.payload.end());
  }
  return packets;
}

static GstFlowReturn gst_fomo_motion_extract_prepare_output_buffer(GstBaseTransform* trans,
                                                                   GstBuffer* input,
                                                                   GstBuffer** output) {
  *output = gst_buffer_new();
  GST_BASE_TRANSFORM_GET_CLASS(trans)->copy_metadata(trans, input, *output);
  return GST_FLOW_OK;
}

static GstFlowReturn gst_fomo_motion_extract_transform(GstBaseTransform* trans, GstBuffer* unit,
                                                       GstBuffer* output) {
  auto* self = GST_FOMO_MOTION_EXTRACT(trans);
  try {
    const std::vector<uint8_t> packets = packets_in(self, unit);
    if (packets.empty())
      return GST_BASE_TRANSFORM_FLOW_DROPPED;
    fomo::replace_bytes(output, packets);
    GST_BUFFER_DTS(output) = GST_CLOCK_TIME_NONE;
    return GST_FLOW_OK;
  } catch (const std::exception& error) {
    GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", error.what()), (nullptr));
    return GST_FLOW_ERROR;
  }
}

/// Nothing of the video but its time goes with the motion.
static gboolean gst_fomo_motion_extract_transform_meta(GstBaseTransform*, GstBuffer*, GstMeta*,
                                                       GstBuffer*) {
  return FALSE;
}

static void gst_fomo_motion_extract_init(GstFomoMotionExtract*) {}

static void gst_fomo_motion_extract_class_init(GstFomoMotionExtractClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Extractor of motion", "Codec/Demuxer/Video",
                                        "Takes motion out of H.264 and H.265 streams",
                                        "The fomotransfer authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
  trans_class->transform_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_extract_transform_caps);
  trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_fomo_motion_extract_set_caps);
  trans_class->prepare_output_buffer =
      GST_DEBUG_FUNCPTR(gst_fomo_motion_extract_prepare_output_buffer);
  trans_class->transform = GST_DEBUG_FUNCPTR(gst_fomo_motion_extract_transform);
  trans_class->transform_meta = GST_DEBUG_FUNCPTR(gst_fomo_motion_extract_transform_meta);
}
