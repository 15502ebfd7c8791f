// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/quick_decode.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>
#include <png.h>

namespace fomo {

namespace {

constexpr uint32_t kMostPixels = 16384; // of a side

uint32_t big_endian(const uint8_t* bytes, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++)
    value = value << 8 | bytes[i];
  return value;
}

bool fits(uint32_t width, uint32_t height) {
  return width > 0 && height > 0 && width <= kMostPixels && height <= kMostPixels;
}

/// Whether nothing in a PNG file's chunks asks for more than copying 8-bit RGB or RGBA: palettes,
/// greys and 16 bits, a transparent colour, a curve other than sRGB's.
bool is_plain_png(const uint8_t* data, size_t size) {
  constexpr size_t kSignature = 8, kHeader = 8, kChecksum = 4;
  constexpr uint32_t kUsualGamma = 45455;
  const auto is = [](const uint8_t* chunk, const char* type) {
    return std::memcmp(chunk + 4, type, 4) == 0;
  };
  const uint8_t* chunk = data + kSignature;
  size_t left = size - kSignature;
  for (bool first = true; left >= kHeader; first = false) {
    const uint32_t length = big_endian(chunk, 4);
    if (left < kHeader + kChecksum || length > left - kHeader - kChecksum)
      return false;
    const uint8_t* body = chunk + kHeader;
    if (first && (!is(chunk, "IHDR") || length != 13 || body[8] != 8 ||
                  (body[9] != PNG_COLOR_TYPE_RGB && body[9] != PNG_COLOR_TYPE_RGB_ALPHA)))
      return false;
    if (is(chunk, "tRNS") || is(chunk, "acTL") || is(chunk, "iCCP"))
      return false;
    if (is(chunk, "gAMA") && (length != 4 || big_endian(body, 4) != kUsualGamma))
      return false;
    if (is(chunk, "IDAT"))
      return true;
    chunk += kHeader + length + kChecksum;
    left -= kHeader + length + kChecksum;
  }
  return false;
}

std::optional<Picture> decode_png(const uint8_t* data, size_t size) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  if (!is_plain_png(data, size) || !png_image_begin_read_from_memory(&image, data, size))
    return {};
  std::optional<Picture> picture;
  if (fits(image.width, image.height)) {
    const bool alpha = (image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
    image.format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    picture = Picture{int(image.width), int(image.height), alpha ? 4 : 3, {}};
    picture->pixels.resize(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, nullptr, picture->pixels.data(), 0, nullptr) ||
        image.warning_or_error != 0)
      picture.reset();
  }
  png_image_free(&image);
  return picture;
}

/// libjpeg, whose errors jump back to where they are expected; it keeps silent.
class JpegReader {
 public:
  JpegReader(const uint8_t* data, size_t size) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) {
      std::longjmp(static_cast<JpegReader*>(info->client_data)->back_, 1);
    };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0)
        info->err->num_warnings++;
    };
    errors_.output_message = [](j_common_ptr) {};
    info_.client_data = this;
    usable_ = begin(data, size);
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// Whether it is an RGB or grey picture whose header is in order.
  bool usable() const { return usable_; }
  int width() const { return int(info_.image_width); }
  int height() const { return int(info_.image_height); }

  /// All rows as packed RGB; false at the first complaint.
  bool read(uint8_t* pixels) {
    if (setjmp(back_) != 0)
      return false;
    info_.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info_);
    const size_t row = size_t{info_.output_width} * 3;
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW line = pixels + row * info_.output_scanline;
      jpeg_read_scanlines(&info_, &line, 1);
    }
    jpeg_finish_decompress(&info_);
    return errors_.num_warnings == 0;
  }

 private:
  bool begin(const uint8_t* data, size_t size) {
    if (setjmp(back_) != 0)
      return false;
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, data, size);
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 16);
    jpeg_read_header(&info_, TRUE);
    for (auto* marker = info_.marker_list; marker; marker = marker->next)
      if (marker->data_length >= 4 && std::memcmp(marker->data, "Exif", 4) == 0)
        return false; // it may tell how to turn the picture
    const bool coloured = info_.jpeg_color_space == JCS_YCbCr ||
                          info_.jpeg_color_space == JCS_RGB ||
                          info_.jpeg_color_space == JCS_GRAYSCALE;
    return coloured && fits(info_.image_width, info_.image_height);
  }

  jpeg_decompress_struct info_ = {};
  jpeg_error_mgr errors_ = {};
  std::jmp_buf back_ = {};
  bool usable_ = false;
};

std::optional<Picture> decode_jpeg(const uint8_t* data, size_t size) {
  JpegReader reader(data, size);
  if (!reader.usable())
    return {};
  Picture picture{reader.width(), reader.height(), 3, {}};
  picture.pixels.resize(size_t(picture.width) * size_t(picture.height) * 3);
  if (!reader.read(picture.pixels.data()))
    return {};
  return picture;
}

} // namespace

std::optional<Picture> quick_decode(const uint8_t* data, size_t size) {
  constexpr uint8_t kPng[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  constexpr uint8_t kJpeg[] = {0xff, 0xd8, 0xff};
  if (size > sizeof kPng && std::memcmp(data, kPng, sizeof kPng) == 0)
    return decode_png(data, size);
  if (size > sizeof kJpeg && std::memcmp(data, kJpeg, sizeof kJpeg) == 0)
    return decode_jpeg(data, size);
  return {};
}

} // namespace fomo
