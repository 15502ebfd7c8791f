// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "driver/tracker.h"

namespace fomo {

/// A face tracker with a detector of its own, in the terms of the C table.
class DriverTracker {
 public:
  DriverTracker();

  void reset() { tracker_.reset(); }
  /// See FomoEngineApi::tracker_update. Throws Error when the detector is not installed.
  FomoFace update(const FrameView& frame, double seconds, const std::vector<FomoBox>& given);

 private:
  FaceDetector detector_;
  FaceTracker tracker_;
};

/// A frame of the C table.
FrameView view_of(const FomoFrame& frame);

} // namespace fomo
