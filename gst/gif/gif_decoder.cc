// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/gif/gif_decoder.h"

#include <algorithm>

namespace fomo {

namespace {

constexpr GraphicsControlBlock kNoControl = {DISPOSAL_UNSPECIFIED, false, 0, NO_TRANSPARENT_COLOR};

/// Viewers show frames without a delay, or with the shortest one, for a tenth of a second.
int shown_for(const GraphicsControlBlock& control) {
  constexpr int least = 2, usual = 10;
  return control.DelayTime < least ? usual : control.DelayTime;
}

/// Reads up to the next frame's description. False at the end of the file.
bool find_frame(const Gif& gif, GraphicsControlBlock& control) {
  control = kNoControl;
  while (true) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    check_gif(gif, DGifGetRecordType(gif.get(), &record));
    if (record == EXTENSION_RECORD_TYPE) {
      read_gif_extension(gif, control);
      continue;
    }
    if (record != IMAGE_DESC_RECORD_TYPE)
      return false;
    check_gif(gif, DGifGetImageDesc(gif.get()));
    return true;
  }
}

/// The delay that all frames have in common; 0: there is none.
int common_delay_of(const uint8_t* bytes, size_t size) {
  GifBytes rest{bytes, size};
  const Gif gif = open_gif(rest);
  int common = 0;
  try {
    GraphicsControlBlock control;
    while (find_frame(gif, control)) {
      const int delay = shown_for(control);
      if (common != 0 && delay != common)
        return 0;
      common = delay;
      int code_size = 0;
      GifByteType* block = nullptr;
      check_gif(gif, DGifGetCode(gif.get(), &code_size, &block));
      while (block)
        check_gif(gif, DGifGetCodeNext(gif.get(), &block));
    }
  } catch (const std::runtime_error&) {
    // The frames before the damage count.
  }
  return common;
}

} // namespace

GifDecoder::GifDecoder(const uint8_t* bytes, size_t size)
    : rest_{bytes, size}, gif_(open_gif(rest_)), common_delay_(common_delay_of(bytes, size)),
      canvas_(static_cast<size_t>(gif_->SWidth) * gif_->SHeight * 4) {}

/// What becomes of the frame before, now that it has been shown.
void GifDecoder::dispose() {
  if (disposal_ == DISPOSE_PREVIOUS && !before_.empty())
    canvas_ = before_;
  if (disposal_ != DISPOSE_BACKGROUND)
    return;
  const int left = std::clamp(drawn_.Left, 0, width()),
            right = std::clamp(drawn_.Left + drawn_.Width, left, width());
  for (int y = std::max(0, drawn_.Top); y < std::min(height(), drawn_.Top + drawn_.Height); y++) {
    uint8_t* row = canvas_.data() + static_cast<size_t>(y) * width() * 4;
    std::fill(row + ptrdiff_t{4} * left, row + ptrdiff_t{4} * right, uint8_t{0});
  }
}

bool GifDecoder::advance() {
  GraphicsControlBlock control;
  if (!find_frame(gif_, control))
    return false;
  dispose();
  disposal_ = control.DisposalMode;
  if (disposal_ == DISPOSE_PREVIOUS)
    before_ = canvas_;
  drawn_ = gif_->Image;
  draw_gif_frame(gif_, control.TransparentColor, canvas_.data());
  delay_ = shown_for(control);
  frames_++;
  return true;
}

bool GifDecoder::next() {
  try {
    return advance();
  } catch (const std::runtime_error&) {
    if (frames_ == 0)
      throw;
    return false;
  }
}

} // namespace fomo
