// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace fomo {

/// Whether a driving frame's metadata still holds for the animated frame: time codes, captions and
/// the like do; what speaks of places, sizes or pixels of the driving frame does not.
bool survives_animation(const GstMetaInfo* meta);

/// Makes `GstFomoTransferMeta` known.
void register_frame_meta();

/// Marks an animated frame with a custom meta named `GstFomoTransferMeta`: `confidence` (double, 0
/// to 1, in the driving frame) and `present` (boolean: the driver moved the picture).
void add_frame_meta(GstBuffer* buffer, double confidence, bool present);

} // namespace fomo
