// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/property_types.h"

namespace fomo {

namespace {

constexpr double kMostDegrees = 45;

template<auto control>
Property face_control(const char* name, const char* nick, const char* blurb, double least,
                      double most) {
  return number<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::face, control>(
      name, nick, blurb, least, most, kControllable);
}

} // namespace

void add_face_control_properties(const Add& add) {
  /**
   * GstFomoTransfer:head-strength:
   *
   * A factor of the head's motion: its turn, shift and size, from 0 (the head rests and the face
   * still has its expression) to 2 (twice the motion). The properties
   * of single parts of a face need a model whose keypoints have names, as the built-in model's
   * have; with another model they do nothing, and the element posts a warning.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::head>("head-strength", "Head strength",
                                            "Factor of the motion of the head", 0, 2));

  /**
   * GstFomoTransfer:eyes-strength:
   *
   * A factor of the motion of the eyelids, from 0 (none) to 2 (twice the motion).
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::eyes>("eyes-strength", "Eyes strength",
                                            "Factor of the motion of the eyelids", 0, 2));

  /**
   * GstFomoTransfer:mouth-strength:
   *
   * A factor of the motion of the mouth and chin, from 0 (none) to 2 (twice the motion).
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::mouth>("mouth-strength", "Mouth strength",
                                             "Factor of the motion of mouth and chin", 0, 2));

  /**
   * GstFomoTransfer:brows-strength:
   *
   * A factor of the motion of the brows, from 0 (none) to 2 (twice the motion).
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::brows>("brows-strength", "Brows strength",
                                             "Factor of the motion of the brows", 0, 2));

  /**
   * GstFomoTransfer:yaw:
   *
   * Degrees that the head is turned to the picture's right, in addition to its motion.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::yaw>("yaw", "Yaw", "Turns the head to the right (degrees)",
                                           -kMostDegrees, kMostDegrees));

  /**
   * GstFomoTransfer:pitch:
   *
   * Degrees that the head is turned upwards, in addition to its motion.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::pitch>("pitch", "Pitch", "Turns the head upwards (degrees)",
                                             -kMostDegrees, kMostDegrees));

  /**
   * GstFomoTransfer:roll:
   *
   * Degrees that the head is turned clockwise, in addition to its motion.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::roll>("roll", "Roll", "Turns the head clockwise (degrees)",
                                            -kMostDegrees, kMostDegrees));

  /**
   * GstFomoTransfer:eyes-open:
   *
   * How far the eyes are opened in addition to their motion: -1 shuts them, 1 opens them half as
   * wide again as in the picture.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::eyes_open>("eyes-open", "Eyes open",
                                                 "Opens (1) or shuts (-1) the eyes", -1, 1));

  /**
   * GstFomoTransfer:mouth-open:
   *
   * How far the mouth is opened in addition to its motion: -1 shuts it, 1 opens it wide.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::mouth_open>("mouth-open", "Mouth open",
                                                  "Opens (1) or shuts (-1) the mouth", -1, 1));

  /**
   * GstFomoTransfer:smile:
   *
   * A smile in addition to the motion: 1 is a broad smile, with -1 the corners of the mouth go
   * down.
   *
   * Since: 0.1
   */
  add(face_control<&FomoFaceControls::smile>("smile", "Smile",
                                             "Adds a smile (1) or its opposite (-1)", -1, 1));
}

} // namespace fomo
