// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace fomo {

/// Whether a driving frame's metadata still holds for the animated frame: time codes, captions and
/// the like do; what speaks of places, sizes or pixels of the driving frame does not.
bool survives_animation(const GstMetaInfo* meta);

} // namespace fomo
