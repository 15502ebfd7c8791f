// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/detail_source.h"
#include "pictures/picture.h"

namespace fomo {

/// Shows animated crops in the picture that they were cut from, without a seam: feathered edges
/// where the picture goes on around the crop, and the crop's colours matched to the picture's along
/// its border. One object for each stream: the match follows the frames. The crop's own border
/// should be held still (SteadyBorder).
class PasteBack {
 public:
  /// `crops`: one for each face, in pixels of the picture; may leave the picture and overlap each
  /// other (later ones lie on top). `output`: size of the frames, {0, 0}: the picture's own.
  /// `channels` of the frames: 3, or 4 with straight alpha. The picture is shared, and copied only
  /// where size or channels differ. Throws Error (FOMO_SETTINGS) for a crop outside the picture.
  PasteBack(std::shared_ptr<const Picture> picture, const std::vector<cv::Rect>& crops,
            PixelSize output, int channels);
  ~PasteBack();
  PasteBack(PasteBack&&) noexcept;
  PasteBack& operator=(PasteBack&&) noexcept;

  /// Where `crop` of the picture lies in an output of that size; may leave it.
  static cv::Rect place_of(const cv::Rect& crop, const Picture& picture, PixelSize output);

  PixelSize output() const;
  int channels() const;
  /// Where crop `face` lies in the output; may leave it. Its size is the one to animate it at;
  /// crops of another size are scaled to it.
  cv::Rect place(int face) const;

  /// Writes all of `output`: the picture, with `animated[i]` in place of crop `i`; null data leaves
  /// that crop as it is in the picture. Both have `channels()`. Throws Error (FOMO_SETTINGS) where
  /// sizes do not fit.
  void operator()(const std::vector<ConstImage>& animated, const FomoImage& output);

 private:
  struct Face;
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
