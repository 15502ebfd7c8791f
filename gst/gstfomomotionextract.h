/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_EXTRACT (gst_fomo_motion_extract_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionExtract, gst_fomo_motion_extract, GST, FOMO_MOTION_EXTRACT,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fomomotionextract);

G_END_DECLS
