// SPDX-License-Identifier: LGPL-2.1-or-later
#include "payload/sei.h"

#include <algorithm>
#include <cstring>

#include "api/engine_api.h"

namespace fomo {

namespace {

constexpr unsigned kUserData = FOMO_MOTION_HEADER_TYPE;
constexpr uint8_t kVersion = 1;
constexpr size_t kDigest = 32;
constexpr uint8_t kUuid[16] = FOMO_MOTION_HEADER_UUID;

void write_number(size_t value, std::vector<uint8_t>& bytes) {
  for (; value >= 255; value -= 255)
    bytes.push_back(255);
  bytes.push_back(static_cast<uint8_t>(value));
}

void write_big_endian(uint32_t value, int count, std::vector<uint8_t>& bytes) {
  for (int i = count; i-- > 0;)
    bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

uint32_t read_big_endian(const uint8_t* data, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++)
    value = value << 8 | data[i];
  return value;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

std::vector<uint8_t> write_sei(unsigned type, const std::vector<uint8_t>& payload) {
  std::vector<uint8_t> bytes;
  write_number(type, bytes);
  write_number(payload.size(), bytes);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

SeiOutcome read_sei(const uint8_t* data, size_t size, SeiMessage& message) {
  size_t at = 0;
  const auto number = [&](size_t most, size_t& value) {
    value = 0;
    while (at < size) {
      const uint8_t byte = data[at++];
      value += byte;
      if (value > most)
        return SeiOutcome::damaged;
      if (byte != 255)
        return SeiOutcome::message;
    }
    return SeiOutcome::incomplete;
  };
  size_t type = 0, length = 0;
  SeiOutcome outcome = number(1023, type);
  if (outcome == SeiOutcome::message)
    outcome = number(kMostPayload, length);
  if (outcome != SeiOutcome::message)
    return outcome;
  if (size - at < length)
    return SeiOutcome::incomplete;
  message = {static_cast<unsigned>(type), data + at, length, at + length};
  return SeiOutcome::message;
}

std::vector<uint8_t> write_motion_header(const MotionHeader& header) {
  std::vector<uint8_t> payload(kUuid, kUuid + sizeof kUuid);
  payload.push_back(kVersion);
  write_big_endian(header.keypoints, 2, payload);
  write_big_endian(header.tick_num, 4, payload);
  write_big_endian(header.tick_den, 4, payload);
  for (size_t i = 0; i < kDigest; i++)
    payload.push_back(header.model_sha256.size() == 2 * kDigest
                          ? static_cast<uint8_t>(16 * digit_of(header.model_sha256[2 * i]) +
                                                 digit_of(header.model_sha256[2 * i + 1]))
                          : 0);
  const std::string name = header.model_name.substr(0, 255);
  payload.push_back(static_cast<uint8_t>(name.size()));
  payload.insert(payload.end(), name.begin(), name.end());
  return write_sei(kUserData, payload);
}

bool read_motion_header(const SeiMessage& message, MotionHeader& header) {
  constexpr size_t fixed = sizeof kUuid + 1 + 2 + 4 + 4 + kDigest + 1;
  if (message.type != kUserData || message.size < fixed ||
      std::memcmp(message.payload, kUuid, sizeof kUuid) != 0 ||
      message.payload[sizeof kUuid] != kVersion)
    return false;
  const uint8_t* at = message.payload + sizeof kUuid + 1;
  header.keypoints = read_big_endian(at, 2);
  header.tick_num = read_big_endian(at + 2, 4);
  header.tick_den = read_big_endian(at + 6, 4);
  at += 10;
  header.model_sha256.clear();
  if (std::any_of(at, at + kDigest, [](uint8_t byte) { return byte != 0; }))
    for (size_t i = 0; i < kDigest; i++)
      for (const int digit : {at[i] / 16, at[i] % 16})
        header.model_sha256.push_back("0123456789abcdef"[digit]);
  const size_t length = at[kDigest];
  if (message.size < fixed + length || header.tick_num == 0 || header.tick_den == 0 ||
      header.keypoints == 0)
    return false;
  header.model_name.assign(reinterpret_cast<const char*>(at) + kDigest + 1, length);
  // It goes into messages and caps.
  for (char& c : header.model_name)
    if (c < ' ' || c > '~')
      c = '?';
  return true;
}

} // namespace fomo
