// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/sha256.h"

#include <algorithm>
#include <cstring>

namespace fomo {
namespace {

// FIPS 180-4, 4.2.2.
constexpr uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

uint32_t rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

uint32_t load_big_endian(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

} // namespace

/// FIPS 180-4, 6.2.2; the letters are the standard's.
void Sha256::add_block(const unsigned char* block) {
  uint32_t schedule[64];
  for (int t = 0; t < 16; ++t)
    schedule[t] = load_big_endian(block + 4 * t);
  for (int t = 16; t < 64; ++t) {
    const uint32_t early = schedule[t - 15], late = schedule[t - 2];
    schedule[t] = (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10) + schedule[t - 7] +
                  (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + schedule[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (int t = 0; t < 64; ++t) {
    const uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) +
                        round_constants[t] + schedule[t];
    const uint32_t t2 =
        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const uint32_t sums[] = {a, b, c, d, e, f, g, h};
  for (size_t i = 0; i < state_.size(); ++i)
    state_[i] += sums[i];
}

void Sha256::add(const void* bytes, size_t count) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  size_t held = count_ % rest_.size();
  count_ += count;
  if (held != 0) {
    const size_t taken = std::min(count, rest_.size() - held);
    std::memcpy(rest_.data() + held, from, taken);
    from += taken;
    count -= taken;
    if (held + taken < rest_.size())
      return;
    add_block(rest_.data());
  }
  for (; count >= rest_.size(); from += rest_.size(), count -= rest_.size())
    add_block(from);
  if (count != 0)
    std::memcpy(rest_.data(), from, count);
}

std::string Sha256::digest() {
  const uint64_t bits = 8 * count_;
  const unsigned char one = 0x80, zero = 0;
  add(&one, 1);
  while (count_ % rest_.size() != rest_.size() - 8)
    add(&zero, 1);
  unsigned char length[8];
  for (int i = 0; i < 8; ++i)
    length[i] = static_cast<unsigned char>(bits >> (56 - 8 * i));
  add(length, sizeof length);
  std::string text;
  for (const uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4)
      text += "0123456789abcdef"[word >> shift & 15];
  return text;
}

} // namespace fomo
