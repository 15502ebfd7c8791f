// SPDX-License-Identifier: LGPL-2.1-or-later
// GIF files: the first frame on its canvas.
#include <cstring>
#include <stdexcept>

#include "pictures/decoders.h"
#include "pictures/gif_frames.h"

namespace fomo {

namespace {

Picture without_idle_alpha(Picture picture) {
  const size_t count = picture.pixels.size() / 4;
  for (size_t i = 0; i < count; i++)
    if (picture.pixels[4 * i + 3] != 255)
      return picture;
  for (size_t i = 0; i < count; i++)
    std::memmove(&picture.pixels[3 * i], &picture.pixels[4 * i], 3);
  picture.pixels.resize(3 * count);
  picture.channels = 3;
  return picture;
}

} // namespace

Picture decode_gif(const PictureBytes& file) {
  GifBytes rest{file.data, file.size};
  const Gif gif = open_gif(rest);
  GraphicsControlBlock control = {0, false, 0, NO_TRANSPARENT_COLOR};
  while (true) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    check_gif(gif, DGifGetRecordType(gif.get(), &record));
    if (record == IMAGE_DESC_RECORD_TYPE) {
      check_gif(gif, DGifGetImageDesc(gif.get()));
      Picture picture{gif->SWidth, gif->SHeight, 4, {}};
      picture.pixels.resize(static_cast<size_t>(gif->SWidth) * gif->SHeight * 4);
      draw_gif_frame(gif, control.TransparentColor, picture.pixels.data());
      return without_idle_alpha(std::move(picture));
    }
    if (record != EXTENSION_RECORD_TYPE)
      throw std::runtime_error("there is no frame in it");
    read_gif_extension(gif, control);
  }
}

} // namespace fomo
