// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "train/render/vec.h"

namespace fomo::render {

/// A sparse displacement of base vertices (a morph target), decimetres.
struct Target {
  std::vector<int> index;
  std::vector<Vec3> delta;
};

/// A mesh bound to the base mesh: hair, eyes, brows, lashes, teeth or tongue. Vertex i is the sum
/// of three base vertices (`corners[i]`, `weights[i]`) plus `offsets[i]`.
struct Proxy {
  std::string name; ///< "short01"
  std::vector<std::array<int, 3>> corners;
  std::vector<Vec3> weights, offsets;
  std::vector<std::array<int, 3>> triangles;
  std::vector<std::array<Vec2, 3>> uv; ///< of each triangle's corners, v downwards
  std::vector<cv::Mat> textures;       ///< 8 bits, BGRA
};

/// MakeHuman's base mesh, targets, proxies and skins, from which heads are made.
struct Assets {
  std::vector<Vec3> vertices; ///< of the base mesh and its helpers, decimetres, y up, z forward
  std::vector<std::array<int, 3>> triangles;         ///< skin of head and torso
  std::vector<std::array<Vec2, 3>> uv;               ///< of each triangle's corners, v downwards
  std::map<std::string, Target> targets;             ///< "exp/mouth-open"
  std::map<std::string, std::vector<Proxy>> proxies; ///< by kind: "hair", "eyes" …
  std::vector<cv::Mat> skins;                        ///< 8 bits, BGRA
  std::map<std::string, std::vector<int>> groups;    ///< "joint-neck": base vertices

  /// Reads `folder`/makehuman.safetensors and `folder`/textures. Throws Error naming what is
  /// missing.
  static Assets load(const std::string& folder);

  /// The target `name`. Throws Error if there is none.
  const Target& target(const std::string& name) const;
  /// Mean position of a group's vertices; `vertices` are those of the whole base mesh.
  Vec3 centre(const std::string& group, const std::vector<Vec3>& vertices) const;
  /// How far each base vertex moves up when the mouth opens, decimetres; negative for the jaw.
  std::vector<float> opening_rise() const;
};

} // namespace fomo::render
