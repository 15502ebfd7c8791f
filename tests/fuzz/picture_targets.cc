// SPDX-License-Identifier: LGPL-2.1-or-later
// Targets that decode pictures, one for each format, and read what pictures carry.
#include <algorithm>
#include <stdexcept>

#include "common/error.h"
#include "pictures/decoders.h"
#include "pictures/exif.h"
#include "pictures/picture_kind.h"
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {
namespace {

/// Decodes what begins as a file of `kind`, as decode_picture() does; other inputs are passed over.
int decode(PictureKind kind, Picture (*decoder)(const PictureBytes&), const uint8_t* data,
           size_t size) {
  if (picture_kind(data, size) != kind)
    return 0;
  try {
    const Picture picture = decoder({data, size});
    const auto pixels = static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height);
    if (picture.width < 1 || picture.height < 1 ||
        (picture.channels != 3 && picture.channels != 4) ||
        picture.pixels.size() != pixels * static_cast<size_t>(picture.channels))
      return 1;
  } catch (const std::runtime_error&) { // NOLINT: damaged files are refused
  }
  return 0;
}

} // namespace

int run_png(const uint8_t* data, size_t size) {
  return decode(PictureKind::png, decode_png, data, size);
}
int run_jpeg(const uint8_t* data, size_t size) {
  return decode(PictureKind::jpeg, decode_jpeg, data, size);
}
int run_gif(const uint8_t* data, size_t size) {
  return decode(PictureKind::gif, decode_gif, data, size);
}
int run_bmp(const uint8_t* data, size_t size) {
  return decode(PictureKind::bmp, decode_bmp, data, size);
}
int run_webp(const uint8_t* data, size_t size) {
  return decode(PictureKind::webp, decode_webp, data, size);
}
int run_tiff(const uint8_t* data, size_t size) {
  return decode(PictureKind::tiff, decode_tiff, data, size);
}
#ifdef FOMO_HAVE_HEIF
int run_heif(const uint8_t* data, size_t size) {
  return decode(PictureKind::heif, decode_heif, data, size);
}
#endif
#ifdef FOMO_HAVE_AVIF
int run_avif(const uint8_t* data, size_t size) {
  return decode(PictureKind::avif, decode_avif, data, size);
}
#endif
#ifdef FOMO_HAVE_JPEG_XL
int run_jpeg_xl(const uint8_t* data, size_t size) {
  return decode(PictureKind::jpeg_xl, decode_jpeg_xl, data, size);
}
#endif

int run_exif(const uint8_t* data, size_t size) {
  const int orientation = exif_orientation(data, size);
  return orientation >= 1 && orientation <= 8 ? 0 : 1;
}

/// The input is an ICC profile; its first byte chooses the samples that it is applied to.
int run_icc(const uint8_t* data, size_t size) {
  constexpr SampleLayout layouts[] = {
      {3, false, 8, false}, {3, true, 16, false}, {1, false, 8, false}, {4, false, 8, true}};
  if (size == 0)
    return 0;
  const RowConverter convert(layouts[data[0] % 4], {{data + 1, data + size}, 0, {}});
  constexpr int count = 8;
  uint16_t in[count * 5];
  uint8_t out[count * 4];
  for (size_t i = 0; i < std::size(in); i++)
    in[i] = static_cast<uint16_t>(1543 * i);
  convert(in, out, count);
  return 0;
}

} // namespace fomo::fuzz
