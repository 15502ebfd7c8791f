// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "driver/tracker.h"

namespace fomo {

/// What one driving frame shows of the driver.
struct DriverSight {
  FaceTrack face;        ///< searching where no face is followed
  bool readable = false; ///< the model has something to see; else the picture rests
  Square square{}; ///< of the upright frame, that the model sees; none: the same in all frames
  FomoFootprint footprint{}; ///< of what the model sees, in the stored frame
  double confidence = -1;    ///< in the face, 0 to 1; negative: no face is followed
  bool new_scene = false;    ///< a cut, or a face was found or has returned
  bool timed_out = false;    ///< with this frame the search for a face has lasted for face_timeout
};

/// The driver of one video: follows the face where the crop says so, and reads the part of each
/// frame that the model is to see. A model of faces sees no frame before a face was found, unless
/// the crop asks for a fixed part of the frame.
class Driver {
 public:
  /// `about_faces`: FOMO_CROP_AUTO follows a face. Loads the face detector then. Throws Error.
  explicit Driver(bool about_faces);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Another video, or a seek: forgets the face.
  void restart();

  /// Looks at one frame and, where it is readable, fills `image` (RGB of the model's size). Throws
  /// Error (FOMO_SETTINGS) for a frame without pixels.
  DriverSight look(const FomoDriving& driving, const FomoImage& image);

 private:
  bool follows_face(FomoCrop crop) const;
  void follow(const FomoDriving& driving, const FrameReader& frame, DriverSight& sight);
  bool search_timed_out(const FomoDriving& driving);

  bool about_faces_;
  FaceDetector detector_;
  FaceTracker tracker_;
  FomoCrop crop_ = FOMO_CROP_AUTO; ///< of the frame before
  double searching_since_ = -1;    ///< seconds; negative: not searching
  bool timed_out_ = false;         ///< and said so
};

} // namespace fomo
