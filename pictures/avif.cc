// SPDX-License-Identifier: LGPL-2.1-or-later
// AVIF files with libavif.
#include <algorithm>
#include <memory>
#include <stdexcept>

#include <avif/avif.h>

#include "pictures/decoders.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

struct DeleteDecoder {
  void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};
struct DeleteImage {
  void operator()(avifImage* image) const { avifImageDestroy(image); }
};
using Image = std::unique_ptr<avifImage, DeleteImage>;

void check(avifResult result) {
  if (result != AVIF_RESULT_OK)
    throw std::runtime_error(avifResultToString(result));
}

/// 0: top and bottom change places, 1: left and right.
int mirror_axis(const avifImage& image) {
#if AVIF_VERSION_MAJOR >= 1
  return image.imir.axis & 1;
#else
  return image.imir.mode & 1;
#endif
}

/// EXIF's number for a rotation (counterclockwise) that is followed by a reflection.
int orientation_of(const avifImage& image) {
  constexpr int numbers[4][3] = {// none, top to bottom, left to right
                                 {1, 4, 2},
                                 {8, 5, 7},
                                 {3, 2, 4},
                                 {6, 7, 5}};
  const int turn = image.transformFlags & AVIF_TRANSFORM_IROT ? image.irot.angle & 3 : 0;
  const int mirror = image.transformFlags & AVIF_TRANSFORM_IMIR ? 1 + mirror_axis(image) : 0;
  return numbers[turn][mirror];
}

/// The part of the picture that the file wants shown.
avifCropRect shown_part(const avifImage& image) {
  avifCropRect part = {0, 0, image.width, image.height};
  avifDiagnostics ignored;
  if (image.transformFlags & AVIF_TRANSFORM_CLAP)
    if (avifCropRect cropped = {}; avifCropRectConvertCleanApertureBox(
            &cropped, &image.clap, image.width, image.height, image.yuvFormat, &ignored))
      part = cropped;
  return part;
}

/// Rows of the picture as 8-bit RGB or RGBA, converted in bands: all of it would take as much
/// memory as the picture itself.
class AvifRows {
 public:
  AvifRows(const avifImage& image, bool alpha)
      : image_(image), part_(shown_part(image)), channels_(alpha ? 4 : 3) {}

  int width() const { return static_cast<int>(part_.width); }
  int height() const { return static_cast<int>(part_.height); }
  /// Row `y`; rows are asked for in order.
  const uint8_t* row(uint32_t y) {
    if (y >= first_ + rows_)
      read_band(y);
    return &band_[size_t{y - first_ + above_} * part_.width * channels_];
  }

 private:
  void read_band(uint32_t y);

  const avifImage& image_;
  avifCropRect part_;
  size_t channels_;
  uint32_t first_ = 0, rows_ = 0, above_ = 0;
  std::vector<uint8_t> band_;
};

void AvifRows::read_band(uint32_t y) {
  // Rows of colour lie two apart, and those beside a band have a say in its border.
  constexpr uint32_t usual_rows = 64, beside = 2;
  above_ = std::min(y, beside);
  first_ = y;
  rows_ = std::min(usual_rows, part_.height - y);
  const uint32_t below = std::min(beside, part_.height - y - rows_);
  const avifCropRect place = {part_.x, part_.y + y - above_, part_.width, above_ + rows_ + below};
  const Image band(avifImageCreateEmpty());
  if (!band)
    throw std::bad_alloc();
  check(avifImageSetViewRect(band.get(), &image_, &place));
  band->colorPrimaries = image_.colorPrimaries;
  band->transferCharacteristics = image_.transferCharacteristics;
  band->matrixCoefficients = image_.matrixCoefficients;
  band->yuvRange = image_.yuvRange;
  band->alphaPremultiplied = image_.alphaPremultiplied;
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, band.get());
  rgb.depth = 8;
  rgb.format = channels_ == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.alphaPremultiplied = AVIF_FALSE;
  rgb.rowBytes = static_cast<uint32_t>(part_.width * channels_);
  band_.resize(size_t{rgb.rowBytes} * place.height);
  rgb.pixels = band_.data();
  check(avifImageYUVToRGB(band.get(), &rgb));
}

} // namespace

Picture decode_avif(const PictureBytes& file) {
  const std::unique_ptr<avifDecoder, DeleteDecoder> decoder(avifDecoderCreate());
  if (!decoder)
    throw std::bad_alloc();
  decoder->maxThreads = 2;
  decoder->ignoreExif = decoder->ignoreXMP = AVIF_TRUE; // orientation is in irot and imir
  decoder->strictFlags = AVIF_STRICT_DISABLED;          // many writers leave out boxes
  decoder->imageSizeLimit = kMostWholePixels;
  check(avifDecoderSetIOMemory(decoder.get(), file.data, file.size));
  check(avifDecoderParse(decoder.get()));
  const avifImage& image = *decoder->image;
  check_size(image.width, image.height, kMostWholePixels);
  check(avifDecoderNextImage(decoder.get()));
  check_size(image.width, image.height, kMostWholePixels);

  ColourMeaning meaning;
  if (image.icc.size > 0)
    meaning.icc.assign(image.icc.data, image.icc.data + image.icc.size);
  else
    meaning = meaning_of_code_points(image.colorPrimaries, image.transferCharacteristics);
  const bool alpha = image.alphaPlane != nullptr;
  const RowConverter convert({3, alpha, 8, false}, meaning);
  AvifRows rows(image, alpha);
  const uint64_t decoded = uint64_t{image.width} * image.height * (image.depth > 8 ? 4 : 2);
  RowAssembler assembler(
      rows.width(), rows.height(), convert.channels(),
      reduction_for(rows.width(), rows.height(), convert.channels(), file.size + decoded),
      orientation_of(image));
  std::vector<uint8_t> converted(static_cast<size_t>(rows.width()) * convert.channels());
  for (int y = 0; y < rows.height(); y++) {
    convert(rows.row(static_cast<uint32_t>(y)), converted.data(), rows.width());
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace fomo
