// SPDX-License-Identifier: LGPL-2.1-or-later
// Sampling regions of frames in their own formats.
#include <gtest/gtest.h>

#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

cv::Mat sampled(const FrameView& view, const FaceBox& region, cv::Size size, int channels,
                int taps = 4) {
  cv::Mat out(size, CV_8UC(channels));
  sample_region(view, region, taps, as_image(out));
  return out;
}

double difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.channels());
}

TEST(FrameView, CopiesWhatIsNotScaled) {
  const FrameView view = view_of(as_image(portrait()));
  EXPECT_EQ(difference(sampled(view, {100, 50, 64, 48}, {64, 48}, 3),
                       portrait()(cv::Rect(100, 50, 64, 48))),
            0);
}

TEST(FrameView, ScalesLikeAMean) {
  const FrameView view = view_of(as_image(portrait()));
  cv::Mat expected;
  cv::resize(portrait()(cv::Rect(128, 0, 256, 256)), expected, {64, 64}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(sampled(view, {128, 0, 256, 256}, {64, 64}, 3), expected), 0.6);
  // With fewer samples than pixels it comes near.
  cv::resize(portrait(), expected, {32, 32}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(sampled(view, {0, 0, 512, 512}, {32, 32}, 3), expected), 6);
}

TEST(FrameView, InterpolatesBetweenPixels) {
  cv::Mat ramp(1, 4, CV_8UC1);
  for (int x = 0; x < 4; x++)
    ramp.at<uint8_t>(0, x) = static_cast<uint8_t>(40 * x);
  const FrameView view = view_of(as_image(ramp));
  const cv::Mat half = sampled(view, {0.5, 0, 3, 1}, {3, 1}, 1);
  EXPECT_EQ(half.at<uint8_t>(0, 0), 20);
  EXPECT_EQ(half.at<uint8_t>(0, 1), 60);
  EXPECT_EQ(half.at<uint8_t>(0, 2), 100);
}

TEST(FrameView, RepeatsTheBorder) {
  cv::Mat two(1, 2, CV_8UC1);
  two.at<uint8_t>(0, 0) = 10;
  two.at<uint8_t>(0, 1) = 200;
  const cv::Mat wide = sampled(view_of(as_image(two)), {-3, -5, 8, 11}, {8, 11}, 1);
  EXPECT_EQ(wide.at<uint8_t>(0, 0), 10);
  EXPECT_EQ(wide.at<uint8_t>(10, 7), 200);
}

TEST(FrameView, ReadsYuvInPlanesAndInterleaved) {
  cv::Mat bgr, i420, picture = portrait();
  cv::cvtColor(picture, i420, cv::COLOR_RGB2YUV_I420); // BT.601, limited range
  FrameView view;
  view.width = view.height = 512;
  view.yuv = true;
  view.kr = 0.299;
  view.kb = 0.114;
  const uint8_t *u = i420.data + 512 * 512, *v = u + 256 * 256;
  view.component[0] = {i420.data, 512, 1, 0, 0};
  view.component[1] = {u, 256, 1, 1, 1};
  view.component[2] = {v, 256, 1, 1, 1};
  const FaceBox region{150, 40, 160, 160};
  const cv::Mat expected = sampled(view_of(as_image(picture)), region, {80, 80}, 3);
  EXPECT_LT(difference(sampled(view, region, {80, 80}, 3), expected), 4);
  // The same as NV12.
  std::vector<uint8_t> interleaved;
  for (int i = 0; i < 256 * 256; i++) {
    interleaved.push_back(u[i]);
    interleaved.push_back(v[i]);
  }
  FrameView nv12 = view;
  nv12.component[1] = {interleaved.data(), 512, 2, 1, 1};
  nv12.component[2] = {interleaved.data() + 1, 512, 2, 1, 1};
  EXPECT_EQ(difference(sampled(nv12, region, {80, 80}, 3), sampled(view, region, {80, 80}, 3)), 0);
  // Brightness is the first plane as it is.
  const FrameView luma = view_of({i420.data, 512, 512, 512, 1});
  EXPECT_EQ(difference(sampled(view, region, {80, 80}, 1), sampled(luma, region, {80, 80}, 1)), 0);
}

TEST(FrameView, GreyOfColourIsItsBrightness) {
  cv::Mat expected;
  cv::cvtColor(portrait(), expected, cv::COLOR_RGB2GRAY);
  const cv::Mat grey = sampled(view_of(as_image(portrait())), {0, 0, 512, 512}, {512, 512}, 1);
  EXPECT_LT(difference(grey, expected), 0.7);
}

TEST(FrameView, ReadsACropThatLeavesThePicture) {
  const FrameView view = view_of(as_image(portrait()));
  cv::Mat out(64, 64, CV_8UC3), expected;
  read_crop(view, {0, 0, 256}, as_image(out));
  cv::resize(portrait()(cv::Rect(0, 0, 128, 128)), expected, {32, 32}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(out(cv::Rect(32, 32, 32, 32)), expected), 0.6);
  EXPECT_EQ(out.at<cv::Vec3b>(0, 0), out.at<cv::Vec3b>(31, 0));
}

TEST(FrameView, ReadersRefuseFramesWithoutPixels) {
  const FrameView view;
  cv::Mat out(2, 2, CV_8UC1);
  EXPECT_FALSE(reader_of(view)({0, 0, 1, 1}, as_image(out)));
}

} // namespace

} // namespace fomo::test
