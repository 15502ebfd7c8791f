// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "compose/detail_blend.h"
#include "compose/layers.h"
#include "compose/mouth.h"
#include "compose/overlay.h"
#include "compose/paste_back.h"

namespace fomo {

/// How frames show animated crops.
struct Presentation {
  bool whole_picture = false; ///< the picture with its crops, not the one crop alone
  bool detail = true;         ///< take fine detail from the source
  /// Size of the frames. {0, 0}: that of the picture, or that of the model for a crop alone.
  PixelSize output;
  int channels = 3;   ///< of the frames: 3, or 4 with straight alpha
  bool plate = false; ///< show what is behind the person where the person has been

  bool operator==(const Presentation& other) const;
};

/// A source picture prepared for one presentation. Immutable, shared by streams.
class PresentedSource {
 public:
  /// `crops`: the parts of the picture that the network animates, one for each face; exactly one
  /// unless `whole_picture`. `at_rest`: for each crop the generated picture when nothing moves, see
  /// DetailSource; data may be null. `people`: for each crop the person's matte, for the plate; may
  /// be empty. Throws Error (FOMO_SETTINGS).
  static std::shared_ptr<const PresentedSource> make(std::shared_ptr<const Picture> picture,
                                                     const std::vector<cv::Rect>& crops,
                                                     const std::vector<ConstImage>& at_rest,
                                                     PixelSize model, const Presentation& settings,
                                                     const std::vector<PersonMap>& people = {});

  const Presentation& settings() const { return settings_; }
  /// Size of the frames.
  PixelSize output() const { return output_; }
  int faces() const { return static_cast<int>(details_.size()); }
  /// The place of face `face` in the output; may extend beyond it.
  cv::Rect place(int face) const { return places_.at(face); }

 private:
  friend class Presenter;

  std::shared_ptr<const Picture> picture_;
  std::vector<cv::Rect> crops_, places_;
  std::vector<std::shared_ptr<const DetailSource>> details_;   ///< null: the crop is only scaled
  std::vector<std::shared_ptr<const BackgroundPlate>> plates_; ///< null: no plate
  std::vector<std::shared_ptr<const SourceMouth>> mouths_;     ///< null: the generator's alone
  PixelSize model_, output_;
  Presentation settings_;
};

/// The generated picture of one face and its motion.
struct GeneratedFace {
  ConstImage picture; ///< RGB of the model's size; null data: this face does not move
  MotionField field;  ///< without a deformation: no detail, no moving alpha
  const KeypointSet* keypoints = nullptr; ///< that it was generated with; null: unknown
};

/// Makes the frames of one stream. Keeps its buffers and the state of the colour match between
/// frames.
class Presenter {
 public:
  Presenter();
  ~Presenter();

  /// Makes one frame. `faces`: one for each face of the source. `output`: of the source's output
  /// size and channels. Uses at most `threads` threads. Throws Error (FOMO_SETTINGS) if a size is
  /// wrong.
  void operator()(const std::shared_ptr<const PresentedSource>& source,
                  const std::vector<GeneratedFace>& faces, const FomoImage& output,
                  int threads = 1);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
