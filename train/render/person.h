// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include <opencv2/core.hpp>

#include "train/render/assets.h"
#include "train/render/random.h"

namespace fomo::render {

enum class Surface : uint8_t { skin, eye, hair, mouth, frame };

/// The look of a part.
struct Material {
  Surface surface = Surface::skin;
  cv::Mat texture;        ///< 8 bits, BGRA
  Vec3 tint{1, 1, 1};     ///< multiplies the texture, RGB
  float gray = 0;         ///< share of the texture's grey in place of its colour
  float gloss = 0.1f;     ///< strength of highlights
  bool cutout = false;    ///< the texture's alpha cuts out the visible area
  bool two_sided = false; ///< back faces are drawn too
};

/// A mesh that is bound to the base mesh as a Proxy is, with its material.
struct Part {
  std::vector<std::array<int, 3>> corners;
  std::vector<Vec3> weights, offsets;
  std::vector<std::array<int, 3>> triangles;
  std::vector<std::array<Vec2, 3>> uv;
  std::vector<float> open; ///< share of the sky that reaches a vertex; empty: all of it
  Material material;

  /// The position of vertex `i` for the base vertices `base`.
  Vec3 place(size_t i, const std::vector<Vec3>& base) const {
    const std::array<int, 3>& c = corners[i];
    const Vec3& w = weights[i];
    return base[c[0]] * w.x + base[c[1]] * w.y + base[c[2]] * w.z + offsets[i];
  }
};

/// Whether a point of the base mesh at rest lies behind the lips.
bool inside_mouth(const Vec3& at);

/// Clothes: a texture on the torso below a collar line, a little outside of the skin.
struct Garment {
  float height = 5.5f; ///< height of the collar at the neck's side, decimetres
  float slope = 0.25f; ///< rise of the collar with the distance from the middle
  float depth = 0;     ///< depth of the neckline at the front, decimetres
  cv::Mat pattern;     ///< 8 bits, BGR, repeats every 2 decimetres

  /// Height of the collar at a point of the rest pose. Skin shows above it.
  float collar(const Vec3& rest) const;
};

/// One identity: shape, hair, skin, clothes, glasses. The same in both frames of a pair.
struct Person {
  std::vector<Vec3> neutral;  ///< base mesh without expression
  std::vector<Part> parts;    ///< the skin first
  std::vector<Vec3> rest;     ///< vertices of all parts, without expression or pose
  std::vector<size_t> starts; ///< first vertex of each part in `rest`; last: the size of `rest`
  Garment garment;
  Vec3 pivot;               ///< centre of the head's rotation
  std::array<Vec3, 2> eyes; ///< centres of left and right eye

  /// Draws an identity.
  static Person sample(const Assets& assets, Random& random);

  /// The vertices of all parts for the base vertices `base`.
  std::vector<Vec3> bind(const std::vector<Vec3>& base) const;
};

} // namespace fomo::render
