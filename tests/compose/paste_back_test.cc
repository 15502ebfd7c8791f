// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/paste_back.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/geometry.h"
#include "common/image_mat.h"

namespace fomo {
namespace {

std::shared_ptr<Picture> test_picture(int width, int height, int channels = 3) {
  auto picture = std::make_shared<Picture>(Picture{width, height, channels, {}});
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        picture->pixels.push_back(
            c == 3 ? 255
                   : static_cast<uint8_t>(120 + 40 * std::sin(x * 0.05 + c) + (x * 7 + y * 5) % 9));
  return picture;
}

struct Frame {
  int width, height, channels;
  std::vector<uint8_t> pixels;

  Frame(int w, int h, int c, uint8_t value = 7)
      : width(w), height(h), channels(c), pixels(size_t(w) * h * c, value) {}
  FomoImage image() {
    return {pixels.data(), width, height, ptrdiff_t{width} * channels, channels};
  }
  cv::Mat mat() { return {height, width, CV_8UC(channels), pixels.data()}; }
};

/// Mean absolute difference between the outermost pixels of a crop and the pixels around the crop.
double step(const cv::Mat& image, cv::Rect crop) {
  const auto between = [&](cv::Rect a, cv::Rect b) {
    return cv::norm(image(a), image(b), cv::NORM_L1) / (3.0 * a.area());
  };
  const int x = crop.x, y = crop.y, w = crop.width, h = crop.height;
  return (between({x, y, 1, h}, {x - 1, y, 1, h}) +
          between({x + w - 1, y, 1, h}, {x + w, y, 1, h}) +
          between({x, y, w, 1}, {x, y - 1, w, 1}) +
          between({x, y + h - 1, w, 1}, {x, y + h, w, 1})) /
         4;
}

/// The crop of the picture, with a changed area in its middle and `error` added to every colour.
Frame animated_from(const Picture& picture, cv::Rect crop, cv::Scalar error) {
  Frame frame(crop.width, crop.height, 3);
  cv::Mat shifted = as_mat(image_of(picture))(crop) + error;
  shifted.copyTo(frame.mat());
  cv::circle(frame.mat(), {crop.width / 2, crop.height / 2}, crop.width / 5, {250, 30, 60}, -1);
  return frame;
}

TEST(PasteBack, LeavesNoSeam) {
  const auto picture = test_picture(400, 300);
  const cv::Rect crop(90, 40, 200, 200);
  PasteBack paste(picture, {{crop.x, crop.y, crop.width, crop.height}}, {}, 3);
  Frame animated = animated_from(*picture, crop, {12, -9, 5}), output(400, 300, 3);
  paste({animated.image()}, output.image());

  EXPECT_LT(step(output.mat(), crop), step(as_mat(image_of(*picture)), crop) + 0.5);
  // There is no seam further inside either, where the feathering begins or ends.
  for (const int inset : {6, 14, 20}) {
    const cv::Rect inner(crop.x + inset, crop.y + inset, crop.width - 2 * inset,
                         crop.height - 2 * inset);
    EXPECT_LT(step(output.mat(), inner), step(as_mat(image_of(*picture)), inner) + 1.0) << inset;
  }
  // The colours are corrected everywhere, and the changed area is there.
  const cv::Rect off_middle(crop.x + 30, crop.y + 30, 20, 20);
  EXPECT_LT(
      cv::norm(output.mat()(off_middle), as_mat(image_of(*picture))(off_middle), cv::NORM_L1) /
          1200,
      1.5);
  const auto centre = output.mat().at<cv::Vec3b>(140, 190);
  EXPECT_GT(centre[0], 225);
  EXPECT_LT(centre[1], 60);
}

TEST(PasteBack, KeepsThePictureAroundTheCropByteForByte) {
  const auto picture = test_picture(301, 203);
  PasteBack paste(picture, {{100, 50, 80, 100}}, {}, 3);
  Frame animated(80, 100, 3, 200), output(301, 203, 3);
  paste({animated.image()}, output.image());
  cv::Mat difference;
  cv::absdiff(output.mat(), as_mat(image_of(*picture)), difference);
  difference(cv::Rect(100, 50, 80, 100)).setTo(0);
  EXPECT_EQ(cv::norm(difference, cv::NORM_INF), 0);
}

TEST(PasteBack, PastesSeveralFacesAndSkipsEmptyImages) {
  const auto picture = test_picture(400, 200);
  PasteBack paste(picture, {{10, 20, 120, 120}, {200, 30, 150, 150}}, {}, 3);
  Frame first(120, 120, 3, 200), second(64, 64, 3, 30), output(400, 200, 3);
  paste({first.image(), second.image()}, output.image());
  const cv::Mat with_both = output.mat().clone();
  paste({first.image(), FomoImage{}}, output.image());
  EXPECT_GT(cv::norm(with_both, as_mat(image_of(*picture)), cv::NORM_INF), 30);
  EXPECT_EQ(cv::norm(output.mat()(cv::Rect(200, 30, 150, 150)),
                     as_mat(image_of(*picture))(cv::Rect(200, 30, 150, 150)), cv::NORM_INF),
            0);
}

TEST(PasteBack, FillsCropsThatLeaveThePicture) {
  const auto picture = test_picture(200, 150);
  PasteBack paste(picture, {{-40, -30, 160, 160}}, {}, 3);
  Frame animated(160, 160, 3, 0), output(200, 150, 3);
  animated.mat().setTo(cv::Scalar(250, 0, 0));
  paste({animated.image()}, output.image());
  // Along the picture's border there is no feathering: the crop's red reaches the corner.
  EXPECT_GT(output.mat().at<cv::Vec3b>(0, 0)[0], 200);
  // Along the other sides there is.
  EXPECT_EQ(output.mat().at<cv::Vec3b>(140, 150),
            as_mat(image_of(*picture)).at<cv::Vec3b>(140, 150));
}

TEST(PasteBack, ShowsThePictureAtTheSizeAskedFor) {
  const auto picture = test_picture(400, 300);
  PasteBack paste(picture, {{100, 50, 200, 200}}, {200, 150}, 3);
  EXPECT_EQ(paste.place(0).width, 100);
  EXPECT_EQ(paste.place(0).x, 50);
  Frame animated(100, 100, 3), output(200, 150, 3);
  cv::resize(as_mat(image_of(*picture))(cv::Rect(100, 50, 200, 200)), animated.mat(), {100, 100}, 0,
             0, cv::INTER_AREA);
  paste({animated.image()}, output.image());
  cv::Mat expected;
  cv::resize(as_mat(image_of(*picture)), expected, {200, 150}, 0, 0, cv::INTER_AREA);
  EXPECT_LE(cv::norm(output.mat(), expected, cv::NORM_INF), 2);
}

TEST(PasteBack, ColoursFollowSlowlyAndSettle) {
  const auto picture = test_picture(300, 300);
  const cv::Rect crop(50, 50, 200, 200);
  PasteBack paste(picture, {{50, 50, 200, 200}}, {}, 3);
  Frame output(300, 300, 3);
  const auto centre = [&](double error) {
    Frame animated(200, 200, 3);
    cv::Mat(as_mat(image_of(*picture))(crop) + cv::Scalar::all(error)).copyTo(animated.mat());
    paste({animated.image()}, output.image());
    return cv::mean(output.mat()(cv::Rect(140, 140, 20, 20)))[0];
  };
  const double right = centre(0);
  const double at_once = centre(20);
  EXPECT_GT(at_once, right + 14); // a flash in one frame does not cause the opposite correction
  double settled = 0;
  for (int i = 0; i < 60; i++)
    settled = centre(20);
  EXPECT_NEAR(settled, right, 1.5);
}

TEST(PasteBack, BlendsStraightAlphaByOpacity) {
  const auto picture = test_picture(200, 200, 4);
  for (size_t i = 3; i < picture->pixels.size(); i += 4)
    picture->pixels[i] = 0;
  PasteBack paste(picture, {{50, 50, 100, 100}}, {}, 4);
  Frame animated(100, 100, 4), output(200, 200, 4);
  animated.mat().setTo(cv::Scalar(10, 200, 30, 255));
  paste({animated.image()}, output.image());
  EXPECT_EQ(output.mat().at<cv::Vec4b>(10, 10)[3], 0);
  EXPECT_EQ(output.mat().at<cv::Vec4b>(100, 100)[3], 255);
  // The feathered edge is half transparent. Its colour is the animation's: the picture is fully
  // transparent there, and its colour does not show.
  const auto edge = output.mat().at<cv::Vec4b>(100, 54);
  EXPECT_GT(edge[3], 20);
  EXPECT_LT(edge[3], 240);
  EXPECT_NEAR(edge[1], 200, 2);
}

TEST(PasteBack, TurnsCropsBack) {
  const auto picture = test_picture(320, 240);
  const cv::Mat whole = as_mat(image_of(*picture));
  for (const double roll : {0.5, kPi / 2, -2.0}) {
    const PictureCrop crop(cv::Rect(90, 60, 120, 120), roll);
    Picture upright = cut_upright(*picture, crop);
    PasteBack paste(picture, {crop}, {}, 3);
    Frame out(320, 240, 3);
    paste({image_of(upright)}, out.image());
    // Nothing moved: the picture, but for what two turns blur.
    EXPECT_LT(cv::norm(out.mat(), whole, cv::NORM_L1) / (3.0 * whole.total()), 0.7) << roll;
    // What moved is at its place in the picture, and the corners beside the crop stay.
    cv::Mat pixels(upright.height, upright.width, CV_8UC3, upright.pixels.data());
    cv::circle(pixels, {60, 30}, 8, {250, 0, 0}, cv::FILLED);
    paste({image_of(upright)}, out.image());
    const Point place = turned({150, 90}, {150, 120}, roll);
    const auto& seen = out.mat().at<cv::Vec3b>(cvFloor(place.y), cvFloor(place.x));
    EXPECT_GT(seen[0], 225) << roll;
    EXPECT_LT(seen[1], 25) << roll;
    EXPECT_EQ(out.mat().at<cv::Vec3b>(20, 20), whole.at<cv::Vec3b>(20, 20));
  }
}

TEST(PasteBack, ATurnedCropOfTheWholePictureHasNoEdges) {
  const auto picture = test_picture(100, 100);
  const PictureCrop crop(cv::Rect(0, 0, 100, 100), -kPi / 2);
  Frame given(100, 100, 3, 200), out(100, 100, 3);
  PasteBack(picture, {crop}, {}, 3)({given.image()}, out.image());
  EXPECT_EQ(cv::norm(out.mat(), given.mat(), cv::NORM_INF), 0);
}

TEST(PasteBack, ATurnedCropKeepsItsShapeInPixelsThatAreNotSquare) {
  const auto picture = test_picture(200, 200);
  const PictureCrop crop(cv::Rect(50, 50, 100, 100), kPi / 4);
  PasteBack paste(picture, {crop}, {400, 200}, 3);
  Picture upright = cut_upright(*picture, crop);
  cv::Mat pixels(upright.height, upright.width, CV_8UC3, upright.pixels.data()), large;
  cv::circle(pixels, {50, 15}, 6, {250, 0, 0}, cv::FILLED);
  cv::resize(pixels, large, {200, 200});
  Frame out(400, 200, 3);
  paste({as_image(large)}, out.image());
  const Point place = turned({100, 65}, {100, 100}, kPi / 4);
  EXPECT_GT(out.mat().at<cv::Vec3b>(cvFloor(place.y), cvFloor(2 * place.x))[0], 220);
}

TEST(PasteBack, RefusesWhatDoesNotFit) {
  const auto picture = test_picture(200, 200);
  EXPECT_THROW(PasteBack(picture, {{300, 0, 50, 50}}, {}, 3), Error);
  PasteBack paste(picture, {{0, 0, 50, 50}}, {}, 3);
  Frame small(100, 100, 3), right(200, 200, 3), alpha(50, 50, 4);
  EXPECT_THROW(paste({small.image()}, small.image()), Error);
  EXPECT_THROW(paste({}, right.image()), Error);
  EXPECT_THROW(paste({alpha.image()}, right.image()), Error);
}

} // namespace
} // namespace fomo
