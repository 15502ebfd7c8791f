// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/image.h"
#include "face/face.h"

namespace fomo {

class Yunet;

/// Finds faces in pictures and frames. Uses the calling thread only; calls must not overlap. load()
/// loads the network, otherwise the first call does.
class FaceDetector {
 public:
  /// Faces with a lower score are not reported.
  static constexpr double default_min_score = 0.6;

  /// `model`: path of the YuNet 2023mar file; empty: the installed one.
  explicit FaceDetector(std::string model = {}, double min_score = default_min_score);
  ~FaceDetector();

  /// Prepares the network for detect() with these values of `longer_side`; detect() then loads
  /// nothing. Throws Error when the detector is not installed.
  void load(const std::vector<int>& longer_sides);

  /// One pass. The picture is scaled down (never up) until its longer side has at most
  /// `longer_side` pixels. A pass at 320 takes a few milliseconds and finds faces from about 1/30
  /// of the longer side to all of it. `image`: 1 (grey), 3 (RGB) or 4 (RGBA) channels. Returns
  /// faces in the image's pixels, best score first. Throws Error when the detector is not
  /// installed.
  std::vector<Face> detect(const ConstImage& image, int longer_side = 320);

  /// All faces of a still picture. In a picture of 1920x1080 the smallest face has 20 pixels, or 16
  /// if there is no other face. Larger pictures are scaled down to a longer side of 1920 or to as
  /// many pixels as 1920x1080, whichever is larger. Makes passes at several scales, the finer ones
  /// in tiles: half a second for 2 megapixels and more, two seconds if there is no face. Best score
  /// first.
  std::vector<Face> detect_all(const ConstImage& image);

  /// The largest faces. Two coarse passes suffice for most pictures and take tens of milliseconds;
  /// if these find no large face, this is detect_all().
  std::vector<Face> detect_large(const ConstImage& image);

 private:
  std::vector<Face> detect_coarsely(const ConstImage& image);
  void detect_in_tiles(const ConstImage& image, int longer_side, std::vector<Face>& faces);
  Yunet& network();

  std::string model_;
  double min_score_;
  std::unique_ptr<Yunet> network_;
};

/// Sorts faces, the largest first.
void sort_by_size(std::vector<Face>& faces);

} // namespace fomo
