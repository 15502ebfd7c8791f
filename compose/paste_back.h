// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/detail_source.h"
#include "pictures/picture.h"

namespace fomo {

/// Pastes animated crops into the picture that they were cut from, without a seam: the edges are
/// feathered where the picture continues, and the colours are matched along the border
/// (BorderMatch). Crops with a roll are given upright and turned back. Use one object for each
/// stream, because the match depends on earlier frames. The border of a crop should be held still
/// (SteadyBorder).
class PasteBack {
 public:
  /// `crops`: one for each face, in pixels of the picture. They may extend beyond the picture and
  /// overlap; later ones are on top. `output`: size of the frames, {0, 0} for that of the picture.
  /// `channels` of the frames: 3, or 4 with straight alpha. The picture is copied only if size or
  /// channels differ. Throws Error (FOMO_SETTINGS) for a crop outside the picture.
  PasteBack(std::shared_ptr<const Picture> picture, const std::vector<PictureCrop>& crops,
            PixelSize output, int channels);
  ~PasteBack();
  PasteBack(PasteBack&&) noexcept;
  PasteBack& operator=(PasteBack&&) noexcept;

  /// The place of `crop` in frames of size `output`; may extend beyond them. That of a crop with a
  /// roll is a square, turned about its centre.
  static PictureCrop place_of(const PictureCrop& crop, const Picture& picture, PixelSize output);

  PixelSize output() const;
  int channels() const;
  /// The place of crop `face` in the output; may extend beyond it. Animated crops of another size
  /// are scaled to this one.
  PictureCrop place(int face) const;

  /// Writes the whole `output`: the picture, with `animated[i]` in place of crop `i`. Null data
  /// keeps that part of the picture. All have channels(). Throws Error (FOMO_SETTINGS) if a size is
  /// wrong.
  void operator()(const std::vector<ConstImage>& animated, const FomoImage& output);

 private:
  struct Face;
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
