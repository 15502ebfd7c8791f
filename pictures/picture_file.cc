// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/error.h"
#include "common/part_library.h"
#include "pictures/file_bytes.h"
#include "pictures/gif.h"
#include "pictures/picture.h"
#include "pictures/picture_codecs.h"
#include "pictures/quick_decode.h"

namespace fomo {

namespace {

const PictureCodecs& codecs() {
  static const auto& opened = *static_cast<const PictureCodecs*>(
      open_part({"libfomopictures.so", "pictures", kPictureCodecsEntry, kPictureCodecsVersion,
                 "OpenCV's picture codecs, which this picture needs, cannot be opened",
                 "Reinstall fomotransfer, or make the picture an 8-bit RGB PNG file."}));
  return opened;
}

} // namespace

Picture decode_picture(const uint8_t* data, size_t size, const std::string& name) {
  if (size == 0)
    throw Error(FOMO_OPEN_READ, "Picture '" + name + "' is empty." + kPictureRemedy);
  if (std::optional<Picture> picture = quick_decode(data, size))
    return *std::move(picture);
  if (is_gif(data, size))
    try {
      return decode_gif(data, size);
    } catch (const std::runtime_error& damage) {
      throw Error(FOMO_WRONG_TYPE,
                  "Cannot decode GIF file '" + name + "': " + damage.what() + "." + kPictureRemedy);
    }
  return codecs().decode(data, size, name);
}

Picture load_picture(const std::string& path) {
  const std::vector<uint8_t> bytes = read_picture_file(path);
  return decode_picture(bytes.data(), bytes.size(), path);
}

void save_picture(const Picture& picture, const std::string& path) { codecs().save(picture, path); }

} // namespace fomo
