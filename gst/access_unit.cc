// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/access_unit.h"

namespace fomo {

bool nal_format_of(const GstCaps* caps, NalFormat& format) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const bool h264 = gst_structure_has_name(structure, "video/x-h264");
  format.codec = h264 ? VideoCodec::h264 : VideoCodec::h265;
  format.length_size = 0;
  if (g_strcmp0(gst_structure_get_string(structure, "stream-format"), "byte-stream") == 0)
    return true;
  // The last two bits of this byte of avcC and hvcC are the size of lengths minus one.
  const gsize at = h264 ? 4 : 21;
  const GValue* value = gst_structure_get_value(structure, "codec_data");
  guint8 byte;
  if (!value || gst_buffer_extract(gst_value_get_buffer(value), at, &byte, 1) != 1)
    return false;
  format.length_size = (byte & 3) + 1;
  return true;
}

void replace_bytes(GstBuffer* buffer, const std::vector<uint8_t>& bytes) {
  GstMemory* memory = gst_allocator_alloc(nullptr, bytes.size(), nullptr);
  gst_buffer_replace_all_memory(buffer, memory);
  gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
}

} // namespace fomo
