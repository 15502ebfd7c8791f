// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "driver/calibration/pose_cross_fade.h"
#include "payload/motion_state.h"
#include "payload/sei.h"

namespace fomo {

struct GfvMessage;

/// What a packet was.
enum class PacketKind {
  frame,     ///< a frame of motion
  concealed, ///< a frame that cannot be decoded: damaged, or what it needs is lost
  header,    ///< the stream's header
  ignored    ///< a duplicate, a packet that comes too late, or another message
};

/// A decoded packet.
struct DecodedMotion {
  PacketKind kind = PacketKind::ignored;
  MotionFrame frame;   ///< of `frame` and `concealed`
  MotionHeader header; ///< of `header`
  bool base = false;   ///< a frame that stands alone
  uint32_t ticks = 1;  ///< since the packet before
  uint32_t lost = 0;   ///< packets between this one and the one before that did not arrive
};

/// Decodes the packets of MotionEncoder, in their order, some of which may be lost, damaged or
/// foreign. A frame that cannot be decoded is concealed: the last motion is held; after half a
/// second the face counts as lost. The first decoded frame after it is cross-faded.
class MotionDecoder {
 public:
  /// For motion of a model with so many keypoints; others are concealed.
  explicit MotionDecoder(int keypoints) : keypoints_(keypoints) {}

  /// Forgets everything: another stream, or a seek. The first face after it is a new scene.
  void reset();
  /// Decodes one packet (one SEI message). `seconds`: its time. `size` 0: no packet has come for
  /// this time; the frame is concealed, and later packets are decoded as if this call had not been.
  /// Throws nothing.
  DecodedMotion decode(const uint8_t* data, size_t size, double seconds);

 private:
  bool can_decode(const GfvMessage& message, const MotionExtension& extension, bool follows) const;
  bool decode_frame(const GfvMessage& message, const MotionExtension& extension, bool follows,
                    double seconds, DecodedMotion& result);
  bool take_values(const GfvMessage& message, const MotionExtension& extension, MotionState& state);
  MotionFrame conceal(double seconds);
  void glide(MotionFrame& frame, bool jumps);

  int keypoints_;
  bool started_ = false; ///< a packet was accepted
  bool begins_ = false;  ///< the last packet was a header
  bool fresh_ = false;   ///< after reset(): the next frame with keypoints is of another scene
  bool has_base_ = false;
  bool chained_ = false; ///< `last_` is the frame before the next packet
  uint32_t sequence_ = 0, base_number_ = 0;
  int coordinate_precision_ = 0, matrix_precision_ = 0; ///< of the base
  MotionState base_, last_;
  MotionFrame shown_;           ///< the last result
  double concealed_since_ = -1; ///< seconds; negative: the last frame was decoded
  PoseCrossFade cross_fade_;
};

} // namespace fomo
