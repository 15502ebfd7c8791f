/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "gst/motion_lanes.h"

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_PAD (gst_fomo_motion_pad_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionPad, gst_fomo_motion_pad, GST, FOMO_MOTION_PAD, GstPad)

G_END_DECLS

namespace fomo {

/// Connects a pad with its lane. The pad's face becomes the lane's.
void set_lane(GstFomoMotionPad* pad, const MotionLaneHandle& lane);
const MotionLaneHandle& lane_of(GstFomoMotionPad* pad);

// Of the pad's streaming thread:
/// Takes over what an event says of the times of packets: segment, frame rate, flush.
void follow_times(GstFomoMotionPad* pad, GstEvent* event);
/// The running time of a packet. If it has none, it follows the packet before.
GstClockTime running_time(GstFomoMotionPad* pad, GstBuffer* packet);
/// Its end: the beginning, if neither the packet nor the frame rate says how long it lasts.
GstClockTime running_end(GstFomoMotionPad* pad, GstBuffer* packet, GstClockTime start);
/// The running time at which a gap ends.
GstClockTime gap_end(GstFomoMotionPad* pad, GstEvent* gap);

} // namespace fomo
