// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "driver/tracker.h"

namespace fomo {

/// What one driving frame shows of the driver.
struct DriverSight {
  FaceTrack face;            ///< the state is FOMO_FACE_SEARCHING if no face is followed
  bool readable = false;     ///< false: there is no crop for the model yet
  Square square{};           ///< the followed or manual crop in the upright frame; else no square
  FomoFootprint footprint{}; ///< the crop in the stored frame
  double confidence = -1;    ///< confidence in the face, 0 to 1; negative: no face is followed
  bool new_scene = false;    ///< a cut, or a face was found or has returned
  bool timed_out = false;    ///< at this frame the search for a face has lasted for face_timeout
  /// Not IDENTITY: at this frame the face has lain, or stood on its head, for a second since it was
  /// found. The operation that turns the frame upright. Once for each video.
  FomoOrientation lies = FOMO_ORIENTATION_IDENTITY;
};

/// Chooses and reads the crop of each driving frame of one video. The crop follows a face or is
/// fixed, as FomoDriving::crop says. A crop that follows a face is not readable before the first
/// face is found.
class Driver {
 public:
  /// `about_faces`: whether FOMO_CROP_AUTO follows a face. If so, loads the face detector. Throws
  /// Error.
  explicit Driver(bool about_faces);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Prepares for another video, or for a seek: forgets the face.
  void restart();

  /// Processes one frame. If the result is readable, `image` (RGB of the model's size) is filled
  /// with the crop. Throws Error (FOMO_SETTINGS) if the crop has no pixels in the frame.
  DriverSight look(const FomoDriving& driving, const FomoImage& image);

 private:
  bool follows_face(FomoCrop crop) const;
  void follow(const FomoDriving& driving, const FrameReader& frame, DriverSight& sight);
  bool search_timed_out(const FomoDriving& driving);
  FomoOrientation lies(double seconds, const FaceTrack& face);

  bool about_faces_;
  FaceDetector detector_;
  FaceTracker tracker_;
  FomoCrop crop_ = FOMO_CROP_AUTO; ///< of the previous frame
  double searching_since_ = -1;    ///< seconds of stream time; negative: not searching
  bool timed_out_ = false;         ///< this search has reported its timeout
  double lying_since_ = -1;        ///< seconds of stream time; negative: the face does not lie
  bool lay_ = false;               ///< it was reported that the face lies
};

} // namespace fomo
