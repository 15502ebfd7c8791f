// SPDX-License-Identifier: LGPL-2.1-or-later
// PNG files, row by row with libpng.
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <stdexcept>
#include <string>

#include <png.h>

#include "common/log.h"
#include "pictures/colour.h"
#include "pictures/decoders.h"
#include "pictures/exif.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

constexpr bool kLittleEndian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

/// libpng's reader. Its errors jump back into the function that called libpng: such a function has
/// no local object with a destructor, and returns false. reason() then says why.
class PngReader {
 public:
  explicit PngReader(const PictureBytes& file) : rest_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  /// Reads what comes before the pixels; rows are then grey or RGB, with alpha where the picture
  /// has transparency of any form.
  bool read_header();
  /// Ready for rows. `as_8_bits`: 16-bit samples are scaled down.
  bool start(bool as_8_bits);
  /// The next row as stored, of the next pass that has pixels in an interlaced file.
  bool read_row(uint8_t* row);

  uint32_t width() const { return png_get_image_width(png_, info_); }
  uint32_t height() const { return png_get_image_height(png_, info_); }
  bool interlaced() const { return png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE; }
  /// Bytes of a row, after start().
  size_t row_bytes() const { return png_get_rowbytes(png_, info_); }
  SampleLayout layout() const;
  ColourMeaning meaning() const;
  int orientation() const;
  const char* reason() const { return reason_; }

 private:
  static void on_error(png_structp png, png_const_charp text) {
    auto& self = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(self.reason_, text, sizeof self.reason_ - 1);
    std::longjmp(self.back_, 1);
  }
  static void on_warning(png_structp, png_const_charp text) {
    log(LogLevel::debug, std::string("libpng: ") + text);
  }
  static void on_read(png_structp png, png_bytep to, size_t count) {
    auto& rest = static_cast<PngReader*>(png_get_io_ptr(png))->rest_;
    if (count > rest.size)
      png_error(png, "it is cut short");
    std::memcpy(to, rest.data, count);
    rest.data += count;
    rest.size -= count;
  }

  PictureBytes rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf back_ = {};
  char reason_[128] = "";
};

bool PngReader::read_header() {
  if (setjmp(back_) != 0)
    return false;
  constexpr uint32_t most_side = 1 << 20;
  png_set_read_fn(png_, this, on_read);
  png_set_user_limits(png_, most_side, most_side);
  png_read_info(png_, info_);
  png_set_expand(png_); // palettes, greys of less than 8 bits, tRNS
  return true;
}

bool PngReader::start(bool as_8_bits) {
  if (setjmp(back_) != 0)
    return false;
  if (as_8_bits)
    png_set_scale_16(png_);
  else if (kLittleEndian)
    png_set_swap(png_);
  png_read_update_info(png_, info_);
  return true;
}

bool PngReader::read_row(uint8_t* row) {
  if (setjmp(back_) != 0)
    return false;
  png_read_row(png_, row, nullptr);
  return true;
}

/// After start().
SampleLayout PngReader::layout() const {
  const int type = png_get_color_type(png_, info_);
  return {type & PNG_COLOR_MASK_COLOR ? 3 : 1, (type & PNG_COLOR_MASK_ALPHA) != 0,
          png_get_bit_depth(png_, info_), false};
}

/// A profile counts for more than sRGB, which counts for more than gAMA and cHRM.
ColourMeaning PngReader::meaning() const {
  ColourMeaning meaning;
  char* name = nullptr;
  int compression = 0;
  png_bytep profile = nullptr;
  png_uint_32 size = 0;
  if (png_get_iCCP(png_, info_, &name, &compression, &profile, &size)) {
    meaning.icc.assign(profile, profile + size);
    return meaning;
  }
  if (png_get_valid(png_, info_, PNG_INFO_sRGB))
    return meaning;
  // The value that programs write for sRGB.
  constexpr double usual_gamma = 0.45455, tolerance = 0.002;
  double gamma = 0;
  if (png_get_gAMA(png_, info_, &gamma) && gamma > 0.01 && gamma < 100 &&
      std::abs(gamma - usual_gamma) > tolerance)
    meaning.gamma = gamma;
  auto& xy = meaning.chromaticities;
  if (png_get_valid(png_, info_, PNG_INFO_cHRM))
    png_get_cHRM(png_, info_, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4], &xy[5], &xy[6], &xy[7]);
  return meaning;
}

int PngReader::orientation() const {
  png_bytep exif = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(png_, info_, &size, &exif) && exif)
    return exif_orientation(exif, size);
  return kUpright;
}

/// An interlaced picture, whose rows come in seven passes, each on a finer grid. Of a picture that
/// is too large the first passes alone are read: every second, fourth or eighth pixel.
struct Interlaced {
  int step = 1; ///< only pixels whose x and y are multiples are kept
  int width = 0, height = 0;
  std::vector<uint8_t> rows;
};

Interlaced read_passes(PngReader& png, int most_step, size_t pixel_bytes) {
  constexpr int passes_for_step[] = {0, 7, 5, 0, 3, 0, 0, 0, 1};
  const auto width = static_cast<int>(png.width()), height = static_cast<int>(png.height());
  Interlaced image;
  image.step = most_step;
  image.width = (width + image.step - 1) / image.step;
  image.height = (height + image.step - 1) / image.step;
  const size_t row_bytes = static_cast<size_t>(image.width) * pixel_bytes;
  image.rows.resize(row_bytes * static_cast<size_t>(image.height));
  std::vector<uint8_t> row(png.row_bytes());
  for (int pass = 0; pass < passes_for_step[image.step]; pass++) {
    const int columns = PNG_PASS_COLS(width, pass), rows = PNG_PASS_ROWS(height, pass);
    if (columns == 0)
      continue;
    for (int i = 0; i < rows; i++) {
      if (!png.read_row(row.data()))
        throw std::runtime_error(png.reason());
      const int y = PNG_ROW_FROM_PASS_ROW(i, pass) / image.step;
      uint8_t* to = &image.rows[static_cast<size_t>(y) * row_bytes];
      for (int j = 0; j < columns; j++) {
        const int x = PNG_COL_FROM_PASS_COL(j, pass) / image.step;
        std::memcpy(to + static_cast<size_t>(x) * pixel_bytes,
                    &row[static_cast<size_t>(j) * pixel_bytes], pixel_bytes);
      }
    }
  }
  return image;
}

Picture assemble_interlaced(PngReader& png, size_t file_size) {
  // Stored and converted pixels are in memory at once.
  constexpr uint64_t most_pixels = kMostFullPixels / 2;
  int step = 1;
  while (step < 8 && uint64_t{png.width()} * png.height() /
                             (static_cast<uint64_t>(step) * static_cast<uint64_t>(step)) >
                         most_pixels)
    step *= 2;
  if (!png.start(true))
    throw std::runtime_error(png.reason());
  const SampleLayout layout = png.layout();
  const RowConverter convert(layout, png.meaning());
  const int samples = layout.colours + (layout.alpha ? 1 : 0);
  const Interlaced image = read_passes(png, step, static_cast<size_t>(samples));
  RowAssembler assembler(image.width, image.height, convert.channels(),
                         reduction_for(static_cast<uint64_t>(image.width),
                                       static_cast<uint64_t>(image.height), convert.channels(),
                                       file_size + image.rows.size()),
                         png.orientation());
  std::vector<uint8_t> converted(static_cast<size_t>(image.width) * convert.channels());
  for (int y = 0; y < image.height; y++) {
    convert(&image.rows[static_cast<size_t>(y) * image.width * samples], converted.data(),
            image.width);
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace

Picture decode_png(const PictureBytes& file) {
  PngReader png(file);
  if (!png.read_header())
    throw std::runtime_error(png.reason());
  check_size(png.width(), png.height());
  if (png.interlaced())
    return assemble_interlaced(png, file.size);
  if (!png.start(false))
    throw std::runtime_error(png.reason());
  const RowConverter convert(png.layout(), png.meaning());
  const auto width = static_cast<int>(png.width()), height = static_cast<int>(png.height());
  RowAssembler assembler(width, height, convert.channels(),
                         reduction_for(png.width(), png.height(), convert.channels(), file.size),
                         png.orientation());
  std::vector<uint8_t> row(png.row_bytes());
  std::vector<uint8_t> converted(static_cast<size_t>(width) * convert.channels());
  for (int y = 0; y < height; y++) {
    if (!png.read_row(row.data()))
      throw std::runtime_error(png.reason());
    convert(row.data(), converted.data(), width);
    assembler.add(converted.data());
  }
  return assembler.take();
}

} // namespace fomo
