// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "train/data/landmarks.h"
#include "train/render/raster.h"

namespace fomo::render {

/// Keypoints of one frame in normalised coordinates, and the derivative of the picture around them
/// with respect to the identity's own frontal, neutral face.
struct TrueKeypoints {
  std::array<Vec2, train::kLandmarks> value;
  std::array<std::array<float, 4>, train::kLandmarks> jacobian; ///< row-major
};

/// Where the landmarks' neighbourhoods lie on the skin; made once for all identities.
class LandmarkFitter {
 public:
  explicit LandmarkFitter(const Assets& assets);

  /// The first part of `person` is its skin, whose vertices `geometry` begins with.
  TrueKeypoints fit(const Person& person, const Geometry& geometry) const;

 private:
  struct Neighbour {
    int vertex; ///< of the skin part
    float weight;
  };
  std::array<int, train::kLandmarks> vertices_; ///< of the skin part
  std::array<std::vector<Neighbour>, train::kLandmarks> neighbours_;
};

/// Backward flow on the 64x64 cells of the frame `to`: where each comes from in the frame `from`.
struct TrueFlow {
  std::vector<Vec2> flow;          ///< normalised coordinates
  std::vector<uint8_t> visibility; ///< 255: seen in `from` too
  std::vector<uint8_t> person;     ///< 255: the person, 0: background
};

TrueFlow true_flow(const TriangleTable& triangles, const std::vector<Hit>& to_hits,
                   const Geometry& from, const std::vector<Hit>& from_hits, const Camera& camera);

} // namespace fomo::render
