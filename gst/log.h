// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

/// Debug category `fomotransfer`: the element.
extern GstDebugCategory* fomo_category;
/// Debug category `fomoengine`: messages of the engine library.
extern GstDebugCategory* fomo_engine_category;

#define GST_CAT_DEFAULT fomo_category
