// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "common/error.h"
#include "live/handles.h"

namespace fomo::live {

/// Makes a pipeline of a text as gst-launch-1.0 takes it. Throws Error that names a missing
/// element.
inline Owned<GstElement> parse_pipeline(const std::string& description) {
  GError* error = nullptr;
  Owned<GstElement> pipeline(
      gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
  const Owned<GError> owned(error);
  if (error)
    throw Error(FOMO_LIBRARY,
                std::string(error->message) +
                    ". Install GStreamer's plugins: docs/live.md names the packages.");
  return pipeline;
}

/// The words for the user of an error or a warning.
inline std::string error_words(GstMessage* message) {
  GError* error = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning(message, &error, nullptr);
  else
    gst_message_parse_error(message, &error, nullptr);
  const Owned<GError> owned(error);
  return error->message;
}

} // namespace fomo::live
