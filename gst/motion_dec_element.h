// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "gst/element.h"
#include "gst/gstfomomotiondec.h"
#include "gst/motion_drivers.h"
#include "gst/motion_lanes.h"
#include "gst/motion_pad.h"

namespace fomo {

/// What exists between start and stop. Only the output thread uses it, which is the streaming
/// thread of the pad `sink` while there is no other pad.
struct MotionDecoding {
  MotionDecoding(const Engine& engine, const ModelIdentity& model, const MotionLaneHandle& main)
      : drivers(engine, model, main) {}

  MotionDrivers drivers;
  double seconds = 0; ///< stream time of the last packet of `sink`, or an estimate
};

/// The state of the element besides that of GstFomoTransfer.
struct MotionDecState {
  MotionLanes lanes;
  MotionLaneHandle main;                    ///< of the pad `sink`
  GstPadChainFunction base_chain = nullptr; ///< of the pad `sink`, of the base class
  GstPadEventFunction base_event = nullptr;
  /// Held while the base class is called with the data of several drivers. A downstream element may
  /// flush from within such a call.
  std::recursive_mutex in_base;
  std::unique_ptr<MotionDecoding> decoding; ///< null while stopped
};

} // namespace fomo

struct _GstFomoMotionDec {
  GstFomoTransfer parent;
  fomo::MotionDecState* state;
};

namespace fomo {

/// Puts the lanes between the pad `sink` and the base class.
void take_over_sink(GstFomoMotionDec* self);
/// Installs the request pads, their property by GstChildProxy, and the answer to latency queries.
void install_motion_pads(GstFomoMotionDecClass* klass);
void init_child_proxy(gpointer interface, gpointer data);
/// One turn of the output thread. `data`: the element.
void output_motion(gpointer data);
/// Ends the output thread, when the element goes to READY.
void stop_output(GstFomoMotionDec* self);
/// The template of the pads of other drivers.
extern GstStaticPadTemplate motion_request_template;

} // namespace fomo
