// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include "common/error.h"
#include "gst/source_loader.h"

namespace fomo {

/// Posts an error message, its code by the error's status.
void post_error(GstElement* element, const Error& error);

/// Posts a warning message, its code by the error's status.
void post_warning(GstElement* element, const Error& error);

/// Element messages, documented with the element.
void post_model_loaded(GstElement* element, const FomoModelInfo& info);
void post_source_changed(GstElement* element, const LoadedSource& source);
/// "face-found", "face-lost", "face-returned", "scene-cut"; null for FOMO_FACE_UNCHANGED.
const char* face_event_name(FomoFaceEvent event);
/// A face was found, has left or returned, or the scene was cut; nothing for FOMO_FACE_UNCHANGED.
void post_face_event(GstElement* element, FomoFaceEvent event, bool has_face,
                     GstClockTime stream_time);
void post_reference_set(GstElement* element, GstClockTime stream_time);
void post_slow_frame(GstElement* element, double ms, double budget_ms);

/// Tells applications that wait how far loading the model is.
void post_progress(GstElement* element, GstProgressType type, const std::string& text);

} // namespace fomo
