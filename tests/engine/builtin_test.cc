// SPDX-License-Identifier: LGPL-2.1-or-later
// Minimum abilities of the built-in model on a photograph: the tests move keypoints of the
// portrait, let the model generate the picture, and detect the keypoints in the generated picture.
#include <gtest/gtest.h>

#include <cmath>

#include "driver/calibration/face_controls.h"
#include "model/model.h"
#include "model/motion/head_fit.h"
#include "pictures/picture.h"
#include "pictures/picture_framing.h"
#include "train/data/landmarks.h"

namespace fomo {
namespace {

using namespace train;

constexpr int kSize = 256;

class Builtin : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ModelOptions options;
    options.device = "cpu";
    engine_ = Model::open(options);
    const Picture portrait = load_picture(FOMO_ASSETS "/portrait.png");
    const cv::Rect crop = frame_picture(portrait, {FOMO_CROP_FACE, 0}, true).crops[0];
    pixels_ = resize_region(portrait, crop, kSize, kSize);
    source_ = engine_->backend().encode(packed_rgb(pixels_, kSize, kSize), engine_->threads());
    rest_ = detected(source_->keypoints);
  }
  static void TearDownTestSuite() {
    source_.reset();
    engine_.reset();
  }

  /// The portrait, generated with its keypoints moved to `told`.
  static std::vector<uint8_t> rendered(const KeypointSet& told) {
    std::vector<uint8_t> out(pixels_.size());
    const auto workspace = engine_->backend().new_workspace();
    engine_->backend().generate(*workspace, *source_, told, {}, packed_rgb(out, kSize, kSize),
                                nullptr, engine_->threads());
    return out;
  }

  /// The keypoints that the model detects in rendered(told).
  static KeypointSet detected(const KeypointSet& told) {
    const auto workspace = engine_->backend().new_workspace();
    return engine_->backend()
        .detect(*workspace, packed_rgb(rendered(told), kSize, kSize), engine_->threads())
        .keypoints;
  }

  static float& y(KeypointSet& keypoints, Landmark which) { return keypoints.value[2 * which + 1]; }

  static double open(KeypointSet keypoints, const Opening& opening) {
    return y(keypoints, opening.lower) - y(keypoints, opening.upper);
  }

  static std::shared_ptr<const Model> engine_;
  static std::vector<uint8_t> pixels_;
  static std::shared_ptr<const EncodedSource> source_;
  static KeypointSet rest_;
};

std::shared_ptr<const Model> Builtin::engine_;
std::vector<uint8_t> Builtin::pixels_;
std::shared_ptr<const EncodedSource> Builtin::source_;
KeypointSet Builtin::rest_;

TEST_F(Builtin, KeypointsAreTheTrainedLandmarks) {
  EXPECT_EQ(rest_.on_face, kFaceLandmarks);
  ASSERT_EQ(source_->keypoints.count, kLandmarks);
  const auto x = [](Landmark which) { return source_->keypoints.value[2 * which]; };
  KeypointSet seen = source_->keypoints;
  EXPECT_GT(x(kLeftUpperLid), x(kRightUpperLid)) << "the person's left is the picture's right";
  EXPECT_LT(y(seen, kLeftBrow), y(seen, kLeftUpperLid));
  EXPECT_LT(y(seen, kLeftLowerLid), y(seen, kNose));
  EXPECT_LT(y(seen, kNose), y(seen, kUpperLip));
  EXPECT_LT(y(seen, kLowerLip), y(seen, kChin));
}

TEST_F(Builtin, AMouthOpens) {
  // The mouth is opened wide: the portrait smiles, and a small opening would show its teeth.
  KeypointSet told = source_->keypoints;
  y(told, kLowerLip) += 0.20f;
  y(told, kChin) += 0.16f;
  EXPECT_GT(open(detected(told), kMouth), open(rest_, kMouth) + 0.06);
}

TEST_F(Builtin, EyesShut) {
  KeypointSet told = source_->keypoints;
  for (const Opening& lids : kEyes) {
    const auto before = static_cast<float>(open(told, lids));
    y(told, lids.upper) += 0.7f * before;
    y(told, lids.lower) -= 0.2f * before;
  }
  const KeypointSet seen = detected(told);
  for (const Opening& lids : kEyes)
    EXPECT_LT(open(seen, lids), 0.65 * open(rest_, lids));
}

TEST_F(Builtin, AHeadMovesAndTheBackgroundStays) {
  KeypointSet told = source_->keypoints;
  for (int k = 0; k < told.count; k++)
    told.value[2 * k] += 0.1f;
  const KeypointSet seen = detected(told);
  for (const Landmark k : {kNose, kUpperLip, kLeftBrow, kRightBrow})
    EXPECT_NEAR(seen.value[2 * k] - rest_.value[2 * k], 0.1, 0.03);
  const std::vector<uint8_t> at_rest = rendered(source_->keypoints), moved = rendered(told);
  double change = 0;
  constexpr int corner = 24;
  for (int row = 0; row < corner; row++)
    for (int i = 0; i < 3 * corner; i++)
      change += std::abs(at_rest[size_t{3} * kSize * row + i] - moved[size_t{3} * kSize * row + i]);
  EXPECT_LT(change / (3 * corner * corner), 6);
}

/// What the model sees in its own picture of a face with one of the face controls.
TEST_F(Builtin, FaceControlsMoveWhatTheySay) {
  const auto seen = [](double FomoFaceControls::*which, double value) {
    FomoFaceControls controls = kNoFaceControls;
    controls.*which = value;
    return detected(with_face_controls(source_->keypoints, source_->keypoints, controls));
  };
  EXPECT_TRUE(have_names(source_->keypoints));
  EXPECT_LT(open(seen(&FomoFaceControls::eyes_open, -1), kEyes[0]), 0.65 * open(rest_, kEyes[0]));
  EXPECT_GT(open(seen(&FomoFaceControls::mouth_open, 1), kMouth), open(rest_, kMouth) + 0.05);
  // The nose against the middle of the ears.
  const auto turned = [](const KeypointSet& k) {
    return k.value[2 * kNose] - (k.value[2 * kLeftEar] + k.value[2 * kRightEar]) / 2;
  };
  EXPECT_GT(turned(seen(&FomoFaceControls::yaw, 15)), turned(rest_) + 0.08);
  EXPECT_LT(turned(seen(&FomoFaceControls::yaw, -15)), turned(rest_) - 0.08);
  EXPECT_LT(seen(&FomoFaceControls::pitch, 10).value[2 * kNose + 1],
            rest_.value[2 * kNose + 1] - 0.05);
}

} // namespace
} // namespace fomo
