// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/presenter.h"
#include "compose/repaint.h"
#include "driver/calibration/driver_motion.h"
#include "driver/driver.h"
#include "engine/source.h"
#include "mark/marker.h"
#include "model/model.h"

namespace fomo {

/// Animates pictures with one driving video. The driver's side, read(): the driver's face is
/// followed and read, and its keypoints are detected. The picture's side, animate(): the keypoints
/// are calibrated for each part of the picture, the model generates the parts, and the output frame
/// is composed of them. The two sides may be in two streams, with the motion in between.
class Stream {
 public:
  /// Loads what following a face needs. Throws Error.
  explicit Stream(std::shared_ptr<const Model> model);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Another video, or a seek: forgets the driver, but for a pose that was set.
  void restart();
  /// The next frame that can be trusted becomes the neutral pose.
  void reset_reference();
  /// `pose`, of the same model, becomes the neutral pose.
  void set_reference(const KeypointSet& pose);

  /// The motion of one driving frame. Fills the members of `info` that tell of the driver. Throws
  /// Error.
  MotionFrame read(const FomoDriving& driving, FomoFrameInfo& info);

  /// One frame from motion. Part i moves by motions[i]; the parts from the last motion on all move
  /// by that one. `motions` is not empty. `presented` is `picture` prepared for `output`; null:
  /// `output` is the one part as the model paints it, RGB of the model's size. `overlay` and `mark`
  /// may be null. Fills the members of `info` that read() does not fill. Throws Error.
  void animate(const std::shared_ptr<const Source>& picture,
               const std::shared_ptr<const PresentedSource>& presented,
               const std::vector<const MotionFrame*>& motions, const FomoCalibration& calibration,
               const FomoOverlay* overlay, const FomoMark* mark, const FomoImage& output,
               FomoFrameInfo& info);

  /// read() and animate(). Throws Error.
  FomoFrameInfo animate(const std::shared_ptr<const Source>& picture,
                        const std::shared_ptr<const PresentedSource>& presented,
                        const FomoDriving& driving, const FomoCalibration& calibration,
                        const FomoOverlay* overlay, const FomoMark* mark, const FomoImage& output);

 private:
  /// A part of the picture in this frame and from frame to frame.
  struct Part {
    DriverMotion motion_of_driver;
    KeypointSet keypoints;  ///< that it was rendered with
    uint64_t motion_id = 0; ///< of the motion that they come from; 0: none
    std::vector<uint8_t> pixels;
    RenderedMotion motion;
  };

  using Motions = std::vector<const MotionFrame*>;

  void take(const std::shared_ptr<const Source>& picture, bool has_edges, const Motions& motions,
            const FomoCalibration& calibration);
  void take_picture(const std::shared_ptr<const Source>& picture, FomoReference reference);
  bool move(const Motions& motions, FomoFrameInfo& info);
  bool rest(FomoFrameInfo& info);
  bool rest_part(size_t index);
  bool check_motions(const Motions& motions) const;
  void render(bool has_edges, bool masks, bool background);
  void compose(const std::shared_ptr<const PresentedSource>& presented, const FomoImage& output);
  void draw(const FomoOverlay& overlay, const PresentedSource* presented, const MotionFrame& motion,
            const FomoImage& output);
  FomoImage image_of(std::vector<uint8_t>& pixels) const;
  int threads() const;

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Workspace> workspace_;
  Driver driver_;
  std::vector<uint8_t> driving_; ///< what the model sees of the driving frame: RGB of its size
  bool has_driving_ = false;     ///< `driving_` is that of the motion's frame
  std::shared_ptr<const Source> picture_;
  std::vector<Part> parts_;
  KeypointSet given_;     ///< reference pose; empty: none
  bool rendered_ = false; ///< the parts show this picture
  bool masks_ = false;    ///< and have their masks
  std::unique_ptr<SteadyBorder> border_;
  bool has_edges_ = false; ///< that they were rendered for: their borders are held
  Presenter presenter_;
  Repaint repaint_;
  Marker marker_;
};

} // namespace fomo
