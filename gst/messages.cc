// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/messages.h"

namespace fomo {

namespace {

struct ErrorCode {
  GQuark domain;
  gint code;
};

ErrorCode error_code(FomoStatus status) {
  switch (status) {
  case FOMO_NOT_FOUND:
    return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND};
  case FOMO_OPEN_READ:
    return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ};
  case FOMO_WRONG_TYPE:
    return {GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE};
  case FOMO_SETTINGS:
    return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS};
  case FOMO_NO_MEMORY:
    return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT};
  case FOMO_LIBRARY:
    return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT};
  default:
    return {GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED};
  }
}

void post(GstElement* element, GstMessageType type, const Error& error) {
  const ErrorCode code = error_code(error.status());
  gst_element_message_full(element, type, code.domain, code.code, g_strdup(error.what()), nullptr,
                           __FILE__, GST_FUNCTION, __LINE__);
}

void post_element_message(GstElement* element, GstStructure* structure) {
  gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), structure));
}

} // namespace

void post_error(GstElement* element, const Error& error) {
  post(element, GST_MESSAGE_ERROR, error);
}

void post_warning(GstElement* element, const Error& error) {
  post(element, GST_MESSAGE_WARNING, error);
}

Error lying_driver(FomoOrientation turn) {
  const bool upside_down = turn == FOMO_ORIENTATION_180;
  const std::string direction = upside_down ? "180" : turn == FOMO_ORIENTATION_90L ? "90l" : "90r";
  return {FOMO_SETTINGS, std::string("The driver's face ") +
                             (upside_down ? "is upside down" : "lies on its side") +
                             " in the driving video; perhaps the video's orientation tag is "
                             "missing. The face is turned upright. Put videoflip video-direction=" +
                             direction +
                             " before the element, or tag the video, to be sure of it."};
}

void post_model_loaded(GstElement* element, const FomoModelInfo& info) {
  post_element_message(
      element,
      gst_structure_new("fomotransfer", "event", G_TYPE_STRING, "model-loaded", "name",
                        G_TYPE_STRING, info.name, "container", G_TYPE_STRING, info.container,
                        "device", G_TYPE_STRING, info.device, "precision", G_TYPE_STRING,
                        info.precision, "width", G_TYPE_INT, info.width, "height", G_TYPE_INT,
                        info.height, "keypoints", G_TYPE_INT, info.num_kp, "shared", G_TYPE_BOOLEAN,
                        info.shared != 0, "ms", G_TYPE_DOUBLE, info.load_ms, nullptr));
}

void post_source_changed(GstElement* element, const LoadedSource& source) {
  GstStructure* structure = gst_structure_new(
      "fomotransfer", "event", G_TYPE_STRING, "source-changed", "from-sample", G_TYPE_BOOLEAN,
      source.request.origin.sample != nullptr, "ms", G_TYPE_DOUBLE, source.load_ms, nullptr);
  if (source.info.faces_found >= 0)
    gst_structure_set(structure, "faces", G_TYPE_INT, source.info.faces_found, nullptr);
  if (!source.request.origin.sample)
    gst_structure_set(structure, "source-image", G_TYPE_STRING,
                      source.request.origin.location.c_str(), nullptr);
  post_element_message(element, structure);
}

const char* face_event_name(FomoFaceEvent event) {
  switch (event) {
  case FOMO_FACE_FOUND:
    return "face-found";
  case FOMO_FACE_LEFT:
    return "face-lost";
  case FOMO_FACE_RETURNED:
    return "face-returned";
  case FOMO_FACE_CUT:
    return "scene-cut";
  default:
    return nullptr;
  }
}

void post_face_event(GstElement* element, FomoFaceEvent event, bool has_face,
                     GstClockTime stream_time, int face_index) {
  const char* name = face_event_name(event);
  if (!name)
    return;
  GstStructure* structure =
      gst_structure_new("fomotransfer", "event", G_TYPE_STRING, name, "face", G_TYPE_BOOLEAN,
                        has_face, "stream-time", G_TYPE_UINT64, stream_time, nullptr);
  if (face_index >= 0)
    gst_structure_set(structure, "face-index", G_TYPE_INT, face_index, nullptr);
  post_element_message(element, structure);
}

void post_reference_set(GstElement* element, GstClockTime stream_time) {
  post_element_message(element,
                       gst_structure_new("fomotransfer", "event", G_TYPE_STRING, "reference-set",
                                         "stream-time", G_TYPE_UINT64, stream_time, nullptr));
}

void post_slow_frame(GstElement* element, double ms, double budget_ms) {
  post_element_message(element, gst_structure_new("fomotransfer", "event", G_TYPE_STRING,
                                                  "slow-frame", "ms", G_TYPE_DOUBLE, ms,
                                                  "budget-ms", G_TYPE_DOUBLE, budget_ms, nullptr));
}

void post_progress(GstElement* element, GstProgressType type, const std::string& text) {
  gst_element_post_message(
      element, gst_message_new_progress(GST_OBJECT(element), type, "model", text.c_str()));
}

} // namespace fomo
