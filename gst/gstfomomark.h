/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FOMO_MARK (gst_fomo_mark_get_type())
G_DECLARE_FINAL_TYPE(GstFomoMark, gst_fomo_mark, GST, FOMO_MARK, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(fomomark);

G_END_DECLS
