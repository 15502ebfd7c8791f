// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gst/engine.h"
#include "gst/motion_lanes.h"
#include "gst/motion_stream.h"
#include "gst/stats.h"

namespace fomo {

/// One driver: the decoder of its packets, and its motion now. Only the output thread uses it.
struct MotionDriver {
  MotionLaneHandle lane;
  MotionDecoderHandle decoder;
  MotionHandle motion;           ///< null: there was no packet yet
  FomoPacketInfo info{};         ///< of the last packet
  std::shared_ptr<GstCaps> caps; ///< of its pad, unless it is the main pad
  bool told_no_face = false;     ///< a warning that its face does not exist was posted
};

/// The motion of each driver. The first driver is that of the main pad.
class MotionDrivers {
 public:
  MotionDrivers(const Engine& engine, const ModelIdentity& model, const MotionLaneHandle& main);

  const ModelIdentity& model() const { return model_; }
  MotionDriver& main() { return drivers_.front(); }
  /// The driver of a lane, which is added if it is new.
  MotionDriver& of(const MotionLaneHandle& lane);
  std::vector<MotionDriver>& all() { return drivers_; }

  /// Another stream, or a seek.
  void reset(MotionDriver& driver);
  /// Decodes the packets in a buffer, of the time `seconds`. Returns whether one of them is a
  /// frame. Throws Error if the motion is that of another model.
  bool decode(MotionDriver& driver, GstBuffer* buffer, double seconds, Stats& stats);
  /// Nothing is known of the driver at this time.
  void conceal(MotionDriver& driver, double seconds);

  /// The motion of each of `faces` faces; null: its driver has shown nothing yet, or there is none.
  /// Of two drivers of one face the later one moves it, unless its pad is gone.
  std::vector<const FomoMotionFrame*> by_face(int faces) const;
  /// The lanes of drivers whose pad is gone, and whose face another driver moves or who have shown
  /// nothing. Forgets those drivers.
  std::vector<MotionLaneHandle> forget_replaced();

 private:
  const Engine& engine_;
  ModelIdentity model_;
  std::vector<MotionDriver> drivers_;
};

} // namespace fomo
