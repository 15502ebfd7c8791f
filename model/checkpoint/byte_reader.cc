// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/byte_reader.h"

#include <algorithm>

namespace fomo {
namespace {

/// Large enough for most files' pickles to be a few reads, small beside them.
constexpr uint64_t part_size = 64 << 10;

} // namespace

std::string_view ByteReader::line() {
  for (size_t searched = 0;;) {
    const size_t end = window_.find('\n', at_ + searched);
    if (end != std::string_view::npos) {
      const std::string_view taken = window_.substr(at_, end - at_);
      at_ = end + 1;
      return taken;
    }
    searched = window_.size() - at_;
    // Twice as much each time: a long line is searched and copied twice at most.
    read_part(std::max<uint64_t>(searched + 1, std::min<uint64_t>(2 * searched, left())));
  }
}

void ByteReader::read_part(uint64_t size) {
  if (size > left())
    throw TruncatedError("ends too early. Download or copy it again.");
  const uint64_t begin = position(), end = std::min(end_, max_description);
  if (begin > end || size > end - begin)
    throw_too_many_objects();
  const uint64_t wanted = std::min(std::max(size, part_size), end - begin);
  std::unique_ptr<char[]> part(new char[wanted]);
  file_->read(begin, part.get(), wanted);
  window_ = {part.get(), static_cast<size_t>(wanted)};
  at_ = 0;
  start_ = begin;
  parts_->push_back(std::move(part));
}

} // namespace fomo
