// SPDX-License-Identifier: LGPL-2.1-or-later
// The built-in model in bf16 beside fp32: the bundled portrait follows the bundled driving video.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "common/error.h"
#include "engine/stream.h"
#include "tools/video_reader.h"

namespace fomo {
namespace {

/// One of so many frames of the driving video is taken.
constexpr int kStride = 4;
constexpr double kLeastPsnr = 45;
constexpr double kPlaceBar = 1e-5, kJacobianBar = 1e-4;

/// The portrait in one precision.
struct Portrait {
  explicit Portrait(FomoPrecision precision) {
    ModelOptions options;
    options.device = "cpu";
    options.precision = precision;
    options.deterministic = true;
    model = Model::open(options);
    const auto picture = std::make_shared<const Picture>(load_picture(FOMO_ASSETS "/portrait.png"));
    source = std::make_shared<const Source>(model, picture, FomoFraming{FOMO_CROP_FACE, 0});
    stream = std::make_unique<Stream>(model);
    size = {model->config().frame_width, model->config().frame_height};
    pixels.resize(size_t{3} * size.width * size.height);
  }

  /// Moves as the face of `frame` does, without post-processing.
  void follow(const Picture& frame, double seconds) {
    FomoDriving driving{};
    driving.frame = frame_of(image_of(frame));
    driving.crop = FOMO_CROP_FACE;
    driving.seconds = seconds;
    const FomoCalibration calibration = {{1, 1, 1}, FOMO_REFERENCE_FIRST, FOMO_LOST_FREEZE, 1,
                                         0,         FOMO_NO_FACE_CONTROLS};
    FomoFrameInfo info{};
    motion = stream->read(driving, info);
    stream->animate(source, nullptr, {&motion}, calibration, nullptr, nullptr,
                    packed_rgb(pixels, size.width, size.height), info);
  }

  std::shared_ptr<const Model> model;
  std::shared_ptr<const Source> source;
  std::unique_ptr<Stream> stream;
  MotionFrame motion; ///< of the last frame
  PixelSize size{};
  std::vector<uint8_t> pixels;
};

double mean_square(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); i++)
    sum += double(a[i] - b[i]) * (a[i] - b[i]);
  return sum / double(a.size());
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < a.size(); i++)
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  return largest;
}

double psnr(double mean_square) { return 10 * std::log10(255.0 * 255.0 / (mean_square + 1e-9)); }

TEST(Bf16, PaintsAsFp32Does) {
  std::unique_ptr<Portrait> half;
  try {
    half = std::make_unique<Portrait>(FOMO_PRECISION_BF16);
  } catch (const Error& error) {
    if (error.status() != FOMO_SETTINGS)
      throw;
    GTEST_SKIP() << error.what();
  }
  Portrait full(FOMO_PRECISION_FP32);
  VideoReader video(FOMO_ASSETS "/driving.mp4");
  std::vector<uint8_t> first;
  Picture frame;
  double sum = 0, worst = 0, moved = 0, place = 0, jacobian = 0;
  int count = 0;
  for (size_t i = 0; video.next(frame); i++) {
    if (i % kStride != 0)
      continue;
    full.follow(frame, video.seconds(i));
    half->follow(frame, video.seconds(i));
    const KeypointSet &exact = full.motion.seen.keypoints, &rough = half->motion.seen.keypoints;
    place = std::max(place, largest_difference(exact.value, rough.value));
    jacobian = std::max(jacobian, largest_difference(exact.jacobian, rough.jacobian));
    const double error = mean_square(full.pixels, half->pixels);
    sum += error;
    worst = std::max(worst, error);
    if (first.empty())
      first = full.pixels;
    moved = std::max(moved, mean_square(full.pixels, first));
    count++;
  }
  ASSERT_GT(count, 20);
  std::printf("bf16 against fp32, %d frames: PSNR %.1f dB, %.1f dB in the worst frame\n", count,
              psnr(sum / count), psnr(worst));
  std::printf("keypoints differ by up to %.1e of the picture's width, Jacobians by %.1e\n",
              place / 2, jacobian);
  EXPECT_LT(place / 2, kPlaceBar);
  EXPECT_LT(jacobian, kJacobianBar);
  EXPECT_GE(psnr(sum / count), kLeastPsnr);
  EXPECT_GE(psnr(worst), kLeastPsnr);
  EXPECT_GT(moved, 1) << "the portrait has to move, or nothing is compared";
  EXPECT_GT(sum, 0) << "bf16 rounds: the same pixels would mean that both ran in fp32";
}

} // namespace
} // namespace fomo
