// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fomo {

/// A supplemental enhancement information message of H.26x: its type and its payload.
struct SeiMessage {
  unsigned type = 0;
  const uint8_t* payload = nullptr;
  size_t size = 0;   ///< bytes of the payload
  size_t length = 0; ///< bytes of the whole message
};

/// The most bytes of a payload that are read or written.
constexpr size_t kMostPayload = 65536;

/// The message: type, size, payload.
std::vector<uint8_t> write_sei(unsigned type, const std::vector<uint8_t>& payload);

enum class SeiOutcome { message, incomplete, damaged };

/// Reads the message at the beginning of `data`. `incomplete`: `data` ends before the message does.
SeiOutcome read_sei(const uint8_t* data, size_t size, SeiMessage& message);

/// What a stream of motion begins with: which model it is for, and its clock. On the wire it is a
/// message of the type user_data_unregistered with a UUID of ours.
struct MotionHeader {
  std::string model_name;   ///< at most 255 bytes
  std::string model_sha256; ///< 64 hexadecimal digits, or empty: unknown
  uint32_t keypoints = 0;
  uint32_t tick_num = 1, tick_den = 25; ///< length of a tick, seconds
};

std::vector<uint8_t> write_motion_header(const MotionHeader& header);
/// Returns false if the message is not a header, or is damaged.
bool read_motion_header(const SeiMessage& message, MotionHeader& header);

} // namespace fomo
