// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace fomo {

/// Whether a meta of the driving frame is valid for the animated frame too. Time codes, captions
/// and the like are; metas about positions, sizes or pixels of the driving frame are not.
bool survives_animation(const GstMetaInfo* meta);

/// Registers the custom meta `GstFomoTransferMeta`.
void register_frame_meta();

/// Adds the custom meta `GstFomoTransferMeta` to an animated frame: `confidence` (double, 0 to 1,
/// in the driving frame) and `present` (boolean: the driver moved the picture).
void add_frame_meta(GstBuffer* buffer, double confidence, bool present);

} // namespace fomo
