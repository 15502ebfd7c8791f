// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/enums.h"

GType gst_fomo_transfer_precision_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_PRECISION_AUTO, "The fastest on the device without visible loss", "auto"},
      {GST_FOMO_TRANSFER_PRECISION_FP32, "32-bit floating point", "fp32"},
      {GST_FOMO_TRANSFER_PRECISION_FP16, "16-bit floating point", "fp16"},
      {GST_FOMO_TRANSFER_PRECISION_BF16, "16-bit brain floating point", "bf16"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferPrecision", values);
  return type;
}

GType gst_fomo_transfer_crop_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_CROP_NONE, "The whole frame, stretched to the model's shape", "none"},
      {GST_FOMO_TRANSFER_CROP_CENTER, "The largest centred square", "center"},
      {GST_FOMO_TRANSFER_CROP_FACE, "A square around a face, which is followed", "face"},
      {GST_FOMO_TRANSFER_CROP_AUTO, "A face if there is one, else the centre", "auto"},
      {GST_FOMO_TRANSFER_CROP_MANUAL, "In driving frames the square of crop-x, crop-y, crop-size",
       "manual"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferCrop", values);
  return type;
}

GType gst_fomo_transfer_faces_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_FACES_ONE, "The face that face-index selects", "one"},
      {GST_FOMO_TRANSFER_FACES_ALL, "All faces", "all"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferFaces", values);
  return type;
}

GType gst_fomo_transfer_reference_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_REFERENCE_FIRST, "The first driving frame", "first"},
      {GST_FOMO_TRANSFER_REFERENCE_AUTO, "The frame nearest to the picture's pose so far", "auto"},
      {GST_FOMO_TRANSFER_REFERENCE_MANUAL, "The frame or picture that the application chooses",
       "manual"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferReference", values);
  return type;
}

GType gst_fomo_transfer_lost_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_LOST_HOLD, "Keeps the last pose", "hold"},
      {GST_FOMO_TRANSFER_LOST_RELAX, "Returns smoothly to the picture's own pose", "relax"},
      {GST_FOMO_TRANSFER_LOST_FREEZE, "Shows the last frame again", "freeze"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferLost", values);
  return type;
}

GType gst_fomo_transfer_output_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_OUTPUT_FACE, "The animated part alone", "face"},
      {GST_FOMO_TRANSFER_OUTPUT_PICTURE, "The full picture with the animated parts", "picture"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferOutput", values);
  return type;
}

GType gst_fomo_transfer_overlay_get_type(void) {
  static const GFlagsValue values[] = {
      {GST_FOMO_TRANSFER_OVERLAY_KEYPOINTS, "Keypoints of the animated picture", "keypoints"},
      {GST_FOMO_TRANSFER_OVERLAY_MASK, "Which keypoint's motion each pixel follows", "mask"},
      {GST_FOMO_TRANSFER_OVERLAY_GRID, "A grid that moves with the picture", "grid"},
      {GST_FOMO_TRANSFER_OVERLAY_OCCLUSION, "Areas that the picture does not show", "occlusion"},
      {GST_FOMO_TRANSFER_OVERLAY_CROPS, "Boxes around the animated parts", "crops"},
      {GST_FOMO_TRANSFER_OVERLAY_GUIDE, "Where the driver's head should be", "guide"},
      {GST_FOMO_TRANSFER_OVERLAY_STATS, "Times and confidence", "stats"},
      {0, nullptr, nullptr}};
  static const GType type = g_flags_register_static("GstFomoTransferOverlay", values);
  return type;
}

GType gst_fomo_transfer_plate_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_PLATE_AUTO, "With the built-in model", "auto"},
      {GST_FOMO_TRANSFER_PLATE_ON, "With every model", "on"},
      {GST_FOMO_TRANSFER_PLATE_OFF, "With no model", "off"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferPlate", values);
  return type;
}

GType gst_fomo_transfer_mark_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_MARK_NONE, "Frames are not marked", "none"},
      {GST_FOMO_TRANSFER_MARK_INVISIBLE, "Tags, metadata in the stream, a mark in the pixels",
       "invisible"},
      {GST_FOMO_TRANSFER_MARK_VISIBLE, "The same, and the letters AI in a corner", "visible"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferMark", values);
  return type;
}

GType gst_fomo_transfer_corner_get_type(void) {
  static const GEnumValue values[] = {
      {GST_FOMO_TRANSFER_CORNER_TOP_LEFT, "Top left", "top-left"},
      {GST_FOMO_TRANSFER_CORNER_TOP_RIGHT, "Top right", "top-right"},
      {GST_FOMO_TRANSFER_CORNER_BOTTOM_LEFT, "Bottom left", "bottom-left"},
      {GST_FOMO_TRANSFER_CORNER_BOTTOM_RIGHT, "Bottom right", "bottom-right"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFomoTransferCorner", values);
  return type;
}
