// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gst/driver_frame.h"
#include "gst/driving_reader.h"
#include "gst/engine.h"
#include "gst/settings.h"

namespace fomo {

/// What one driving frame shows of the driver.
struct DriverSight {
  FomoDriving driving{}; ///< as the engine wants it
  FomoFaceEvent event = FOMO_FACE_UNCHANGED;
  bool has_face = false;
  bool gave_up = false; ///< no face was found for so long that the centre is taken from now on
  bool anew = false;    ///< the frame after that in which there is one after all
};

/// The driver: finds and follows the face where that is asked for, and cuts the model's picture out
/// of every driving frame. Belongs to the streaming thread.
class Driver {
 public:
  Driver(const Engine& engine, const FomoModelInfo& model) : engine_(engine), model_(model) {}

  /// Formats, sizes and orientation of the frames that follow, and how they are cropped.
  void set_view(const View& view, GstFomoTransferCrop crop);
  /// Another video, or a seek.
  void restart();

  /// Looks at one frame. Good until the next call and as long as `frame` is mapped. Throws Error.
  DriverSight look(GstVideoFrame& frame, const FrameSettings& settings, double seconds);

 private:
  bool follows_face() const;
  DriverSight fixed(GstVideoFrame& frame);
  DriverSight followed(GstVideoFrame& frame, const FrameSettings& settings, double seconds);
  FomoImage read(const FomoFrame& frame, const FomoSquare& square);
  DriverFrame& frames();

  const Engine& engine_;
  const FomoModelInfo& model_;
  View view_;
  GstFomoTransferCrop crop_ = GST_FOMO_TRANSFER_CROP_CENTER;
  std::optional<DriverFrame> frames_; // made with the first frame that needs them, for view_
  std::optional<DrivingReader> reader_;
  std::optional<PixelFrame> picture_;
  TrackerHandle tracker_;
  double searching_since_ = -1; // seconds; negative: not searching
  bool gave_up_ = false;
};

} // namespace fomo
