// SPDX-License-Identifier: LGPL-2.1-or-later
// Following a face in synthetic videos: still and fast heads, lost faces, cuts, crossing people.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "driver/tracker.h"
#include "face/framing.h"
#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

constexpr int width = 640, height = 360;
constexpr double frame_seconds = 0.04;

/// Runs a tracker with the real detector and counts the detections.
class Follower {
 public:
  Follower()
      : tracker([this](const ConstImage& image, int longer_side) {
          detections_++;
          return detector_.detect(image, longer_side);
        }) {}

  FaceTrack next(const cv::Mat& frame) {
    return tracker.update(FrameReader(as_image(frame)), frame_seconds * frames_++);
  }
  int detections() const { return detections_; }

  FaceTracker tracker;

 private:
  FaceDetector detector_;
  int detections_ = 0, frames_ = 0;
};

cv::Mat empty_room() { return room(width, height); }

cv::Mat one_person(double x, double y, double scale = 1, Box* face = nullptr, bool other = false) {
  cv::Mat frame = empty_room();
  const Box box = put_person(frame, x, y, scale, other);
  if (face)
    *face = box;
  return frame;
}

void add_noise(cv::Mat& frame, cv::RNG& random, double deviation) {
  cv::Mat noise(frame.size(), CV_16SC3), sum;
  random.fill(noise, cv::RNG::NORMAL, 0, deviation);
  frame.convertTo(sum, CV_16SC3);
  sum += noise;
  sum.convertTo(frame, CV_8UC3);
}

/// Whether a box lies within a crop.
bool inside(const Box& box, const Square& crop) {
  return box.x >= box_of(crop).x && box.y >= box_of(crop).y &&
         box.x + box.width <= box_of(crop).x + crop.size &&
         box.y + box.height <= box_of(crop).y + crop.size;
}

TEST(FaceTracker, AStillHeadGivesAStillCrop) {
  Follower run;
  cv::RNG random(1);
  double sum_x = 0, sum_y = 0, sum_size = 0;
  int count = 0;
  Square last{};
  double face_side = 0;
  for (int t = 0; t < 120; t++) {
    Box face;
    cv::Mat frame = one_person(300 + 0.5 * std::sin(t * 0.7), 160, 1.0, &face);
    add_noise(frame, random, 6);
    const FaceTrack track = run.next(frame);
    ASSERT_EQ(track.state, FOMO_FACE_TRACKING);
    EXPECT_EQ(track.event, t == 0 ? FOMO_FACE_FOUND : FOMO_FACE_UNCHANGED);
    EXPECT_GT(track.confidence, 0.6);
    face_side = std::sqrt(area(face));
    if (t > 0) {
      sum_x += std::pow(track.crop.cx - last.cx, 2);
      sum_y += std::pow(track.crop.cy - last.cy, 2);
      sum_size += std::pow(track.crop.size - last.size, 2);
      count++;
    }
    last = track.crop;
  }
  EXPECT_LE(std::sqrt(sum_x / count), 0.003 * face_side);
  EXPECT_LE(std::sqrt(sum_y / count), 0.003 * face_side);
  EXPECT_LE(std::sqrt(sum_size / count), 0.003 * face_side);
  // Most frames are tracked without the detector.
  EXPECT_LE(run.detections(), 120 / 8 + 4); // two of them measure the roll
}

/// The frame in black and white, lit from one side: `light` from -1 (left) to 1 (right) of `face`.
cv::Mat lit_from_a_side(const cv::Mat& frame, const Box& face, double light) {
  cv::Mat grey, result;
  cv::cvtColor(frame, grey, cv::COLOR_RGB2GRAY);
  for (int x = 0; x < grey.cols; x++) {
    const double place = std::clamp(2 * (x - center(face).x) / face.width, -1.0, 1.0);
    grey.col(x) *= 0.55 + 0.45 * place * light;
  }
  cv::cvtColor(grey, result, cv::COLOR_GRAY2RGB);
  return result;
}

TEST(FaceTracker, ALampThatTurnsInBlackAndWhiteIsNoOtherPerson) {
  // The look of the face in the end has nothing to do with that of the beginning.
  Follower run;
  for (int t = 0; t < 100; t++) {
    Box face;
    const cv::Mat frame = one_person(320, 170, 1, &face);
    const FaceTrack track = run.next(
        lit_from_a_side(frame, face, std::sin(kPi / 2 * std::clamp((t - 50) / 30.0, -1.0, 1.0))));
    ASSERT_EQ(track.state, FOMO_FACE_TRACKING) << t;
    EXPECT_EQ(track.event, t == 0 ? FOMO_FACE_FOUND : FOMO_FACE_UNCHANGED) << t;
  }
}

TEST(FaceTracker, AFastHeadNeverLeavesTheCrop) {
  Follower run;
  for (int t = 0; t < 150; t++) {
    // The head moves sideways by up to two of its widths a second, nods, and comes nearer.
    Box face;
    const cv::Mat frame = one_person(320 + 150 * std::sin(t * 0.05), 170 + 20 * std::sin(t * 0.21),
                                     1 + 0.25 * std::sin(t * 0.04), &face);
    const FaceTrack track = run.next(frame);
    ASSERT_EQ(track.state, FOMO_FACE_TRACKING) << t;
    EXPECT_GT(overlap(track.face, face), 0.55) << t;
    EXPECT_TRUE(inside(face, track.crop)) << t;
  }
}

TEST(FaceTracker, KeepsUpWithAHeadThatFliesBy) {
  // The face moves by up to three quarters of its side from frame to frame. That is more than the
  // tracker's search range around the last position, so the tracker has to predict the motion.
  Follower run;
  double x = 60, speed = 0;
  for (int t = 0; t < 40 && x < 560; t++) {
    Box face;
    const FaceTrack track = run.next(one_person(x, 170, 0.5, &face));
    ASSERT_EQ(track.state, FOMO_FACE_TRACKING) << t;
    EXPECT_GT(overlap(track.face, face), 0.5) << t;
    speed = std::min(speed + 6, 38.0);
    x += speed;
  }
  EXPECT_LE(run.detections(), 6); // two of them measure the roll
}

TEST(FaceTracker, TheCropGlidesWithoutJumps) {
  Follower run;
  Square last{};
  double largest = 0, travelled = 0;
  for (int t = 0; t < 100; t++) {
    const FaceTrack track = run.next(one_person(200 + 1.5 * std::clamp(t - 20, 0, 50), 160));
    if (t > 0) {
      largest = std::max(largest, std::abs(track.crop.cx - last.cx));
      travelled += track.crop.cx - last.cx;
    }
    last = track.crop;
  }
  EXPECT_GT(travelled, 50);
  EXPECT_LT(largest, 0.04 * last.size);
}

TEST(FaceTracker, LeavingAndReturning) {
  Follower run;
  std::vector<std::pair<int, FomoFaceEvent>> events;
  Square held;
  for (int t = 0; t < 160; t++) {
    // The face leaves to the right by frame 55 and comes back from frame 100 on.
    const double x = 300 + (t < 70 ? 8.0 * std::max(0, t - 15) : 8.0 * std::max(0, 145 - t));
    const FaceTrack track = run.next(one_person(x, 160));
    if (track.event != FOMO_FACE_UNCHANGED)
      events.emplace_back(t, track.event);
    if (track.event == FOMO_FACE_LEFT)
      held = track.crop;
    if (t == 95) {
      EXPECT_EQ(track.state, FOMO_FACE_LOST);
      EXPECT_EQ(track.confidence, 0);
      EXPECT_EQ(track.crop.cx, held.cx);
    }
  }
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0], std::make_pair(0, FOMO_FACE_FOUND));
  EXPECT_EQ(events[1].second, FOMO_FACE_LEFT);
  EXPECT_LE(events[1].first, 80);
  EXPECT_EQ(events[2].second, FOMO_FACE_RETURNED);
  EXPECT_GE(events[2].first, 100);
  EXPECT_LE(events[2].first, 125);
}

TEST(FaceTracker, AHiddenFaceLosesConfidenceBeforeItIsLost) {
  Follower run;
  for (int t = 0; t < 30; t++)
    run.next(one_person(300, 160));
  FaceTrack track;
  for (int t = 0; t < 8; t++) {
    Box face;
    cv::Mat frame = one_person(300, 160, 1, &face);
    cv::rectangle(frame, cv::Rect2d(face.x - 10, face.y - 10, face.width + 20, face.height + 20),
                  cv::Scalar(150, 110, 90), cv::FILLED);
    track = run.next(frame);
    EXPECT_NE(track.event, FOMO_FACE_CUT);
  }
  EXPECT_EQ(track.state, FOMO_FACE_TRACKING);
  EXPECT_LT(track.confidence, 0.3);
}

TEST(FaceTracker, ACutToAnotherFaceAndToNone) {
  Follower run;
  FaceTrack track;
  for (int t = 0; t < 20; t++)
    track = run.next(one_person(200, 160));
  cv::Mat other = room(width, height, 77);
  const Box face = put_person(other, 450, 200, 1.2, true);
  track = run.next(other);
  EXPECT_EQ(track.event, FOMO_FACE_CUT);
  EXPECT_EQ(track.state, FOMO_FACE_TRACKING);
  EXPECT_GT(overlap(track.face, face), 0.5);
  EXPECT_TRUE(inside(face, track.crop));
  for (int t = 0; t < 20; t++)
    EXPECT_EQ(run.next(other).event, FOMO_FACE_UNCHANGED);
  track = run.next(room(width, height, 5));
  EXPECT_EQ(track.event, FOMO_FACE_CUT);
  EXPECT_EQ(track.state, FOMO_FACE_LOST);
}

TEST(FaceTracker, MotionAndLightAreNoCuts) {
  Follower run;
  for (int t = 0; t < 60; t++) {
    cv::Mat frame = one_person(320 + 120 * std::sin(t * 0.12), 170, 1.4);
    frame.convertTo(frame, -1, 0.75 + 0.25 * std::sin(t * 0.9), 10);
    const FaceTrack track = run.next(frame);
    EXPECT_EQ(track.state, FOMO_FACE_TRACKING);
    EXPECT_NE(track.event, FOMO_FACE_CUT) << t;
  }
}

TEST(FaceTracker, TakesTheLargestFaceFirst) {
  cv::Mat frame = empty_room();
  put_person(frame, 150, 150, 0.8);
  const Box large = put_person(frame, 470, 170, 1.2, true);
  Follower run;
  EXPECT_GT(overlap(run.next(frame).face, large), 0.5);
}

TEST(FaceTracker, FollowsTheSamePersonWhenTwoCross) {
  for (bool ours_in_front : {true, false}) {
    Follower run;
    Box ours;
    FaceTrack track;
    for (int t = 0; t < 130; t++) {
      cv::Mat frame = empty_room();
      const double x = 120 + 3.2 * t, other_x = 520 - 3.2 * t;
      if (ours_in_front) {
        put_person(frame, other_x, 150, 0.9, true);
        ours = put_person(frame, x, 170);
      } else {
        ours = put_person(frame, x, 170);
        put_person(frame, other_x, 150, 0.9, true);
      }
      track = run.next(frame);
    }
    EXPECT_GT(overlap(track.face, ours), 0.4) << (ours_in_front ? "in front" : "behind");
  }
}

/// The frame in grey, or with black bars beside a narrower picture.
cv::Mat in_grey(const cv::Mat& frame) {
  cv::Mat grey, rgb;
  cv::cvtColor(frame, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, rgb, cv::COLOR_GRAY2RGB);
  return rgb;
}
cv::Mat pillarboxed(cv::Mat frame) {
  frame(cv::Rect(0, 0, 120, height)).setTo(0);
  frame(cv::Rect(width - 120, 0, 120, height)).setTo(0);
  return frame;
}

TEST(FaceTracker, DetectsACutBetweenPeopleFramedAlike) {
  using Look = cv::Mat (*)(const cv::Mat&);
  const Look looks[] = {[](const cv::Mat& frame) { return frame.clone(); }, in_grey,
                        [](const cv::Mat& frame) { return pillarboxed(frame.clone()); }};
  for (const Look look : looks) {
    Follower run;
    for (int t = 0; t < 40; t++) {
      const FaceTrack track = run.next(look(one_person(300 + std::sin(0.3 * t), 160)));
      ASSERT_NE(track.event, FOMO_FACE_CUT) << t;
    }
    int cut_after = -1;
    for (int t = 0; t < 20 && cut_after < 0; t++)
      if (run.next(look(one_person(300, 160, 1, nullptr, true))).event == FOMO_FACE_CUT)
        cut_after = t + 1;
    EXPECT_GE(cut_after, 1);
    EXPECT_LE(cut_after, 2);
  }
}

TEST(FaceTracker, AChangeOfLightIsNoOtherPerson) {
  Follower run;
  for (int t = 0; t < 80; t++) {
    cv::Mat frame = one_person(300, 160);
    // A lamp goes on at frame 20, warmer light; a fade follows.
    const double gain = t < 20 ? 0.35 : t < 50 ? 1.1 : 1.1 - 0.02 * (t - 50);
    frame.convertTo(frame, -1, gain, t < 20 ? 0 : 12);
    if (t >= 20)
      frame = frame.mul(cv::Scalar(1.0, 0.9, 0.75));
    const FaceTrack track = run.next(frame);
    EXPECT_EQ(track.state, FOMO_FACE_TRACKING) << t;
    EXPECT_EQ(track.event, t == 0 ? FOMO_FACE_FOUND : FOMO_FACE_UNCHANGED) << t;
  }
}

TEST(FaceTracker, UsesFacesThatWereMarkedUpstream) {
  int detections = 0;
  FaceTracker tracker([&](const ConstImage&, int) {
    detections++;
    return std::vector<Face>();
  });
  const cv::Mat frame = one_person(300, 160);
  const FrameReader reader(as_image(frame));
  Face face;
  face.score = 1;
  for (int t = 0; t < 30; t++) {
    face.box = {250.0 + 2 * t, 100, 90, 110};
    const FaceTrack track = tracker.update(reader, frame_seconds * t, {face});
    EXPECT_EQ(track.state, FOMO_FACE_TRACKING);
    EXPECT_EQ(track.face.x, face.box.x);
    EXPECT_TRUE(inside(face.box, track.crop));
    EXPECT_GT(track.confidence, 0.9);
  }
  EXPECT_EQ(detections, 0);
  // Without marked faces the detector runs again; in this test it finds none.
  FaceTrack track;
  for (int t = 30; t < 60; t++)
    track = tracker.update(reader, frame_seconds * t);
  EXPECT_GT(detections, 0);
  EXPECT_EQ(track.state, FOMO_FACE_LOST);
}

TEST(FaceTracker, UnreadableFramesDoNoHarm) {
  FaceTracker tracker([](const ConstImage&, int) { return std::vector<Face>(); });
  const FrameReader unreadable;
  for (int t = 0; t < 10; t++) {
    const FaceTrack track = tracker.update(unreadable, frame_seconds * t);
    EXPECT_EQ(track.state, FOMO_FACE_SEARCHING);
    EXPECT_TRUE(is_empty(track.crop));
  }
}

} // namespace

} // namespace fomo::test
