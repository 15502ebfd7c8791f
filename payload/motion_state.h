// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "driver/calibration/motion_frame.h"
#include "payload/bits.h"

namespace fomo {

/// How motion is coded.
struct MotionCoding {
  int quantiser = 5;     ///< 0 (exact to 2^-24) to kMostQuantiser
  int refresh = 25;      ///< frames from one base to the next
  bool jacobians = true; ///< false: keypoints alone

  static constexpr int kMostQuantiser = 8;
};

/// Bits after the binary point at a quantiser.
struct MotionPrecision {
  int coordinates, matrices, crop, roll;

  static MotionPrecision of(int quantiser) {
    return quantiser == 0 ? MotionPrecision{27, 24, 12, 24}
                          : MotionPrecision{12 - quantiser, 10 - quantiser, 3, 10};
  }
};

/// What encoder and decoder know of one frame: its quantised values.
struct MotionState {
  std::vector<int32_t> coordinates, matrices; ///< in units of 2^-precision
  bool has_crop = false;
  std::array<int32_t, 3> crop{}; ///< centre and side
  int32_t roll = 0;              ///< of the crop
  bool guard = false;
  FomoFaceState face = FOMO_FACE_SEARCHING;
  std::array<uint32_t, 2> evidence{}; ///< levels of the face's and the keypoints' confidence
};

/// The part of a message that H.274 does not have: an extension behind the message's syntax, which
/// other decoders skip.
struct MotionExtension {
  static constexpr uint32_t kSequence = 64, kBases = 4;

  uint32_t sequence = 0; ///< of the packet, modulo kSequence
  uint32_t base = 0;     ///< number of the base that the packet is or needs, modulo kBases
  /// Everything below is as in the frame that this one is predicted from, and it is the next frame
  /// of the same scene; so nothing of it is written.
  bool usual = false;
  uint32_t ticks = 1; ///< time since the packet before, in ticks of the stream's header
  bool guard = false;
  bool new_scene = false;
  FomoFaceState face = FOMO_FACE_SEARCHING;
  FomoFaceEvent event = FOMO_FACE_UNCHANGED;
  bool has_crop = false;
  std::array<int32_t, 3> crop{}; ///< values of a base; otherwise differences
  bool exact = false;            ///< quantiser 0: the members `exact_...` are there
  bool has_evidence = false;     ///< otherwise it is that of the frame before
  std::array<uint32_t, 2> evidence{};
  float exact_face = -1;
  std::vector<float> exact_peaks;
  /// What the floating-point numbers of coordinates and then matrices are beyond their quantised
  /// values, in units in the last place. Empty: nothing.
  std::vector<int32_t> exact_values;
  bool has_exact_crop = false;
  std::array<double, 4> exact_crop{}; ///< centre, side, roll
  /// The crop's roll is other than in the frame that this one is predicted from (in a base: other
  /// than 0). Packets before version 0.2 end before it, and have no roll.
  bool has_roll = false;
  int32_t roll = 0;
};

/// A number as an integer that grows with it by one for each unit in the last place, and back.
int32_t ordered(float value);
float from_ordered(int32_t place);

/// `keypoints`: the number of keypoints.
void write_extension(const MotionExtension& extension, int keypoints, BitWriter& writer);
/// Returns false if the extension is damaged.
bool read_extension(BitReader& reader, int keypoints, MotionExtension& extension);

/// Levels of evidence: the confidence in the face (0: no face is followed), and the lower quartile
/// of the peaks (0: unknown).
std::array<uint32_t, 2> evidence_levels(const FrameEvidence& evidence);
FrameEvidence evidence_of(const std::array<uint32_t, 2>& levels, int keypoints);

} // namespace fomo
