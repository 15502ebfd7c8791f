// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace fomo {

/// IEEE 754 binary16 to binary32, exactly.
inline float half_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = bits >> 10 & 31;
  const uint32_t fraction = bits & 1023;
  uint32_t result;
  if (exponent == 31)
    result = sign | 0x7f800000 | fraction << 13; // infinity or NaN
  else if (exponent != 0)
    result = sign | (exponent + 112) << 23 | fraction << 13;
  else { // zero or subnormal: fraction * 2^-24
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  float value;
  std::memcpy(&value, &result, sizeof value);
  return value;
}

/// The nearest binary16 (ties to even); infinity beyond 65504.
inline uint16_t float_to_half(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const float magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520)
    return sign | 0x7c00;
  if (magnitude < 0x1p-14f) // a subnormal: multiples of 2^-24
    return sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f));
  bits &= 0x7fffffff;
  const uint32_t rounded = bits + 0xfff + (bits >> 13 & 1);
  return sign | static_cast<uint16_t>((rounded >> 13) - (112 << 10));
}

} // namespace fomo
