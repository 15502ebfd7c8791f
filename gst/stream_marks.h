// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include <gst/gst.h>

#include "mark/provenance.h"

namespace fomo {

/// What marks the output stream as synthetic besides its pixels: tags, and a
/// GstVideoSEIUserDataUnregisteredMeta on one frame a second, which encoders and inserters that
/// know it write into the video stream. To be used on the streaming thread.
class StreamMarks {
 public:
  /// Another model is used.
  void start(const std::string& model);
  /// Another stream begins: its tags are not known yet.
  void restart();

  /// Returns the tag event to send downstream in place of upstream's `event`: with the marks if the
  /// stream is marked. Takes `event`, returns a new reference.
  GstEvent* merge(GstEvent* event, bool marked);
  /// The tag event that has to be sent before the next frame, because upstream sent none; null:
  /// none.
  GstEvent* missing_event();

  /// Adds the meta to a frame with this time, if it is due. An invalid time: always.
  void add_meta(GstBuffer* frame, GstClockTime time);

 private:
  struct Unref {
    void operator()(GstTagList* tags) const { gst_tag_list_unref(tags); }
  };

  GstTagList* marked_tags() const;

  Provenance provenance_;
  std::string json_;
  std::unique_ptr<GstTagList, Unref> upstream_; ///< null: upstream sent no tags of this stream
  bool sent_ = false;                           ///< the marked tags were sent
  GstClockTime meta_at_ = GST_CLOCK_TIME_NONE;  ///< time of the last frame with the meta
};

/// The JSON of the provenance in tags that StreamMarks made; empty: none.
std::string provenance_in(const GstTagList* tags);
/// The JSON of the provenance in the metas of a frame or of an encoded frame; empty: none.
std::string provenance_in(GstBuffer* buffer);

} // namespace fomo
