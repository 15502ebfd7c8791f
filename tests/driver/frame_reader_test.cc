// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading regions of frames in the frames' formats.
#include <gtest/gtest.h>

#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

cv::Mat sampled(const FrameReader& frame, const Box& region, cv::Size size, int channels) {
  constexpr int taps = 4;
  cv::Mat out(size, CV_8UC(channels));
  EXPECT_TRUE(frame.read(region, taps, as_image(out)));
  return out;
}

double difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.channels());
}

TEST(FrameReader, CopiesWhatIsNotScaled) {
  const FrameReader view(as_image(portrait()));
  EXPECT_EQ(difference(sampled(view, {100, 50, 64, 48}, {64, 48}, 3),
                       portrait()(cv::Rect(100, 50, 64, 48))),
            0);
}

TEST(FrameReader, ScalingAveragesPixels) {
  const FrameReader view(as_image(portrait()));
  cv::Mat expected;
  cv::resize(portrait()(cv::Rect(128, 0, 256, 256)), expected, {64, 64}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(sampled(view, {128, 0, 256, 256}, {64, 64}, 3), expected), 0.6);
  // If the reader samples fewer points than there are pixels, the result is close to the mean.
  cv::resize(portrait(), expected, {32, 32}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(sampled(view, {0, 0, 512, 512}, {32, 32}, 3), expected), 6);
}

TEST(FrameReader, InterpolatesBetweenPixels) {
  cv::Mat ramp(1, 4, CV_8UC1);
  for (int x = 0; x < 4; x++)
    ramp.at<uint8_t>(0, x) = static_cast<uint8_t>(40 * x);
  const FrameReader view(as_image(ramp));
  const cv::Mat half = sampled(view, {0.5, 0, 3, 1}, {3, 1}, 1);
  EXPECT_EQ(half.at<uint8_t>(0, 0), 20);
  EXPECT_EQ(half.at<uint8_t>(0, 1), 60);
  EXPECT_EQ(half.at<uint8_t>(0, 2), 100);
}

TEST(FrameReader, RepeatsTheBorder) {
  cv::Mat two(1, 2, CV_8UC1);
  two.at<uint8_t>(0, 0) = 10;
  two.at<uint8_t>(0, 1) = 200;
  const cv::Mat wide = sampled(FrameReader(as_image(two)), {-3, -5, 8, 11}, {8, 11}, 1);
  EXPECT_EQ(wide.at<uint8_t>(0, 0), 10);
  EXPECT_EQ(wide.at<uint8_t>(10, 7), 200);
}

TEST(FrameReader, TurnsRegions) {
  const FrameReader view(as_image(portrait()));
  const cv::Mat part = portrait()(cv::Rect(100, 50, 64, 64));
  cv::Mat expected, seen(64, 64, CV_8UC3);
  const auto read = [&](double roll) {
    EXPECT_TRUE(view.read({100, 50, 64, 64}, roll, 4, as_image(seen)));
  };
  // What lies with its top to the right stands after a quarter turn anticlockwise.
  read(kPi / 2);
  cv::rotate(part, expected, cv::ROTATE_90_COUNTERCLOCKWISE);
  EXPECT_LT(difference(seen, expected), 0.01);
  read(kPi);
  cv::rotate(part, expected, cv::ROTATE_180);
  EXPECT_LT(difference(seen, expected), 0.01);
  read(0.5);
  const cv::Mat turn = cv::getRotationMatrix2D({131.5, 81.5}, 0.5 * 180 / kPi, 1);
  cv::Mat whole;
  cv::warpAffine(portrait(), whole, turn, portrait().size());
  EXPECT_LT(difference(seen, whole(cv::Rect(100, 50, 64, 64))), 3);
}

TEST(FrameReader, ReadsYuvInPlanesAndInterleaved) {
  cv::Mat bgr, i420, picture = portrait();
  cv::cvtColor(picture, i420, cv::COLOR_RGB2YUV_I420); // BT.601, limited range
  FomoFrame view{};
  view.width = view.height = 512;
  view.components = 3;
  view.yuv = true;
  view.kr = 0.299;
  view.kb = 0.114;
  const uint8_t *u = i420.data + 512 * 512, *v = u + 256 * 256;
  view.component[0] = {i420.data, 512, 1, 0, 0};
  view.component[1] = {u, 256, 1, 1, 1};
  view.component[2] = {v, 256, 1, 1, 1};
  const Box region{150, 40, 160, 160};
  const cv::Mat expected = sampled(FrameReader(as_image(picture)), region, {80, 80}, 3);
  EXPECT_LT(difference(sampled(FrameReader(view), region, {80, 80}, 3), expected), 4);
  // The same frame as NV12.
  std::vector<uint8_t> interleaved;
  for (int i = 0; i < 256 * 256; i++) {
    interleaved.push_back(u[i]);
    interleaved.push_back(v[i]);
  }
  FomoFrame nv12 = view;
  nv12.component[1] = {interleaved.data(), 512, 2, 1, 1};
  nv12.component[2] = {interleaved.data() + 1, 512, 2, 1, 1};
  EXPECT_EQ(difference(sampled(FrameReader(nv12), region, {80, 80}, 3),
                       sampled(FrameReader(view), region, {80, 80}, 3)),
            0);
  // Grey is the first plane, unchanged.
  const FrameReader luma({i420.data, 512, 512, 512, 1});
  EXPECT_EQ(difference(sampled(FrameReader(view), region, {80, 80}, 1),
                       sampled(luma, region, {80, 80}, 1)),
            0);
}

TEST(FrameReader, GreyOfColourIsItsBrightness) {
  cv::Mat expected;
  cv::cvtColor(portrait(), expected, cv::COLOR_RGB2GRAY);
  const cv::Mat grey = sampled(FrameReader(as_image(portrait())), {0, 0, 512, 512}, {512, 512}, 1);
  EXPECT_LT(difference(grey, expected), 0.7);
}

TEST(FrameReader, ReadsARegionThatLeavesThePicture) {
  cv::Mat expected;
  const cv::Mat out =
      sampled(FrameReader(as_image(portrait())), {-128, -128, 256, 256}, {64, 64}, 3);
  cv::resize(portrait()(cv::Rect(0, 0, 128, 128)), expected, {32, 32}, 0, 0, cv::INTER_AREA);
  EXPECT_LT(difference(out(cv::Rect(32, 32, 32, 32)), expected), 0.6);
  EXPECT_EQ(out.at<cv::Vec3b>(0, 0), out.at<cv::Vec3b>(31, 0));
}

TEST(FrameReader, RefusesWhatCannotBeRead) {
  cv::Mat out(2, 2, CV_8UC1);
  EXPECT_FALSE(FrameReader().read({0, 0, 1, 1}, 4, as_image(out)));
  const FrameReader frame(as_image(portrait()));
  EXPECT_FALSE(frame.read({600, 0, 10, 10}, 4, as_image(out)));
  EXPECT_FALSE(frame.read({0, 0, 0, 10}, 4, as_image(out)));
}

/// The stored frame that becomes `upright` when `orientation` is applied.
cv::Mat stored_for(const cv::Mat& upright, FomoOrientation orientation) {
  cv::Mat stored;
  switch (orientation) {
  case FOMO_ORIENTATION_90R:
    cv::rotate(upright, stored, cv::ROTATE_90_COUNTERCLOCKWISE);
    return stored;
  case FOMO_ORIENTATION_180:
    cv::rotate(upright, stored, cv::ROTATE_180);
    return stored;
  case FOMO_ORIENTATION_90L:
    cv::rotate(upright, stored, cv::ROTATE_90_CLOCKWISE);
    return stored;
  case FOMO_ORIENTATION_HORIZ:
    cv::flip(upright, stored, 1);
    return stored;
  case FOMO_ORIENTATION_VERT:
    cv::flip(upright, stored, 0);
    return stored;
  case FOMO_ORIENTATION_UL_LR:
    cv::transpose(upright, stored);
    return stored;
  case FOMO_ORIENTATION_UR_LL:
    cv::rotate(upright, stored, cv::ROTATE_180);
    return stored_for(stored, FOMO_ORIENTATION_UL_LR);
  default:
    return upright.clone();
  }
}

FomoFrame rgb_frame(const cv::Mat& stored, FomoOrientation orientation) {
  FomoFrame frame = frame_of(as_image(stored));
  frame.orientation = orientation;
  return frame;
}

TEST(FrameReader, ReadsTurnedFramesUpright) {
  const cv::Mat upright = portrait()(cv::Rect(40, 10, 401, 300));
  const FrameReader plain(as_image(upright));
  for (int turn = FOMO_ORIENTATION_IDENTITY; turn <= FOMO_ORIENTATION_UR_LL; turn++) {
    SCOPED_TRACE(turn);
    const auto orientation = static_cast<FomoOrientation>(turn);
    const cv::Mat stored = stored_for(upright, orientation);
    const FrameReader frame(rgb_frame(stored, orientation));
    EXPECT_EQ(frame.width(), upright.cols);
    EXPECT_EQ(frame.height(), upright.rows);
    // Without scaling, pixels are copied, in regions of any size and beyond the border.
    for (const Box region : {Box{37, 21, 75, 50}, Box{-10, 260, 70, 61}}) {
      const cv::Size size(static_cast<int>(region.width), static_cast<int>(region.height));
      EXPECT_EQ(difference(sampled(frame, region, size, 3), sampled(plain, region, size, 3)), 0);
      EXPECT_EQ(difference(sampled(frame, region, size, 1), sampled(plain, region, size, 1)), 0);
    }
    const Box region{13.3, 7.9, 250.5, 210.2};
    EXPECT_LT(difference(sampled(frame, region, {64, 48}, 3), sampled(plain, region, {64, 48}, 3)),
              1.5);
    const Point place = frame.to_upright(frame.to_stored({0.2, 0.7}));
    EXPECT_NEAR(place.x, 0.2, 1e-12);
    EXPECT_NEAR(place.y, 0.7, 1e-12);
    const Point pixel = frame.to_stored({100.5 / upright.cols, 200.5 / upright.rows});
    EXPECT_EQ(stored.at<cv::Vec3b>(static_cast<int>(pixel.y * stored.rows),
                                   static_cast<int>(pixel.x * stored.cols)),
              upright.at<cv::Vec3b>(200, 100));
  }
}

} // namespace

} // namespace fomo::test
