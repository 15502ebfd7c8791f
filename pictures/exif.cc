// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/exif.h"

#include <cstring>

namespace fomo {

namespace {

/// Numbers of a TIFF file in its byte order; 0 beyond its end.
struct TiffBytes {
  const uint8_t* data;
  size_t size;
  bool big_endian;

  uint32_t number(size_t at, int count) const {
    if (at > size || size - at < static_cast<size_t>(count))
      return 0;
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
      value = value << 8 | data[at + static_cast<size_t>(big_endian ? i : count - 1 - i)];
    return value;
  }
};

} // namespace

int exif_orientation(const uint8_t* data, size_t size) {
  constexpr uint32_t kOrientation = 0x112, kShort = 3;
  constexpr size_t kPrefix = 6, kEntry = 12;
  if (size >= kPrefix && std::memcmp(data, "Exif\0", 5) == 0) {
    data += kPrefix;
    size -= kPrefix;
  }
  if (size < 8 || (std::memcmp(data, "II", 2) != 0 && std::memcmp(data, "MM", 2) != 0))
    return kUpright;
  const TiffBytes tiff{data, size, data[0] == 'M'};
  const size_t directory = tiff.number(4, 4);
  const uint32_t entries = tiff.number(directory, 2);
  for (uint32_t i = 0; i < entries; i++) {
    const size_t entry = directory + 2 + i * kEntry;
    if (entry + kEntry > size)
      break;
    if (tiff.number(entry, 2) != kOrientation || tiff.number(entry + 2, 2) != kShort)
      continue;
    const uint32_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

} // namespace fomo
