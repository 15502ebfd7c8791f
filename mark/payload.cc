// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/payload.h"

namespace fomo {

namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kSign = 0x80; // this bit inverts the codeword; the others select a Walsh function

bool odd_parity(unsigned bits) {
  bool odd = false;
  for (; bits; bits &= bits - 1)
    odd = !odd;
  return odd;
}

} // namespace

uint8_t payload_bits(const MarkPayload& payload) {
  return static_cast<uint8_t>(kVersion << 5 | payload.builtin_model << 4 |
                              payload.whole_picture << 3);
}

std::optional<MarkPayload> payload_of(uint8_t bits) {
  const MarkPayload payload{(bits & 0x10) != 0, (bits & 0x08) != 0};
  if (payload_bits(payload) != bits)
    return std::nullopt;
  return payload;
}

std::array<int8_t, kCodeLength> codeword(uint8_t bits) {
  std::array<int8_t, kCodeLength> chips;
  for (unsigned i = 0; i < kCodeLength; i++)
    chips[i] = odd_parity(bits & i) != ((bits & kSign) != 0) ? -1 : 1;
  return chips;
}

} // namespace fomo
