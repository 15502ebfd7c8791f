// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "pictures/decoders.h"
#include "pictures/row_assembler.h"

namespace fomo {

Picture upright_srgb(Picture picture, const ColourMeaning& meaning, int orientation) {
  const RowConverter convert({3, picture.channels == 4, 8, false}, meaning);
  if (convert.copies() && orientation == kUpright)
    return picture;
  RowAssembler assembler(picture.width, picture.height, picture.channels, 1, orientation);
  const size_t row_bytes = static_cast<size_t>(picture.width) * picture.channels;
  std::vector<uint8_t> row(row_bytes);
  for (int y = 0; y < picture.height; y++) {
    convert(&picture.pixels[row_bytes * y], row.data(), picture.width);
    assembler.add(row.data());
  }
  return assembler.take();
}

void unpremultiply(uint8_t* row, int count) {
  for (int i = 0; i < count; i++, row += 4)
    if (const int alpha = row[3]; alpha > 0 && alpha < 255)
      for (int c = 0; c < 3; c++)
        row[c] = static_cast<uint8_t>(std::min(255, (row[c] * 255 + alpha / 2) / alpha));
}

} // namespace fomo
