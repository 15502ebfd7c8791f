// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/enums.h"

GType gst_fomo_transfer_precision_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_PRECISION_AUTO, "Fastest without visible loss on the device", "auto"},
      {GST_FOMO_TRANSFER_PRECISION_FP32, "32-bit floating point", "fp32"},
      {GST_FOMO_TRANSFER_PRECISION_FP16, "16-bit floating point", "fp16"},
      {GST_FOMO_TRANSFER_PRECISION_BF16, "16-bit brain floating point", "bf16"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferPrecision", values);
  return type;
}

GType gst_fomo_transfer_crop_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_CROP_NONE, "The whole frame, squashed into the model's shape", "none"},
      {GST_FOMO_TRANSFER_CROP_CENTER, "The largest centred square", "center"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferCrop", values);
  return type;
}
