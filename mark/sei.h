// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// SEI messages inside H.264 and H.265, which decoders skip and which remuxing keeps. Provenance is
// one of the type "user data unregistered" whose text is the JSON of Provenance.
namespace fomo {

enum class VideoCodec { h264, h265 };

/// How the NAL units of an access unit are told apart.
struct NalFormat {
  VideoCodec codec = VideoCodec::h264;
  int length_size = 0; ///< bytes of the length before each NAL unit (avc, hvc1); 0: start codes
};

/// Identifies the messages of fomotransfer.
extern const std::array<uint8_t, 16> kSeiUuid;

/// The NAL unit of SEI messages, each of which is a type, a size and a payload: its header and
/// payload with emulation prevention, no start code and no length.
std::vector<uint8_t> sei_nal(VideoCodec codec, const std::vector<uint8_t>& messages);

/// The NAL unit of a message with this text: its header and payload with emulation prevention, no
/// start code and no length.
std::vector<uint8_t> sei_nal(VideoCodec codec, const std::string& text);

/// An access unit with `nal` before its first slice. Empty if the access unit has no slice, or is
/// not of this format, or the NAL unit does not fit its length.
std::vector<uint8_t> with_nal(const uint8_t* unit, size_t size, const NalFormat& format,
                              const std::vector<uint8_t>& nal);

/// An SEI message of an access unit.
struct SeiView {
  size_t type = 0;
  std::vector<uint8_t> payload;
};

/// The SEI messages in an access unit or a part of a stream, in their order. Data of other formats
/// give none.
std::vector<SeiView> sei_messages(const uint8_t* data, size_t size, const NalFormat& format);

/// The texts of fomotransfer's messages in an access unit or a part of a stream, in their order.
/// Data of other formats give none.
std::vector<std::string> sei_texts(const uint8_t* data, size_t size, const NalFormat& format);

} // namespace fomo
