// SPDX-License-Identifier: LGPL-2.1-or-later
// A backend that fails in the middle of a stream, as a GPU that vanishes does: the error is passed
// on, and the stream keeps the state that it had.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/error.h"
#include "engine/source.h"
#include "engine/stream.h"
#include "model/model.h"
#include "pictures/picture.h"

namespace fomo {
namespace {

enum class Step { none, encode, detect, generate };

/// Passes everything on to another backend, but for one step that fails.
class FaultyBackend : public Backend {
 public:
  explicit FaultyBackend(Backend& real) : real_(real) {}

  Step fails = Step::none;

  std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) override {
    maybe_fail(Step::encode);
    return real_.encode(source, threads);
  }
  std::unique_ptr<Workspace> new_workspace() override { return real_.new_workspace(); }
  Detection detect(Workspace& workspace, const ConstImage& driving, int threads) override {
    maybe_fail(Step::detect);
    return real_.detect(workspace, driving, threads);
  }
  void generate(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
                const RenderOptions& options, const FomoImage& output, RenderedMotion* motion,
                int threads) override {
    maybe_fail(Step::generate);
    real_.generate(workspace, source, keypoints, options, output, motion, threads);
  }
  void predict(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int threads) override {
    real_.predict(workspace, source, keypoints, output, threads);
  }

 private:
  void maybe_fail(Step step) const {
    if (step == fails)
      throw Error(FOMO_FAILED, "The device is gone.");
  }

  Backend& real_;
};

class FaultyBackendTest : public testing::TestWithParam<Step> {
 protected:
  FaultyBackendTest() {
    ModelOptions options;
    options.model = FOMO_TEST_DATA "/golden/zero-order/checkpoint.pth.tar";
    options.config = FOMO_TEST_DATA "/golden/zero-order/config.yaml";
    options.device = "cpu";
    options.deterministic = true;
    real_ = Model::open(options);
    backend_ = std::make_shared<FaultyBackend>(real_->backend());
    model_ = Model::with_backend(*real_, backend_);
    size_ = model_->config().frame_width;
    picture_ = std::make_shared<const Picture>(load_picture(FOMO_ASSETS "/portrait.png"));
    source_ = new_source();
  }

  std::shared_ptr<const Source> new_source() {
    return std::make_shared<const Source>(model_, picture_, FomoFraming{FOMO_CROP_CENTER, 0});
  }

  /// The result for driving frame `index`, a grey that depends on it with a bright square.
  std::vector<uint8_t> animate(Stream& stream, int index) {
    std::vector<uint8_t> frame(static_cast<size_t>(size_) * size_ * 3, uint8_t(60 + 10 * index));
    for (int y = 0; y < size_ / 3; y++)
      std::fill_n(frame.begin() + 3 * ((y + 2 * index) * size_ + index), size_, uint8_t(220));
    FomoDriving driving{};
    driving.frame = frame_of(packed_rgb(std::as_const(frame), size_, size_));
    driving.crop = FOMO_CROP_NONE;
    driving.seconds = index * 0.04;
    FomoCalibration calibration{};
    calibration.motion = {1, 1, 0};
    calibration.strength = 1;
    calibration.face = FOMO_NO_FACE_CONTROLS;
    std::vector<uint8_t> output(frame.size());
    stream.animate(source_, nullptr, driving, calibration, nullptr, nullptr,
                   packed_rgb(output, size_, size_));
    return output;
  }

  std::shared_ptr<Model> real_, model_;
  std::shared_ptr<FaultyBackend> backend_;
  std::shared_ptr<const Picture> picture_;
  std::shared_ptr<const Source> source_;
  int size_ = 0;
};

/// The frame that failed is given again: the stream goes on as if nothing had happened.
TEST_P(FaultyBackendTest, StreamKeepsItsState) {
  Stream undisturbed(model_), disturbed(model_);
  for (int i = 0; i < 6; i++) {
    const std::vector<uint8_t> expected = animate(undisturbed, i);
    if (i == 3) {
      backend_->fails = GetParam();
      try {
        animate(disturbed, i);
        ADD_FAILURE() << "no error";
      } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "The device is gone.");
      }
      backend_->fails = Step::none;
    }
    EXPECT_EQ(animate(disturbed, i), expected) << "frame " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, FaultyBackendTest, testing::Values(Step::detect, Step::generate));

/// A picture that cannot be encoded leaves the old one in place.
TEST_F(FaultyBackendTest, PictureIsNotEncoded) {
  Stream stream(model_);
  const std::vector<uint8_t> expected = animate(stream, 0);
  backend_->fails = Step::encode;
  EXPECT_THROW(new_source(), Error);
  backend_->fails = Step::none;
  EXPECT_EQ(animate(stream, 0), expected);
}

} // namespace
} // namespace fomo
