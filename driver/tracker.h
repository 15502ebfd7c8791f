// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <vector>

#include "common/geometry.h"
#include "driver/appearance.h"
#include "driver/cut_detector.h"
#include "driver/frame_reader.h"
#include "driver/patch_tracker.h"
#include "driver/steady_crop.h"
#include "face/detector.h"

namespace fomo {

/// A face in one driving frame.
struct FaceTrack {
  FomoFaceState state = FOMO_FACE_SEARCHING;
  FomoFaceEvent event = FOMO_FACE_UNCHANGED;
  Box face{};            ///< where it is, frame pixels; the last place when lost
  Square crop{};         ///< the steady crop around it; empty while searching
  double confidence = 0; ///< 0 (none) to 1, from the detector and the correlation
  bool detected = false; ///< the detector ran on this frame and saw the face
};

/// Looks for faces in an RGB picture whose longer side has `longer_side` pixels at most; as
/// FaceDetector::detect.
using FaceFinder = std::function<std::vector<Face>(const ConstImage& image, int longer_side)>;

/// Follows one face through driving frames. The detector runs when it must (first frame, cut, low
/// correlation) and every few frames on the face's surroundings alone; in between the face's patch
/// is followed by correlation. Reads only the parts of a frame that it looks at.
class FaceTracker {
 public:
  explicit FaceTracker(FaceFinder finder);

  /// The values of `longer_side` that `finder` is called with.
  static std::vector<int> detection_sizes();
  /// Forgets everything, as before the first frame.
  void reset();

  /// Takes the next frame, at `seconds` of stream time. `given`: faces that an element upstream has
  /// found in it; if there are any, the detector does not run.
  FaceTrack update(const FrameReader& frame, double seconds, const std::vector<Face>& given = {});

 private:
  struct Frame {
    const FrameReader& reader;
    double seconds;
    const std::vector<Face>& given;

    bool is_marked() const { return !given.empty(); }
  };

  void follow(const Frame& frame);
  bool was_replaced(const Frame& frame, const Box& expected);
  void confirm(const Frame& frame, const PatchTracker::Match& match);
  void move_on(const Frame& frame, const PatchTracker::Match& match);
  bool search(const Frame& frame, bool thorough);
  bool search_is_due() const;
  std::vector<Face> detect(const Frame& frame, const Box& region, int longer_side);
  std::vector<Face> detect_around(const Frame& frame, const Box& box);
  std::vector<Face> detect_everywhere(const Frame& frame, int longer_side);
  const Face* same_face(const Frame& frame, const std::vector<Face>& faces, const Box& expected,
                        double too_far) const;
  const Face* chosen_face(const Frame& frame, std::vector<Face>& faces) const;
  void accept(const Frame& frame, const Face& face, bool jumped);
  void change_state(FomoFaceState state, FomoFaceEvent event);
  double confidence(double seconds) const;

  FaceFinder finder_;
  CutDetector cuts_;
  PatchTracker patch_;
  Appearance appearance_; ///< of the followed face, over its last detections
  Appearance last_look_;  ///< of the followed face in the frame before
  SteadyCrop steady_;
  FaceTrack track_;
  bool chosen_anew_ = true; ///< the next search takes the largest face, whoever was followed
  double velocity_x_ = 0, velocity_y_ = 0; ///< of the face, pixels a frame
  double score_ = 0;                       ///< of the detector, when it last saw the face
  double correlation_ = 0;                 ///< of the patch in this frame
  double seen_seconds_ = 0;                ///< when the detector last saw the face
  double last_seconds_ = 0;                ///< of the frame before
  int frames_since_attempt_ = 0;           ///< to detect it, while tracking
  bool missing_ = false;                   ///< the last attempt did not see it
  int frames_without_ = 0;                 ///< while searching
};

} // namespace fomo
