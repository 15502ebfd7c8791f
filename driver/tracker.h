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
#include "face/upright.h"

namespace fomo {

/// The followed face in one driving frame.
struct FaceTrack {
  FomoFaceState state = FOMO_FACE_SEARCHING;
  FomoFaceEvent event = FOMO_FACE_UNCHANGED;
  /// The face, pixels of the upright frame, in the axes of the crop (Face::box); when lost, its
  /// last position.
  Box face{};
  Square crop{};         ///< the steady crop around the face; empty while searching
  double confidence = 0; ///< 0 (none) to 1, from the detector and the correlation
  bool detected = false; ///< the detector ran on this frame and saw the face
};

/// Finds the faces of an RGB image whose longer side has at most `longer_side` pixels, like
/// FaceDetector::detect.
using FaceFinder = std::function<std::vector<Face>(const ConstImage& image, int longer_side)>;

/// Follows one face through driving frames. The detector runs on the whole frame when necessary (at
/// the first frame, after a cut, at a low correlation) and every few frames on the region around
/// the face. In between the face is followed by the correlation of its patch. Only the parts of a
/// frame that the tracker needs are read.
///
/// The crop is turned by the roll that the face has when it is found, if that is 10 degrees or
/// more, and keeps this roll: a head that tilts tilts in the crop. The roll is measured anew when
/// the head has come back to upright, or has turned too far for the model, for about a second. A
/// face that lies is found too.
class FaceTracker {
 public:
  /// `finder`: the face detector.
  explicit FaceTracker(FaceFinder finder);

  /// All values of `longer_side` that `finder` is called with.
  static std::vector<int> detection_sizes();
  /// Returns to the state before the first frame.
  void reset();

  /// Processes the next frame, at `seconds` of stream time. `marked`: faces that an element
  /// upstream has found in the frame; if there are any, the detector does not run.
  FaceTrack update(const FrameReader& frame, double seconds, const std::vector<Face>& marked = {});

 private:
  struct Frame {
    const FrameReader& reader;
    double seconds;
    const std::vector<Face>& marked;

    bool is_marked() const { return !marked.empty(); }
  };

  void follow(const Frame& frame);
  bool was_replaced(const Frame& frame, const Box& expected);
  /// Runs the detector for the face that the patch tracker expects at `match`.
  void confirm(const Frame& frame, const PatchTracker::Match& match);
  void follow_patch(const Frame& frame, const PatchTracker::Match& match);
  /// Looks for a face in the whole frame. `thorough`: also for small faces and at every roll.
  bool search(const Frame& frame, bool thorough);
  std::vector<Face> detect_turned(const Frame& frame, bool thorough);
  SquareDetector square_detector(const Frame& frame);
  /// The face with its roll, to be taken out of the crop.
  Face with_roll(const Frame& frame, const Face& face);
  /// Whether the roll of the crop no longer fits the face.
  bool roll_is_outdated(const Frame& frame, const Face& face);
  bool search_is_due() const;
  /// Finds faces in a region that is turned by `roll`. `magnifies`: small regions too are scaled to
  /// `longer_side`.
  std::vector<Face> detect(const Frame& frame, const Box& region, double roll, int longer_side,
                           bool magnifies = false);
  std::vector<Face> detect_around(const Frame& frame, const Box& box);
  std::vector<Face> detect_everywhere(const Frame& frame, double roll, int longer_side);
  bool is_continuous(const Frame& frame, const PatchTracker::Match& match) const;
  const Face* same_face(const Frame& frame, const std::vector<Face>& faces, const Box& expected,
                        double most_change, bool continuous);
  double difference_from(const Frame& frame, const Face& face, double decisive);
  const Face* chosen_face(const Frame& frame, std::vector<Face>& faces) const;
  void accept(const Frame& frame, const Face& face, bool jumped);
  void change_state(FomoFaceState state, FomoFaceEvent event);
  double confidence(double seconds) const;

  FaceFinder finder_;
  CutDetector cuts_;
  PatchTracker patch_;
  Appearance appearance_;   ///< of the followed face, over its last detections
  Appearance last_look_;    ///< of the followed face in the frame before
  PatchTracker last_patch_; ///< the followed face in the frame before
  SteadyCrop steady_;
  FaceTrack track_;
  bool takes_largest_ = true; ///< the next search takes the largest face, not the followed one
  double velocity_x_ = 0, velocity_y_ = 0; ///< of the face, pixels per frame
  double score_ = 0;                       ///< the detector's score when it last found the face
  double correlation_ = 0;                 ///< of the patch in this frame
  double seen_seconds_ = 0;        ///< stream time at which the detector last found the face
  double last_seconds_ = 0;        ///< stream time of the previous frame
  int frames_since_detection_ = 0; ///< frames since the detector last ran, while tracking
  bool missed_ = false;            ///< the detector did not find the face when it last ran
  int frames_without_ = 0;         ///< frames since the face was lost, or since the start
  double roll_ = 0;                ///< of the crop
  double roll_checked_ = 0;        ///< stream time at which the roll was last measured
  int outdated_ = 0;               ///< measurements in a row that found another roll
  int turn_ = 0;                   ///< quarter turn at which the last search looked
};

} // namespace fomo
