// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "payload/gfv_message.h"
#include "payload/motion_state.h"

namespace fomo {

/// Codes motion, one packet a frame. A base stands alone. Every kChain-th frame after it is
/// predicted from the base, the others from the frame before; so a lost packet that is not a base
/// spoils kChain - 1 frames at most.
class MotionEncoder {
 public:
  /// Frames from one that is predicted from the base to the next one.
  static constexpr uint32_t kChain = 7;

  /// The quantiser and the refresh interval are limited to their ranges.
  explicit MotionEncoder(const MotionCoding& coding);

  /// From the next frame on. Another quantiser makes the next frame a base.
  void set(const MotionCoding& coding);
  /// The next frame is a base.
  void refresh() { wants_base_ = true; }

  struct Packet {
    std::vector<uint8_t> bytes;
    bool base = false; ///< it stands alone
  };
  /// The packet of the next frame, `ticks` after the one before.
  Packet encode(const MotionFrame& frame, uint32_t ticks);

 private:
  MotionState quantised(const MotionFrame& frame) const;
  GfvMessage message_of(const MotionState& state, const MotionFrame& frame);
  MotionExtension extension_of(const MotionState& state, const MotionFrame& frame,
                               const GfvMessage& message, uint32_t ticks);

  MotionCoding coding_;
  MotionState base_, last_; ///< what the decoder has
  bool wants_base_ = true;
  uint32_t since_base_ = 0;  ///< frames
  uint32_t base_number_ = 0; ///< of the last base
  uint32_t sequence_ = 0;    ///< of the next packet
};

} // namespace fomo
