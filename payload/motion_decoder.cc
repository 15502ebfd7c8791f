// SPDX-License-Identifier: LGPL-2.1-or-later
#include "payload/motion_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "driver/calibration/crop_mapping.h"
#include "payload/gfv_message.h"

namespace fomo {

namespace {

constexpr double kHold = 0.5;   // seconds until a concealed face counts as lost
constexpr double kGlide = 0.16; // seconds
constexpr int64_t kMostValue = 1 << 29;
// Limits of what can be a face: coordinates, elements of a Jacobian, pixels.
constexpr double kMostCoordinate = 16, kMostElement = 256, kMostPixel = 65536;

/// Adds differences to values. Returns false if a sum is out of range.
bool add(const std::vector<int32_t>& differences, std::vector<int32_t>& values) {
  if (differences.size() != values.size())
    return false;
  for (size_t i = 0; i < values.size(); i++) {
    const int64_t sum = int64_t{values[i]} + differences[i];
    if (std::abs(sum) > kMostValue)
      return false;
    values[i] = static_cast<int32_t>(sum);
  }
  return true;
}

/// Converts to numbers. Returns false if one is out of range.
bool scaled(const std::vector<int32_t>& values, int precision, double most,
            std::vector<float>& result) {
  result.clear();
  for (const int32_t value : values) {
    const double number = std::ldexp(value, -precision);
    if (std::abs(number) > most)
      return false;
    result.push_back(static_cast<float>(number));
  }
  return true;
}

/// Adds `rest` from `at` on to numbers, in units in the last place; advances `at`. Returns false if
/// there is too little, or a number is out of range.
bool add_rest(const std::vector<int32_t>& rest, double most, size_t& at,
              std::vector<float>& numbers) {
  if (rest.size() - at < numbers.size())
    return false;
  for (float& number : numbers) {
    const int64_t place = int64_t{ordered(number)} + rest[at++];
    if (std::abs(place) > std::numeric_limits<int32_t>::max())
      return false;
    number = from_ordered(static_cast<int32_t>(place));
    if (!(std::abs(number) <= most))
      return false;
  }
  return true;
}

/// The precision of the crop and of its roll is not transmitted: it follows from that of the
/// coordinates.
MotionPrecision crop_precision_of(int coordinate_precision) {
  return MotionPrecision::of(coordinate_precision == MotionPrecision::of(0).coordinates ? 0 : 1);
}

} // namespace

void MotionDecoder::reset() {
  *this = MotionDecoder(keypoints_);
  fresh_ = true;
}

bool MotionDecoder::can_decode(const GfvMessage& message, const MotionExtension& extension,
                               bool follows) const {
  if (message.base)
    return message.coordinates.size() == 2 * static_cast<size_t>(keypoints_);
  if (!message.has_coordinates)
    return true;
  const bool same_base = has_base_ && extension.base == base_number_ && message.predicted &&
                         message.has_matrices == !base_.matrices.empty() &&
                         (!message.has_matrices || message.matrices_predicted);
  return same_base && (message.count == 0 || (follows && chained_));
}

bool MotionDecoder::take_values(const GfvMessage& message, const MotionExtension& extension,
                                MotionState& state) {
  if (message.base) {
    state.coordinates = message.coordinates;
    state.matrices = message.matrices;
    if (message.predicted)
      for (size_t i = 2; i < state.coordinates.size(); i++) {
        const int64_t sum = int64_t{state.coordinates[i]} + state.coordinates[i - 2];
        if (std::abs(sum) > kMostValue)
          return false;
        state.coordinates[i] = static_cast<int32_t>(sum);
      }
  } else {
    state = message.count == 0 ? base_ : last_;
    if (!add(message.coordinates, state.coordinates) || !add(message.matrices, state.matrices))
      return false;
  }
  if (extension.usual)
    return !message.base;
  state.guard = extension.guard;
  state.face = extension.face;
  for (size_t i = 0; i < state.crop.size(); i++) {
    const int64_t value = int64_t{state.has_crop ? state.crop[i] : 0} + extension.crop[i];
    if (std::abs(value) > kMostValue)
      return false;
    state.crop[i] = extension.has_crop ? static_cast<int32_t>(value) : 0;
  }
  state.has_crop = extension.has_crop;
  if (extension.has_roll)
    state.roll = extension.roll;
  if (!state.has_crop)
    state.roll = 0;
  if (extension.has_evidence)
    state.evidence = extension.evidence;
  return true;
}

bool MotionDecoder::decode_frame(const GfvMessage& message, const MotionExtension& extension,
                                 bool follows, double seconds, DecodedMotion& result) {
  if (!can_decode(message, extension, follows))
    return false;
  if (!message.has_coordinates && extension.usual)
    return false;
  MotionFrame& frame = result.frame;
  frame.guard = extension.guard;
  frame.face = extension.face;
  frame.event = extension.event;
  frame.seen.seconds = seconds;
  frame.seen.new_scene = extension.new_scene;
  if (!message.has_coordinates)
    return true;
  MotionState state;
  if (!take_values(message, extension, state))
    return false;
  frame.guard = state.guard;
  frame.face = state.face;
  const int coordinate_precision =
                message.base ? message.coordinate_precision : coordinate_precision_,
            matrix_precision = message.base ? message.matrix_precision : matrix_precision_;
  const MotionPrecision precision = crop_precision_of(coordinate_precision);
  KeypointSet& keypoints = frame.seen.keypoints;
  keypoints.count = keypoints_;
  if (!scaled(state.coordinates, coordinate_precision, kMostCoordinate, keypoints.value) ||
      !scaled(state.matrices, matrix_precision, kMostElement, keypoints.jacobian))
    return false;
  size_t used = 0;
  if (!extension.exact_values.empty() &&
      (!add_rest(extension.exact_values, kMostCoordinate, used, keypoints.value) ||
       !add_rest(extension.exact_values, kMostElement, used, keypoints.jacobian)))
    return false;
  if (state.has_crop) {
    const auto pixels = [&](size_t i) { return std::ldexp(state.crop[i], -precision.crop); };
    frame.seen.crop = {pixels(0), pixels(1), pixels(2),
                       wrapped(std::ldexp(state.roll, -precision.roll))};
    const auto& [x, y, size, roll] = extension.exact_crop;
    if (extension.has_exact_crop && !(std::abs(roll) <= 4 * M_PI))
      return false;
    if (extension.has_exact_crop)
      frame.seen.crop = {x, y, size, roll};
    if (!(frame.seen.crop.size > 0) || frame.seen.crop.size > kMostPixel ||
        !(std::abs(frame.seen.crop.cx) <= kMostPixel) ||
        !(std::abs(frame.seen.crop.cy) <= kMostPixel))
      return false;
  }
  frame.seen.evidence = extension.exact ? FrameEvidence{extension.exact_peaks, extension.exact_face}
                                        : evidence_of(state.evidence, keypoints_);
  last_ = state;
  if (message.base) {
    base_ = state;
    has_base_ = true;
    base_number_ = extension.base;
    coordinate_precision_ = coordinate_precision;
    matrix_precision_ = matrix_precision;
  }
  return true;
}

MotionFrame MotionDecoder::conceal(double seconds) {
  if (concealed_since_ < 0)
    concealed_since_ = seconds;
  MotionFrame frame = shown_;
  frame.event = FOMO_FACE_UNCHANGED;
  frame.seen.new_scene = false;
  frame.seen.seconds = seconds;
  if (seconds - concealed_since_ >= kHold && frame.face == FOMO_FACE_TRACKING) {
    frame.face = FOMO_FACE_LOST;
    frame.event = FOMO_FACE_LEFT;
  }
  if (frame.face == FOMO_FACE_LOST)
    frame.seen.evidence.face = 0;
  return frame;
}

/// After concealed frames, and where a stream begins anew, the motion is cross-faded.
void MotionDecoder::glide(MotionFrame& frame, bool jumps) {
  const double step = std::clamp(frame.seen.seconds - shown_.seen.seconds, 0.0, 1.0);
  KeypointSet& keypoints = frame.seen.keypoints;
  const bool comparable = keypoints.count == shown_.seen.keypoints.count && !keypoints.empty() &&
                          keypoints.jacobian.size() == shown_.seen.keypoints.jacobian.size();
  if (!comparable || frame.seen.new_scene) {
    cross_fade_.stop();
  } else if (concealed_since_ >= 0 || jumps) {
    cross_fade_.start(map_keypoints(shown_.seen.keypoints, shown_.seen.crop, frame.seen.crop),
                      keypoints, kGlide);
    keypoints = cross_fade_.apply(keypoints, step);
  } else if (cross_fade_.active()) {
    keypoints = cross_fade_.apply(keypoints, step);
  }
  // The face that was given up is there again.
  if (concealed_since_ >= 0 && shown_.face == FOMO_FACE_LOST && frame.face == FOMO_FACE_TRACKING &&
      frame.event == FOMO_FACE_UNCHANGED)
    frame.event = FOMO_FACE_RETURNED;
}

DecodedMotion MotionDecoder::decode(const uint8_t* data, size_t size, double seconds) {
  // A difference beyond is one to a packet of the past.
  constexpr uint32_t late = MotionExtension::kSequence / 2;
  DecodedMotion result;
  SeiMessage sei;
  const SeiOutcome outcome = read_sei(data, size, sei);
  if (outcome == SeiOutcome::message && sei.type != GfvMessage::kPayloadType) {
    if (read_motion_header(sei, result.header)) {
      result.kind = PacketKind::header;
      begins_ = true;
    }
    return result;
  }
  GfvMessage message;
  MotionExtension extension;
  bool readable = outcome == SeiOutcome::message;
  if (readable) {
    BitReader reader(sei.payload, sei.size);
    readable = read_gfv(reader, keypoints_, matrix_precision_, message) &&
               read_extension(reader, keypoints_, extension);
  }
  bool follows = false;
  // Behind a header the first packet of an encoder begins another stream, as where a file is played
  // again. Between it and the last packet nothing is missing.
  if (std::exchange(begins_, false) && readable && message.base && extension.sequence == 0)
    started_ = false;
  if (readable) {
    const uint32_t step = (extension.sequence - sequence_) % MotionExtension::kSequence;
    if (started_ && (step == 0 || step > late) && !message.base)
      return result;
    if (started_ && step == 0)
      return result;
    follows = started_ && step == 1;
    result.lost = started_ && step <= late ? step - 1 : 0;
    result.ticks = extension.ticks;
    sequence_ = extension.sequence;
    started_ = true;
  }
  DecodedMotion decoded = result;
  if (readable && decode_frame(message, extension, follows, seconds, decoded)) {
    result = decoded;
    result.kind = PacketKind::frame;
    result.base = message.base;
    chained_ = message.has_coordinates || (chained_ && follows);
    if (fresh_ && message.has_coordinates) {
      result.frame.seen.new_scene = true;
      fresh_ = false;
    }
    glide(result.frame, message.base && !follows);
    concealed_since_ = -1;
  } else {
    result.kind = PacketKind::concealed;
    result.frame = conceal(seconds);
    // Where nothing has come, what comes next may still follow.
    chained_ = chained_ && size == 0;
  }
  shown_ = result.frame;
  return result;
}

} // namespace fomo
