// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/presenter.h"
#include "model/model.h"
#include "pictures/picture.h"

namespace fomo {

/// A part of a picture that moves: what the model saw of it and made of it.
struct MovingPart {
  PictureCrop crop; ///< pixels of the picture; may leave it
  std::shared_ptr<const EncodedSource> encoded;
  /// What the model paints when nothing moves: RGB of its size, and the motion that made it.
  std::vector<uint8_t> at_rest;
  RenderedMotion motion_at_rest;
  PersonMap person; ///< without a matte where the model cannot tell
};

/// A picture made ready for driving frames by one model. Immutable.
class Source {
 public:
  /// Finds faces where `framing` asks for them. Throws Error (FOMO_SETTINGS) when there is no such
  /// face.
  Source(const Model& model, std::shared_ptr<const Picture> picture, const FomoFraming& framing);

  const std::vector<MovingPart>& parts() const { return parts_; }
  PixelSize model_size() const { return model_size_; }
  FomoSourceInfo describe() const;
  /// The picture prepared for frames of a kind. Throws Error (FOMO_SETTINGS).
  std::shared_ptr<const PresentedSource> present(const FomoPresentation& presentation) const;

 private:
  std::shared_ptr<const Picture> picture_;
  PixelSize model_size_;
  FomoCrop crop_ = FOMO_CROP_NONE;
  int faces_found_ = -1;
  std::vector<MovingPart> parts_;
};

/// The keypoints of a still picture, framed as `framing` says. Throws Error as Source does.
KeypointSet detect_pose(const Model& model, const Picture& picture, const FomoFraming& framing);

} // namespace fomo
