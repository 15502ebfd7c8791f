// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <gst/gst.h>

#include "mark/sei.h"

namespace fomo {

/// Caps of H.264 and H.265 streams whose buffers are access units, as their parsers make them.
#define FOMO_ACCESS_UNIT_CAPS                                                                      \
  "video/x-h264, stream-format=(string){ byte-stream, avc, avc3 }, alignment=(string)au; "         \
  "video/x-h265, stream-format=(string){ byte-stream, hvc1, hev1 }, alignment=(string)au"

/// The format of access units; false if the caps' codec_data are missing or damaged.
bool nal_format_of(const GstCaps* caps, NalFormat& format);

/// Replaces the bytes of a writable buffer.
void replace_bytes(GstBuffer* buffer, const std::vector<uint8_t>& bytes);

} // namespace fomo
