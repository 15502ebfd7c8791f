// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/mp4_boxes.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "common/error.h"
#include "common/regular_file.h"
#include "model/checkpoint/pending_file.h"

namespace fomo {

namespace {

// XMP specification, part 3: the type of the `uuid` box in ISO base media files.
constexpr uint8_t kXmpUuid[16] = {0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8,
                                  0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac};
constexpr uint64_t kMostPacket = 16 << 20;

struct Box {
  uint64_t start, content, end; ///< offsets in the file
  bool to_end;                  ///< its size says "to the end of the file"
  bool xmp;
};

uint64_t number(const uint8_t* bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++)
    value = value << 8 | bytes[i];
  return value;
}

/// The top-level boxes; none if the file is not an MP4 file.
std::vector<Box> boxes_of(const RegularFile& file) {
  std::vector<Box> boxes;
  for (uint64_t at = 0; at + 8 <= file.size();) {
    uint8_t head[32] = {};
    file.read(at, head, std::min<uint64_t>(sizeof head, file.size() - at));
    if (boxes.empty() && std::memcmp(head + 4, "ftyp", 4) != 0)
      return {};
    uint64_t size = number(head, 4), header = 8;
    const bool to_end = size == 0;
    if (size == 1) {
      size = number(head + 8, 8);
      header = 16;
    } else if (to_end) {
      size = file.size() - at;
    }
    if (size < header || size > file.size() - at)
      return {};
    const bool xmp = std::memcmp(head + 4, "uuid", 4) == 0 && size >= header + 16 &&
                     std::memcmp(head + header, kXmpUuid, 16) == 0;
    boxes.push_back({at, at + header + (xmp ? 16 : 0), at + size, to_end, xmp});
    at += size;
  }
  return boxes;
}

void copy(const RegularFile& from, uint64_t start, uint64_t end, PendingFile& to) {
  std::vector<uint8_t> part(1 << 20);
  for (uint64_t at = start; at < end;) {
    const uint64_t count = std::min<uint64_t>(part.size(), end - at);
    from.read(at, part.data(), count);
    to.write(part.data(), count);
    at += count;
  }
}

} // namespace

std::string read_xmp(const std::string& path) {
  const RegularFile file(path);
  for (const Box& box : boxes_of(file)) {
    if (!box.xmp || box.end - box.content > kMostPacket)
      continue;
    std::string packet(box.end - box.content, '\0');
    file.read(box.content, packet.data(), packet.size());
    return packet;
  }
  return {};
}

void write_xmp(const std::string& path, const std::string& output, const std::string& packet) {
  const RegularFile file(path);
  const std::vector<Box> boxes = boxes_of(file);
  if (boxes.empty())
    throw Error(FOMO_WRONG_TYPE, "'" + path +
                                     "' is not a whole MP4 file. Write it with mp4mux, or convert "
                                     "it to MP4 first.");
  // A box before others can be removed only if no offset behind it counts: it becomes free space.
  PendingFile written(output);
  for (const Box& box : boxes) {
    if (box.to_end)
      throw Error(FOMO_WRONG_TYPE, "The last box of '" + path +
                                       "' has no size, so nothing can follow it. Remux the file.");
    if (!box.xmp) {
      copy(file, box.start, box.end, written);
    } else if (box.end != file.size()) {
      copy(file, box.start, box.start + 4, written);
      written.write("free", 4);
      copy(file, box.start + 8, box.end, written);
    }
  }
  const uint64_t size = 8 + sizeof kXmpUuid + packet.size();
  const uint8_t head[8] = {static_cast<uint8_t>(size >> 24),
                           static_cast<uint8_t>(size >> 16),
                           static_cast<uint8_t>(size >> 8),
                           static_cast<uint8_t>(size),
                           'u',
                           'u',
                           'i',
                           'd'};
  written.write(head, sizeof head);
  written.write(kXmpUuid, sizeof kXmpUuid);
  written.write(packet.data(), packet.size());
  written.finish();
}

} // namespace fomo
