/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MOTION_ENC (gst_fomo_motion_enc_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMotionEnc, gst_fomo_motion_enc, GST, FOMO_MOTION_ENC, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fomomotionenc);

G_END_DECLS
