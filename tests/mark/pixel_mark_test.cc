// SPDX-License-Identifier: LGPL-2.1-or-later
// The pixel mark: how far it changes frames, and what the detector finds in changed and in unmarked
// pictures.
#include "mark/pixel_mark.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "mark/mark_detector.h"
#include "tests/mark/pictures.h"

namespace fomo {
namespace {

const MarkPayload kPayload{true, false};

cv::Mat marked(const cv::Mat& picture, const MarkPayload& payload = kPayload,
               simd::Isa isa = simd::best_isa()) {
  cv::Mat result = picture.clone();
  PixelMark mark(isa);
  mark(as_image(result), payload);
  return result;
}

MarkFinding detect(const cv::Mat& picture) {
  MarkDetector detector(picture.cols, picture.rows);
  detector.add(luma_of(picture));
  return detector.result();
}

cv::Mat scaled(const cv::Mat& picture, int width, int height) {
  cv::Mat result;
  cv::resize(picture, result, {width, height}, 0, 0,
             width < picture.cols ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

void expect_found(const cv::Mat& picture, double chip, const MarkPayload& payload = kPayload) {
  const MarkFinding finding = detect(picture);
  EXPECT_TRUE(finding.found) << finding.score << " of " << finding.threshold;
  EXPECT_NEAR(finding.chip, chip, 0.02 * chip);
  ASSERT_TRUE(finding.payload);
  EXPECT_EQ(*finding.payload, payload);
  EXPECT_LE(finding.log10_false_alarm, -6);
}

TEST(MarkPayload, EveryPayloadIsReadAndOtherBitsAreNone) {
  int payloads = 0;
  for (int bits = 0; bits < 256; bits++) {
    const auto payload = payload_of(static_cast<uint8_t>(bits));
    if (!payload)
      continue;
    payloads++;
    EXPECT_EQ(payload_bits(*payload), bits);
  }
  EXPECT_EQ(payloads, 4);
}

TEST(MarkPayload, CodewordsDifferInAtLeastHalfOfTheirChips) {
  for (int a = 0; a < 256; a++)
    for (int b = 0; b < a; b++) {
      const auto first = codeword(static_cast<uint8_t>(a)),
                 second = codeword(static_cast<uint8_t>(b));
      int different = 0;
      for (int i = 0; i < kCodeLength; i++)
        different += first[i] != second[i];
      EXPECT_GE(different, kCodeLength / 2);
    }
}

TEST(PixelMark, StaysWithinThreeLevelsAndAbove42Decibels) {
  for (const auto size : {cv::Size(256, 256), cv::Size(509, 383), cv::Size(1920, 1080)}) {
    const cv::Mat picture = natural_picture(size.width, size.height, 1);
    const cv::Mat result = marked(picture);
    EXPECT_LE(cv::norm(picture, result, cv::NORM_INF), 3);
    EXPECT_GE(cv::PSNR(picture, result), 42);
    EXPECT_LE(cv::PSNR(picture, result), 50); // it is there at all
  }
}

TEST(PixelMark, ChangesTheLumaOnlyAndKeepsAlpha) {
  cv::Mat picture = natural_picture(200, 120, 2, 4);
  cv::Mat alpha(picture.size(), CV_8U);
  cv::randu(alpha, 0, 256);
  cv::insertChannel(alpha, picture, 3);
  const cv::Mat result = marked(picture);
  for (int y = 0; y < picture.rows; y++)
    for (int x = 0; x < picture.cols; x++) {
      const auto before = picture.at<cv::Vec4b>(y, x), after = result.at<cv::Vec4b>(y, x);
      ASSERT_EQ(before[3], after[3]);
      for (int c = 1; c < 3; c++) // unless a value is at the end of its range
        if (std::max(before[0], before[c]) < 253 && std::min(before[0], before[c]) > 2) {
          ASSERT_EQ(after[c] - before[c], after[0] - before[0]);
        }
    }
}

TEST(PixelMark, IsTheSameWithEveryInstructionSet) {
  for (const int channels : {3, 4}) {
    const cv::Mat picture = natural_picture(301, 203, 3, channels);
    const cv::Mat expected = marked(picture, kPayload, simd::Isa::portable);
    for (const simd::Isa isa : simd::supported_isas())
      EXPECT_EQ(cv::norm(expected, marked(picture, kPayload, isa), cv::NORM_INF), 0);
  }
}

TEST(PixelMark, DoesNotWriteBeyondTheFrame) {
  cv::Mat canvas(60, 80, CV_8UC3, cv::Scalar(100, 100, 100));
  cv::Mat part = canvas({9, 7, 37, 29});
  PixelMark mark;
  mark(as_image(part), kPayload);
  EXPECT_GT(cv::norm(part, cv::Mat(part.size(), CV_8UC3, cv::Scalar(100, 100, 100))), 0);
  part.setTo(cv::Scalar(100, 100, 100));
  EXPECT_EQ(cv::norm(canvas, cv::Mat(canvas.size(), CV_8UC3, cv::Scalar(100, 100, 100))), 0);
}

TEST(MarkDetector, ReadsEveryPayload) {
  const cv::Mat picture = natural_picture(256, 256, 4);
  for (const bool builtin : {false, true})
    for (const bool whole : {false, true})
      expect_found(marked(picture, {builtin, whole}), 4, {builtin, whole});
}

TEST(MarkDetector, FindsTheMarkInFramesOfManySizes) {
  expect_found(marked(natural_picture(320, 180, 5)), 4);
  expect_found(marked(natural_picture(719, 1000, 6)), 4);
  expect_found(marked(natural_picture(1280, 720, 7)), 6);
  expect_found(marked(natural_picture(1080, 1400, 8)), 8);
}

TEST(MarkDetector, FindsTheMarkAfterScalingCroppingAndMirroring) {
  const cv::Mat picture = marked(natural_picture(512, 512, 9));
  expect_found(scaled(picture, 256, 256), 2);
  expect_found(scaled(picture, 1024, 1024), 8);
  expect_found(scaled(picture, 700, 700), 4.0 * 700 / 512);
  expect_found(picture({37, 22, 460, 460}).clone(), 4);
  cv::Mat mirror;
  cv::flip(picture, mirror, 1);
  expect_found(mirror, 4);
  EXPECT_TRUE(detect(mirror).mirrored);
  EXPECT_FALSE(detect(picture).mirrored);
}

TEST(MarkDetector, SeveralFramesTellMoreThanOne) {
  MarkDetector one(256, 256), many(256, 256);
  cv::RNG random(10);
  for (int i = 0; i < 40; i++) {
    cv::Mat frame = marked(natural_picture(256, 256, 100 + i)), noise(256, 256, CV_16SC3);
    random.fill(noise, cv::RNG::NORMAL, 0, 40);
    cv::add(frame, noise, frame, {}, CV_8UC3);
    many.add(luma_of(frame));
    if (i == 0)
      one.add(luma_of(frame));
  }
  EXPECT_FALSE(one.result().found);
  EXPECT_TRUE(many.result().found);
}

// The bound of false alarms is 1e-6; the distribution of the best score of many pictures is far
// below.
TEST(MarkDetector, FindsNothingInUnmarkedPictures) {
  double most = 0, threshold = 0;
  for (int i = 0; i < 5; i++) {
    const MarkFinding finding = detect(natural_picture(200 + i, 300 - i, 1000 + i));
    most = std::max(most, finding.score);
    threshold = finding.threshold;
    EXPECT_FALSE(finding.found);
    EXPECT_FALSE(finding.payload);
  }
  cv::RNG random(11);
  for (int i = 0; i < 5; i++) {
    cv::Mat noise(256, 256, CV_8UC3);
    random.fill(noise, cv::RNG::UNIFORM, 0, 256);
    const MarkFinding finding = detect(noise);
    most = std::max(most, finding.score);
    EXPECT_FALSE(finding.found);
  }
  std::printf("best score of unmarked pictures %.2f, threshold %.2f\n", most, threshold);
}

TEST(MarkDetector, FindsNothingInFlatAndTinyPictures) {
  EXPECT_FALSE(detect(cv::Mat(256, 256, CV_8UC3, cv::Scalar(9, 9, 9))).found);
  EXPECT_FALSE(detect(cv::Mat(20, 3000, CV_8UC3, cv::Scalar(9, 9, 9))).found);
  EXPECT_FALSE(detect(marked(natural_picture(40, 40, 12))).found);
  EXPECT_FALSE(MarkDetector(256, 256).result().found);
}

} // namespace
} // namespace fomo
