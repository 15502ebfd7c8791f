// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

namespace fomo {

/// Throws Error (FOMO_FAILED) if the GstVideoMeta of `buffer` describes another frame than
/// `info`: other format, size or number of planes. A buffer without that meta is fine.
/// gst_video_frame_map() reports some of these differences as programming errors.
void check_video_meta(GstBuffer* buffer, const GstVideoInfo& info);

/// Throws Error (FOMO_FAILED) unless every row of every plane lies in the memory that was
/// mapped for it: a buffer may be shorter than its GstVideoMeta says. The error names the plane.
/// Planes without a size (meta with a map function of its own) are checked for their strides only.
void check_planes(const GstVideoFrame& frame);

} // namespace fomo
