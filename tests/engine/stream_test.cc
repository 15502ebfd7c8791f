// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames and animates pictures from end to end, with the built-in model.
#include "engine/stream.h"

#include <optional>

#include <gtest/gtest.h>

#include <cmath>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "pictures/picture_framing.h"

namespace fomo {
namespace {

constexpr int kSize = 256;

std::shared_ptr<const Picture> portrait() {
  static const auto picture =
      std::make_shared<const Picture>(load_picture(FOMO_ASSETS "/portrait.png"));
  return picture;
}

std::shared_ptr<const Picture> blank(int width, int height, int channels = 3) {
  Picture picture{width, height, channels, {}};
  picture.pixels.assign(static_cast<size_t>(width) * height * channels, 128);
  return std::make_shared<const Picture>(std::move(picture));
}

cv::Mat mat_of(const Picture& picture) { return as_mat(image_of(picture)); }

Picture picture_of(const cv::Mat& pixels) {
  Picture picture{pixels.cols, pixels.rows, pixels.channels(), {}};
  for (int y = 0; y < pixels.rows; y++)
    picture.pixels.insert(picture.pixels.end(), pixels.ptr(y),
                          pixels.ptr(y) + static_cast<size_t>(pixels.cols) * pixels.channels());
  return picture;
}

std::shared_ptr<const Model> model() {
  static const std::shared_ptr<const Model> model = [] {
    ModelOptions options;
    options.device = "cpu";
    return Model::open(options);
  }();
  return model;
}

/// A driving frame: the portrait's face, shifted and rotated.
std::vector<uint8_t> driver_frame(double shift, double degrees) {
  const cv::Rect crop = frame_picture(*portrait(), {FOMO_CROP_FACE, 0}, true).crops[0];
  std::vector<uint8_t> pixels = resize_region(*portrait(), crop, kSize, kSize);
  cv::Mat face(kSize, kSize, CV_8UC3, pixels.data());
  cv::Mat turn = cv::getRotationMatrix2D({kSize / 2.0F, kSize / 2.0F}, degrees, 1);
  turn.at<double>(0, 2) += shift;
  cv::Mat moved;
  cv::warpAffine(face, moved, turn, face.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return {moved.datastart, moved.dataend};
}

FomoImage sized(std::vector<uint8_t>& pixels, int width = kSize, int height = kSize,
                int channels = 3) {
  pixels.resize(static_cast<size_t>(width) * height * channels);
  return {pixels.data(), width, height, ptrdiff_t{channels} * width, channels};
}

FomoCalibration calibration() {
  return {{1, 1, 1}, FOMO_REFERENCE_FIRST, FOMO_LOST_FREEZE, 1, 0, FOMO_NO_FACE_CONTROLS};
}

double mean_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); i++)
    sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

/// A stream with one picture in one view.
struct Scene {
  Scene(std::shared_ptr<const Picture> picture, const FomoFraming& framing)
      : encoded(std::make_shared<Source>(model(), std::move(picture), framing)) {}

  void show(const FomoPresentation& presentation) { presented = encoded->present(presentation); }

  /// `pixels`: RGB of kSize x kSize.
  FomoFrameInfo frame(const std::vector<uint8_t>& pixels, FomoCrop crop = FOMO_CROP_CENTER) {
    return frame(cv::Mat(kSize, kSize, CV_8UC3, const_cast<uint8_t*>(pixels.data())), crop);
  }
  FomoFrameInfo frame(const cv::Mat& rgb, FomoCrop crop) {
    const PixelSize size = presented ? presented->output() : PixelSize{kSize, kSize};
    const int channels = presented ? presented->settings().channels : 3;
    const FomoImage output = sized(out, size.width, size.height, channels);
    FomoDriving driving{};
    driving.frame = frame_of(as_image(rgb));
    driving.crop = crop;
    driving.face_timeout = 2;
    driving.seconds = seconds += 0.04;
    return stream.animate(encoded, presented, driving, settings, overlay.flags ? &overlay : nullptr,
                          mark ? &*mark : nullptr, output);
  }

  std::shared_ptr<const Source> encoded;
  std::shared_ptr<const PresentedSource> presented;
  Stream stream{model()};
  FomoCalibration settings = calibration();
  FomoOverlay overlay = {};
  std::optional<FomoMark> mark;
  std::vector<uint8_t> out;
  double seconds = 0;
};

TEST(PictureFraming, AutoFindsTheFace) {
  const PictureFraming framed = frame_picture(*portrait(), {FOMO_CROP_AUTO, 0}, true);
  EXPECT_EQ(framed.crop, FOMO_CROP_FACE);
  ASSERT_EQ(framed.crops.size(), 1U);
  // The square that was framed by hand has the side 198 and its corner at 123, 14.
  EXPECT_NEAR(framed.crops[0].x, 123, 20);
  EXPECT_NEAR(framed.crops[0].y, 14, 20);
  EXPECT_NEAR(framed.crops[0].width, 198, 20);
  EXPECT_EQ(framed.crops[0].width, framed.crops[0].height);
}

TEST(PictureFraming, AutoTakesTheCentreWithoutAFace) {
  const PictureFraming framed = frame_picture(*blank(300, 200), {FOMO_CROP_AUTO, 0}, true);
  EXPECT_EQ(framed.crop, FOMO_CROP_CENTER);
  EXPECT_EQ(framed.faces_found, 0);
  EXPECT_EQ(framed.crops[0].x, 50);
  EXPECT_EQ(framed.crops[0].width, 200);
}

TEST(PictureFraming, OfOtherThingsLooksForNoFace) {
  const PictureFraming framed = frame_picture(*portrait(), {FOMO_CROP_AUTO, 0}, false);
  EXPECT_EQ(framed.crop, FOMO_CROP_CENTER);
  EXPECT_EQ(framed.faces_found, -1);
}

TEST(PictureFraming, ErrorsNameTheProblem) {
  const auto message = [](const Picture& picture, const FomoFraming& framing) -> std::string {
    try {
      frame_picture(picture, framing, true);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), FOMO_SETTINGS);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message(*blank(64, 64), {FOMO_CROP_FACE, 0}).find("crop=center"), std::string::npos);
  EXPECT_NE(message(*portrait(), {FOMO_CROP_FACE, 3}).find("face-index"), std::string::npos);
}

/// A picture of two portraits, the second one smaller.
std::shared_ptr<const Picture> couple() {
  cv::Mat small, two(512, 900, CV_8UC3, cv::Scalar(90, 90, 90));
  const cv::Mat one = mat_of(*portrait());
  cv::resize(one, small, {380, 380}, 0, 0, cv::INTER_AREA);
  one.copyTo(two(cv::Rect(0, 0, 512, 512)));
  small.copyTo(two(cv::Rect(516, 100, 380, 380)));
  return std::make_shared<const Picture>(picture_of(two));
}

TEST(PictureFraming, FindsAllFacesLargestFirst) {
  const PictureFraming framed = frame_picture(*couple(), {FOMO_CROP_FACE, FOMO_ALL_FACES}, true);
  ASSERT_EQ(framed.crops.size(), 2U);
  EXPECT_LT(framed.crops[0].x, framed.crops[1].x);
  EXPECT_GT(framed.crops[0].width, framed.crops[1].width);
  const PictureFraming second = frame_picture(*couple(), {FOMO_CROP_FACE, 1}, true);
  EXPECT_EQ(second.crops[0].x, framed.crops[1].x);
}

TEST(Stream, RestsUntilThereIsAFace) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  const cv::Mat room(480, 640, CV_8UC3, cv::Scalar::all(60));
  for (int t = 0; t < 60; t++) {
    const FomoFrameInfo info = scene.frame(room, FOMO_CROP_AUTO);
    EXPECT_FALSE(info.present);
    EXPECT_EQ(info.face_timed_out, t == 50) << t; // 2 seconds at 25 frames/s
    ASSERT_EQ(scene.out, scene.encoded->parts()[0].at_rest);
  }
  // The picture also rests in the neutral pose, and with strength 0 in any pose.
  scene.frame(driver_frame(0, 0));
  EXPECT_LT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 0.1);
  scene.settings.strength = 0;
  scene.frame(driver_frame(20, 8));
  EXPECT_LT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 0.1);
  scene.settings.strength = 1;
  scene.frame(driver_frame(20, 8));
  EXPECT_GT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 2);
}

TEST(Stream, FreezesWhileTheFaceIsLost) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  const cv::Mat driver = mat_of(*portrait()), room(driver.size(), CV_8UC3, cv::Scalar::all(60));
  EXPECT_EQ(scene.frame(driver, FOMO_CROP_AUTO).event, FOMO_FACE_FOUND);
  EXPECT_TRUE(scene.frame(driver, FOMO_CROP_AUTO).present);
  FomoFrameInfo gone = scene.frame(room, FOMO_CROP_AUTO);
  const std::vector<uint8_t> last = scene.out;
  for (int t = 0; t < 30 && gone.present; t++)
    gone = scene.frame(room, FOMO_CROP_AUTO);
  EXPECT_FALSE(gone.present);
  EXPECT_EQ(gone.face, FOMO_FACE_LOST);
  EXPECT_TRUE(gone.repeated);
  // With the whole frame (crop=none, as in the official demo) there is no lost face.
  const FomoFrameInfo whole = scene.frame(room, FOMO_CROP_NONE);
  EXPECT_TRUE(whole.present);
  EXPECT_FALSE(whole.repeated);
}

// A reference picture stays the reference until it is reset, also with another source picture.
TEST(Stream, AReferencePictureStaysWithAnotherSource) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  scene.stream.set_reference(detect_pose(*model(), *portrait(), {FOMO_CROP_AUTO, 0}));
  EXPECT_TRUE(scene.frame(driver_frame(20, 8)).reference_set);
  const std::vector<uint8_t> before = scene.out;
  scene.encoded =
      std::make_shared<const Source>(model(), portrait(), FomoFraming{FOMO_CROP_AUTO, 0});
  EXPECT_FALSE(scene.frame(driver_frame(20, 8)).reference_set);
  EXPECT_LT(mean_difference(scene.out, before), 0.5);
  // After the reset the next frame becomes the reference.
  scene.stream.reset_reference();
  scene.frame(driver_frame(20, 8));
  scene.encoded =
      std::make_shared<const Source>(model(), portrait(), FomoFraming{FOMO_CROP_AUTO, 0});
  EXPECT_TRUE(scene.frame(driver_frame(0, 0)).reference_set);
}

TEST(Stream, UsesThePoseOfAReferencePicture) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  scene.stream.set_reference(detect_pose(*model(), *portrait(), {FOMO_CROP_AUTO, 0}));
  scene.frame(driver_frame(20, 8));
  EXPECT_GT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 2);
  // A new video keeps the reference; a reset makes the next frame the reference.
  scene.stream.restart();
  scene.frame(driver_frame(20, 8));
  EXPECT_GT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 2);
  scene.stream.reset_reference();
  EXPECT_TRUE(scene.frame(driver_frame(20, 8)).reference_set);
  EXPECT_LT(mean_difference(scene.out, scene.encoded->parts()[0].at_rest), 0.1);
}

TEST(Stream, MovesAllFacesOfAPictureAndNothingElse) {
  const auto original = couple();
  Scene scene(original, {FOMO_CROP_FACE, FOMO_ALL_FACES});
  scene.show({1, 1, 0, 0, 3});
  scene.frame(driver_frame(0, 0));
  const std::vector<uint8_t> before = scene.out;
  scene.frame(driver_frame(16, 8));
  const cv::Mat a = as_mat(packed_rgb(before, 900, 512)), b(512, 900, CV_8UC3, scene.out.data()),
                picture = mat_of(*original);
  cv::Mat outside(512, 900, CV_8U, cv::Scalar(255));
  for (int i = 0; i < 2; i++) {
    const cv::Rect place = scene.presented->place(i);
    const cv::Rect rect =
        cv::Rect(place.x, place.y, place.width, place.height) & cv::Rect(0, 0, 900, 512);
    EXPECT_GT(cv::norm(a(rect), b(rect), cv::NORM_L1) / rect.area(), 6) << i;
    outside(rect) = 0;
  }
  EXPECT_EQ(cv::norm(b, picture, cv::NORM_INF, outside), 0);
}

TEST(Stream, ASteadyBorderLeavesNoSeam) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  scene.show({1, 1, 0, 0, 3});
  scene.frame(driver_frame(0, 0));
  scene.frame(driver_frame(16, 8));
  const cv::Mat shown(512, 512, CV_8UC3, scene.out.data()), picture = mat_of(*portrait());
  const cv::Rect place = scene.presented->place(0);
  // Compares differences of neighbouring columns at the crop's sides with those of the picture.
  const auto step = [&](const cv::Mat& frame, int x) {
    double sum = 0;
    for (int y = place.y + 8; y < place.y + place.height - 8; y++)
      for (int c = 0; c < 3; c++)
        sum += std::abs(frame.at<cv::Vec3b>(y, x)[c] - frame.at<cv::Vec3b>(y, x - 1)[c]);
    return sum / (3 * (place.height - 16));
  };
  for (const int x : {place.x, place.x + place.width})
    EXPECT_LT(step(shown, x), step(picture, x) + 1.5);
}

TEST(Stream, TransparencyMovesWithThePicture) {
  cv::Mat rgba;
  cv::cvtColor(mat_of(*portrait()), rgba, cv::COLOR_RGB2RGBA);
  const int edge = 250; // through the face
  for (int y = 0; y < rgba.rows; y++)
    for (int x = edge; x < rgba.cols; x++)
      rgba.at<cv::Vec4b>(y, x)[3] = 0;
  Scene scene(std::make_shared<const Picture>(picture_of(rgba)), {FOMO_CROP_CENTER, 0});
  scene.show({0, 1, 512, 512, 4});
  const auto visible = [&] {
    int count = 0;
    for (size_t i = 3; i < scene.out.size(); i += 4)
      count += scene.out[i] > 127;
    return count;
  };
  scene.frame(driver_frame(0, 0));
  EXPECT_NEAR(visible(), edge * 512, 512 * 6);
  const std::vector<uint8_t> still = scene.out;
  scene.frame(driver_frame(16, 0));
  int uncovered = 0; // transparent pixels that the moved head covers
  for (size_t i = 3; i < still.size(); i += 4)
    uncovered += still[i] < 64 && scene.out[i] > 191;
  EXPECT_GT(uncovered, 1000);
  EXPECT_EQ(scene.encoded->describe().has_alpha, 1);
}

TEST(Stream, OverlaysAreDrawnWhenAskedFor) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  scene.show({0, 0, 300, 300, 3});
  scene.frame(driver_frame(0, 0));
  const std::vector<uint8_t> driver = driver_frame(24, 0); // with hidden areas in the occlusion map
  scene.frame(driver);
  const std::vector<uint8_t> plain = scene.out;
  for (const unsigned flag :
       {FOMO_OVERLAY_KEYPOINTS, FOMO_OVERLAY_MASK, FOMO_OVERLAY_GRID, FOMO_OVERLAY_OCCLUSION,
        FOMO_OVERLAY_CROPS, FOMO_OVERLAY_GUIDE, FOMO_OVERLAY_STATS}) {
    scene.overlay = {flag, "text"};
    scene.frame(driver);
    EXPECT_GT(mean_difference(plain, scene.out), 0) << flag;
  }
  scene.overlay = {};
  scene.frame(driver);
  EXPECT_EQ(scene.out, plain);
}

TEST(Stream, MarksAreDrawnWhenAskedFor) {
  Scene scene(portrait(), {FOMO_CROP_AUTO, 0});
  scene.show({0, 0, 300, 300, 3});
  const std::vector<uint8_t> driver = driver_frame(24, 0);
  scene.frame(driver);
  const std::vector<uint8_t> plain = scene.out;
  scene.mark = FomoMark{1, 0, FOMO_CORNER_TOP_LEFT};
  scene.frame(driver);
  int most = 0;
  for (size_t i = 0; i < plain.size(); i++)
    most = std::max(most, std::abs(plain[i] - scene.out[i]));
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 3);
  scene.mark = FomoMark{0, 0.1, FOMO_CORNER_TOP_LEFT};
  scene.frame(driver);
  EXPECT_GT(mean_difference(plain, scene.out), 0);
  scene.mark.reset();
  scene.frame(driver);
  EXPECT_EQ(scene.out, plain);
}

TEST(Stream, SeveralFacesNeedTheFullPicture) {
  const Source encoded(model(), couple(), {FOMO_CROP_FACE, FOMO_ALL_FACES});
  EXPECT_EQ(encoded.describe().faces, 2);
  EXPECT_THROW(encoded.present({0, 1, 256, 256, 3}), Error);
}

cv::Mat shown(const std::shared_ptr<const Picture>& picture, bool whole_picture) {
  Scene scene(picture, {FOMO_CROP_FACE, 0});
  scene.show({whole_picture, 1, whole_picture ? 0 : 200, whole_picture ? 0 : 200, 3, 1});
  scene.frame(driver_frame(0, 0));
  scene.frame(driver_frame(8, 6));
  const PixelSize size = scene.presented->output();
  return cv::Mat(size.height, size.width, CV_8UC3, scene.out.data()).clone();
}

TEST(Stream, ALyingPictureMovesAsAnUprightOne) {
  for (const bool whole : {false, true}) {
    const cv::Mat upright = shown(portrait(), whole);
    for (const cv::RotateFlags turn :
         {cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180, cv::ROTATE_90_COUNTERCLOCKWISE}) {
      cv::Mat lying, expected;
      cv::rotate(mat_of(*portrait()), lying, turn);
      cv::rotate(upright, expected, turn);
      const cv::Mat seen = shown(std::make_shared<const Picture>(picture_of(lying)), whole);
      ASSERT_EQ(seen.size(), expected.size());
      EXPECT_LT(cv::norm(seen, expected, cv::NORM_L1) / (3.0 * seen.total()), 1) << whole << turn;
    }
  }
}

TEST(Stream, ALeaningPictureMovesInItsOwnAxes) {
  constexpr double degrees = 30;
  const cv::Mat upright = shown(portrait(), true);
  const cv::Mat turn = cv::getRotationMatrix2D({255.5, 255.5}, -degrees, 1);
  cv::Mat leaning, expected, still;
  cv::warpAffine(mat_of(*portrait()), leaning, turn, {512, 512}, cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  cv::warpAffine(upright, expected, turn, {512, 512}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  const auto picture = std::make_shared<const Picture>(picture_of(leaning));
  Scene scene(picture, {FOMO_CROP_FACE, 0});
  EXPECT_EQ(scene.encoded->describe().leans, 1);
  const cv::Mat seen = shown(picture, true);
  const cv::Rect face(180, 80, 220, 220);
  const double moved = cv::norm(seen(face), leaning(face), cv::NORM_L1);
  EXPECT_LT(cv::norm(seen(face), expected(face), cv::NORM_L1), 0.6 * moved);
}

TEST(Stream, OverlaysOfALeaningFaceLean) {
  cv::Mat lying;
  cv::rotate(mat_of(*portrait()), lying, cv::ROTATE_90_CLOCKWISE);
  Scene upright(portrait(), {FOMO_CROP_FACE, 0}),
      turned(std::make_shared<const Picture>(picture_of(lying)), {FOMO_CROP_FACE, 0});
  for (Scene* scene : {&upright, &turned}) {
    scene->show({1, 1, 0, 0, 3, 0});
    scene->overlay.flags = FOMO_OVERLAY_KEYPOINTS | FOMO_OVERLAY_CROPS;
    scene->frame(driver_frame(0, 0));
  }
  cv::Mat expected;
  cv::rotate(cv::Mat(512, 512, CV_8UC3, upright.out.data()), expected, cv::ROTATE_90_CLOCKWISE);
  EXPECT_LT(cv::norm(cv::Mat(512, 512, CV_8UC3, turned.out.data()), expected, cv::NORM_L1) /
                (3.0 * expected.total()),
            1.5);
}

} // namespace
} // namespace fomo
