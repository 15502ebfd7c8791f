// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "train/render/person.h"

namespace fomo::render {

/// Cloth around a part of a person: a smooth surface outside of the skin.
struct Shell {
  Part part; ///< without material and texture coordinates
  std::vector<Vec3> at, normal;
};

/// How cloth lies on the skin.
struct Draping {
  float thickness = 0.07f; ///< decimetres from the skin
  int smoothing = 12;      ///< rounds; the more, the less of the body's relief shows
  /// Further distance, decimetres, at a point that lies `inside` of the edge. May be empty.
  std::function<float(const Vec3& at, float inside)> relief;
};

/// Makes the shell over the skin where `inside`, a value for each base vertex, is positive. The
/// shell ends in the clean line where the value is 0. `base`: the person's neutral base vertices.
Shell make_shell(const Assets& assets, const std::vector<float>& inside,
                 const std::vector<Vec3>& base, const Draping& draping);

/// A point of a shell's edge.
struct RingPoint {
  Vec3 at, normal;
  Vec3 away;       ///< unit, along the shell, out of the cloth
  int vertex = -1; ///< the base vertex that the point moves with
};

/// The edge of a shell as points at equal angles around its middle, from the front (or, if
/// `upright`, from the top) to the person's left. Only edges at which `wanted` holds count. Empty
/// if the edge is not closed.
std::vector<RingPoint> outline(const Shell& shell, bool upright, int smoothing,
                               const std::function<bool(const Vec3&)>& wanted,
                               const std::function<Vec3(const Vec3&)>& away);

/// A cross-section: distances out of the cloth along the shell, and outwards from it, decimetres.
using Section = std::vector<Vec2>;

/// Sweeps a cross-section along a ring. `section` depends on how far at the ring's first point one
/// is: 1 there, 0 at the opposite point; it always has the same number of points. `gap`: share of
/// the ring around its first point that is left open.
Part sweep(const std::vector<RingPoint>& ring, const std::function<Section(float)>& section,
           float gap, const std::vector<Vec3>& base);

} // namespace fomo::render
