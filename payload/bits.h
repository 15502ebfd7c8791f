// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fomo {

/// Writes bits, the most significant first, with the codes of H.26x.
class BitWriter {
 public:
  void bit(bool value) { bits(value ? 1 : 0, 1); }
  /// u(count), count at most 32.
  void bits(uint32_t value, int count) {
    for (int i = count; i-- > 0;) {
      if (used_ % 8 == 0)
        bytes_.push_back(0);
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | ((value >> i & 1U) << (7 - used_ % 8)));
      used_++;
    }
  }
  /// ue(v): an unsigned Exp-Golomb code of a value below 2^32 - 1.
  void ue(uint32_t value) {
    int length = 0;
    for (uint64_t rest = uint64_t{value} + 1; rest > 1; rest >>= 1)
      length++;
    bits(0, length);
    bit(true);
    bits(static_cast<uint32_t>(uint64_t{value} + 1 - (uint64_t{1} << length)), length);
  }
  /// se(v): a signed Exp-Golomb code.
  void se(int32_t value) {
    const int64_t wide = value;
    ue(static_cast<uint32_t>(wide > 0 ? 2 * wide - 1 : -2 * wide));
  }
  /// The bytes, with zeros up to the end of the last one.
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  size_t used_ = 0; ///< bits
};

/// Reads what BitWriter writes. Beyond the end every bit is 0, and ok() is false.
class BitReader {
 public:
  BitReader(const uint8_t* data, size_t size) : data_(data), left_(8 * size) {}

  bool ok() const { return ok_; }
  /// Bits that are left.
  size_t left() const { return left_; }
  bool bit() { return bits(1) != 0; }
  uint32_t bits(int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; i++) {
      value <<= 1;
      if (left_ == 0) {
        ok_ = false;
        continue;
      }
      value |= data_[at_ / 8] >> (7 - at_ % 8) & 1U;
      at_++;
      left_--;
    }
    return value;
  }
  uint32_t ue() {
    int length = 0;
    while (ok_ && !bit())
      length++;
    if (length > 31) {
      ok_ = false;
      return 0;
    }
    return ok_ ? (1U << length) - 1 + bits(length) : 0;
  }
  int32_t se() {
    const uint32_t code = ue();
    const auto half = static_cast<int32_t>(code / 2);
    return code % 2 ? half + 1 : -half;
  }

 private:
  const uint8_t* data_;
  size_t at_ = 0, left_; ///< bits
  bool ok_ = true;
};

} // namespace fomo
