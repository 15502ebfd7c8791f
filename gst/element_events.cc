// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/element.h"
#include "gst/log.h"

namespace {

/// Applies the orientation tag of the driving video. Returns the event to send downstream, with the
/// orientation replaced by "rotate-0".
GstEvent* take_orientation(GstFomoTransfer* self, GstEvent* event) {
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  GstVideoOrientationMethod orientation;
  if (!gst_video_orientation_from_tag(tags, &orientation))
    return event;
  GST_DEBUG_OBJECT(self, "orientation by tag: %d", orientation);
  fomo::change_layout(self, [&](fomo::FrameLayout& layout) {
    layout.orientation = static_cast<FomoOrientation>(orientation);
    layout.footprint = {};
  });

  GstTagList* upright = gst_tag_list_copy(tags);
  gst_tag_list_add(upright, GST_TAG_MERGE_REPLACE, GST_TAG_IMAGE_ORIENTATION, "rotate-0", nullptr);
  GstEvent* replaced = gst_event_new_tag(upright);
  gst_event_set_seqnum(replaced, gst_event_get_seqnum(event));
  gst_event_set_running_time_offset(replaced, gst_event_get_running_time_offset(event));
  gst_event_unref(event);
  return replaced;
}

gboolean sink_event(GstBaseTransform* trans, GstEvent* event) {
  auto* self = GST_FOMO_TRANSFER(trans);
  if (fomo::comes_with_data(event) && fomo::finish_start(self) != GST_FLOW_OK) {
    gst_event_unref(event);
    return FALSE;
  }
  switch (GST_EVENT_TYPE(event)) {
  case GST_EVENT_STREAM_START:
    fomo::change_layout(self, [](fomo::FrameLayout& layout) {
      layout.orientation = FOMO_ORIENTATION_IDENTITY;
      layout.footprint = {};
    });
    self->priv->restart_pending = true;
    self->priv->marks.restart();
    break;
  case GST_EVENT_FLUSH_STOP:
    self->priv->restart_pending = true;
    break;
  case GST_EVENT_TAG:
    event = take_orientation(self, event);
    event = self->priv->marks.merge(event, fomo::frame_settings(self->priv).mark !=
                                               GST_FOMO_TRANSFER_MARK_NONE);
    break;
  default:
    break;
  }
  return fomo::parent_of(trans)->sink_event(trans, event);
}

/// Converts the coordinates of navigation events from the output frame to the driving frame.
gboolean src_event(GstBaseTransform* trans, GstEvent* event) {
  auto* priv = GST_FOMO_TRANSFER(trans)->priv;
  double x, y;
  if (GST_EVENT_TYPE(event) == GST_EVENT_NAVIGATION &&
      gst_navigation_event_get_coordinates(event, &x, &y)) {
    fomo::FrameLayout layout;
    {
      const std::lock_guard<std::mutex> guard(priv->lock);
      layout = priv->layout;
    }
    // There is no footprint before the first frame.
    if (layout.has_footprint()) {
      layout.to_driving(x, y);
      event = gst_event_make_writable(event);
      gst_navigation_event_set_coordinates(event, x, y);
    }
  }
  return fomo::parent_of(trans)->src_event(trans, event);
}

gboolean query(GstBaseTransform* trans, GstPadDirection direction, GstQuery* query) {
  const gboolean answered = fomo::parent_of(trans)->query(trans, direction, query);
  if (!answered || direction != GST_PAD_SRC || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
    return answered;
  const GstClockTime own = GST_FOMO_TRANSFER(trans)->priv->latency.add_to(query);
  GST_DEBUG_OBJECT(trans, "own latency %" GST_TIME_FORMAT, GST_TIME_ARGS(own));
  return TRUE;
}

} // namespace

void fomo::install_events(GstBaseTransformClass* klass) {
  klass->sink_event = GST_DEBUG_FUNCPTR(sink_event);
  klass->src_event = GST_DEBUG_FUNCPTR(src_event);
  klass->query = GST_DEBUG_FUNCPTR(query);
}
