// SPDX-License-Identifier: LGPL-2.1-or-later
// Functions for the tests of pictures.
#pragma once

#include <gtest/gtest.h>

#include "common/error.h"
#include "pictures/picture.h"

namespace fomo::test {

/// Decodes a file. Errors call it "test".
inline Picture decode(const std::vector<uint8_t>& bytes) {
  return fomo::decode_picture(bytes.data(), bytes.size(), "test");
}

inline const uint8_t* pixel(const Picture& picture, int x, int y) {
  return &picture.pixels[(static_cast<size_t>(y) * picture.width + x) * picture.channels];
}

/// Calls `body`, which must throw, and returns the error.
template<typename Body>
fomo::Error error_of(Body body) {
  try {
    body();
  } catch (const fomo::Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {FOMO_OK, ""};
}

} // namespace fomo::test
