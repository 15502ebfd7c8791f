// SPDX-License-Identifier: LGPL-2.1-or-later
// Motion as packets: exactness, size, prediction, lost and hostile packets.
#include <gtest/gtest.h>

#include "payload/gfv_message.h"
#include "payload/motion_decoder.h"
#include "payload/motion_encoder.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

constexpr int kKeypoints = 10; // of some_pose()

/// A head that sways, as a tracked face: frame `i` of a video with 25 frames/s.
MotionFrame frame_at(int i) {
  MotionFrame frame;
  const double t = i / 25.0;
  frame.seen.keypoints =
      moved(some_pose(3), 0.05 * std::sin(3 * t), 0.03 * std::cos(2 * t), 1, 0.1 * std::sin(2 * t));
  frame.seen.crop = {320.5 + (i > 40 ? 1.25 : 0), 240.25, 200.125};
  frame.seen.evidence.face = 0.93;
  frame.seen.evidence.peaks.assign(kKeypoints, 0.31F);
  frame.seen.seconds = t;
  frame.guard = true;
  frame.face = FOMO_FACE_TRACKING;
  frame.event = i == 0 ? FOMO_FACE_FOUND : FOMO_FACE_UNCHANGED;
  frame.seen.new_scene = i == 0;
  return frame;
}

/// Packets of the first `count` frames.
std::vector<MotionEncoder::Packet> packets(int count, const MotionCoding& coding) {
  MotionEncoder encoder(coding);
  std::vector<MotionEncoder::Packet> result;
  for (int i = 0; i < count; i++)
    result.push_back(encoder.encode(frame_at(i), 1));
  return result;
}

DecodedMotion decode(MotionDecoder& decoder, const MotionEncoder::Packet& packet, int i) {
  return decoder.decode(packet.bytes.data(), packet.bytes.size(), i / 25.0);
}

/// The largest difference of a coordinate.
float farthest(const KeypointSet& a, const KeypointSet& b) {
  float result = 0;
  for (size_t i = 0; i < a.value.size(); i++)
    result = std::max(result, std::abs(a.value[i] - b.value[i]));
  return result;
}

TEST(Bits, CodesReadBack) {
  BitWriter writer;
  const std::vector<uint32_t> values = {0, 1, 2, 3, 7, 254, 255, 65535, 4294967294U};
  for (const uint32_t value : values)
    writer.ue(value);
  for (const int32_t value : {0, 1, -1, 5, -1000000, 1000000})
    writer.se(value);
  BitReader reader(writer.bytes().data(), writer.bytes().size());
  for (const uint32_t value : values)
    EXPECT_EQ(reader.ue(), value);
  for (const int32_t value : {0, 1, -1, 5, -1000000, 1000000})
    EXPECT_EQ(reader.se(), value);
  EXPECT_TRUE(reader.ok());
  EXPECT_LT(reader.left(), 8U);
  reader.bits(32);
  EXPECT_FALSE(reader.ok());
}

/// The bits of H.274's syntax, written by hand: a base picture with one keypoint at (0.5, -0.25)
/// and the matrix (1.5, 0; -0.5, 1), precision 2 bits.
TEST(GfvMessage, HasTheLayoutOfTheReferenceSoftware) {
  GfvMessage message;
  message.base = message.has_coordinates = message.predicted = message.has_matrices = true;
  message.coordinate_precision = message.matrix_precision = 2;
  message.coordinates = {2, -1};
  message.matrices = {6, 0, -2, 4};
  BitWriter writer;
  write_gfv(message, writer);
  const std::string expected = "1"       // gfv_id 0
                               "1"       // gfv_cnt 0
                               "1"       // gfv_base_picture_flag
                               "0"       // gfv_nn_present_flag
                               "0"       // gfv_chroma_key_info_present_flag
                               "0"       // gfv_low_confidence_face_parameter_flag
                               "1"       // gfv_coordinate_present_flag
                               "1"       // gfv_kps_pred_flag
                               "010"     // gfv_coordinate_precision_factor_minus1 1
                               "1"       // gfv_num_kps_minus1 0
                               "0"       // gfv_coordinate_z_present_flag
                               "0110"    // dx_abs 2, positive
                               "0101"    // dy_abs 1, negative
                               "1"       // gfv_matrix_present_flag
                               "010"     // gfv_matrix_element_precision_factor_minus1 1
                               "1"       // gfv_num_matrix_types_minus1 0
                               "000000"  // gfv_matrix_type_idx 0
                               "1"       // gfv_num_matrices_equal_to_num_kps_flag
                               "010100"  // 1 + 2/4, positive
                               "100"     // 0
                               "1101"    // -(0 + 2/4)
                               "010000"; // 1
  BitReader bits(writer.bytes().data(), writer.bytes().size());
  for (size_t i = 0; i < expected.size(); i++)
    ASSERT_EQ(bits.bit(), expected[i] == '1') << "bit " << i;
  GfvMessage again;
  BitReader reader(writer.bytes().data(), writer.bytes().size());
  ASSERT_TRUE(read_gfv(reader, 1, 1, again));
  EXPECT_EQ(again.coordinates, message.coordinates);
  EXPECT_EQ(again.matrices, message.matrices);
}

TEST(MotionCoder, QuantiserZeroIsExact) {
  MotionDecoder decoder(kKeypoints);
  const auto coded = packets(60, {0, 25, true});
  for (int i = 0; i < 60; i++) {
    const MotionFrame sent = frame_at(i);
    const DecodedMotion got = decode(decoder, coded[i], i);
    ASSERT_EQ(got.kind, PacketKind::frame) << i;
    EXPECT_EQ(got.base, i % 25 == 0);
    // To the last bit: a network that computes in bfloat16 sees it.
    EXPECT_EQ(got.frame.seen.keypoints.value, sent.seen.keypoints.value);
    EXPECT_EQ(got.frame.seen.keypoints.jacobian, sent.seen.keypoints.jacobian);
    EXPECT_EQ(got.frame.seen.crop.cx, sent.seen.crop.cx);
    EXPECT_EQ(got.frame.seen.crop.cy, sent.seen.crop.cy);
    EXPECT_EQ(got.frame.seen.crop.size, sent.seen.crop.size);
    EXPECT_EQ(got.frame.seen.crop.roll, sent.seen.crop.roll);
    EXPECT_EQ(got.frame.seen.evidence.peaks, sent.seen.evidence.peaks);
    EXPECT_FLOAT_EQ(static_cast<float>(got.frame.seen.evidence.face), 0.93F);
    EXPECT_EQ(got.frame.seen.new_scene, sent.seen.new_scene);
    EXPECT_EQ(got.frame.event, sent.event);
    EXPECT_EQ(got.frame.face, sent.face);
    EXPECT_TRUE(got.frame.guard);
  }
}

TEST(MotionCoder, ErrorsAndSizesFollowTheQuantiser) {
  size_t size_before = SIZE_MAX;
  for (int quantiser = 1; quantiser <= MotionCoding::kMostQuantiser; quantiser++) {
    MotionDecoder decoder(kKeypoints);
    const auto coded = packets(100, {quantiser, 25, true});
    const MotionPrecision precision = MotionPrecision::of(quantiser);
    size_t size = 0;
    for (int i = 0; i < 100; i++) {
      const DecodedMotion got = decode(decoder, coded[i], i);
      ASSERT_EQ(got.kind, PacketKind::frame);
      const KeypointSet sent = frame_at(i).seen.keypoints;
      EXPECT_LE(largest_difference(got.frame.seen.keypoints.value, sent.value),
                std::ldexp(1.0001, -precision.coordinates));
      EXPECT_LE(largest_difference(got.frame.seen.keypoints.jacobian, sent.jacobian),
                std::ldexp(1.0001, -precision.matrices));
      EXPECT_NEAR(got.frame.seen.evidence.face, 0.93, 0.04);
      EXPECT_NEAR(got.frame.seen.evidence.peaks[0], 0.31, 0.04);
      size += coded[i].bytes.size();
    }
    EXPECT_LT(size, size_before);
    size_before = size;
  }
}

TEST(MotionCoder, WithoutJacobians) {
  MotionDecoder decoder(kKeypoints);
  const auto with = packets(50, {4, 25, true}), without = packets(50, {4, 25, false});
  for (int i = 0; i < 50; i++) {
    const DecodedMotion got = decode(decoder, without[i], i);
    ASSERT_EQ(got.kind, PacketKind::frame);
    EXPECT_TRUE(got.frame.seen.keypoints.jacobian.empty());
    EXPECT_LT(without[i].bytes.size(), with[i].bytes.size());
  }
}

TEST(MotionCoder, AFrameWithoutAFaceAndWithBrokenNumbers) {
  MotionEncoder encoder({4, 25, true});
  MotionDecoder decoder(kKeypoints);
  MotionFrame nobody, broken = frame_at(1);
  broken.seen.keypoints.value[3] = std::numeric_limits<float>::quiet_NaN();
  const MotionFrame frames[] = {nobody, frame_at(0), broken, frame_at(2), frame_at(3)};
  const bool seen[] = {false, true, false, true, true};
  for (int i = 0; i < 5; i++) {
    const DecodedMotion got = decode(decoder, encoder.encode(frames[i], 1), i);
    EXPECT_EQ(got.kind, PacketKind::frame) << i;
    EXPECT_EQ(!got.frame.seen.keypoints.empty(), seen[i]) << i;
  }
}

TEST(MotionCoder, ALostPacketSpoilsARunAtMost) {
  const auto coded = packets(50, {4, 25, true});
  for (int lost = 1; lost < 21; lost++) {
    MotionDecoder decoder(kKeypoints);
    int concealed = 0;
    for (int i = 0; i < 25; i++) {
      if (i == lost)
        continue;
      const DecodedMotion got = decode(decoder, coded[i], i);
      ASSERT_TRUE(got.kind == PacketKind::frame || got.kind == PacketKind::concealed);
      EXPECT_EQ(got.lost, i == lost + 1 ? 1U : 0U);
      concealed += got.kind == PacketKind::concealed;
      if (got.kind == PacketKind::concealed) {
        EXPECT_GT(i, lost);
        EXPECT_NE(i % MotionEncoder::kChain, 0U);
      }
    }
    // Up to the next frame that is predicted from the base.
    EXPECT_EQ(concealed, static_cast<int>(MotionEncoder::kChain - 1 - lost % MotionEncoder::kChain))
        << lost;
  }
}

TEST(MotionCoder, ConcealedFramesHoldAndThenGlide) {
  const auto coded = packets(100, {1, 25, true});
  MotionDecoder decoder(kKeypoints);
  KeypointSet held;
  for (int i = 0; i < 25; i++)
    held = decode(decoder, coded[i], i).frame.seen.keypoints;
  // The base at 25 is lost, so everything up to the next base is concealed.
  for (int i = 26; i < 50; i++) {
    const DecodedMotion got = decode(decoder, coded[i], i);
    ASSERT_EQ(got.kind, PacketKind::concealed);
    EXPECT_EQ(largest_difference(got.frame.seen.keypoints, held), 0);
    EXPECT_EQ(got.frame.face, i < 39 ? FOMO_FACE_TRACKING : FOMO_FACE_LOST) << i;
    EXPECT_EQ(got.frame.event, i == 39 ? FOMO_FACE_LEFT : FOMO_FACE_UNCHANGED) << i;
  }
  const KeypointSet wanted = frame_at(50).seen.keypoints;
  const double jump = largest_difference(wanted.value, held.value);
  ASSERT_GT(jump, 0.03);
  const DecodedMotion first = decode(decoder, coded[50], 50);
  EXPECT_EQ(first.kind, PacketKind::frame);
  EXPECT_EQ(first.frame.event, FOMO_FACE_RETURNED);
  EXPECT_LT(largest_difference(first.frame.seen.keypoints.value, held.value), 0.5 * jump);
  for (int i = 51; i < 58; i++) {
    const DecodedMotion got = decode(decoder, coded[i], i);
    if (i > 55) {
      EXPECT_LT(
          largest_difference(got.frame.seen.keypoints.value, frame_at(i).seen.keypoints.value),
          0.001);
    }
  }
}

TEST(MotionCoder, DuplicatesAndLatePacketsAreIgnored) {
  const auto coded = packets(20, {4, 25, true});
  MotionDecoder decoder(kKeypoints);
  for (int i = 0; i < 20; i++) {
    ASSERT_EQ(decode(decoder, coded[i], i).kind, PacketKind::frame);
    EXPECT_EQ(decode(decoder, coded[i], i).kind, PacketKind::ignored);
    if (i > 3) {
      EXPECT_EQ(decode(decoder, coded[i - 2], i).kind, PacketKind::ignored);
    }
  }
}

TEST(MotionCoder, AStreamThatIsPlayedAgainLosesNothingAndGlides) {
  constexpr int count = 30; // its last sequence number is not the one before its first
  MotionEncoder encoder(MotionCoding{});
  std::vector<MotionEncoder::Packet> stream;
  for (int i = 0; i < count; i++) {
    MotionFrame frame = frame_at(i);
    frame.seen.new_scene = false; // a cut would be no reason to glide
    stream.push_back(encoder.encode(frame, 1));
  }
  MotionHeader header;
  header.keypoints = kKeypoints;
  const std::vector<uint8_t> head = write_motion_header(header);
  MotionDecoder decoder(kKeypoints);
  KeypointSet last;
  for (int round = 0; round < 2; round++) {
    ASSERT_EQ(decoder.decode(head.data(), head.size(), 0).kind, PacketKind::header);
    for (int i = 0; i < count; i++) {
      const DecodedMotion result =
          decode(decoder, stream[static_cast<size_t>(i)], round * count + i);
      ASSERT_EQ(result.kind, PacketKind::frame) << round << " " << i;
      EXPECT_EQ(result.lost, 0U) << round << " " << i;
      const KeypointSet& shown = result.frame.seen.keypoints;
      if (round == 1 && i == 0) { // it starts near what was shown
        EXPECT_LT(farthest(shown, last), 0.5 * farthest(frame_at(0).seen.keypoints, last));
      }
      last = shown;
    }
  }
}

TEST(MotionCoder, AReceiverThatJoinsLateWaitsForABase) {
  const auto coded = packets(60, {4, 25, true});
  MotionDecoder decoder(kKeypoints);
  for (int i = 7; i < 25; i++) {
    const DecodedMotion got = decode(decoder, coded[i], i);
    EXPECT_EQ(got.kind, PacketKind::concealed);
    EXPECT_TRUE(got.frame.seen.keypoints.empty()) << "the picture rests";
  }
  for (int i = 25; i < 60; i++)
    EXPECT_EQ(decode(decoder, coded[i], i).kind, PacketKind::frame);
}

/// A head that leans from frame 10 to frame 40, and once by more than a half turn.
MotionFrame leaning_at(int i) {
  MotionFrame frame = frame_at(i);
  frame.seen.crop.roll = i < 10 || i >= 40 ? 0 : i == 20 ? 3.2 : 0.6;
  return frame;
}

TEST(MotionCoder, TheRollOfTheCropIsInThePackets) {
  for (const int quantiser : {0, 5}) {
    MotionEncoder encoder({quantiser, 25, true});
    MotionDecoder decoder(kKeypoints);
    for (int i = 0; i < 60; i++) {
      const MotionFrame sent = leaning_at(i);
      const MotionEncoder::Packet packet = encoder.encode(sent, 1);
      if (i == 13 || i == 27) // lost
        continue;
      const DecodedMotion got = decode(decoder, packet, i);
      if (got.kind != PacketKind::frame)
        continue;
      const Square& crop = got.frame.seen.crop;
      EXPECT_NEAR(wrapped(crop.roll - sent.seen.crop.roll), 0, quantiser == 0 ? 1e-6 : 1.5e-3) << i;
      EXPECT_NEAR(crop.cx, sent.seen.crop.cx, 0.2) << i;
      EXPECT_NEAR(crop.cy, sent.seen.crop.cy, 0.2) << i;
    }
  }
}

/// A packet that was written before there was a roll ends behind the evidence.
TEST(MotionCoder, AnExtensionWithoutRollHasNone) {
  MotionExtension sent;
  sent.has_evidence = true;
  for (const bool leans : {false, true}) {
    sent.has_roll = leans;
    sent.roll = leans ? -614 : 0;
    BitWriter writer;
    write_extension(sent, kKeypoints, writer);
    writer.bit(true); // payload_bit_equal_to_one
    BitReader reader(writer.bytes().data(), writer.bytes().size());
    MotionExtension got;
    ASSERT_TRUE(read_extension(reader, kKeypoints, got));
    EXPECT_EQ(got.has_roll, leans);
    EXPECT_EQ(got.roll, sent.roll);
  }
}

/// Where no packet has come, the frame is concealed, and the packets after it are decoded.
TEST(MotionCoder, NothingForATimeBreaksNoChain) {
  const auto coded = packets(40, {4, 25, true});
  MotionDecoder decoder(kKeypoints);
  for (int i = 0; i < 10; i++)
    ASSERT_EQ(decode(decoder, coded[i], i).kind, PacketKind::frame);
  for (int i = 10; i < 30; i++) {
    const DecodedMotion got = decoder.decode(nullptr, 0, i / 25.0);
    ASSERT_EQ(got.kind, PacketKind::concealed);
    EXPECT_EQ(got.lost, 0U);
    EXPECT_EQ(got.frame.face, i < 23 ? FOMO_FACE_TRACKING : FOMO_FACE_LOST) << i;
  }
  for (int i = 10; i < 30; i++)
    EXPECT_EQ(decode(decoder, coded[i], i + 20).kind, PacketKind::frame) << i;
}

/// After a reset the first face is that of another driver.
TEST(MotionCoder, TheFirstFaceAfterAResetIsANewScene) {
  const auto coded = packets(30, {4, 25, true});
  MotionDecoder decoder(kKeypoints);
  for (int i = 0; i < 28; i++) {
    if (i == 25)
      decoder.reset();
    EXPECT_EQ(decode(decoder, coded[i], i).frame.seen.new_scene, i == 0 || i == 25) << i;
  }
}

TEST(MotionCoder, AnotherModelsPacketsAreConcealed) {
  const auto coded = packets(10, {4, 25, true});
  MotionDecoder decoder(kKeypoints + 1);
  for (int i = 0; i < 10; i++)
    EXPECT_EQ(decode(decoder, coded[i], i).kind, PacketKind::concealed);
}

/// Truncated packets, and packets with flipped bits: no crash, and finite numbers of the right
/// count.
TEST(MotionCoder, DamagedPacketsAreHarmless) {
  std::mt19937 random(5);
  for (const int quantiser : {0, 4}) {
    const auto coded = packets(60, {quantiser, 20, true});
    for (int round = 0; round < 300; round++) {
      MotionDecoder decoder(kKeypoints);
      for (int i = 0; i < 60; i++) {
        std::vector<uint8_t> bytes = coded[i].bytes;
        if (random() % 4 == 0)
          bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1U << random() % 8);
        if (random() % 8 == 0)
          bytes.resize(random() % bytes.size());
        const DecodedMotion got = decoder.decode(bytes.data(), bytes.size(), i / 25.0);
        const KeypointSet& keypoints = got.frame.seen.keypoints;
        ASSERT_TRUE(is_finite(keypoints));
        ASSERT_TRUE(keypoints.empty() || keypoints.value.size() == 2 * kKeypoints);
      }
    }
  }
}

TEST(MotionHeader, ReadsBack) {
  const MotionHeader header{"vox-cpk.pth.tar", std::string(63, 'a') + "7", 10, 1001, 30000};
  const std::vector<uint8_t> bytes = write_motion_header(header);
  MotionDecoder decoder(kKeypoints);
  const DecodedMotion got = decoder.decode(bytes.data(), bytes.size(), 0);
  ASSERT_EQ(got.kind, PacketKind::header);
  EXPECT_EQ(got.header.model_name, header.model_name);
  EXPECT_EQ(got.header.model_sha256, header.model_sha256);
  EXPECT_EQ(got.header.keypoints, 10U);
  EXPECT_EQ(got.header.tick_num, 1001U);
  EXPECT_EQ(got.header.tick_den, 30000U);
  for (size_t size = 0; size < bytes.size(); size++) {
    EXPECT_NE(decoder.decode(bytes.data(), size, 0).kind, PacketKind::header);
    SeiMessage message;
    EXPECT_EQ(read_sei(bytes.data(), size, message), SeiOutcome::incomplete);
  }
}

} // namespace

} // namespace fomo::test
