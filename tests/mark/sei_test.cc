// SPDX-License-Identifier: LGPL-2.1-or-later
// Provenance in access units of H.264 and H.265, and what damaged data gives.
#include "mark/sei.h"

#include <random>

#include <gtest/gtest.h>

#include "mark/provenance.h"

namespace fomo {
namespace {

using Bytes = std::vector<uint8_t>;
using Texts = std::vector<std::string>;

/// NAL units joined in a format.
Bytes joined(const std::vector<Bytes>& nals, const NalFormat& format) {
  Bytes unit;
  for (const Bytes& nal : nals) {
    if (format.length_size == 0)
      unit.insert(unit.end(), {0, 0, 0, 1});
    for (int i = format.length_size - 1; i >= 0; i--)
      unit.push_back(static_cast<uint8_t>(nal.size() >> (8 * i)));
    unit.insert(unit.end(), nal.begin(), nal.end());
  }
  return unit;
}

/// Delimiter, parameter sets, two slices.
std::vector<Bytes> picture_nals(VideoCodec codec) {
  if (codec == VideoCodec::h264)
    return {{9, 0x10}, {0x67, 1, 2, 3}, {0x68, 4}, {0x65, 0x88, 5}, {0x65, 0x44, 6}};
  return {{0x46, 1, 0x10}, {0x40, 1, 2}, {0x42, 1, 3}, {0x26, 1, 0xaf, 5}, {0x26, 1, 0x2f, 6}};
}

const NalFormat kFormats[] = {{VideoCodec::h264, 0},
                              {VideoCodec::h264, 4},
                              {VideoCodec::h264, 2},
                              {VideoCodec::h265, 0},
                              {VideoCodec::h265, 4}};

TEST(Sei, IsWrittenBeforeTheFirstSliceAndRead) {
  for (const NalFormat& format : kFormats)
    for (const size_t length : {0, 1, 200, 239, 240, 494, 495, 2000}) {
      const std::string text(length, 'x');
      std::vector<Bytes> nals = picture_nals(format.codec);
      const Bytes unit = joined(nals, format);
      EXPECT_EQ(sei_texts(unit.data(), unit.size(), format), Texts());
      const Bytes nal = sei_nal(format.codec, text);
      const Bytes result = with_nal(unit.data(), unit.size(), format, nal);
      nals.insert(nals.begin() + 3, nal);
      EXPECT_EQ(result, joined(nals, format));
      EXPECT_EQ(sei_texts(result.data(), result.size(), format), Texts{text});
    }
}

TEST(Sei, TextsThatLookLikeStartCodesAreRead) {
  for (const NalFormat& format : kFormats) {
    const std::string text("a\0\0\1b\0\0\0\0\3c\0\0", 13);
    const Bytes unit = joined(picture_nals(format.codec), format);
    const Bytes result = with_nal(unit.data(), unit.size(), format, sei_nal(format.codec, text));
    EXPECT_EQ(sei_texts(result.data(), result.size(), format), Texts{text});
  }
}

TEST(Sei, OtherMessagesAreSkipped) {
  // A pic_timing message before ours in the same NAL unit, and a message with another UUID.
  const Bytes ours = sei_nal(VideoCodec::h264, "ours");
  Bytes nal = {6, 1, 2, 0xaa, 0xbb, 5, 17};
  nal.insert(nal.end(), 17, 0x42);
  nal.insert(nal.end(), ours.begin() + 1, ours.end());
  const Bytes unit = joined({nal, {0x65, 0x88}}, {});
  EXPECT_EQ(sei_texts(unit.data(), unit.size(), {}), Texts{"ours"});
}

TEST(Sei, AnAccessUnitWithoutASliceIsRefused) {
  const Bytes nal = sei_nal(VideoCodec::h264, "text");
  const Bytes unit = joined({{0x67, 1}, {0x68, 2}}, {});
  EXPECT_TRUE(with_nal(unit.data(), unit.size(), {}, nal).empty());
  EXPECT_TRUE(with_nal(nullptr, 0, {}, nal).empty());
  // Start codes where lengths are expected, and a message that is too long for one byte of length.
  const Bytes slice = joined({{0x65, 0x88}}, {VideoCodec::h264, 1});
  EXPECT_FALSE(with_nal(slice.data(), slice.size(), {VideoCodec::h264, 1}, nal).empty());
  EXPECT_TRUE(with_nal(slice.data(), slice.size(), {VideoCodec::h264, 1},
                       sei_nal(VideoCodec::h264, std::string(300, 'x')))
                  .empty());
  const Bytes coded = joined({{0x65, 0x88, 1, 2}}, {});
  EXPECT_TRUE(with_nal(coded.data(), coded.size(), {VideoCodec::h264, 4}, nal).empty());
}

TEST(Sei, DamagedDataIsReadWithoutHarm) {
  std::mt19937 random(1);
  for (const NalFormat& format : kFormats) {
    std::vector<Bytes> nals = picture_nals(format.codec);
    nals.insert(nals.begin() + 3, sei_nal(format.codec, std::string(300, '\0')));
    const Bytes unit = joined(nals, format);
    for (int i = 0; i < 2000; i++) {
      Bytes damaged(unit.begin(), unit.begin() + static_cast<ptrdiff_t>(random() % unit.size()));
      for (int j = 0; j < 4 && !damaged.empty(); j++)
        damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
      const Texts texts = sei_texts(damaged.data(), damaged.size(), format);
      EXPECT_LE(texts.size(), 2U);
      (void)with_nal(damaged.data(), damaged.size(), format, {6, 0x80});
    }
  }
}

TEST(Provenance, IsJson) {
  EXPECT_EQ(to_json({"fomotransfer 1", "a\"b\\c\n", ""}),
            std::string("{\"digitalSourceType\":\"") + kDigitalSourceType +
                "\",\"generator\":\"fomotransfer 1\",\"model\":\"a\\\"b\\\\c\\u000a\"}");
  EXPECT_EQ(utc_now().size(), std::string("2026-12-01T12:00:00Z").size());
}

} // namespace
} // namespace fomo
