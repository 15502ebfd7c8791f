// SPDX-License-Identifier: LGPL-2.1-or-later
// TIFF files: the first picture of a file, in bands with libtiff.
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <tiffio.h>

#include "common/log.h"
#include "pictures/decoders.h"
#include "pictures/exif.h"
#include "pictures/row_assembler.h"
#include "pictures/tiff_samples.h"

namespace fomo {

namespace {

constexpr uint64_t kMostBandBytes = 96'000'000;

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, CloseTiff>;

/// A file in memory as libtiff reads it, and libtiff's first complaint about it.
struct TiffFile {
  PictureBytes bytes;
  uint64_t position = 0;
  std::string reason;
};

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t count) {
  auto& file = *static_cast<TiffFile*>(handle);
  const uint64_t left = file.bytes.size - std::min<uint64_t>(file.position, file.bytes.size);
  const auto taken = std::min(left, static_cast<uint64_t>(std::max<tmsize_t>(count, 0)));
  std::memcpy(to, file.bytes.data + std::min<uint64_t>(file.position, file.bytes.size), taken);
  file.position += taken;
  return static_cast<tmsize_t>(taken);
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& file = *static_cast<TiffFile*>(handle);
  file.position = offset + (whence == SEEK_CUR   ? file.position
                            : whence == SEEK_END ? uint64_t{file.bytes.size}
                                                 : 0);
  return file.position;
}

std::string text_of(const char* format, va_list arguments) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, arguments);
  return text;
}

int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& file = *static_cast<TiffFile*>(user);
  const std::string text = text_of(format, arguments);
  log(LogLevel::debug, "libtiff: " + text);
  if (file.reason.empty())
    file.reason = text;
  return 1;
}

int on_warning(TIFF*, void*, const char*, const char* format, va_list arguments) {
  log(LogLevel::debug, "libtiff: " + text_of(format, arguments));
  return 1;
}

Tiff open_tiff(TiffFile& file) {
  const auto write_bytes = [](thandle_t, void*, tmsize_t) { return tmsize_t{0}; };
  const auto close = [](thandle_t) { return 0; };
  const auto length = [](thandle_t handle) {
    return toff_t{static_cast<TiffFile*>(handle)->bytes.size};
  };
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  if (!options)
    throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &file);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &file);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostBandBytes * 2);
  return Tiff(TIFFClientOpenExt("picture", "rm", &file, read_bytes, write_bytes, seek, close,
                                length, nullptr, nullptr, options.get()));
}

[[noreturn]] void throw_reason(const TiffFile& file, const char* otherwise = "it is damaged") {
  throw std::runtime_error(file.reason.empty() ? otherwise : file.reason);
}

template<typename Value>
Value field(const Tiff& tiff, uint32_t tag, Value otherwise) {
  Value value = otherwise;
  return TIFFGetFieldDefaulted(tiff.get(), tag, &value) ? value : otherwise;
}

std::vector<uint8_t> icc_profile(const Tiff& tiff) {
  uint32_t size = 0;
  void* data = nullptr;
  if (!TIFFGetField(tiff.get(), TIFFTAG_ICCPROFILE, &size, &data) || !data)
    return {};
  const auto* bytes = static_cast<const uint8_t*>(data);
  return {bytes, bytes + size};
}

/// What the file says about its samples; nothing of it is checked here.
TiffSamples describe(const Tiff& tiff) {
  TiffSamples samples;
  samples.bits = field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  samples.count = field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  samples.is_float =
      field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_IEEEFP;
  samples.is_signed =
      field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_INT;
  uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  TIFFGetField(tiff.get(), TIFFTAG_PHOTOMETRIC, &photometric);
  const auto compression = field<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    photometric = PHOTOMETRIC_RGB;
  }
  if (photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE)
    samples.colours = 1;
  else if (photometric == PHOTOMETRIC_RGB)
    samples.colours = 3;
  else if (photometric == PHOTOMETRIC_SEPARATED &&
           field<uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) == INKSET_CMYK)
    samples.colours = 4;
  samples.inverted = photometric == PHOTOMETRIC_MINISWHITE;
  uint16_t extra = 0;
  uint16_t* kinds = nullptr;
  TIFFGetField(tiff.get(), TIFFTAG_EXTRASAMPLES, &extra, &kinds);
  if (samples.count > samples.colours && samples.colours > 0) {
    const uint16_t kind = extra > 0 && kinds ? kinds[0] : uint16_t{EXTRASAMPLE_UNSPECIFIED};
    samples.alpha = kind == EXTRASAMPLE_ASSOCALPHA   ? TiffSamples::Alpha::premultiplied
                    : kind == EXTRASAMPLE_UNASSALPHA ? TiffSamples::Alpha::straight
                    : samples.count == samples.colours + 1 && samples.colours < 4
                        ? TiffSamples::Alpha::unnamed
                        : TiffSamples::Alpha::none;
  }
  return samples;
}

/// Reads rows in order, samples interleaved, whether the file has strips or tiles, and planes
/// together or apart.
class TiffRows {
 public:
  TiffRows(const Tiff& tiff, const TiffFile& file, int width, int height,
           const TiffSamples& samples);

  /// Row `y`; rows are asked for in order.
  uint8_t* row(int y);

 private:
  void read_tiles(int y);
  void read_strips(int y);
  /// Copies `count` pixels of one plane or of all.
  void interleave(const uint8_t* from, size_t count, int plane, uint8_t* to) const;

  const Tiff& tiff_;
  const TiffFile& file_;
  int width_, height_;
  bool apart_, tiled_;
  size_t sample_bytes_, pixel_bytes_, row_bytes_;
  int planes_, band_rows_;
  int first_ = -1; ///< row of the band in memory
  std::vector<uint8_t> band_, part_;
};

TiffRows::TiffRows(const Tiff& tiff, const TiffFile& file, int width, int height,
                   const TiffSamples& samples)
    : tiff_(tiff), file_(file), width_(width), height_(height),
      apart_(field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) ==
                 PLANARCONFIG_SEPARATE &&
             samples.count > 1),
      tiled_(TIFFIsTiled(tiff.get()) != 0), sample_bytes_(samples.bits / 8U),
      pixel_bytes_(sample_bytes_ * samples.count), row_bytes_(pixel_bytes_ * width),
      planes_(apart_ ? samples.count : 1) {
  uint32_t rows = 1;
  tmsize_t part = 0;
  if (tiled_) {
    rows = field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    part = TIFFTileSize(tiff.get());
  } else if (apart_) {
    rows = std::min(field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, 1), static_cast<uint32_t>(height));
    part = TIFFStripSize(tiff.get());
  } else {
    part = TIFFScanlineSize(tiff.get());
    if (static_cast<size_t>(part) < row_bytes_)
      throw std::runtime_error("it is damaged");
    row_bytes_ = static_cast<size_t>(part);
  }
  if (rows < 1 || part < 1)
    throw_reason(file);
  if (uint64_t{rows} * row_bytes_ + static_cast<uint64_t>(part) > kMostBandBytes)
    throw std::runtime_error("its strips or tiles are too large to be read one by one. Save it as "
                             "a PNG file");
  band_rows_ = static_cast<int>(rows);
  band_.resize(row_bytes_ * rows);
  if (tiled_ || apart_)
    part_.resize(static_cast<size_t>(part));
}

void TiffRows::interleave(const uint8_t* from, size_t count, int plane, uint8_t* to) const {
  if (!apart_) {
    std::memcpy(to, from, count * pixel_bytes_);
    return;
  }
  to += sample_bytes_ * static_cast<size_t>(plane);
  for (size_t i = 0; i < count; i++, from += sample_bytes_, to += pixel_bytes_)
    std::memcpy(to, from, sample_bytes_);
}

void TiffRows::read_tiles(int y) {
  const auto tile_width = field<uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0);
  const size_t tile_row = static_cast<size_t>(TIFFTileRowSize(tiff_.get()));
  const int rows = std::min(band_rows_, height_ - y);
  if (tile_width < 1 || tile_row < tile_width * (apart_ ? sample_bytes_ : pixel_bytes_) ||
      tile_row * static_cast<size_t>(band_rows_) > part_.size())
    throw std::runtime_error("it is damaged");
  for (int plane = 0; plane < planes_; plane++)
    for (uint32_t x = 0; x < static_cast<uint32_t>(width_); x += tile_width) {
      if (TIFFReadTile(tiff_.get(), part_.data(), x, static_cast<uint32_t>(y), 0,
                       static_cast<uint16_t>(plane)) < 0)
        throw_reason(file_);
      const size_t count = std::min<size_t>(tile_width, static_cast<uint32_t>(width_) - x);
      for (int i = 0; i < rows; i++)
        interleave(&part_[tile_row * i], count, plane, &band_[row_bytes_ * i + pixel_bytes_ * x]);
    }
}

void TiffRows::read_strips(int y) {
  const int rows = std::min(band_rows_, height_ - y);
  const size_t plane_row = static_cast<size_t>(width_) * sample_bytes_;
  if (plane_row * static_cast<size_t>(rows) > part_.size())
    throw std::runtime_error("it is damaged");
  for (int plane = 0; plane < planes_; plane++) {
    const uint32_t strip =
        TIFFComputeStrip(tiff_.get(), static_cast<uint32_t>(y), static_cast<uint16_t>(plane));
    if (TIFFReadEncodedStrip(tiff_.get(), strip, part_.data(),
                             static_cast<tmsize_t>(part_.size())) < 0)
      throw_reason(file_);
    for (int i = 0; i < rows; i++)
      interleave(&part_[plane_row * i], static_cast<size_t>(width_), plane, &band_[row_bytes_ * i]);
  }
}

uint8_t* TiffRows::row(int y) {
  if (!tiled_ && !apart_) {
    if (TIFFReadScanline(tiff_.get(), band_.data(), static_cast<uint32_t>(y), 0) < 0)
      throw_reason(file_);
    return band_.data();
  }
  const int first = y - y % band_rows_;
  if (first != first_) {
    if (tiled_)
      read_tiles(first);
    else
      read_strips(first);
    first_ = first;
  }
  return &band_[row_bytes_ * static_cast<size_t>(y - first)];
}

/// Pictures of whole bytes a sample: grey, RGB, CMYK, integers and floats.
Picture read_samples(const Tiff& tiff, const TiffFile& file, int width, int height,
                     const TiffSamples& samples, int orientation) {
  SampleRange range;
  if (samples.needs_range()) {
    TiffRows rows(tiff, file, width, height, samples);
    for (int y = 0; y < height; y++)
      range.look(samples, rows.row(y), width);
  }
  const RowConverter convert(samples.layout(), {icc_profile(tiff), 0, {}});
  RowAssembler assembler(
      width, height, convert.channels(),
      reduction_for(width, height, convert.channels(), file.bytes.size + kMostBandBytes / 4),
      orientation);
  TiffRows rows(tiff, file, width, height, samples);
  TiffRowReader reader(samples, range, width);
  std::vector<uint8_t> converted(static_cast<size_t>(width) * convert.channels());
  for (int y = 0; y < height; y++) {
    convert(reader.read(rows.row(y)), converted.data(), width);
    assembler.add(converted.data());
  }
  Picture picture = assembler.take();
  if (samples.alpha == TiffSamples::Alpha::unnamed)
    fill_empty_alpha(picture);
  return picture;
}

/// What libtiff itself converts to 8-bit RGBA: palettes, a few bits a sample, YCbCr, CIELAB.
Picture read_rgba(const Tiff& tiff, const TiffFile& file, int width, int height, int orientation) {
  constexpr uint64_t most_pixels = 25'000'000; // four bytes each, beside the picture
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff.get(), reason))
    throw std::runtime_error(reason);
  if (uint64_t(width) * uint64_t(height) > most_pixels)
    throw std::runtime_error("it is of " + std::to_string(width) + "x" + std::to_string(height) +
                             " pixels, and of a kind that is read up to 25 million. Save it as a "
                             "PNG file");
  TIFFRGBAImage image;
  if (!TIFFRGBAImageBegin(&image, tiff.get(), 1, reason))
    throw std::runtime_error(reason);
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> end(&image, TIFFRGBAImageEnd);
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT; // turned below
  const bool alpha = image.alpha != 0;
  std::vector<uint32_t> raster(static_cast<size_t>(width) * height);
  if (!TIFFRGBAImageGet(&image, raster.data(), static_cast<uint32_t>(width),
                        static_cast<uint32_t>(height)))
    throw_reason(file);
  const RowConverter convert({3, alpha, 8, false}, {icc_profile(tiff), 0, {}});
  RowAssembler assembler(width, height, convert.channels(), 1, orientation);
  std::vector<uint8_t> row(static_cast<size_t>(width) * 4), converted(row.size());
  for (int y = 0; y < height; y++) {
    uint8_t* to = row.data();
    for (int x = 0; x < width; x++, to += alpha ? 4 : 3) {
      const uint32_t pixel = raster[static_cast<size_t>(y) * width + x];
      to[0] = static_cast<uint8_t>(TIFFGetR(pixel));
      to[1] = static_cast<uint8_t>(TIFFGetG(pixel));
      to[2] = static_cast<uint8_t>(TIFFGetB(pixel));
      if (alpha)
        to[3] = static_cast<uint8_t>(TIFFGetA(pixel));
    }
    if (alpha)
      unpremultiply(row.data(), width);
    convert(row.data(), converted.data(), width);
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace

Picture decode_tiff(const PictureBytes& bytes) {
  TiffFile file{bytes};
  const Tiff tiff = open_tiff(file);
  if (!tiff)
    throw_reason(file);
  const auto width = field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  const auto height = field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  check_size(width, height);
  const auto said = field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  const int orientation = said >= 1 && said <= 8 ? said : kUpright;
  const TiffSamples samples = describe(tiff);
  const auto columns = static_cast<int>(width), rows = static_cast<int>(height);
  return samples.readable() ? read_samples(tiff, file, columns, rows, samples, orientation)
                            : read_rgba(tiff, file, columns, rows, orientation);
}

} // namespace fomo
