// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/thumbnail.h"

#include <png.h>

#include "common/error.h"
#include "pictures/file_bytes.h"
#include "pictures/picture.h"
#include "pictures/picture_framing.h"

namespace fomo::live {

std::string make_thumbnail(const std::string& path, const std::string& name) {
  constexpr int side = 128;
  const std::vector<uint8_t> bytes = read_picture_file(path);
  const Picture picture = decode_picture(bytes.data(), bytes.size(), name);
  const auto pixels = resize_region(
      picture, crop_region(FOMO_CROP_CENTER, picture.width, picture.height), side, side);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = side;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (!png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr))
    throw Error(FOMO_FAILED, "The small picture of '" + name + "' cannot be made.");
  file.resize(size);
  return file;
}

} // namespace fomo::live
