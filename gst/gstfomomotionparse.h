/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbaseparse.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_PARSE (gst_fomo_motion_parse_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionParse, gst_fomo_motion_parse, GST, FOMO_MOTION_PARSE,
                     GstBaseParse)

GST_ELEMENT_REGISTER_DECLARE(fomomotionparse);

G_END_DECLS
