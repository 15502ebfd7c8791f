// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

enum class Collar : uint8_t { edge, rib, roll, shirt };

/// How a garment is cut and what it is made of. Lengths in decimetres.
struct GarmentStyle {
  float height = 6; ///< height of the neckline on the neck's axis
  float tilt =
      0.45f; ///< how much lower the neckline is at the front than at the back, a dm of depth
  float slope = 0.3f; ///< rise of the neckline beside the neck, so that the shoulders are covered
  float depth = 0;    ///< depth of a V at the front
  float thickness = 0.07f;
  float folds = 0.5f; ///< depth of folds, 0..1
  Collar collar = Collar::rib;
  cv::Mat pattern; ///< 8 bits, BGR, repeats every 2 decimetres
  Vec3 collar_tint{1, 1, 1};
  float relief = 0.5f;

  /// Draws a style for a neck whose root is at the height `neck`.
  static GarmentStyle sample(float neck, Random& random);
  /// How far a point at rest lies below the neckline; the garment covers it if positive.
  float below(const Vec3& rest) const;
};

/// Adds a garment to a person whose `neutral` is set: a smooth shell around the torso that ends in
/// a clean line, and a collar of its own thickness along that line.
void put_on(const Assets& assets, const GarmentStyle& style, Person& person);

/// Lowers the arms and shoulders, which MakeHuman's base mesh holds up, by a share of 0..1.
void lower_arms(float share, const Vec3& neck, std::vector<Vec3>& vertices);

} // namespace fomo::render
