// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/stream_marks.h"

#include <algorithm>

#include <gst/video/video.h>

#include "mark/sei.h"

namespace fomo {

namespace {

// In the tag `extended-comment`, whose values have the form KEY=TEXT.
constexpr char kProvenanceKey[] = "fomotransfer=";
constexpr GstClockTime kMetaInterval = GST_SECOND;

} // namespace

void StreamMarks::start(const std::string& model) {
  provenance_ = {"fomotransfer " FOMO_VERSION, model, utc_now()};
  json_ = to_json(provenance_);
  restart();
}

void StreamMarks::restart() {
  upstream_.reset();
  sent_ = false;
  meta_at_ = GST_CLOCK_TIME_NONE;
}

/// Upstream's tags with those that say what the frames are. What upstream says about the driving
/// video's comment stays, after ours.
GstTagList* StreamMarks::marked_tags() const {
  GstTagList* tags = upstream_ ? gst_tag_list_copy(upstream_.get()) : gst_tag_list_new_empty();
  gst_tag_list_set_scope(tags, GST_TAG_SCOPE_STREAM);
  GstDateTime* created = gst_date_time_new_from_iso8601_string(provenance_.created.c_str());
  gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_APPLICATION_NAME,
                   provenance_.generator.c_str(), GST_TAG_DATE_TIME, created, nullptr);
  gst_date_time_unref(created);
  const std::string comment = "Synthetic: a picture animated by " + provenance_.generator +
                              ", model " + provenance_.model + ". Digital source type " +
                              kDigitalSourceType;
  const std::string extended = kProvenanceKey + json_;
  gst_tag_list_add(tags, GST_TAG_MERGE_PREPEND, GST_TAG_COMMENT, comment.c_str(),
                   GST_TAG_EXTENDED_COMMENT, extended.c_str(), nullptr);
  return tags;
}

GstEvent* StreamMarks::merge(GstEvent* event, bool marked) {
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  if (gst_tag_list_get_scope(tags) != GST_TAG_SCOPE_STREAM)
    return event;
  upstream_.reset(gst_tag_list_copy(tags));
  sent_ = marked;
  if (!marked)
    return event;
  GstEvent* merged = gst_event_new_tag(marked_tags());
  gst_event_set_seqnum(merged, gst_event_get_seqnum(event));
  gst_event_set_running_time_offset(merged, gst_event_get_running_time_offset(event));
  gst_event_unref(event);
  return merged;
}

GstEvent* StreamMarks::missing_event() {
  if (sent_)
    return nullptr;
  sent_ = true;
  return gst_event_new_tag(marked_tags());
}

void StreamMarks::add_meta(GstBuffer* frame, GstClockTime time) {
  const bool due = !GST_CLOCK_TIME_IS_VALID(time) || !GST_CLOCK_TIME_IS_VALID(meta_at_) ||
                   time < meta_at_ || time - meta_at_ >= kMetaInterval;
  if (!due)
    return;
  meta_at_ = time;
  auto uuid = kSeiUuid; // the function's arguments are not const
  std::string text = json_;
  gst_buffer_add_video_sei_user_data_unregistered_meta(
      frame, uuid.data(), reinterpret_cast<guint8*>(text.data()), text.size());
}

std::string provenance_in(const GstTagList* tags) {
  const std::string key = kProvenanceKey;
  for (guint i = 0; i < gst_tag_list_get_tag_size(tags, GST_TAG_EXTENDED_COMMENT); i++) {
    const gchar* text = nullptr;
    if (gst_tag_list_peek_string_index(tags, GST_TAG_EXTENDED_COMMENT, i, &text) &&
        std::string(text).compare(0, key.size(), key) == 0)
      return text + key.size();
  }
  return {};
}

std::string provenance_in(GstBuffer* buffer) {
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_SEI_USER_DATA_UNREGISTERED_META_API_TYPE)) {
    auto* sei = reinterpret_cast<GstVideoSEIUserDataUnregisteredMeta*>(meta);
    if (std::equal(kSeiUuid.begin(), kSeiUuid.end(), sei->uuid))
      return {reinterpret_cast<const char*>(sei->data), sei->size};
  }
  return {};
}

} // namespace fomo
