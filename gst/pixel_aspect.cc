// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/pixel_aspect.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.h"

namespace fomo {

namespace {

/// The limits of pictures (pictures/row_assembler.h): the engine would scale down a larger one.
constexpr double kMostPixels = 40e6, kReducedPixels = 20e6;

[[noreturn]] void refuse(const GstVideoInfo& info, const char* reason) {
  throw Error(FOMO_SETTINGS,
              "The pixel aspect ratio " + std::to_string(info.par_n) + "/" +
                  std::to_string(info.par_d) + " of " + std::to_string(info.width) + "x" +
                  std::to_string(info.height) + " frames " + reason +
                  ". Set a pixel-aspect-ratio near 1/1, for example by capssetter or "
                  "videoscale.");
}

double pixel_aspect(const GstVideoInfo& info) {
  if (info.par_n <= 0 || info.par_d <= 0)
    refuse(info, "is not positive");
  return static_cast<double>(info.par_n) / info.par_d;
}

} // namespace

void check_pixel_aspect(const GstVideoInfo& info) {
  const double aspect = pixel_aspect(info);
  if (info.width * std::max(1.0, aspect) > kLargestSide ||
      info.height * std::max(1.0, 1 / aspect) > kLargestSide)
    refuse(info, "makes a side of more than 32768 pixels");
}

void check_room(const GstVideoInfo& out, const Shape& shape) {
  const double aspect = pixel_aspect(out);
  if (shape.fills_frame())
    return;
  // Width in pixels divided by height in pixels.
  const double ratio = static_cast<double>(shape.width) / shape.height / aspect;
  if (out.height * ratio < 0.5 || out.width / ratio < 0.5)
    refuse(out, "leaves no pixel for the picture");
}

SquareSize square_size(const GstVideoInfo& info, bool enlarges) {
  check_pixel_aspect(info);
  const double aspect = pixel_aspect(info);
  double width = info.width * (enlarges ? std::max(1.0, aspect) : aspect),
         height = info.height * (enlarges ? std::max(1.0, 1 / aspect) : 1);
  if (width * height > kMostPixels) {
    const double scale = std::sqrt(kReducedPixels / (width * height));
    width *= scale;
    height *= scale;
  }
  return {std::max(1, static_cast<int>(std::lround(width))),
          std::max(1, static_cast<int>(std::lround(height)))};
}

} // namespace fomo
