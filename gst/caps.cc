// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/caps.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "gst/pixel_aspect.h"

namespace fomo {

namespace {

constexpr int kSmallest = 16;
constexpr int kLongestByDefault = 4096;

/// Whether a format stores colours directly: neither grey nor palette.
bool has_colours(const char* name) {
  const GstVideoFormat format = gst_video_format_from_string(name);
  if (format == GST_VIDEO_FORMAT_UNKNOWN)
    return false;
  const GstVideoFormatInfo* info = gst_video_format_get_info(format);
  return !GST_VIDEO_FORMAT_INFO_IS_GRAY(info) && !GST_VIDEO_FORMAT_INFO_HAS_PALETTE(info);
}

bool allows_format(const GstStructure* caps, const char* format) {
  const GValue* formats = gst_structure_get_value(caps, "format");
  if (!formats)
    return true;
  GValue wanted = G_VALUE_INIT;
  g_value_init(&wanted, G_TYPE_STRING);
  g_value_set_static_string(&wanted, format);
  const bool allowed = gst_value_intersect(nullptr, formats, &wanted);
  g_value_unset(&wanted);
  return allowed;
}

/// A score of a format for output frames; lower is better. In this order: 8-bit RGB (what the model
/// generates), 4:2:0 (supported everywhere), other 8-bit YUV, other depths, grey and palettes.
int format_loss(const char* name) {
  const GstVideoFormat format = gst_video_format_from_string(name);
  if (!has_colours(name))
    return 4;
  const GstVideoFormatInfo* info = gst_video_format_get_info(format);
  if (GST_VIDEO_FORMAT_INFO_DEPTH(info, 0) != 8)
    return 3;
  if (GST_VIDEO_FORMAT_INFO_IS_RGB(info))
    return 0;
  const bool is_420 = info->w_sub[1] == 1 && info->h_sub[1] == 1;
  return is_420 ? 1 : 2;
}

bool has_alpha(const char* name) {
  const GstVideoFormat format = gst_video_format_from_string(name);
  return format != GST_VIDEO_FORMAT_UNKNOWN &&
         GST_VIDEO_FORMAT_INFO_HAS_ALPHA(gst_video_format_get_info(format));
}

/// Fixates the format: the input's, if it is allowed and has colours, else the one with the least
/// loss.
void fixate_format(GstStructure* caps, const char* input_format) {
  if (has_colours(input_format) && allows_format(caps, input_format)) {
    gst_structure_set(caps, "format", G_TYPE_STRING, input_format, nullptr);
    return;
  }
  const GValue* formats = gst_structure_get_value(caps, "format");
  if (!formats || !GST_VALUE_HOLDS_LIST(formats))
    return;
  std::string best;
  for (guint i = 0; i < gst_value_list_get_size(formats); i++) {
    const GValue* format = gst_value_list_get_value(formats, i);
    if (!G_VALUE_HOLDS_STRING(format))
      continue;
    const char* name = g_value_get_string(format);
    if (best.empty() || format_loss(name) < format_loss(best.c_str()))
      best = name;
  }
  if (!best.empty())
    gst_structure_set(caps, "format", G_TYPE_STRING, best.c_str(), nullptr);
}

/// The pixel aspect ratio nearest to n / d that `caps` allows.
double nearest_pixel_aspect(const GstStructure* caps, int n, int d) {
  if (!gst_structure_has_field(caps, "pixel-aspect-ratio"))
    return static_cast<double>(n) / d;
  GstStructure* trial = gst_structure_copy(caps);
  gst_structure_fixate_field_nearest_fraction(trial, "pixel-aspect-ratio", n, d);
  gst_structure_get_fraction(trial, "pixel-aspect-ratio", &n, &d);
  gst_structure_free(trial);
  return static_cast<double>(n) / d;
}

int pixels(double value) {
  return static_cast<int>(std::lround(std::clamp<double>(value, kSmallest, kLargestSide)));
}

/// The picture with its size limited to kLongestByDefault pixels on the longer side.
OutputPicture within_default_size(OutputPicture picture) {
  const int longer = std::max(picture.width, picture.height);
  if (longer <= kLongestByDefault)
    return picture;
  const double scale = static_cast<double>(kLongestByDefault) / longer;
  picture.width = pixels(picture.width * scale);
  picture.height = pixels(picture.height * scale);
  return picture;
}

/// Fixates width and height: a fixed size stays, and the rest follows from the picture's size and
/// from `shape`, the displayed width divided by the displayed height.
void fixate_size(GstStructure* caps, const OutputPicture& picture, double shape) {
  int width = 0, height = 0;
  const bool width_fixed = gst_structure_get_int(caps, "width", &width);
  const bool height_fixed = gst_structure_get_int(caps, "height", &height);
  if (width_fixed && height_fixed)
    return;

  const double pixel_aspect = nearest_pixel_aspect(caps, 1, 1);
  if (height_fixed) {
    gst_structure_fixate_field_nearest_int(caps, "width", pixels(height * shape / pixel_aspect));
    return;
  }
  if (!width_fixed) {
    gst_structure_fixate_field_nearest_int(caps, "width", picture.width);
    gst_structure_get_int(caps, "width", &width);
  }
  // If the pixel aspect ratio is free, it can give the picture's own height the right shape.
  const bool own_height =
      width == picture.width && !gst_structure_has_field(caps, "pixel-aspect-ratio");
  gst_structure_fixate_field_nearest_int(
      caps, "height", own_height ? picture.height : pixels(width * pixel_aspect / shape));
}

/// Fixates the pixel aspect ratio so that the picture has its shape when displayed.
void fixate_pixel_aspect(GstStructure* caps, const Shape& shape) {
  int width = 1, height = 1;
  gst_structure_get_int(caps, "width", &width);
  gst_structure_get_int(caps, "height", &height);
  int n = 1, d = 1;
  if (!shape.fills_frame() &&
      !gst_util_fraction_multiply(shape.width, shape.height, height, width, &n, &d))
    n = d = 1;
  // If the size has the shape up to rounding, pixels are square.
  if (std::abs(static_cast<double>(n) / d - 1) * std::min(width, height) < 0.5)
    n = d = 1;
  if (gst_structure_has_field(caps, "pixel-aspect-ratio"))
    gst_structure_fixate_field_nearest_fraction(caps, "pixel-aspect-ratio", n, d);
  else
    gst_structure_set(caps, "pixel-aspect-ratio", GST_TYPE_FRACTION, n, d, nullptr);
}

/// Sets the default colorimetry of the format and size explicitly, so that the colorimetry of the
/// driving video is not taken over.
void fixate_colorimetry(GstStructure* caps) {
  if (gst_structure_has_field(caps, "colorimetry"))
    return;
  const char* format = gst_structure_get_string(caps, "format");
  int width = 1, height = 1;
  gst_structure_get_int(caps, "width", &width);
  gst_structure_get_int(caps, "height", &height);
  GstVideoInfo info;
  gst_video_info_init(&info);
  if (!format ||
      !gst_video_info_set_format(&info, gst_video_format_from_string(format), width, height))
    return;
  if (char* colorimetry = gst_video_colorimetry_to_string(&info.colorimetry)) {
    gst_structure_set(caps, "colorimetry", G_TYPE_STRING, colorimetry, nullptr);
    g_free(colorimetry);
  }
}

} // namespace

GstCaps* caps_of_other_pad(GstCaps* caps) {
  GstCaps* other = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); i++) {
    GstStructure* structure = gst_structure_copy(gst_caps_get_structure(caps, i));
    // Also what describes the driving video's light (HDR10) and eyes (stereo), not the picture's.
    gst_structure_remove_fields(structure, "format", "colorimetry", "chroma-site",
                                "pixel-aspect-ratio", "mastering-display-info",
                                "content-light-level", "multiview-mode", "multiview-flags", "views",
                                nullptr);
    gst_structure_set(structure, "width", GST_TYPE_INT_RANGE, kSmallest, kLargestSide, "height",
                      GST_TYPE_INT_RANGE, kSmallest, kLargestSide, nullptr);
    GstCapsFeatures* features = gst_caps_features_copy(gst_caps_get_features(caps, i));
    if (gst_caps_is_subset_structure_full(other, structure, features)) {
      gst_structure_free(structure);
      gst_caps_features_free(features);
    } else {
      gst_caps_append_structure_full(other, structure, features);
    }
  }
  return other;
}

GstCaps* with_framerate_of(GstCaps* from, GstCaps* caps) {
  const GValue* rate = from && gst_caps_get_size(from) > 0
                           ? gst_structure_get_value(gst_caps_get_structure(from, 0), "framerate")
                           : nullptr;
  if (!rate)
    return caps;
  caps = gst_caps_make_writable(caps);
  gst_caps_set_value(caps, "framerate", rate);
  return caps;
}

GstCaps* filtered_caps(GstCaps* caps, GstCaps* filter) {
  if (!filter)
    return caps;
  GstCaps* filtered = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(caps);
  return filtered;
}

GstCaps* fixate_output_caps(GstCaps* input, GstCaps* othercaps, const OutputPicture& picture) {
  const char* format = gst_structure_get_string(gst_caps_get_structure(input, 0), "format");
  if (!format)
    format = "RGB";
  if (picture.alpha && !has_alpha(format)) {
    for (guint i = 0; i < gst_caps_get_size(othercaps); i++)
      if (allows_format(gst_caps_get_structure(othercaps, i), "RGBA"))
        format = "RGBA";
  }

  guint best = 0;
  for (guint i = gst_caps_get_size(othercaps); i-- > 0;)
    if (has_colours(format) && allows_format(gst_caps_get_structure(othercaps, i), format))
      best = i;
  GstCaps* result = gst_caps_copy_nth(othercaps, best);
  gst_caps_unref(othercaps);

  GstStructure* caps = gst_caps_get_structure(result, 0);
  fixate_format(caps, format);
  const Shape shape =
      picture.shape.fills_frame() ? Shape{picture.width, picture.height} : picture.shape;
  fixate_size(caps, within_default_size(picture), static_cast<double>(shape.width) / shape.height);
  fixate_pixel_aspect(caps, picture.shape);
  result = gst_caps_fixate(result);
  fixate_colorimetry(gst_caps_get_structure(result, 0));
  return result;
}

} // namespace fomo
