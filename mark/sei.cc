// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/sei.h"

#include <algorithm>
#include <cstring>

namespace fomo {

// A version 5 UUID without zero bytes, so that it needs no emulation prevention.
const std::array<uint8_t, 16> kSeiUuid = {0x9d, 0x1f, 0x6c, 0x2e, 0x47, 0xb3, 0x5a, 0x8d,
                                          0xa4, 0x66, 0x6f, 0x6d, 0x6f, 0x6d, 0x72, 0x6b};

namespace {

constexpr unsigned kUserDataUnregistered = 5; // payloadType, in both codecs
constexpr int kH264Sei = 6, kH265PrefixSei = 39, kH265SuffixSei = 40;
constexpr int kH264FirstSlice = 1, kH264LastSlice = 5, kH265LastSlice = 31;

struct Nal {
  size_t start;  // of what separates it from the NAL unit before: start code or length
  size_t header; // of its first byte
  size_t end;
};

int type_of(VideoCodec codec, uint8_t header) {
  return codec == VideoCodec::h264 ? header & 0x1f : header >> 1 & 0x3f;
}

size_t header_size(VideoCodec codec) { return codec == VideoCodec::h264 ? 1 : 2; }

bool is_slice(VideoCodec codec, int type) {
  return codec == VideoCodec::h264 ? type >= kH264FirstSlice && type <= kH264LastSlice
                                   : type <= kH265LastSlice;
}

bool is_sei(VideoCodec codec, int type) {
  return codec == VideoCodec::h264 ? type == kH264Sei
                                   : type == kH265PrefixSei || type == kH265SuffixSei;
}

/// NAL units after start codes 00 00 01. A zero before the start code belongs to it.
std::vector<Nal> nals_after_start_codes(const uint8_t* data, size_t size) {
  std::vector<Nal> nals;
  for (size_t i = 0; i + 3 < size; i++) {
    const auto* zero = static_cast<const uint8_t*>(std::memchr(data + i, 0, size - i));
    if (!zero)
      break;
    i = static_cast<size_t>(zero - data);
    if (i + 3 >= size || data[i + 1] != 0 || data[i + 2] != 1)
      continue;
    const size_t start = i > 0 && data[i - 1] == 0 ? i - 1 : i;
    if (!nals.empty())
      nals.back().end = start;
    nals.push_back({start, i + 3, size});
    i += 2;
  }
  return nals;
}

std::vector<Nal> nals_after_lengths(const uint8_t* data, size_t size, int length_size) {
  std::vector<Nal> nals;
  for (size_t at = 0; at < size;) {
    if (size - at < static_cast<size_t>(length_size))
      return {};
    size_t length = 0;
    for (int i = 0; i < length_size; i++)
      length = length << 8 | data[at + i];
    const size_t header = at + length_size;
    if (length == 0 || length > size - header)
      return {};
    nals.push_back({at, header, header + length});
    at = header + length;
  }
  return nals;
}

std::vector<Nal> nals_of(const uint8_t* data, size_t size, const NalFormat& format) {
  return format.length_size == 0 ? nals_after_start_codes(data, size)
                                 : nals_after_lengths(data, size, format.length_size);
}

/// Bytes with 00 00 03 0x back to 00 00 0x.
std::vector<uint8_t> without_emulation_prevention(const uint8_t* data, size_t size) {
  std::vector<uint8_t> result;
  result.reserve(size);
  int zeros = 0;
  for (size_t i = 0; i < size; i++) {
    if (zeros >= 2 && data[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = data[i] == 0 ? zeros + 1 : 0;
    result.push_back(data[i]);
  }
  return result;
}

void append_with_emulation_prevention(std::vector<uint8_t>& nal, const std::vector<uint8_t>& data) {
  int zeros = 0;
  for (const uint8_t byte : data) {
    if (zeros >= 2 && byte <= 3) {
      nal.push_back(3);
      zeros = 0;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    nal.push_back(byte);
  }
}

/// A number of an SEI message: 255 for each whole 255, then the rest.
bool read_number(const std::vector<uint8_t>& data, size_t& at, size_t& number) {
  for (number = 0; at < data.size(); number += 255)
    if (data[at++] != 0xff) {
      number += data[at - 1];
      return true;
    }
  return false;
}

/// Adds the messages of one SEI NAL unit's payload.
void read_messages(const std::vector<uint8_t>& data, std::vector<SeiView>& messages) {
  size_t at = 0, type = 0, size = 0;
  // The last byte is the stop bit.
  while (at + 1 < data.size() && read_number(data, at, type) && read_number(data, at, size) &&
         size <= data.size() - at) {
    const auto payload = data.begin() + static_cast<ptrdiff_t>(at);
    messages.push_back({type, {payload, payload + static_cast<ptrdiff_t>(size)}});
    at += size;
  }
}

} // namespace

std::vector<uint8_t> sei_nal(VideoCodec codec, const std::vector<uint8_t>& messages) {
  std::vector<uint8_t> payload = messages;
  payload.push_back(0x80); // stop bit

  std::vector<uint8_t> nal;
  if (codec == VideoCodec::h264)
    nal = {kH264Sei};
  else
    nal = {kH265PrefixSei << 1, 1}; // layer 0, temporal id 0
  append_with_emulation_prevention(nal, payload);
  return nal;
}

std::vector<uint8_t> sei_nal(VideoCodec codec, const std::string& text) {
  std::vector<uint8_t> message = {kUserDataUnregistered};
  size_t size = kSeiUuid.size() + text.size();
  for (; size >= 0xff; size -= 0xff)
    message.push_back(0xff);
  message.push_back(static_cast<uint8_t>(size));
  message.insert(message.end(), kSeiUuid.begin(), kSeiUuid.end());
  message.insert(message.end(), text.begin(), text.end());
  return sei_nal(codec, message);
}

std::vector<uint8_t> with_nal(const uint8_t* unit, size_t size, const NalFormat& format,
                              const std::vector<uint8_t>& nal) {
  const std::vector<Nal> nals = nals_of(unit, size, format);
  const auto slice = std::find_if(nals.begin(), nals.end(), [&](const Nal& n) {
    return n.header < n.end && is_slice(format.codec, type_of(format.codec, unit[n.header]));
  });
  const int length_size = format.length_size;
  const bool fits = length_size == 0 || length_size >= 4 || nal.size() >> (8 * length_size) == 0;
  if (slice == nals.end() || !fits)
    return {};
  std::vector<uint8_t> result(unit, unit + slice->start);
  if (length_size == 0)
    result.insert(result.end(), {0, 0, 0, 1});
  for (int i = length_size - 1; i >= 0; i--)
    result.push_back(static_cast<uint8_t>(nal.size() >> (8 * i)));
  result.insert(result.end(), nal.begin(), nal.end());
  result.insert(result.end(), unit + slice->start, unit + size);
  return result;
}

std::vector<SeiView> sei_messages(const uint8_t* data, size_t size, const NalFormat& format) {
  std::vector<SeiView> messages;
  const size_t header = header_size(format.codec);
  for (const Nal& nal : nals_of(data, size, format))
    if (nal.end - nal.header > header &&
        is_sei(format.codec, type_of(format.codec, data[nal.header])))
      read_messages(
          without_emulation_prevention(data + nal.header + header, nal.end - nal.header - header),
          messages);
  return messages;
}

std::vector<std::string> sei_texts(const uint8_t* data, size_t size, const NalFormat& format) {
  std::vector<std::string> texts;
  for (const SeiView& message : sei_messages(data, size, format))
    if (message.type == kUserDataUnregistered && message.payload.size() >= kSeiUuid.size() &&
        std::equal(kSeiUuid.begin(), kSeiUuid.end(), message.payload.begin()))
      texts.emplace_back(message.payload.begin() + static_cast<ptrdiff_t>(kSeiUuid.size()),
                         message.payload.end());
  return texts;
}

} // namespace fomo
