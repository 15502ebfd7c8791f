/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstaggregator.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_INSERT (gst_fomo_motion_insert_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionInsert, gst_fomo_motion_insert, GST, FOMO_MOTION_INSERT,
                     GstAggregator)

GST_ELEMENT_REGISTER_DECLARE(fomomotioninsert);

G_END_DECLS
