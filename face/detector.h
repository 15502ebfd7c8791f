// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/image.h"
#include "face/face.h"

namespace fomo {

class Yunet;

/// Finds faces in pictures and frames. Works on the calling thread alone; calls must not overlap.
/// The network is loaded by load(), else at the first use.
class FaceDetector {
 public:
  /// Faces that score less are not reported.
  static constexpr double default_min_score = 0.6;

  /// `model`: the YuNet 2023mar file; empty: the one that is installed.
  explicit FaceDetector(std::string model = {}, double min_score = default_min_score);
  ~FaceDetector();

  /// Loads the network for calls of detect() with these values of `longer_side`, so that they load
  /// nothing. Throws Error when the detector is not installed.
  void load(const std::vector<int>& longer_sides);

  /// One pass with the picture scaled down (never up) so that its longer side has at most
  /// `longer_side` pixels: a few milliseconds at 320. Sees faces from about 1/30 of the longer side
  /// at 320 to all of it. `image`: 1 (grey), 3 (RGB) or 4 (RGBA) channels. Best score first, in the
  /// image's pixels. Throws Error when the detector is not installed.
  std::vector<Face> detect(const ConstImage& image, int longer_side = 320);

  /// Every face of a still picture, from 20 pixels where it is of 1920x1080 (larger pictures are
  /// scaled down to that width or to as many pixels, whichever is larger; 16 pixels if there is no
  /// other face) to those that fill it. Passes at several scales, the finer ones in tiles: about
  /// half a second for 2 megapixels and more, two seconds where there is no face. Best score first.
  std::vector<Face> detect_all(const ConstImage& image);

  /// The faces that two coarse passes see, if one of them is so large that a larger one would have
  /// been seen as well: some ten milliseconds for most pictures. Else as detect_all.
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
