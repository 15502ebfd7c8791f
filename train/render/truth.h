// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "train/data/landmarks.h"
#include "train/render/raster.h"

namespace fomo::render {

/// Keypoints of one frame in normalised coordinates, and their Jacobians: the derivative of the
/// motion around a keypoint from the identity's frontal, neutral face to the frame.
struct TrueKeypoints {
  std::array<Vec2, train::kLandmarks> value;
  std::array<std::array<float, 4>, train::kLandmarks> jacobian; ///< row-major
};

/// Computes keypoints and Jacobians from the landmarks' neighbourhoods on the skin, which are the
/// same for all identities.
class LandmarkFitter {
 public:
  explicit LandmarkFitter(const Assets& assets);

  /// The keypoints of one frame. The skin has to be the first part of `person`, and its vertices
  /// the first ones of `geometry`.
  TrueKeypoints fit(const Person& person, const Geometry& geometry) const;

 private:
  struct Neighbour {
    int vertex; ///< of the skin part
    float weight;
  };
  std::array<int, train::kLandmarks> vertices_; ///< of the skin part
  std::array<std::vector<Neighbour>, train::kLandmarks> neighbours_;
};

/// Backward flow on the 64x64 cells of the frame `to`: where in the frame `from` each cell comes
/// from.
struct TrueFlow {
  std::vector<Vec2> flow;          ///< normalised coordinates
  std::vector<uint8_t> visibility; ///< 255: visible in `from` too
  std::vector<uint8_t> person;     ///< 255: person, 0: background
};

TrueFlow true_flow(const TriangleTable& triangles, const std::vector<Hit>& to_hits,
                   const Geometry& from, const std::vector<Hit>& from_hits, const Camera& camera);

} // namespace fomo::render
