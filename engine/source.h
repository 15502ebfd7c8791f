// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <mutex>
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
};

/// A picture made ready for driving frames by one model. Immutable to its users, thread-safe.
class Source {
 public:
  /// Finds faces where `framing` asks for them. Throws Error (FOMO_SETTINGS) when there is no such
  /// face.
  Source(std::shared_ptr<const Model> model, std::shared_ptr<const Picture> picture,
         const FomoFraming& framing);

  const std::vector<MovingPart>& parts() const { return parts_; }
  PixelSize model_size() const { return model_size_; }
  FomoSourceInfo describe() const;
  /// The picture prepared for frames of a kind. Throws Error (FOMO_SETTINGS).
  std::shared_ptr<const PresentedSource> present(const FomoPresentation& presentation) const;

 private:
  /// What the plates of the parts need: several dense motions. Computed with the source for the
  /// built-in model, whose frames show plates by default, for others when the first plate is
  /// wanted. Without a matte where the model cannot tell.
  const std::vector<PersonMap>& people() const;
  PersonMap person_of(const MovingPart& part, Workspace& workspace) const;

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Picture> picture_;
  PixelSize model_size_;
  FomoCrop crop_ = FOMO_CROP_NONE;
  int faces_found_ = -1;
  std::vector<MovingPart> parts_;
  mutable std::mutex people_lock_;
  mutable std::vector<PersonMap> people_; ///< guarded by the lock until there are any
};

/// The keypoints of a still picture, framed as `framing` says. Throws Error as Source does.
KeypointSet detect_pose(const Model& model, const Picture& picture, const FomoFraming& framing);

} // namespace fomo
