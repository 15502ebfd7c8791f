// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/output.h"

#include <gst/app/gstappsrc.h>

#include "common/error.h"
#include "live/parse_pipeline.h"

namespace fomo::live {

Output::Output(const std::string& description, int waiting, Ended ended)
    : pipeline_(parse_pipeline(description)), in_(element("in")),
      bus_(gst_element_get_bus(pipeline_.get())), ended_(std::move(ended)) {
  g_object_set(in_.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, "block", FALSE, "max-bytes",
               guint64{0}, "max-buffers", static_cast<guint64>(waiting), "leaky-type",
               GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
  gst_bus_add_watch(bus_.get(), on_message, this);
}

Output::~Output() {
  gst_bus_remove_watch(bus_.get());
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Owned<GstElement> Output::element(const char* name) const {
  return Owned<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
}

void Output::start(GstCaps* caps, const GstTagList* tags) {
  if (caps) // without caps, tags would come before them
    g_object_set(in_.get(), "caps", caps, nullptr);
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) {
    if (caps && tags)
      gst_element_send_event(in_.get(), gst_event_new_tag(gst_tag_list_copy(tags)));
    return;
  }
  std::string words = "The pipeline cannot start.";
  GstMessage* message = gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR);
  if (message) {
    words = error_words(message);
    gst_message_unref(message);
  }
  throw Error(FOMO_FAILED, words);
}

void Output::push(GstSample* frame, GstClockTime time) {
  GstBuffer* shown = gst_sample_get_buffer(frame);
  GstClockTime stamp;
  {
    const std::lock_guard<std::mutex> guard(lock_);
    if (frames_ == 0)
      offset_ = time;
    // Time that goes back, as after a flushing seek, goes on behind the last frame.
    if (frames_ > 0 && time <= offset_ + last_)
      offset_ = time > last_ ? time - last_ - 1 : 0, time = offset_ + last_ + 1;
    last_ = stamp = time - offset_;
    frames_++;
  }
  GstBuffer* copy = gst_buffer_copy(shown); // shares the pixels
  GST_BUFFER_PTS(copy) = stamp;
  GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
  const Owned<GstSample> sample(gst_sample_new(copy, gst_sample_get_caps(frame), nullptr, nullptr));
  gst_buffer_unref(copy);
  gst_app_src_push_sample(GST_APP_SRC(in_.get()), sample.get());
}

void Output::finish() {
  if (!std::exchange(finishing_, true))
    gst_app_src_end_of_stream(GST_APP_SRC(in_.get()));
}

uint64_t Output::frames() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return frames_;
}

gboolean Output::on_message(GstBus*, GstMessage* message, gpointer output) {
  auto* self = static_cast<Output*>(output);
  const bool failed = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
  if (failed || GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    const std::string words = failed ? error_words(message) : "";
    // `self` may be deleted by this, and with it the function.
    const Ended ended = std::move(self->ended_);
    self->ended_ = nullptr;
    if (ended)
      ended(words);
  }
  return G_SOURCE_CONTINUE;
}

} // namespace fomo::live
