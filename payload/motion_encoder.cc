// SPDX-License-Identifier: LGPL-2.1-or-later
#include "payload/motion_encoder.h"

#include <algorithm>
#include <cmath>

#include "payload/sei.h"

namespace fomo {

namespace {

constexpr double kLargest = 1 << 28; // of a quantised value

/// Quantises a value. If it is near the value of the frame before, that one is kept: noise does not
/// flicker, and no change costs one bit.
int32_t quantise(double value, int precision, const int32_t* before) {
  constexpr double near = 1.0; // steps
  const double scaled = std::clamp(std::ldexp(value, precision), -kLargest, kLargest);
  if (before && precision < MotionPrecision::of(0).crop && std::abs(scaled - *before) < near)
    return *before;
  return static_cast<int32_t>(std::lround(scaled));
}

std::vector<int32_t> quantise(const std::vector<float>& values, int precision,
                              const std::vector<int32_t>& before) {
  std::vector<int32_t> result(values.size());
  for (size_t i = 0; i < values.size(); i++)
    result[i] =
        quantise(values[i], precision, before.size() == values.size() ? &before[i] : nullptr);
  return result;
}

/// Appends what the numbers are beyond their quantised values, in units in the last place.
void append_rest(const std::vector<float>& numbers, const std::vector<int32_t>& quantised,
                 int precision, std::vector<int32_t>& rest) {
  for (size_t i = 0; i < quantised.size(); i++)
    rest.push_back(ordered(numbers[i]) -
                   ordered(static_cast<float>(std::ldexp(quantised[i], -precision))));
}

std::vector<int32_t> difference(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  std::vector<int32_t> result(a.size());
  for (size_t i = 0; i < a.size(); i++)
    result[i] = a[i] - b[i];
  return result;
}

} // namespace

MotionEncoder::MotionEncoder(const MotionCoding& coding) { set(coding); }

void MotionEncoder::set(const MotionCoding& coding) {
  MotionCoding limited = coding;
  limited.quantiser = std::clamp(coding.quantiser, 0, MotionCoding::kMostQuantiser);
  limited.refresh = std::max(coding.refresh, 1);
  if (limited.quantiser != coding_.quantiser || limited.jacobians != coding_.jacobians) {
    wants_base_ = true;
    base_ = last_ = {};
  }
  coding_ = limited;
}

MotionState MotionEncoder::quantised(const MotionFrame& frame) const {
  const MotionPrecision precision = MotionPrecision::of(coding_.quantiser);
  MotionState state;
  state.coordinates =
      quantise(frame.seen.keypoints.value, precision.coordinates, last_.coordinates);
  if (coding_.jacobians)
    state.matrices = quantise(frame.seen.keypoints.jacobian, precision.matrices, last_.matrices);
  state.has_crop = !is_empty(frame.seen.crop);
  const Square& square = frame.seen.crop;
  const double crop[] = {square.cx, square.cy, square.size};
  for (size_t i = 0; i < state.crop.size(); i++)
    state.crop[i] = state.has_crop ? quantise(crop[i], precision.crop,
                                              last_.has_crop ? &last_.crop[i] : nullptr)
                                   : 0;
  if (state.has_crop)
    state.roll =
        quantise(wrapped(square.roll), precision.roll, last_.has_crop ? &last_.roll : nullptr);
  state.guard = frame.guard;
  state.face = frame.face;
  state.evidence = evidence_levels(frame.seen.evidence);
  return state;
}

GfvMessage MotionEncoder::message_of(const MotionState& state, const MotionFrame& frame) {
  const MotionPrecision precision = MotionPrecision::of(coding_.quantiser);
  GfvMessage message;
  message.has_coordinates = !state.coordinates.empty();
  message.low_confidence = frame.face == FOMO_FACE_LOST || !message.has_coordinates;
  if (!message.has_coordinates)
    return message;
  message.base = wants_base_ || since_base_ >= static_cast<uint32_t>(coding_.refresh) ||
                 base_.coordinates.size() != state.coordinates.size() ||
                 last_.coordinates.size() != state.coordinates.size() ||
                 base_.matrices.size() != state.matrices.size();
  message.predicted = true;
  message.coordinate_precision = precision.coordinates;
  message.matrix_precision = precision.matrices;
  message.has_matrices = !state.matrices.empty();
  message.matrices_predicted = !message.base;
  if (message.base) {
    // Each keypoint from the one before it.
    message.coordinates = state.coordinates;
    for (size_t i = state.coordinates.size(); i-- > 2;)
      message.coordinates[i] -= state.coordinates[i - 2];
    message.matrices = state.matrices;
    return message;
  }
  message.count = since_base_ % kChain;
  const MotionState& from = message.count == 0 ? base_ : last_;
  message.coordinates = difference(state.coordinates, from.coordinates);
  message.matrices = difference(state.matrices, from.matrices);
  return message;
}

MotionExtension MotionEncoder::extension_of(const MotionState& state, const MotionFrame& frame,
                                            const GfvMessage& message, uint32_t ticks) {
  MotionExtension extension;
  extension.sequence = sequence_;
  extension.base = base_number_;
  extension.ticks = ticks;
  extension.guard = frame.guard;
  extension.new_scene = frame.seen.new_scene;
  extension.face = frame.face;
  extension.event = frame.event;
  const bool alone = message.base || !message.has_coordinates;
  const MotionState& from = message.count == 0 ? base_ : last_;
  extension.has_crop = state.has_crop;
  extension.crop = state.crop;
  if (!alone && from.has_crop)
    for (size_t i = 0; i < state.crop.size(); i++)
      extension.crop[i] -= from.crop[i];
  extension.exact = coding_.quantiser == 0;
  extension.exact_face = static_cast<float>(std::clamp(frame.seen.evidence.face, -1.0, 1.0));
  if (extension.exact_face < 0)
    extension.exact_face = -1;
  extension.exact_peaks = frame.seen.evidence.peaks;
  if (extension.exact_peaks.size() * 2 != state.coordinates.size())
    extension.exact_peaks.clear();
  for (float& peak : extension.exact_peaks)
    peak = std::clamp(peak, 0.0F, 1.0F);
  if (extension.exact && message.has_coordinates) {
    const MotionPrecision precision = MotionPrecision::of(0);
    append_rest(frame.seen.keypoints.value, state.coordinates, precision.coordinates,
                extension.exact_values);
    append_rest(frame.seen.keypoints.jacobian, state.matrices, precision.matrices,
                extension.exact_values);
    const Square& crop = frame.seen.crop;
    extension.has_exact_crop = state.has_crop;
    extension.exact_crop = {crop.cx, crop.cy, crop.size, crop.roll};
  }
  extension.has_evidence = alone || state.evidence != from.evidence;
  extension.evidence = state.evidence;
  extension.has_roll = state.roll != (alone ? 0 : from.roll);
  extension.roll = state.roll;
  extension.usual =
      !alone && !extension.has_roll && !extension.exact && ticks == 1 && !extension.has_evidence &&
      !extension.new_scene && extension.event == FOMO_FACE_UNCHANGED && state.guard == from.guard &&
      state.face == from.face && state.has_crop == from.has_crop && state.crop == from.crop;
  return extension;
}

MotionEncoder::Packet MotionEncoder::encode(const MotionFrame& frame, uint32_t ticks) {
  MotionFrame finite = frame;
  if (!is_finite(frame.seen.keypoints))
    finite.seen.keypoints = {};
  const MotionState state = quantised(finite);
  const GfvMessage message = message_of(state, finite);
  if (message.base) {
    base_number_ = (base_number_ + 1) % MotionExtension::kBases;
    since_base_ = 0;
    wants_base_ = false;
    base_ = state;
  }
  BitWriter writer;
  write_gfv(message, writer);
  write_extension(extension_of(state, finite, message, ticks),
                  static_cast<int>(state.coordinates.size() / 2), writer);
  writer.bit(true); // payload_bit_equal_to_one
  sequence_ = (sequence_ + 1) % MotionExtension::kSequence;
  if (message.has_coordinates) {
    since_base_++;
    last_ = state;
  }
  return {write_sei(GfvMessage::kPayloadType, writer.bytes()), message.base};
}

} // namespace fomo
