/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_TRANSFER (gst_fomo_transfer_get_type())
G_DECLARE_FINAL_TYPE(GstFomoTransfer, gst_fomo_transfer, GST, FOMO_TRANSFER, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fomotransfer);

G_END_DECLS
