// SPDX-License-Identifier: LGPL-2.1-or-later
#include "payload/gfv_message.h"

#include <cstdlib>

namespace fomo {

namespace {

constexpr uint32_t kAffine = 0; // gfv_matrix_type_idx
constexpr int kMostPrecision = 30;
// Values beyond are not those of a face, and sums of differences must not overflow.
constexpr uint32_t kMostValue = 1U << 29;

/// The sign of a number whose magnitude is known, unless it is 0.
void write_sign(int32_t value, BitWriter& writer) {
  if (value != 0)
    writer.bit(value < 0);
}

bool read_sign(BitReader& reader, uint32_t magnitude, int32_t& value) {
  value = static_cast<int32_t>(magnitude);
  if (magnitude != 0 && reader.bit())
    value = -value;
  return reader.ok();
}

void write_signed(int32_t value, BitWriter& writer) {
  writer.ue(static_cast<uint32_t>(std::abs(value)));
  write_sign(value, writer);
}

bool read_signed(BitReader& reader, int32_t& value) {
  const uint32_t magnitude = reader.ue();
  return magnitude <= kMostValue && read_sign(reader, magnitude, value);
}

/// The whole part and the fraction of an element. A predicted fraction has a variable length.
void write_element(int32_t value, int precision, bool predicted, BitWriter& writer) {
  const auto magnitude = static_cast<uint32_t>(std::abs(value));
  const uint32_t fraction = magnitude & ((1U << precision) - 1);
  writer.ue(magnitude >> precision);
  if (predicted)
    writer.ue(fraction);
  else
    writer.bits(fraction, precision);
  write_sign(value, writer);
}

bool read_element(BitReader& reader, int precision, bool predicted, int32_t& value) {
  const uint64_t whole = reader.ue();
  const uint64_t fraction = predicted ? reader.ue() : reader.bits(precision);
  if (whole > kMostValue || fraction > (1U << precision))
    return false;
  const uint64_t magnitude = (whole << precision) + fraction;
  return magnitude <= kMostValue && read_sign(reader, static_cast<uint32_t>(magnitude), value);
}

/// ue(v) plus 1, of a value with a limit; 0 if it is larger.
int read_from_one(BitReader& reader, uint32_t most) {
  const uint32_t value = reader.ue();
  return value < most ? static_cast<int>(value) + 1 : 0;
}

void write_matrices(const GfvMessage& message, BitWriter& writer) {
  writer.bit(message.has_matrices);
  if (!message.has_matrices)
    return;
  if (!message.base)
    writer.bit(message.matrices_predicted);
  if (!message.matrices_predicted) {
    writer.ue(static_cast<uint32_t>(message.matrix_precision - 1));
    writer.ue(0); // gfv_num_matrix_types_minus1
    writer.bits(kAffine, 6);
    writer.bit(true); // gfv_num_matrices_equal_to_num_kps_flag
  }
  for (const int32_t element : message.matrices)
    write_element(element, message.matrix_precision, message.matrices_predicted, writer);
}

bool read_coordinates(BitReader& reader, int keypoints, GfvMessage& message) {
  message.has_coordinates = reader.bit();
  if (!message.has_coordinates)
    return reader.ok();
  message.predicted = reader.bit();
  int count = keypoints;
  if (message.base || !message.predicted) {
    message.coordinate_precision = read_from_one(reader, kMostPrecision);
    count = read_from_one(reader, GfvMessage::kMostKeypoints);
    if (reader.bit()) // gfv_coordinate_z_present_flag
      return false;
    if (message.coordinate_precision < 1)
      return false;
  }
  if (count < 1 || count > GfvMessage::kMostKeypoints)
    return false;
  message.coordinates.resize(2 * static_cast<size_t>(count));
  for (int32_t& value : message.coordinates)
    if (!read_signed(reader, value))
      return false;
  return true;
}

bool read_matrices(BitReader& reader, int precision, GfvMessage& message) {
  message.has_matrices = reader.bit();
  if (!message.has_matrices)
    return reader.ok();
  message.matrices_predicted = !message.base && reader.bit();
  if (!message.has_coordinates)
    return false;
  message.matrix_precision = precision;
  if (!message.matrices_predicted) {
    message.matrix_precision = read_from_one(reader, kMostPrecision);
    if (reader.ue() != 0 || reader.bits(6) != kAffine || !reader.bit())
      return false;
  }
  if (message.matrix_precision < 1 || message.matrix_precision > kMostPrecision)
    return false;
  message.matrices.resize(2 * message.coordinates.size());
  for (int32_t& value : message.matrices)
    if (!read_element(reader, message.matrix_precision, message.matrices_predicted, value))
      return false;
  return true;
}

} // namespace

void write_gfv(const GfvMessage& message, BitWriter& writer) {
  writer.ue(message.id);
  writer.ue(message.count);
  if (message.count == 0)
    writer.bit(message.base);
  if (message.base) {
    writer.bit(false); // gfv_nn_present_flag
    writer.bit(false); // gfv_chroma_key_info_present_flag
  } else {
    writer.bit(false); // gfv_drive_picture_fusion_flag
  }
  writer.bit(message.low_confidence);
  writer.bit(message.has_coordinates);
  if (message.has_coordinates) {
    writer.bit(message.predicted);
    if (message.base || !message.predicted) {
      writer.ue(static_cast<uint32_t>(message.coordinate_precision - 1));
      writer.ue(static_cast<uint32_t>(message.coordinates.size() / 2 - 1));
      writer.bit(false); // gfv_coordinate_z_present_flag
    }
    for (const int32_t value : message.coordinates)
      write_signed(value, writer);
  }
  write_matrices(message, writer);
}

bool read_gfv(BitReader& reader, int keypoints, int matrix_precision, GfvMessage& message) {
  message = {};
  message.id = reader.ue();
  message.count = reader.ue();
  message.base = message.count == 0 && reader.bit();
  if (message.base) {
    const bool network = reader.bit();
    if (network || reader.bit()) // gfv_chroma_key_info_present_flag
      return false;
  } else if (reader.bit()) { // gfv_drive_picture_fusion_flag
    return false;
  }
  message.low_confidence = reader.bit();
  return read_coordinates(reader, keypoints, message) &&
         read_matrices(reader, matrix_precision, message) && reader.ok();
}

} // namespace fomo
