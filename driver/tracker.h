// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <vector>

#include "common/crop.h"
#include "driver/appearance.h"
#include "driver/cut_detector.h"
#include "driver/frame_view.h"
#include "driver/patch_tracker.h"
#include "driver/steady_crop.h"
#include "face/detector.h"

namespace fomo {

/// Where a driver's face stands.
enum class FaceState {
  searching, ///< none was seen yet
  tracking,  ///< the crop follows it
  lost,      ///< it was there and is gone; the crop stays where it was
};

/// What a frame changed; to be announced.
enum class FaceEvent {
  none,
  found,    ///< the first face
  lost,     ///< the driver left, or hides the face
  returned, ///< a face is there again, after it was lost
  cut,      ///< the scene changed; `state` says whether the new one has a face
};

/// A face in one driving frame.
struct FaceTrack {
  FaceState state = FaceState::searching;
  FaceEvent event = FaceEvent::none;
  FaceBox face;          ///< where it is, frame pixels; the last place when lost
  Crop crop;             ///< the steady crop around it; empty while searching
  double confidence = 0; ///< 0 (none) to 1, from the detector and the correlation
  bool detected = false; ///< the detector ran on this frame and saw the face
};

/// Which face is followed where there are several.
struct FaceChoice {
  int index = 0; ///< of the order; the last one where there are fewer
  FaceOrder order = FaceOrder::size;
};

/// Looks for faces in an RGB picture whose longer side has `longer_side` pixels at most; as
/// FaceDetector::detect.
using FaceFinder = std::function<std::vector<Face>(const FomoImage& image, int longer_side)>;

/// Follows one face through driving frames. The detector runs when it must (first frame, cut, low
/// correlation) and every few frames on the face's surroundings alone; in between the face's patch
/// is followed by correlation. Reads only the parts of a frame that it looks at.
class FaceTracker {
 public:
  explicit FaceTracker(FaceFinder finder);

  /// Takes effect with the next search.
  void choose(const FaceChoice& choice);
  /// Forgets everything, as before the first frame.
  void reset();

  /// The next frame, `width` x `height` pixels, at `seconds` of stream time.
  FaceTrack update(const RegionReader& reader, int width, int height, double seconds);
  /// The same with faces that somebody upstream has found in this frame; nothing is detected.
  FaceTrack update(const RegionReader& reader, int width, int height, double seconds,
                   const std::vector<Face>& given);

 private:
  struct Frame {
    const RegionReader& reader;
    int width, height;
    double seconds;
    const std::vector<Face>* given;
  };

  FaceTrack advance(const Frame& frame);
  void follow(const Frame& frame);
  void confirm(const Frame& frame, const PatchTracker::Match& match);
  void move_on(const Frame& frame, const PatchTracker::Match& match);
  bool search(const Frame& frame, bool thorough);
  bool search_is_due() const;
  std::vector<Face> detect(const Frame& frame, const FaceBox& region, int longer_side);
  std::vector<Face> detect_around(const Frame& frame, const FaceBox& box);
  std::vector<Face> detect_everywhere(const Frame& frame, int longer_side);
  const Face* same_face(const Frame& frame, const std::vector<Face>& faces, const FaceBox& expected,
                        double too_far) const;
  const Face* chosen_face(const Frame& frame, std::vector<Face>& faces) const;
  void accept(const Frame& frame, const Face& face, bool jumped);
  void change_state(FaceState state, FaceEvent event);
  double confidence(double seconds) const;

  FaceFinder finder_;
  FaceChoice choice_;
  CutDetector cuts_;
  PatchTracker patch_;
  Appearance appearance_;
  SteadyCrop steady_;
  FaceTrack track_;
  bool chosen_anew_ = true; ///< the next search goes by the order, not by the last face
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
