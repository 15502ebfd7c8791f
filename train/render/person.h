// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include <opencv2/core.hpp>

#include "train/render/assets.h"
#include "train/render/random.h"

namespace fomo::render {

enum class Surface : uint8_t { skin, eye, hair, mouth, frame, cloth };

/// The look of a part.
struct Material {
  Surface surface = Surface::skin;
  cv::Mat texture;        ///< 8 bits, BGRA
  Vec3 tint{1, 1, 1};     ///< multiplies the texture, RGB
  float gray = 0;         ///< share of the texture's grey in place of its colour
  float gloss = 0.1f;     ///< strength of highlights
  float relief = 0;       ///< depth of the pores of skin and of the weave of cloth, 0..1
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
  std::vector<float> cut;  ///< the part ends where this value falls below 0; empty: nowhere
  Material material;

  /// Whether nothing of a triangle is left by `cut`.
  bool cut_away(const std::array<int, 3>& t) const {
    return !cut.empty() && cut[static_cast<size_t>(t[0])] < 0 &&
           cut[static_cast<size_t>(t[1])] < 0 && cut[static_cast<size_t>(t[2])] < 0;
  }
  /// The position of vertex `i` for the base vertices `base`.
  Vec3 place(size_t i, const std::vector<Vec3>& base) const {
    const std::array<int, 3>& c = corners[i];
    const Vec3& w = weights[i];
    return base[c[0]] * w.x + base[c[1]] * w.y + base[c[2]] * w.z + offsets[i];
  }
};

/// The skin of head and torso, for `Person::neutral` of any shape.
Part make_skin(const Assets& assets, const Material& material);

/// Whether a point of the base mesh at rest lies behind the lips.
bool inside_mouth(const Vec3& at);

/// One identity: shape, hair, skin, clothes, glasses. The same in both frames of a pair.
struct Person {
  std::vector<Vec3> neutral;  ///< base mesh without expression
  std::vector<Part> parts;    ///< the skin first
  std::vector<Vec3> rest;     ///< vertices of all parts, without expression or pose
  std::vector<size_t> starts; ///< first vertex of each part in `rest`; last: the size of `rest`
  Vec3 pivot;                 ///< centre of the head's rotation
  std::array<Vec3, 2> eyes;   ///< centres of left and right eye

  /// Finds pivot and eyes. Call it when `neutral` is set, before parts are added.
  void find_joints(const Assets& assets);
  /// Computes `rest` and `starts`. Call it when all parts are added.
  void finish();

  /// Draws an identity.
  static Person sample(const Assets& assets, Random& random);

  /// The vertices of all parts for the base vertices `base`.
  std::vector<Vec3> bind(const std::vector<Vec3>& base) const;
};

} // namespace fomo::render
