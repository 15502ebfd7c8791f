// SPDX-License-Identifier: LGPL-2.1-or-later
// GIF files: the first frame on its canvas.
#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <gif_lib.h>

#include "pictures/decoders.h"

namespace fomo {

namespace {

constexpr int kMostSide = 8192;
constexpr int kMostCanvas = 30'000'000; // pixels of four bytes

/// The part of a file in memory that has not been read.
struct Rest {
  const uint8_t* next;
  size_t left;
};

int read_rest(GifFileType* gif, GifByteType* to, int count) {
  auto& rest = *static_cast<Rest*>(gif->UserData);
  const size_t taken = std::min(rest.left, static_cast<size_t>(std::max(count, 0)));
  std::memcpy(to, rest.next, taken);
  rest.next += taken;
  rest.left -= taken;
  return static_cast<int>(taken);
}

[[noreturn]] void throw_reason(int code) {
  const char* reason = GifErrorString(code);
  throw std::runtime_error(reason ? reason : "it is damaged");
}

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, CloseGif>;

void check(const Gif& gif, int outcome) {
  if (outcome != GIF_OK)
    throw_reason(gif->Error);
}

/// The rows of a frame in the order in which the file stores them.
std::vector<int> row_order(const GifImageDesc& frame) {
  std::vector<int> rows;
  const int passes[][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  if (frame.Interlace)
    for (const auto& [first, step] : passes)
      for (int y = first; y < frame.Height; y += step)
        rows.push_back(y);
  else
    for (int y = 0; y < frame.Height; y++)
      rows.push_back(y);
  return rows;
}

/// Reads the next frame onto an empty canvas. `transparent`: index of the transparent colour; -1:
/// there is none.
Picture read_frame(const Gif& gif, int transparent) {
  check(gif, DGifGetImageDesc(gif.get()));
  const GifImageDesc& frame = gif->Image;
  const ColorMapObject* colours = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
  if (!colours)
    throw std::runtime_error("it has no colours");
  const int width = gif->SWidth, height = gif->SHeight;
  if (frame.Width < 1 || frame.Height < 1 || frame.Width > kMostSide || frame.Height > kMostSide)
    throw std::runtime_error("its first frame has no size");
  Picture picture{width, height, 4, std::vector<uint8_t>(static_cast<size_t>(width) * height * 4)};
  std::vector<GifPixelType> line(static_cast<size_t>(frame.Width));
  for (const int row : row_order(frame)) {
    check(gif, DGifGetLine(gif.get(), line.data(), frame.Width));
    const int y = frame.Top + row;
    for (int i = 0; i < frame.Width && y < height; i++) {
      const int x = frame.Left + i, index = line[static_cast<size_t>(i)];
      if (x >= width || index == transparent || index >= colours->ColorCount)
        continue;
      const GifColorType& colour = colours->Colors[index];
      uint8_t* pixel = &picture.pixels[(static_cast<size_t>(y) * width + x) * 4];
      pixel[0] = colour.Red;
      pixel[1] = colour.Green;
      pixel[2] = colour.Blue;
      pixel[3] = 255;
    }
  }
  return picture;
}

/// Reads an extension; sets `transparent` if the extension names a transparent colour.
void read_extension(const Gif& gif, int& transparent) {
  int label = 0;
  GifByteType* block = nullptr;
  check(gif, DGifGetExtension(gif.get(), &label, &block));
  GraphicsControlBlock control;
  if (label == GRAPHICS_EXT_FUNC_CODE && block &&
      DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
    transparent = control.TransparentColor;
  while (block)
    check(gif, DGifGetExtensionNext(gif.get(), &block));
}

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
  Rest rest{file.data, file.size};
  int code = 0;
  const Gif gif(DGifOpen(&rest, read_rest, &code));
  if (!gif)
    throw_reason(code);
  if (gif->SWidth < 1 || gif->SHeight < 1 || gif->SWidth > kMostSide || gif->SHeight > kMostSide ||
      gif->SWidth * gif->SHeight > kMostCanvas)
    throw std::runtime_error("it is of " + std::to_string(gif->SWidth) + "x" +
                             std::to_string(gif->SHeight) + " pixels");
  int transparent = NO_TRANSPARENT_COLOR;
  while (true) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    check(gif, DGifGetRecordType(gif.get(), &record));
    if (record == IMAGE_DESC_RECORD_TYPE)
      return without_idle_alpha(read_frame(gif, transparent));
    if (record != EXTENSION_RECORD_TYPE)
      throw std::runtime_error("there is no frame in it");
    read_extension(gif, transparent);
  }
}

} // namespace fomo
