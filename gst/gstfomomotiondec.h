/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gst/gstfomotransfer.h"

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_DEC (gst_fomo_motion_dec_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionDec, gst_fomo_motion_dec, GST, FOMO_MOTION_DEC, GstFomoTransfer)

GST_ELEMENT_REGISTER_DECLARE(fomomotiondec);

G_END_DECLS
