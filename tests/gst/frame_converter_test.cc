// SPDX-License-Identifier: LGPL-2.1-or-later
// The largest frames that the pads accept: sizes do not overflow.
#include "gst/frame_converter.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "gst/pixel_aspect.h"

namespace fomo {
namespace {

GstVideoInfo info_of(GstVideoFormat format, int width, int height, int par_n = 1, int par_d = 1) {
  GstVideoInfo info;
  gst_video_info_init(&info);
  EXPECT_TRUE(gst_video_info_set_format(&info, format, width, height));
  info.par_n = par_n;
  info.par_d = par_d;
  return info;
}

/// The address space of the process, bytes.
long address_space() {
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * 4096;
}

/// The number of pixels does not fit into 32 bits when doubled. With such an overflow the converter
/// believes that the frame shrinks, and makes a frame of 1.6 GB to scale into.
TEST(FrameConverterTest, LargestFrameIsNotScaledFirst) {
  const GstVideoInfo in = info_of(GST_VIDEO_FORMAT_I420, kLargestSide, kLargestSide),
                     out = info_of(GST_VIDEO_FORMAT_RGB, kLargestSide, kLargestSide);
  const long before = address_space();
  const FrameConverter converter(in, whole_frame(in), out, whole_frame(out));
  EXPECT_LT(address_space() - before, 500 << 20);
}

TEST(FrameConverterTest, LargestFrameHasACentre) {
  const GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, kLargestSide, 16);
  const GstVideoRectangle rect = centered_rect(info, {1, 1});
  EXPECT_EQ(rect.x, (kLargestSide - 16) / 2);
  EXPECT_EQ(rect.w, 16);
}

/// A pixel aspect ratio asks for no more memory than a large picture takes.
TEST(FrameConverterTest, SquarePixelsAreBounded) {
  const auto sides = [](int width, int height, int par_n, int par_d, bool enlarges) {
    const SquareSize size =
        square_size(info_of(GST_VIDEO_FORMAT_I420, width, height, par_n, par_d), enlarges);
    EXPECT_LE(static_cast<double>(size.width) * size.height, 40e6);
    return std::to_string(size.width) + "x" + std::to_string(size.height);
  };
  EXPECT_EQ(sides(720, 576, 16, 15, true), "768x576");
  EXPECT_EQ(sides(720, 576, 8, 9, true), "720x648");
  EXPECT_EQ(sides(720, 576, 8, 9, false), "640x576");
  EXPECT_EQ(sides(16, 16, 1, 2048, false), "1x16");
  EXPECT_EQ(sides(16, kLargestSide, 2048, 1, false), "4472x4472");
  EXPECT_EQ(sides(kLargestSide, kLargestSide, 1, 1, true), "4472x4472");
}

} // namespace
} // namespace fomo
