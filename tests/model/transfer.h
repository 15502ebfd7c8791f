// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "model/model.h"
#include "model/motion/motion_transfer.h"

/// Motion transfer as in the official demo: the first driving frame is the reference, without
/// smoothing and limits. For comparisons with the official code.
class Transfer {
 public:
  /// `source`: packed RGB of the model's frame size.
  Transfer(const fomo::Model& model, std::vector<uint8_t> source)
      : model_(model), workspace_(model.backend().new_workspace()),
        encoded_(model.backend().encode(image(source), model.threads())) {}

  /// Animates the driving frames in `driving` (packed RGB, one after the other).
  std::vector<uint8_t> animate(std::vector<uint8_t> driving, const FomoMotion& motion) {
    std::vector<uint8_t> output(driving.size());
    fomo::MotionTransfer transfer;
    for (size_t at = 0; at < driving.size(); at += frame_bytes()) {
      const fomo::KeypointSet found =
          model_.backend().detect(*workspace_, frame(driving, at), model_.threads()).keypoints;
      model_.backend().generate(
          *workspace_, *encoded_,
          transfer.apply(encoded_->keypoints, encoded_->hull_area, found, motion), {},
          frame(output, at), nullptr, model_.threads());
    }
    return output;
  }

 private:
  size_t frame_bytes() const {
    return size_t{3} * model_.config().frame_width * model_.config().frame_height;
  }
  FomoImage frame(std::vector<uint8_t>& frames, size_t at) const {
    const int width = model_.config().frame_width;
    return {&frames[at], width, model_.config().frame_height, ptrdiff_t{3} * width, 3};
  }
  FomoImage image(std::vector<uint8_t>& pixels) const { return frame(pixels, 0); }

  const fomo::Model& model_;
  std::unique_ptr<fomo::Workspace> workspace_;
  std::shared_ptr<const fomo::EncodedSource> encoded_;
};
