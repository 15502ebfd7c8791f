// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/shade.h"

namespace fomo::render {

/// The set of a driving clip: a person with a jumper in soft light, in front of a room out of
/// focus.
class Studio {
 public:
  /// `seed` draws the details of the face and the things in the room.
  Studio(const Assets& assets, uint64_t seed);

  /// A frame in which the person does `action`: `size` x `size`, 8-bit RGB.
  cv::Mat frame(const Performance& action, int size) const;

 private:
  const Assets& assets_;
  Person person_;
  Camera camera_;
  Lighting lighting_;
  cv::Mat room_; ///< 32-bit RGB
  TriangleTable triangles_;
};

} // namespace fomo::render
