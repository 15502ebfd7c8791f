// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "pictures/gif_frames.h"

namespace fomo {

/// Decodes the frames of a GIF file one after the other, as a viewer shows them.
class GifDecoder {
 public:
  /// `bytes` must outlive the decoder. Throws std::runtime_error.
  GifDecoder(const uint8_t* bytes, size_t size);

  int width() const { return gif_->SWidth; }
  int height() const { return gif_->SHeight; }
  /// Hundredths of a second that every frame is shown, if it is the same for all; otherwise 0.
  int common_delay() const { return common_delay_; }

  /// Decodes the next frame. False after the last one. A damaged rest counts as the end, as viewers
  /// have it, unless there is no frame before it: then throws std::runtime_error.
  bool next();
  /// The frame: RGBA, straight alpha, packed.
  const std::vector<uint8_t>& pixels() const { return canvas_; }
  /// Hundredths of a second that the frame is shown.
  int delay() const { return delay_; }

 private:
  bool advance();
  void dispose();

  GifBytes rest_;
  Gif gif_;
  int common_delay_ = 0, delay_ = 0, frames_ = 0;
  std::vector<uint8_t> canvas_, before_; // `before_`: to be restored
  int disposal_ = DISPOSAL_UNSPECIFIED;
  GifImageDesc drawn_{};
};

} // namespace fomo
