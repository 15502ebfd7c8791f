// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/caps.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace fomo {

namespace {

constexpr int kSmallest = 16;
constexpr int kLargest = 32768;
constexpr int kLongestByDefault = 4096;

bool is_colourful(const char* name) {
  const GstVideoFormat format = gst_video_format_from_string(name);
  if (format == GST_VIDEO_FORMAT_UNKNOWN)
    return false;
  const GstVideoFormatInfo* info = gst_video_format_get_info(format);
  return !GST_VIDEO_FORMAT_INFO_IS_GRAY(info) && !GST_VIDEO_FORMAT_INFO_HAS_PALETTE(info);
}

bool allows_format(const GstStructure* choice, const char* format) {
  const GValue* formats = gst_structure_get_value(choice, "format");
  if (!formats)
    return true;
  GValue wanted = G_VALUE_INIT;
  g_value_init(&wanted, G_TYPE_STRING);
  g_value_set_static_string(&wanted, format);
  const bool allowed = gst_value_intersect(nullptr, formats, &wanted);
  g_value_unset(&wanted);
  return allowed;
}

/// How well a format suits a generated picture, less is better: what holds the model's 8-bit RGB as
/// it is, then what every decoder and display knows, then the rest; grey and palettes last.
int unsuitability(const char* name) {
  const GstVideoFormat format = gst_video_format_from_string(name);
  if (!is_colourful(name))
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

/// The input's format where it is allowed. But a generated picture has colours: grey or palette
/// input does not make the output so.
void settle_format(GstStructure* choice, const char* input_format) {
  if (is_colourful(input_format) && allows_format(choice, input_format)) {
    gst_structure_set(choice, "format", G_TYPE_STRING, input_format, nullptr);
    return;
  }
  const GValue* formats = gst_structure_get_value(choice, "format");
  if (!formats || !GST_VALUE_HOLDS_LIST(formats))
    return;
  std::string best;
  for (guint i = 0; i < gst_value_list_get_size(formats); i++) {
    const GValue* format = gst_value_list_get_value(formats, i);
    if (!G_VALUE_HOLDS_STRING(format))
      continue;
    const char* name = g_value_get_string(format);
    if (best.empty() || unsuitability(name) < unsuitability(best.c_str()))
      best = name;
  }
  if (!best.empty())
    gst_structure_set(choice, "format", G_TYPE_STRING, best.c_str(), nullptr);
}

/// The pixel aspect ratio that is nearest to `aspect` among those that `choice` allows.
double nearest_pixel_aspect(const GstStructure* choice, int n, int d) {
  if (!gst_structure_has_field(choice, "pixel-aspect-ratio"))
    return static_cast<double>(n) / d;
  GstStructure* trial = gst_structure_copy(choice);
  gst_structure_fixate_field_nearest_fraction(trial, "pixel-aspect-ratio", n, d);
  gst_structure_get_fraction(trial, "pixel-aspect-ratio", &n, &d);
  gst_structure_free(trial);
  return static_cast<double>(n) / d;
}

int pixels(double value) {
  return static_cast<int>(std::lround(std::clamp<double>(value, kSmallest, kLargest)));
}

/// The picture's size where it is free: its longer side has at most kLongestByDefault pixels.
ShownPicture within_default_size(ShownPicture picture) {
  const int longer = std::max(picture.width, picture.height);
  if (longer <= kLongestByDefault)
    return picture;
  const double scale = static_cast<double>(kLongestByDefault) / longer;
  picture.width = pixels(picture.width * scale);
  picture.height = pixels(picture.height * scale);
  return picture;
}

/// Width and height: what is fixed stays, the rest follows from the model's size and the shape.
/// `shape` is the displayed width over height that is wanted.
void settle_size(GstStructure* choice, const ShownPicture& picture, double shape) {
  int width = 0, height = 0;
  const bool width_fixed = gst_structure_get_int(choice, "width", &width);
  const bool height_fixed = gst_structure_get_int(choice, "height", &height);
  if (width_fixed && height_fixed)
    return;

  const double pixel_aspect = nearest_pixel_aspect(choice, 1, 1);
  if (height_fixed) {
    gst_structure_fixate_field_nearest_int(choice, "width", pixels(height * shape / pixel_aspect));
    return;
  }
  if (!width_fixed) {
    gst_structure_fixate_field_nearest_int(choice, "width", picture.width);
    gst_structure_get_int(choice, "width", &width);
  }
  // The picture's own height wherever the pixel aspect ratio can make up for the shape.
  const bool as_the_picture =
      width == picture.width && !gst_structure_has_field(choice, "pixel-aspect-ratio");
  gst_structure_fixate_field_nearest_int(
      choice, "height", as_the_picture ? picture.height : pixels(width * pixel_aspect / shape));
}

/// A picture keeps its shape where it is displayed, in a frame of any size where pixels need not be
/// square.
void settle_pixel_aspect(GstStructure* choice, const Shape& shape) {
  int width = 1, height = 1;
  gst_structure_get_int(choice, "width", &width);
  gst_structure_get_int(choice, "height", &height);
  int n = 1, d = 1;
  if (!shape.fills() &&
      !gst_util_fraction_multiply(shape.width, shape.height, height, width, &n, &d))
    n = d = 1;
  // A frame of the shape but for rounded sizes has square pixels.
  if (std::abs(static_cast<double>(n) / d - 1) * std::min(width, height) < 0.5)
    n = d = 1;
  if (gst_structure_has_field(choice, "pixel-aspect-ratio"))
    gst_structure_fixate_field_nearest_fraction(choice, "pixel-aspect-ratio", n, d);
  else
    gst_structure_set(choice, "pixel-aspect-ratio", GST_TYPE_FRACTION, n, d, nullptr);
}

/// Colours by the format's own habit, spelled out: the picture is made here, whatever the driving
/// video's colours are.
void settle_colorimetry(GstStructure* choice) {
  if (gst_structure_has_field(choice, "colorimetry"))
    return;
  const char* format = gst_structure_get_string(choice, "format");
  int width = 1, height = 1;
  gst_structure_get_int(choice, "width", &width);
  gst_structure_get_int(choice, "height", &height);
  GstVideoInfo info;
  gst_video_info_init(&info);
  if (!format ||
      !gst_video_info_set_format(&info, gst_video_format_from_string(format), width, height))
    return;
  if (char* colorimetry = gst_video_colorimetry_to_string(&info.colorimetry)) {
    gst_structure_set(choice, "colorimetry", G_TYPE_STRING, colorimetry, nullptr);
    g_free(colorimetry);
  }
}

} // namespace

GstCaps* caps_of_other_pad(GstCaps* caps) {
  GstCaps* other = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); i++) {
    GstStructure* structure = gst_structure_copy(gst_caps_get_structure(caps, i));
    gst_structure_remove_fields(structure, "format", "colorimetry", "chroma-site",
                                "pixel-aspect-ratio", nullptr);
    gst_structure_set(structure, "width", GST_TYPE_INT_RANGE, kSmallest, kLargest, "height",
                      GST_TYPE_INT_RANGE, kSmallest, kLargest, nullptr);
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

GstCaps* settle_output_caps(GstCaps* input, GstCaps* choices, const ShownPicture& picture) {
  const char* format = gst_structure_get_string(gst_caps_get_structure(input, 0), "format");
  if (!format)
    format = "RGB";
  if (picture.alpha && !has_alpha(format)) {
    for (guint i = 0; i < gst_caps_get_size(choices); i++)
      if (allows_format(gst_caps_get_structure(choices, i), "RGBA"))
        format = "RGBA";
  }

  guint best = 0;
  for (guint i = gst_caps_get_size(choices); i-- > 0;)
    if (is_colourful(format) && allows_format(gst_caps_get_structure(choices, i), format))
      best = i;
  GstCaps* settled = gst_caps_copy_nth(choices, best);
  gst_caps_unref(choices);

  GstStructure* choice = gst_caps_get_structure(settled, 0);
  settle_format(choice, format);
  const Shape shape = picture.shape.fills() ? Shape{picture.width, picture.height} : picture.shape;
  settle_size(choice, within_default_size(picture),
              static_cast<double>(shape.width) / shape.height);
  settle_pixel_aspect(choice, picture.shape);
  settled = gst_caps_fixate(settled);
  settle_colorimetry(gst_caps_get_structure(settled, 0));
  return settled;
}

} // namespace fomo
