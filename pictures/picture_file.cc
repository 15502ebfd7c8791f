// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdexcept>

#include <png.h>

#include "common/error.h"
#include "common/log.h"
#include "common/part_library.h"
#include "pictures/decoders.h"
#include "pictures/file_bytes.h"
#include "pictures/picture.h"
#include "pictures/picture_codecs.h"
#include "pictures/picture_kind.h"

namespace fomo {

namespace {

const PictureCodecs& codecs() {
  static const PictureCodecs& opened = [&]() -> const PictureCodecs& {
    const auto& table = *static_cast<const PictureCodecs*>(
        open_part({"libfomopictures.so", "pictures", kPictureCodecsEntry, kPictureCodecsVersion,
                   "The picture codecs, which this picture needs, cannot be opened",
                   "Reinstall fomotransfer, or save the picture as a PNG or JPEG file."}));
    table.set_log(
        [](int level, const char* message, void*) { log(static_cast<LogLevel>(level), message); },
        nullptr);
    return table;
  }();
  return opened;
}

Picture decode(PictureKind kind, const PictureBytes& file) {
  switch (kind) {
  case PictureKind::png:
    return decode_png(file);
  case PictureKind::jpeg:
    return decode_jpeg(file);
  case PictureKind::gif:
    return decode_gif(file);
  case PictureKind::bmp:
    return decode_bmp(file);
  default:
    return codecs().decode(kind, file);
  }
}

} // namespace

Picture decode_picture(const uint8_t* data, size_t size, const std::string& name) {
  if (size == 0)
    throw Error(FOMO_OPEN_READ, "Picture '" + name + "' is empty." + kPictureRemedy);
  const PictureKind kind = picture_kind(data, size);
  if (kind == PictureKind::unknown) {
    const char* foreign = foreign_kind(data, size);
    throw Error(FOMO_WRONG_TYPE, "Cannot decode '" + name + "': it is " +
                                     (foreign ? foreign : "not a picture of a known format") + "." +
                                     kPictureRemedy);
  }
  try {
    return decode(kind, {data, size});
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& reason) {
    throw Error(FOMO_WRONG_TYPE, std::string("Cannot decode ") + kind_name(kind) + " file '" +
                                     name + "': " + reason.what() + "." + kPictureRemedy);
  }
}

Picture load_picture(const std::string& path) {
  const std::vector<uint8_t> bytes = read_picture_file(path);
  return decode_picture(bytes.data(), bytes.size(), path);
}

void save_picture(const Picture& picture, const std::string& path) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  const bool written =
      png_image_write_to_file(&image, path.c_str(), 0, picture.pixels.data(), 0, nullptr);
  const std::string reason = image.message;
  png_image_free(&image);
  if (!written)
    throw Error(FOMO_FAILED, "Cannot write picture '" + path + "': " + reason +
                                 ". Choose a folder that can be written to.");
}

} // namespace fomo
