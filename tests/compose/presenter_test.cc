// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/presenter.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"

namespace fomo {
namespace {

constexpr int kModel = 64, kCells = 16;

std::shared_ptr<Picture> test_picture(int width, int height, int channels = 3) {
  auto picture = std::make_shared<Picture>(Picture{width, height, channels, {}});
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        picture->pixels.push_back(
            c == 3 ? (x < width / 2 ? 255 : 0)
                   : static_cast<uint8_t>(120 + 50 * std::sin(x * 0.8 + c) * std::sin(y * 0.7)));
  return picture;
}

/// The network's picture of a crop at rest, and the motion at rest.
struct Still {
  std::vector<uint8_t> pixels;
  std::vector<float> deformation;
  GeneratedFace face;

  Still(const Picture& picture, const cv::Rect& crop)
      : pixels(resize_region(picture, crop, kModel, kModel)) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(2 * static_cast<float>(x) / (kCells - 1) - 1);
        deformation.push_back(2 * static_cast<float>(y) / (kCells - 1) - 1);
      }
    face.picture = {pixels.data(), kModel, kModel, ptrdiff_t{3} * kModel, 3};
    face.field = {kCells, kCells, deformation.data(), nullptr, true};
  }
};

cv::Mat present(const std::shared_ptr<const PresentedSource>& source,
                const std::vector<GeneratedFace>& faces) {
  cv::Mat frame(source->output().height, source->output().width,
                CV_8UC(source->settings().channels), cv::Scalar::all(1));
  Presenter()(
      source, faces,
      {frame.data, frame.cols, frame.rows, static_cast<ptrdiff_t>(frame.step), frame.channels()});
  return frame;
}

double distance(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.channels());
}

TEST(Presenter, ShowsTheCropAtAnySize) {
  const auto picture = test_picture(300, 200);
  const cv::Rect crop{20, 10, 160, 160};
  Still still(*picture, crop);
  cv::Mat expected;
  for (const int size : {kModel / 2, kModel, 160}) {
    const auto source = PresentedSource::make(picture, {crop}, {}, {kModel, kModel},
                                              {false, true, {size, size}, 3});
    const cv::Mat frame = present(source, {still.face});
    cv::resize(as_mat(image_of(*picture))(cv::Rect(20, 10, 160, 160)), expected, {size, size}, 0, 0,
               cv::INTER_AREA);
    EXPECT_LT(distance(frame, expected), 5) << size;
  }
}

TEST(Presenter, WithoutDetailShowsTheNetworksPicture) {
  const auto picture = test_picture(300, 200);
  const cv::Rect crop{20, 10, 160, 160};
  Still still(*picture, crop);
  const auto source =
      PresentedSource::make(picture, {crop}, {}, {kModel, kModel}, {false, false, {}, 3});
  EXPECT_EQ(source->output().width, kModel);
  const cv::Mat frame = present(source, {still.face});
  EXPECT_EQ(cv::norm(frame, cv::Mat(kModel, kModel, CV_8UC3, still.pixels.data()), cv::NORM_INF),
            0);
}

TEST(Presenter, PutsFacesBackIntoThePicture) {
  const auto picture = test_picture(400, 200);
  const std::vector<PictureCrop> crops = {{20, 20, 120, 120}, {240, 40, 130, 130}};
  Still first(*picture, crops[0]), second(*picture, crops[1]);
  const auto source =
      PresentedSource::make(picture, crops, {}, {kModel, kModel}, {true, true, {}, 3});
  EXPECT_EQ(source->output().width, 400);
  EXPECT_EQ(source->place(1).x, 240);
  const cv::Mat frame = present(source, {first.face, second.face});
  EXPECT_LT(distance(frame, as_mat(image_of(*picture))), 3);
  const cv::Mat without_second = present(source, {first.face, {}});
  const cv::Rect place(240, 40, 130, 130);
  EXPECT_EQ(cv::norm(without_second(place), as_mat(image_of(*picture))(place), cv::NORM_INF), 0);
}

TEST(Presenter, MovesAlphaWithAndWithoutDetail) {
  const auto picture = test_picture(128, 128, 4);
  const cv::Rect crop{0, 0, 128, 128};
  Still moved(*picture, crop);
  for (size_t i = 0; i < moved.deformation.size(); i += 2)
    moved.deformation[i] += 0.25F; // samples the source an eighth of its width further right
  for (const bool detail : {false, true}) {
    const auto source = PresentedSource::make(picture, {crop}, {}, {kModel, kModel},
                                              {false, detail, {128, 128}, 4});
    const cv::Mat frame = present(source, {moved.face});
    EXPECT_EQ(frame.at<cv::Vec4b>(64, 40)[3], 255);
    EXPECT_EQ(frame.at<cv::Vec4b>(64, 56)[3], 0) << "opaque in the picture, moved away here";
  }
}

TEST(Presenter, IsOpaqueWhereThePictureIs) {
  const auto picture = test_picture(128, 128);
  const cv::Rect crop{0, 0, 128, 128};
  Still still(*picture, crop);
  for (const bool detail : {false, true}) {
    const auto source =
        PresentedSource::make(picture, {crop}, {}, {kModel, kModel}, {false, detail, {100, 90}, 4});
    const cv::Mat frame = present(source, {still.face});
    EXPECT_EQ(frame.at<cv::Vec4b>(50, 50)[3], 255);
  }
}

TEST(Presenter, RefusesWhatDoesNotFit) {
  const auto picture = test_picture(128, 128);
  const cv::Rect crop{0, 0, 128, 128};
  EXPECT_THROW(PresentedSource::make(picture, {crop, crop}, {}, {kModel, kModel}, {}), Error);
  EXPECT_THROW(PresentedSource::make(picture, {}, {}, {kModel, kModel}, {}), Error);
  const auto source = PresentedSource::make(picture, {crop}, {}, {kModel, kModel}, {});
  cv::Mat frame(10, 10, CV_8UC3);
  EXPECT_THROW(Presenter()(source, {{}}, {frame.data, 10, 10, 30, 3}), Error);
}

} // namespace
} // namespace fomo
