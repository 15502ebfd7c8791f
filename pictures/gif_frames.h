// SPDX-License-Identifier: LGPL-2.1-or-later
// What decodes GIF files by giflib: the first frame as a picture, all frames in gst/gif/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gif_lib.h>

namespace fomo {

constexpr int kMostGifSide = 8192;
constexpr int kMostGifCanvas = 30'000'000; // pixels of four bytes

/// The part of a file in memory that has not been read.
struct GifBytes {
  const uint8_t* next;
  size_t left;
};

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, CloseGif>;

[[noreturn]] inline void throw_gif_reason(int code) {
  const char* reason = GifErrorString(code);
  throw std::runtime_error(reason ? reason : "it is damaged");
}

/// Throws std::runtime_error with giflib's reason unless `outcome` is GIF_OK.
inline void check_gif(const Gif& gif, int outcome) {
  if (outcome != GIF_OK)
    throw_gif_reason(gif->Error);
}

/// Opens a file in memory; `bytes` must outlive the result. Throws std::runtime_error.
inline Gif open_gif(GifBytes& bytes) {
  const InputFunc read = [](GifFileType* gif, GifByteType* to, int count) {
    auto& rest = *static_cast<GifBytes*>(gif->UserData);
    const size_t taken = std::min(rest.left, static_cast<size_t>(std::max(count, 0)));
    std::memcpy(to, rest.next, taken);
    rest.next += taken;
    rest.left -= taken;
    return static_cast<int>(taken);
  };
  int code = 0;
  Gif gif(DGifOpen(&bytes, read, &code));
  if (!gif)
    throw_gif_reason(code);
  if (gif->SWidth < 1 || gif->SHeight < 1 || gif->SWidth > kMostGifSide ||
      gif->SHeight > kMostGifSide || gif->SWidth * gif->SHeight > kMostGifCanvas)
    throw std::runtime_error("it is of " + std::to_string(gif->SWidth) + "x" +
                             std::to_string(gif->SHeight) + " pixels");
  return gif;
}

/// Reads an extension; fills `control` if it is the control block of the next frame.
inline void read_gif_extension(const Gif& gif, GraphicsControlBlock& control) {
  int label = 0;
  GifByteType* block = nullptr;
  check_gif(gif, DGifGetExtension(gif.get(), &label, &block));
  GraphicsControlBlock read;
  if (label == GRAPHICS_EXT_FUNC_CODE && block &&
      DGifExtensionToGCB(block[0], block + 1, &read) == GIF_OK)
    control = read;
  while (block)
    check_gif(gif, DGifGetExtensionNext(gif.get(), &block));
}

/// The rows of a frame in the order in which the file stores them.
inline std::vector<int> gif_row_order(const GifImageDesc& frame) {
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

/// Decodes a frame, whose description was read, onto `canvas`: RGBA of the screen's size, packed.
/// `transparent`: index of the transparent colour; NO_TRANSPARENT_COLOR: there is none. Throws
/// std::runtime_error.
inline void draw_gif_frame(const Gif& gif, int transparent, uint8_t* canvas) {
  const GifImageDesc& frame = gif->Image;
  const ColorMapObject* colours = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
  if (!colours)
    throw std::runtime_error("it has no colours");
  const int width = gif->SWidth, height = gif->SHeight;
  if (frame.Width < 1 || frame.Height < 1 || frame.Width > kMostGifSide ||
      frame.Height > kMostGifSide)
    throw std::runtime_error("a frame of it has no size");
  std::vector<GifPixelType> line(static_cast<size_t>(frame.Width));
  for (const int row : gif_row_order(frame)) {
    check_gif(gif, DGifGetLine(gif.get(), line.data(), frame.Width));
    const int y = frame.Top + row;
    for (int i = 0; i < frame.Width && y < height; i++) {
      const int x = frame.Left + i, index = line[static_cast<size_t>(i)];
      if (x >= width || index == transparent || index >= colours->ColorCount)
        continue;
      const GifColorType& colour = colours->Colors[index];
      uint8_t* pixel = canvas + (static_cast<size_t>(y) * width + x) * 4;
      pixel[0] = colour.Red;
      pixel[1] = colour.Green;
      pixel[2] = colour.Blue;
      pixel[3] = 255;
    }
  }
}

} // namespace fomo
