// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include "common/error.h"
#include "gst/source_loader.h"

namespace fomo {

/// Posts an error message. The error's status selects the GStreamer error code.
void post_error(GstElement* element, const Error& error);

/// Posts a warning message. The error's status selects the GStreamer error code.
void post_warning(GstElement* element, const Error& error);

/// The warning about a driver whose face lies. `turn`: the operation that turns it upright.
Error lying_driver(FomoOrientation turn);

// Element messages. The section of the element documents their fields.

/// Posts `model-loaded`.
void post_model_loaded(GstElement* element, const FomoModelInfo& info);
/// Posts `source-changed`.
void post_source_changed(GstElement* element, const LoadedSource& source);
/// "face-found", "face-lost", "face-returned" or "scene-cut"; null for FOMO_FACE_UNCHANGED.
const char* face_event_name(FomoFaceEvent event);
/// Posts the message named face_event_name(event); nothing for FOMO_FACE_UNCHANGED. `face_index`:
/// of one driver of several, the face that it moves; negative: not said.
void post_face_event(GstElement* element, FomoFaceEvent event, bool has_face,
                     GstClockTime stream_time, int face_index = -1);
/// Posts `reference-set`.
void post_reference_set(GstElement* element, GstClockTime stream_time);
/// Posts `slow-frame`.
void post_slow_frame(GstElement* element, double ms, double budget_ms);

/// Posts a progress message with the code `model`.
void post_progress(GstElement* element, GstProgressType type, const std::string& text);

} // namespace fomo
