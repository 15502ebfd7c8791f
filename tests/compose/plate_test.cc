// SPDX-License-Identifier: LGPL-2.1-or-later
// What is behind the person: a disc of a head before a striped wall, whose parts are all known.
#include "compose/plate.h"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "compose/fill.h"
#include "compose/layers.h"
#include "compose/matte.h"
#include "compose/moved_matte.h"
#include "compose/presenter.h"
#include "compose/repaint.h"

namespace fomo {
namespace {

constexpr int kSize = 256, kCells = 64, kRadius = 60;
const cv::Point kHead(110, 120); ///< in the picture
const cv::Scalar kSkin(200, 150, 120);

/// A wall with faint stripes.
cv::Mat wall(int channels = 3) {
  cv::Mat result(kSize, kSize, CV_8UC(channels));
  for (int y = 0; y < kSize; y++)
    for (int x = 0; x < kSize; x++)
      for (int c = 0; c < channels; c++)
        result.ptr(y)[channels * x + c] =
            c == 3 ? 255 : static_cast<uint8_t>(90 + 20 * c + 10 * std::sin(x * 0.2));
  return result;
}

cv::Mat with_head(cv::Mat image, cv::Point at) {
  cv::circle(image, at, kRadius, cv::Scalar(kSkin[0], kSkin[1], kSkin[2], 255), cv::FILLED);
  return image;
}

std::shared_ptr<Picture> picture_of(const cv::Mat& image) {
  return std::make_shared<Picture>(
      Picture{image.cols, image.rows, image.channels(), {image.datastart, image.dataend}});
}

/// 1 within a disc of pixels, on the motion's cells.
cv::Mat cells_of(cv::Point at, int radius) {
  cv::Mat fine(kSize, kSize, CV_32F, cv::Scalar(0)), cells;
  cv::circle(fine, at, radius, 1, cv::FILLED);
  cv::resize(fine, cells, {kCells, kCells}, 0, 0, cv::INTER_AREA);
  return cells;
}

PersonMap person_at(cv::Point at) {
  PersonMap person;
  person.matte = cv::Mat(kSize, kSize, CV_32F, cv::Scalar(0));
  cv::circle(person.matte, at, kRadius, 1, cv::FILLED);
  person.moving = cells_of(at, kRadius);
  person.chin = static_cast<float>(at.y + kRadius) / kSize;
  return person;
}

/// The head moved to `to`, as a network sees it that leaves the outer rim of the old head behind:
/// what it uncovers is hidden but for the rim.
struct Moved {
  cv::Mat generated, background, occlusion;
  std::vector<float> deformation;
  MotionField field;

  explicit Moved(cv::Point to, int channels = 3)
      : generated(with_head(wall(channels), kHead)), background(1 - cells_of(to, kRadius)),
        occlusion(kCells, kCells, CV_32F, cv::Scalar(1)) {
    with_head(generated, to);
    const cv::Mat uncovered = cells_of(kHead, kRadius - 10), now = cells_of(to, kRadius);
    occlusion = 1 - uncovered.mul(1 - now);
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        const bool head = now.at<float>(y, x) > 0.5F;
        const cv::Point shift = head ? to - kHead : cv::Point();
        deformation.push_back(2.0F * static_cast<float>(x) / (kCells - 1) - 1 -
                              2.0F * static_cast<float>(shift.x) / kSize);
        deformation.push_back(2.0F * static_cast<float>(y) / (kCells - 1) - 1 -
                              2.0F * static_cast<float>(shift.y) / kSize);
      }
    field.width = field.height = kCells;
    field.deformation = deformation.data();
    field.occlusion = occlusion.ptr<float>();
    field.background = background.ptr<float>();
  }
};

FomoImage image_of(cv::Mat& image) {
  return {image.data, image.cols, image.rows, static_cast<ptrdiff_t>(image.step), image.channels()};
}

cv::Mat disc_mask(cv::Point at, int radius) {
  cv::Mat mask(kSize, kSize, CV_8U, cv::Scalar(0));
  cv::circle(mask, at, radius, 255, cv::FILLED);
  return mask;
}

std::shared_ptr<const BackgroundPlate> plate_of(int channels = 3) {
  return BackgroundPlate::make(*picture_of(with_head(wall(channels), kHead)), {0, 0, kSize, kSize},
                               person_at(kHead), {kSize, kSize}, channels, false);
}

TEST(PushPull, KeepsWhatIsKnownAndContinuesIt) {
  cv::Mat image(64, 64, CV_32FC3, cv::Scalar(10, 20, 30)), weight(64, 64, CV_32F, cv::Scalar(1));
  image(cv::Rect(32, 0, 32, 64)).setTo(cv::Scalar(110, 120, 130));
  const cv::Rect hole(20, 20, 24, 24);
  weight(hole).setTo(0);
  const cv::Mat known = image.clone();
  image(hole).setTo(cv::Scalar(255, 0, 255));
  const cv::Mat filled = compose::push_pull(image, weight);
  cv::Mat difference;
  cv::absdiff(filled, known, difference);
  difference(hole).setTo(cv::Scalar::all(0));
  EXPECT_LT(cv::norm(difference, cv::NORM_INF), 1e-3);
  const auto left = filled.at<cv::Vec3f>(32, 21), right = filled.at<cv::Vec3f>(32, 42);
  EXPECT_LT(left[0], 45) << "nothing of the hole's own colour";
  EXPECT_GT(right[0], 75);
  EXPECT_NEAR(left[1] - left[0], 10, 1);
}

TEST(PushPull, HasNothingToContinueWhereNothingIsKnown) {
  const cv::Mat image(16, 8, CV_32FC3, cv::Scalar(10, 20, 30));
  const cv::Mat nothing(16, 8, CV_32F, cv::Scalar(0));
  EXPECT_EQ(cv::norm(compose::push_pull(image, nothing), cv::NORM_INF), 0);
}

TEST(PersonMatte, FindsTheHeadFromItsMotion) {
  const cv::Mat image = with_head(wall(), kHead);
  cv::Mat moving = cells_of(kHead + cv::Point(6, -5), kRadius - 6); // as coarse as a motion is
  cv::GaussianBlur(moving, moving, {0, 0}, 2.5);
  const cv::Mat matte = compose::person_matte(image, moving);
  ASSERT_EQ(matte.size(), image.size());
  const cv::Mat found = matte > 0.5, truth = disc_mask(kHead, kRadius);
  const double overlap =
      static_cast<double>(cv::countNonZero(found & truth)) / cv::countNonZero(found | truth);
  EXPECT_GT(overlap, 0.95);
  EXPECT_EQ(cv::norm(matte, compose::person_matte(image, moving), cv::NORM_INF), 0)
      << "the same picture has the same matte";
}

TEST(PersonMatte, IsEmptyWithoutAPersonOrABackground) {
  const cv::Mat image = with_head(wall(), kHead);
  EXPECT_TRUE(compose::person_matte(image, cv::Mat(kCells, kCells, CV_32F, cv::Scalar(0))).empty());
  EXPECT_TRUE(compose::person_matte(image, cv::Mat(kCells, kCells, CV_32F, cv::Scalar(1))).empty());
  EXPECT_FALSE(BackgroundPlate::make(*picture_of(image), {0, 0, kSize, kSize}, {}, {kSize, kSize},
                                     3, false));
}

TEST(BackgroundPlate, IsThePictureWithoutThePerson) {
  const auto plate = plate_of();
  cv::Mat shown(kSize, kSize, CV_8UC3), difference;
  for (int y = 0; y < kSize; y++)
    std::memcpy(shown.ptr(y), plate->line(y), size_t{3} * kSize);
  cv::absdiff(shown, wall(), difference);
  cv::Mat away;
  cv::bitwise_not(disc_mask(kHead, kRadius + 16), away);
  EXPECT_EQ(cv::norm(difference, cv::NORM_INF, away), 0);
  EXPECT_LT(cv::mean(difference, disc_mask(kHead, kRadius))[0], 12);
}

TEST(Layers, RemoveTheOldHeadAndLeaveTheRest) {
  const cv::Point to = kHead + cv::Point(40, 10);
  Moved moved(to);
  cv::Mat frame = moved.generated.clone(), difference;
  Layers()(*plate_of(), moved.field, nullptr, image_of(frame), 2);
  cv::absdiff(frame, wall(), difference);
  const cv::Mat old_head = disc_mask(kHead, kRadius + 20), new_head = disc_mask(to, kRadius + 6);
  EXPECT_LE(cv::norm(difference, cv::NORM_INF, ~(old_head | new_head)), 1)
      << "where neither head ever was, the picture's own background";
  const cv::Mat uncovered = disc_mask(kHead, kRadius) & ~new_head;
  EXPECT_LT(cv::norm(difference, cv::NORM_INF, uncovered), 30) << "no remains of the old head";
  cv::absdiff(frame, moved.generated, difference);
  EXPECT_EQ(cv::norm(difference, cv::NORM_INF, disc_mask(to, kRadius - 8)), 0)
      << "the face is spared";
}

TEST(Layers, ShowNothingOfThePlateAtRest) {
  Moved still(kHead);
  still.background.setTo(0.5F); // all motions agree: the mask is undecided
  cv::Mat frame = still.generated.clone();
  Layers()(*plate_of(), still.field, nullptr, image_of(frame));
  EXPECT_EQ(cv::norm(frame, still.generated, cv::NORM_INF), 0);
}

/// The dense motion of a disc of a head by `motion` (pixels, of the driving frame's place), mixed
/// with the background's rest by `share` in each cell.
struct Mixed {
  cv::Mat background;
  std::vector<float> deformation;
  MotionField field;

  template<typename Motion>
  Mixed(const cv::Mat& share, Motion motion) : background(1 - share) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        const cv::Point2f by = motion(x, y) * share.at<float>(y, x);
        deformation.push_back(2.0F * static_cast<float>(x) / (kCells - 1) - 1 - 2 * by.x / kSize);
        deformation.push_back(2.0F * static_cast<float>(y) / (kCells - 1) - 1 - 2 * by.y / kSize);
      }
    field.width = field.height = kCells;
    field.deformation = deformation.data();
    field.background = background.ptr<float>();
  }
};

TEST(MovedMatte, FindsThePersonsMotionInAMixture) {
  cv::Mat share = cells_of(kHead, kRadius);
  const cv::Rect rim(kHead.x / 4 - 14, kHead.y / 4 - 2, 3, 4);
  share(rim).setTo(0.5F);
  const Mixed mixed(share, [](int, int) { return cv::Point2f(20, 0); });
  const cv::Mat matte = person_at(kHead - cv::Point(20, 0)).matte;
  const cv::Mat all(kCells, kCells, CV_32F, cv::Scalar(1)),
      none(kCells, kCells, CV_32F, cv::Scalar(0));
  MovedMatte moved;
  moved(matte, mixed.field, all);
  EXPECT_NEAR(moved.motion().at<cv::Vec2f>(rim.y + 1, rim.x)[0], -20, 1.5);
  EXPECT_GT(moved.covered().at<float>(kHead.y, kHead.x - kRadius + 6), 0.9F);
  EXPECT_GT(moved.carried().at<float>(kHead.y, kHead.x - kRadius - 6), 0.9F);
  moved(matte, mixed.field, none);
  EXPECT_NEAR(moved.motion().at<cv::Vec2f>(rim.y + 1, rim.x)[0], -10, 0.1)
      << "the side of a head that turns";
}

TEST(MovedMatte, KnowsARollingHeadWhereItTurnsInPlace) {
  const cv::Point centre = kHead / 4;
  const Mixed rolling(cells_of(kHead, kRadius), [&](int x, int y) {
    return cv::Point2f(static_cast<float>(y - centre.y), static_cast<float>(centre.x - x));
  });
  const cv::Mat all(kCells, kCells, CV_32F, cv::Scalar(1));
  MovedMatte moved;
  moved(person_at(kHead).matte, rolling.field, all);
  EXPECT_EQ(moved.known().at<float>(centre), 1);
  const Mixed still(cells_of(kHead, kRadius), [](int, int) { return cv::Point2f(); });
  moved(person_at(kHead).matte, still.field, all);
  EXPECT_EQ(cv::norm(moved.known(), cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(moved.carried(), cv::NORM_INF), 0);
}

/// Keypoints of a face of `radius` around a place.
KeypointSet face_at(cv::Point at, int radius) {
  KeypointSet keypoints;
  for (const cv::Point corner : {cv::Point(-1, -1), {1, -1}, {1, 1}, {-1, 1}}) {
    const cv::Point place = at + radius * corner;
    keypoints.value.push_back(2 * static_cast<float>(place.x) / kSize - 1);
    keypoints.value.push_back(2 * static_cast<float>(place.y) / kSize - 1);
    keypoints.count++;
  }
  return keypoints;
}

TEST(Layers, ShowWhatIsBehindWhereTheMotionCarriesBackgroundAlong) {
  constexpr int wider = 14; // the motion of a head reaches beyond its outline
  const cv::Point to = kHead + cv::Point(40, 10);
  Moved moved(to);
  cv::Mat(1 - cells_of(to, kRadius + wider)).copyTo(moved.background);
  const cv::Mat now = cells_of(to, kRadius + wider);
  for (int y = 0; y < kCells; y++)
    for (int x = 0; x < kCells; x++)
      if (now.at<float>(y, x) > 0) {
        const cv::Point2f shift = cv::Point2f(to - kHead) * now.at<float>(y, x);
        float* place = &moved.deformation[size_t{2} * (y * kCells + x)];
        place[0] = 2.0F * static_cast<float>(x) / (kCells - 1) - 1 - 2 * shift.x / kSize;
        place[1] = 2.0F * static_cast<float>(y) / (kCells - 1) - 1 - 2 * shift.y / kSize;
      }
  cv::circle(moved.generated, to, kRadius + wider - 6, cv::Scalar(60, 40, 30), 12); // drawn hair
  with_head(moved.generated, to);
  cv::Mat frame = moved.generated.clone(), difference;
  Layers()(*plate_of(), moved.field, nullptr, image_of(frame), 2);
  cv::absdiff(frame, wall(), difference);
  const cv::Mat ring = disc_mask(to, kRadius + wider - 4) & ~disc_mask(to, kRadius + 4) &
                       ~disc_mask(kHead, kRadius + 16);
  EXPECT_LT(cv::norm(difference, cv::NORM_INF, ring), 12) << "the wall, not what was drawn there";
  cv::absdiff(frame, with_head(wall(), to), difference);
  EXPECT_LT(cv::norm(difference, cv::NORM_INF, disc_mask(to, kRadius - 4)), 12);
}

TEST(Layers, ShowThePersonsOwnPixelsWhereThePictureHasThem) {
  const cv::Point to = kHead + cv::Point(20, 0), lock = to + cv::Point(-46, 0);
  cv::Mat image = with_head(wall(), kHead);
  cv::circle(image, lock - (to - kHead), 6, cv::Scalar(20, 10, 5), cv::FILLED);
  const auto plate = BackgroundPlate::make(*picture_of(image), {0, 0, kSize, kSize},
                                           person_at(kHead), {kSize, kSize}, 3, false);
  Moved moved(to);
  // Near the outline the motion is a mixture of the head's and the background's.
  constexpr float share = 0.6F;
  const cv::Rect rim((lock.x - 20) / 4, (lock.y - 20) / 4, 10, 10);
  for (int y = rim.y; y < rim.br().y; y++)
    for (int x = rim.x; x < rim.br().x; x++) {
      moved.background.at<float>(y, x) = 1 - share;
      moved.occlusion.at<float>(y, x) = 0;
      moved.deformation[size_t{2} * (y * kCells + x)] =
          2.0F * static_cast<float>(x) / (kCells - 1) - 1 -
          share * 2.0F * static_cast<float>((to - kHead).x) / kSize;
    }
  cv::Mat frame = moved.generated.clone();
  const KeypointSet face = face_at(to, 12);
  Layers()(*plate, moved.field, &face, image_of(frame));
  EXPECT_LT(frame.at<cv::Vec3b>(lock)[0], 60) << "the lock of the picture, moved";
  const KeypointSet large_face = face_at(to, 56);
  frame = moved.generated.clone();
  Layers()(*plate, moved.field, &large_face, image_of(frame));
  EXPECT_EQ(frame.at<cv::Vec3b>(lock), cv::Vec3b(200, 150, 120)) << "in a face the generator draws";
}

TEST(Layers, KeepTransparencyBehindTheHead) {
  cv::Mat drawn(kSize, kSize, CV_8UC4, cv::Scalar(0, 0, 0, 0));
  with_head(drawn, kHead);
  const auto plate = BackgroundPlate::make(*picture_of(drawn), {0, 0, kSize, kSize},
                                           person_at(kHead), {kSize, kSize}, 4, false);
  const cv::Point to = kHead + cv::Point(40, 10);
  Moved moved(to, 4);
  cv::Mat frame = drawn.clone();
  with_head(frame, to);
  Layers()(*plate, moved.field, nullptr, image_of(frame));
  EXPECT_LT(frame.at<cv::Vec4b>(kHead.y, kHead.x - kRadius + 6)[3], 8) << "the old head is gone";
  EXPECT_EQ(frame.at<cv::Vec4b>(to.y, to.x)[3], 255);
  EXPECT_EQ(frame.at<cv::Vec4b>(4, 4)[3], 0);
}

TEST(Layers, WorkInTheWholePictureAndRefuseOtherSizes) {
  const auto picture = picture_of(with_head(wall(), kHead));
  const cv::Rect crop{0, 0, kSize, kSize};
  const auto source = PresentedSource::make(picture, {crop}, {}, {kSize, kSize},
                                            {true, false, {}, 3, true}, {person_at(kHead)});
  Moved moved(kHead + cv::Point(40, 10));
  GeneratedFace face;
  face.picture = image_of(moved.generated);
  face.field = moved.field;
  cv::Mat frame(kSize, kSize, CV_8UC3);
  Presenter()(source, {face}, image_of(frame));
  const cv::Vec3b was_head = frame.at<cv::Vec3b>(kHead.y, kHead.x - kRadius + 10);
  EXPECT_LT(was_head[0], 130) << "the wall, not the skin";
  cv::Mat small(100, 100, CV_8UC3);
  EXPECT_THROW(Layers()(*plate_of(), moved.field, nullptr, image_of(small)), Error);
}

TEST(Repaint, TakesHuesFromWhatIsVisible) {
  const cv::Point to = kHead;
  Moved moved(to);
  const cv::Rect hidden(100, 70, 24, 24); // on the head
  moved.occlusion.setTo(1);
  moved.occlusion(cv::Rect(hidden.x / 4, hidden.y / 4, hidden.width / 4, hidden.height / 4))
      .setTo(0);
  cv::Mat frame = moved.generated.clone();
  frame(hidden).setTo(cv::Scalar(120, 200, 130)); // green
  Repaint()(moved.field, {}, image_of(frame));
  const cv::Vec3b held = frame.at<cv::Vec3b>(82, 112);
  EXPECT_GT(held[0], held[1]) << "skin is red before green";
  EXPECT_GT(held[1], held[2]);
  cv::Mat difference;
  cv::absdiff(frame, moved.generated, difference);
  difference(hidden + cv::Size(8, 8) - cv::Point(4, 4)).setTo(cv::Scalar::all(0));
  EXPECT_EQ(cv::norm(difference, cv::NORM_INF), 0) << "what is visible is left alone";
}

TEST(Repaint, MakesTheInsideOfAMouthDark) {
  Moved moved(kHead);
  moved.occlusion.setTo(1);
  moved.occlusion(cv::Rect(24, 34, 8, 4)).setTo(0); // pixels 96 to 128, 136 to 152
  cv::Mat frame = moved.generated.clone();
  frame(cv::Rect(96, 136, 32, 16)).setTo(cv::Scalar(140, 110, 170)); // violet
  KeypointSet keypoints;
  keypoints.count = 5;
  keypoints.first_mouth = 1;
  const auto add = [&](float x, float y) {
    keypoints.value.push_back(2 * x / kSize - 1);
    keypoints.value.push_back(2 * y / kSize - 1);
  };
  add(0, 0);
  add(134, 144);
  add(90, 144);
  add(112, 130);
  add(112, 158);
  Repaint()(moved.field, keypoints, image_of(frame));
  const cv::Vec3b inside = frame.at<cv::Vec3b>(144, 112);
  EXPECT_LT(inside[2], 80);
  EXPECT_GT(inside[0], inside[2]) << "reddish, not violet";
}

} // namespace
} // namespace fomo
