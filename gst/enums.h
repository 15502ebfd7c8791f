/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "common/engine_api.h"

G_BEGIN_DECLS

/**
 * GstFomoTransferPrecision:
 * @GST_FOMO_TRANSFER_PRECISION_AUTO: what is fastest on the device without visible loss
 * @GST_FOMO_TRANSFER_PRECISION_FP32: 32-bit floating point
 * @GST_FOMO_TRANSFER_PRECISION_FP16: 16-bit floating point
 * @GST_FOMO_TRANSFER_PRECISION_BF16: 16-bit "brain" floating point
 *
 * Arithmetic of the network.
 */
typedef enum {
  GST_FOMO_TRANSFER_PRECISION_AUTO = FOMO_PRECISION_AUTO,
  GST_FOMO_TRANSFER_PRECISION_FP32 = FOMO_PRECISION_FP32,
  GST_FOMO_TRANSFER_PRECISION_FP16 = FOMO_PRECISION_FP16,
  GST_FOMO_TRANSFER_PRECISION_BF16 = FOMO_PRECISION_BF16
} GstFomoTransferPrecision;

#define GST_TYPE_FOMO_TRANSFER_PRECISION (gst_fomo_transfer_precision_get_type())
GType gst_fomo_transfer_precision_get_type(void);

/**
 * GstFomoTransferCrop:
 * @GST_FOMO_TRANSFER_CROP_NONE: the whole frame, squashed into the model's shape
 * @GST_FOMO_TRANSFER_CROP_CENTER: the largest centred square, as displayed
 *
 * The part of the picture and of the driving frames that the model sees.
 */
typedef enum {
  GST_FOMO_TRANSFER_CROP_NONE = FOMO_CROP_NONE,
  GST_FOMO_TRANSFER_CROP_CENTER = FOMO_CROP_CENTER
} GstFomoTransferCrop;

#define GST_TYPE_FOMO_TRANSFER_CROP (gst_fomo_transfer_crop_get_type())
GType gst_fomo_transfer_crop_get_type(void);

G_END_DECLS
