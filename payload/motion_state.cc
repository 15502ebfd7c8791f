// SPDX-License-Identifier: LGPL-2.1-or-later
#include "payload/motion_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace fomo {

namespace {

constexpr uint32_t kLevels = 15;   // of evidence, besides 0
constexpr double kPeakStep = 0.25; // octaves

void write_float(float value, BitWriter& writer) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  writer.bits(bits, 32);
}

void write_double(double value, BitWriter& writer) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  writer.bits(static_cast<uint32_t>(bits >> 32), 32);
  writer.bits(static_cast<uint32_t>(bits), 32);
}

double read_double(BitReader& reader) {
  const uint64_t high = reader.bits(32);
  const uint64_t bits = high << 32 | reader.bits(32);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// What makes the numbers of quantiser 0 those that the encoder was given, to the last bit.
void write_exact_numbers(const MotionExtension& e, size_t coordinates, BitWriter& writer) {
  writer.bit(!e.exact_values.empty());
  if (!e.exact_values.empty()) {
    writer.bit(e.exact_values.size() > coordinates);
    for (const int32_t value : e.exact_values)
      writer.se(value);
  }
  writer.bit(e.has_exact_crop);
  if (e.has_exact_crop)
    for (const double value : e.exact_crop)
      write_double(value, writer);
}

void read_exact_numbers(BitReader& reader, size_t coordinates, MotionExtension& e) {
  if (reader.bit())
    e.exact_values.resize(reader.bit() ? 3 * coordinates : coordinates);
  for (int32_t& value : e.exact_values)
    value = reader.se();
  e.has_exact_crop = reader.bit();
  if (e.has_exact_crop)
    for (double& value : e.exact_crop)
      value = read_double(reader);
}

/// A number from 0 to 1, or -1.
bool read_float(BitReader& reader, float& value) {
  const uint32_t bits = reader.bits(32);
  std::memcpy(&value, &bits, sizeof value);
  return value == -1 || (value >= 0 && value <= 1);
}

void write_evidence(const MotionExtension& e, size_t coordinates, BitWriter& writer) {
  writer.bit(e.exact);
  if (e.exact) {
    write_float(e.exact_face, writer);
    writer.bit(!e.exact_peaks.empty());
    for (const float peak : e.exact_peaks)
      write_float(peak, writer);
    write_exact_numbers(e, coordinates, writer);
    return;
  }
  writer.bit(e.has_evidence);
  if (e.has_evidence)
    for (const uint32_t level : e.evidence)
      writer.bits(level, 4);
}

bool read_evidence(BitReader& reader, int keypoints, MotionExtension& e) {
  e.exact = reader.bit();
  if (e.exact) {
    if (!read_float(reader, e.exact_face))
      return false;
    e.exact_peaks.resize(reader.bit() ? static_cast<size_t>(keypoints) : 0);
    for (float& peak : e.exact_peaks)
      if (!read_float(reader, peak))
        return false;
    read_exact_numbers(reader, 2 * static_cast<size_t>(keypoints), e);
    return reader.ok();
  }
  e.has_evidence = reader.bit();
  if (e.has_evidence)
    for (uint32_t& level : e.evidence)
      level = reader.bits(4);
  return reader.ok();
}

} // namespace

int32_t ordered(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits < 0 ? -(bits & std::numeric_limits<int32_t>::max()) : bits;
}

float from_ordered(int32_t place) {
  const uint32_t bits = place < 0 ? uint32_t{1} << 31 | (0 - static_cast<uint32_t>(place))
                                  : static_cast<uint32_t>(place);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void write_extension(const MotionExtension& e, int keypoints, BitWriter& writer) {
  writer.bits(e.sequence, 6);
  writer.bits(e.base, 2);
  writer.bit(e.usual);
  if (e.usual)
    return;
  writer.bit(e.ticks == 1);
  if (e.ticks != 1)
    writer.ue(e.ticks);
  writer.bit(e.guard);
  writer.bit(e.new_scene);
  writer.bits(e.face, 2);
  writer.ue(e.event);
  writer.bit(e.has_crop);
  if (e.has_crop) {
    const bool same = e.crop == std::array<int32_t, 3>{};
    writer.bit(same);
    if (!same)
      for (const int32_t value : e.crop)
        writer.se(value);
  }
  write_evidence(e, 2 * static_cast<size_t>(keypoints), writer);
  // Where an older packet has the bit that ends its payload, which is 1.
  if (e.has_roll) {
    writer.bit(false);
    writer.se(e.roll);
  }
}

bool read_extension(BitReader& reader, int keypoints, MotionExtension& e) {
  constexpr uint32_t most_ticks = 1U << 24;
  e = {};
  e.sequence = reader.bits(6);
  e.base = reader.bits(2);
  e.usual = reader.bit();
  if (e.usual)
    return reader.ok();
  e.ticks = reader.bit() ? 1 : reader.ue();
  e.guard = reader.bit();
  e.new_scene = reader.bit();
  const uint32_t face = reader.bits(2), event = reader.ue();
  if (e.ticks > most_ticks || face > FOMO_FACE_LOST || event > FOMO_FACE_CUT)
    return false;
  e.face = static_cast<FomoFaceState>(face);
  e.event = static_cast<FomoFaceEvent>(event);
  e.has_crop = reader.bit();
  if (e.has_crop && !reader.bit())
    for (int32_t& value : e.crop)
      value = reader.se();
  if (!read_evidence(reader, keypoints, e))
    return false;
  e.has_roll = reader.left() > 0 && !reader.bit();
  if (e.has_roll)
    e.roll = reader.se();
  return reader.ok();
}

std::array<uint32_t, 2> evidence_levels(const FrameEvidence& evidence) {
  std::array<uint32_t, 2> levels{};
  if (evidence.face >= 0)
    levels[0] =
        1 + static_cast<uint32_t>(std::lround(std::min(evidence.face, 1.0) * (kLevels - 1)));
  if (!evidence.peaks.empty()) {
    std::vector<float> peaks = evidence.peaks;
    const auto quartile = peaks.begin() + static_cast<ptrdiff_t>(peaks.size() / 4);
    std::nth_element(peaks.begin(), quartile, peaks.end());
    const double octaves = -std::log2(std::clamp(*quartile, 1e-6F, 1.0F));
    levels[1] = 1 + static_cast<uint32_t>(
                        std::min<long>(std::lround(octaves / kPeakStep), long{kLevels} - 1));
  }
  return levels;
}

FrameEvidence evidence_of(const std::array<uint32_t, 2>& levels, int keypoints) {
  FrameEvidence evidence;
  if (levels[0] > 0)
    evidence.face = static_cast<double>(levels[0] - 1) / (kLevels - 1);
  if (levels[1] > 0)
    evidence.peaks.assign(static_cast<size_t>(keypoints),
                          static_cast<float>(std::exp2(-kPeakStep * (levels[1] - 1.0))));
  return evidence;
}

} // namespace fomo
