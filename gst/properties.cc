// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/properties.h"

#include <initializer_list>

#include "gst/property_types.h"

namespace fomo {

namespace {

void add_picture_properties(const Add& add) {
  /**
   * GstFomoTransfer:source-image:
   *
   * The picture to animate: a path or a file:// URI of a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC,
   * AVIF or JPEG XL file (the last three if they were built in). It may be set at any time. While
   * PLAYING, the file is read and encoded on a separate thread, and
   * frames show the old picture until the new one is ready. A file that cannot be used is an error
   * when the element starts; later it is a warning, and the old picture stays. %NULL while PLAYING
   * keeps the old picture. Setting #GstFomoTransfer:source-sample replaces this property, and the
   * other way round.
   *
   * Since: 0.1
   */
  add({g_param_spec_string("source-image", "Source image",
                           "Picture to animate: a path or a file:// URI", nullptr, kAnyTime),
       get_location<&Settings::picture>, set_location<&Settings::picture>, Reload::picture});

  /**
   * GstFomoTransfer:source-sample:
   *
   * The picture to animate, from memory: a #GstSample with raw video of any format, or with an
   * encoded picture (image/png, image/jpeg and so on). See #GstFomoTransfer:source-image for when
   * it takes effect.
   *
   * Since: 0.1
   */
  add({g_param_spec_boxed("source-sample", "Source sample", "Picture to animate, from memory",
                          GST_TYPE_SAMPLE, kWriteOnly),
       nullptr, set_sample<&Settings::picture>, Reload::picture});
}

void add_driver_properties(const Add& add) {
  /**
   * GstFomoTransfer:crop:
   *
   * The part of the picture and of the driving frames that the model sees. With a model of faces,
   * `auto` is the picture's face (or its centre if it has none) and the driver's face. A change
   * while PLAYING takes effect when the picture has been encoded again.
   *
   * Since: 0.1
   */
  add(choice<&Settings::crop>("crop", "Crop",
                              "Part of picture and driving frames that the model sees",
                              GST_TYPE_FOMO_TRANSFER_CROP, kAnyTime));

  /**
   * GstFomoTransfer:crop-x:
   *
   * With #GstFomoTransfer:crop `manual`: the centre of the square, as a fraction of the driving
   * frame's width.
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::crop_x>(
      "crop-x", "Crop X", "Centre of a manual crop, fraction of the width", 0, 1, kControllable));

  /**
   * GstFomoTransfer:crop-y:
   *
   * With #GstFomoTransfer:crop `manual`: the centre of the square, as a fraction of the driving
   * frame's height.
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::crop_y>(
      "crop-y", "Crop Y", "Centre of a manual crop, fraction of the height", 0, 1, kControllable));

  /**
   * GstFomoTransfer:crop-size:
   *
   * With #GstFomoTransfer:crop `manual`: the side of the square, as a fraction of the driving
   * frame's shorter side. Outside the frame, the square shows the frame's border pixels.
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::crop_size>(
      "crop-size", "Crop size", "Side of a manual crop, fraction of the shorter side", 0.02, 4,
      kControllable));

  /**
   * GstFomoTransfer:face-timeout:
   *
   * The time (stream time, nanoseconds) to search for a face in the driving video before a warning
   * is posted. The picture does not move until a face is found.
   *
   * Since: 0.1
   */
  add(time<&Settings::frame, &FrameSettings::face_timeout>(
      "face-timeout", "Face timeout", "How long to wait for a face in the driving video (ns)",
      kAnyTime));
}

void add_face_properties(const Add& add) {
  /**
   * GstFomoTransfer:face-index:
   *
   * The index of the face that moves, among the picture's faces in descending order of size.
   *
   * Since: 0.1
   */
  add(integer<&Settings::face_index>("face-index", "Face index",
                                     "Which face of the picture moves (0 = the largest)", 1000,
                                     kAnyTime));

  /**
   * GstFomoTransfer:faces:
   *
   * Whether one face of the picture moves or all faces, with the same driver. `all` needs
   * #GstFomoTransfer:output `picture`; with `face`, only the face of #GstFomoTransfer:face-index is
   * shown.
   *
   * Since: 0.1
   */
  add(choice<&Settings::all_faces>("faces", "Faces", "Which faces of the picture move",
                                   GST_TYPE_FOMO_TRANSFER_FACES, kAnyTime));

  /**
   * GstFomoTransfer:on-lost:
   *
   * What the picture does while the driver's face is gone, hidden or turned away. It has no effect
   * with #GstFomoTransfer:crop `none` and with models that do not animate faces.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::on_lost>(
      "on-lost", "On lost", "What the picture does without the driver's face",
      GST_TYPE_FOMO_TRANSFER_LOST, kAnyTime));
}

void add_output_properties(const Add& add) {
  /**
   * GstFomoTransfer:output:
   *
   * What output frames show: the animated part alone, by default in the model's size, or the full
   * picture with the animated part, by default in the picture's size. A change while PLAYING
   * renegotiates the caps.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::whole_picture>(
      "output", "Output", "What output frames show", GST_TYPE_FOMO_TRANSFER_OUTPUT, kAnyTime));

  /**
   * GstFomoTransfer:detail:
   *
   * Adds fine detail of the picture to the model's output where the picture shows it, so that
   * frames larger than the model's are as sharp as the picture. %FALSE: frames show the model's
   * output alone.
   *
   * Since: 0.1
   */
  add(flag<&Settings::frame, &FrameSettings::detail>(
      "detail", "Detail", "Take fine detail from the picture itself", kAnyTime));

  /**
   * GstFomoTransfer:plate:
   *
   * Shows a background plate where the head has been: an image of what is behind the person, made
   * once for each picture. It needs a model whose masks separate the background. If the model names
   * the mouth's keypoints, opened mouths show teeth before a dark cavity.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::plate>(
      "plate", "Plate", "Show what is behind the person where the head has been",
      GST_TYPE_FOMO_TRANSFER_PLATE, kAnyTime));

  /**
   * GstFomoTransfer:overlay:
   *
   * What to draw over output frames, for inspection.
   *
   * Since: 0.1
   */
  add({g_param_spec_flags("overlay", "Overlay", "What to draw over output frames",
                          GST_TYPE_FOMO_TRANSFER_OVERLAY, 0, kAnyTime),
       get_member<&Settings::frame, &FrameSettings::overlay>,
       set_member<&Settings::frame, &FrameSettings::overlay>});
}

void add_mark_properties(const Add& add) {
  /**
   * GstFomoTransfer:mark:
   *
   * How frames are marked as synthetic. `invisible`: tags and metadata in the stream, and a faint
   * pattern in the pixels that `fomo-model detect` finds. `visible`: the letters AI too. `none`:
   * frames are as the engine composes them. Tags and metadata change with the next stream only.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::mark>(
      "mark", "Mark", "How frames are marked as synthetic", GST_TYPE_FOMO_TRANSFER_MARK, kAnyTime));

  /**
   * GstFomoTransfer:mark-corner:
   *
   * With #GstFomoTransfer:mark `visible`: the corner of the letters.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::mark_corner>(
      "mark-corner", "Mark corner", "Where the letters of the visible mark are",
      GST_TYPE_FOMO_TRANSFER_CORNER, kAnyTime));

  /**
   * GstFomoTransfer:mark-size:
   *
   * With #GstFomoTransfer:mark `visible`: the height of the letters, as a fraction of the picture's
   * shorter side. They have at least 14 pixels.
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::mark_size>(
      "mark-size", "Mark size", "Height of the visible mark, fraction of the shorter side", 0.02,
      0.5, kAnyTime));

  /**
   * GstFomoTransfer:mark-duration:
   *
   * With #GstFomoTransfer:mark `visible`: the time (stream time, nanoseconds) from the first frame,
   * and again after a seek, in which the letters are shown; 0: always.
   *
   * Since: 0.1
   */
  add(time<&Settings::frame, &FrameSettings::mark_duration>(
      "mark-duration", "Mark duration", "How long the letters are shown (ns; 0 = always)",
      kAnyTime));
}

void add_model_properties(const Add& add) {
  /**
   * GstFomoTransfer:model:
   *
   * "builtin", or a First Order Motion Model checkpoint as its authors published it (.pth.tar), or
   * the same weights as .safetensors. This and the other properties of the model take effect when
   * the element goes from READY to PAUSED.
   *
   * Since: 0.1
   */
  add(text<&Settings::model>("model", "Model", "Checkpoint file, or \"builtin\""));

  /**
   * GstFomoTransfer:config:
   *
   * The YAML file that was published with the checkpoint. It is rarely needed, because the
   * configuration is read from the weights.
   *
   * Since: 0.1
   */
  add(text<&Settings::config>("config", "Configuration", "YAML file of the model, if any"));

  /**
   * GstFomoTransfer:device:
   *
   * "auto" (a GPU if there is one, else the CPU), "cpu", "cuda" or "cuda:N". It is an error if the
   * named device does not exist.
   *
   * Since: 0.1
   */
  add(text<&Settings::device>("device", "Device", "\"auto\", \"cpu\", \"cuda\" or \"cuda:N\""));

  /**
   * GstFomoTransfer:precision:
   *
   * Arithmetic of the network.
   *
   * Since: 0.1
   */
  add(choice<&Settings::precision>("precision", "Precision", "Arithmetic of the network",
                                   GST_TYPE_FOMO_TRANSFER_PRECISION, kWhenReady));

  /**
   * GstFomoTransfer:threads:
   *
   * The number of CPU threads of the network; 0 for all cores.
   *
   * Since: 0.1
   */
  add(integer<&Settings::threads>("threads", "Threads",
                                  "CPU threads of the network (0 = all cores)", 1024, kWhenReady));

  /**
   * GstFomoTransfer:align-corners:
   *
   * The `align_corners` argument of PyTorch's grid_sample. %TRUE: as in PyTorch up to 1.2, with
   * which the published weights were trained. %FALSE: the default of PyTorch since 1.3.
   *
   * Since: 0.1
   */
  add(flag<&Settings::align_corners>("align-corners", "Align corners",
                                     "Sampling grid as the published weights were trained with",
                                     kWhenReady));

  /**
   * GstFomoTransfer:deterministic:
   *
   * Chooses the network's algorithms by an estimate instead of by timing them. The output is then
   * the same on every run and with any number of #GstFomoTransfer:threads, at some cost of speed.
   *
   * Since: 0.1
   */
  add(flag<&Settings::deterministic>("deterministic", "Deterministic",
                                     "The same output on every run", kWhenReady));
}

void add_motion_properties(const Add& add) {
  /**
   * GstFomoTransfer:relative:
   *
   * %TRUE: the picture moves as the driver moves away from the neutral pose. %FALSE: the picture
   * takes the driver's pose, place and shape as they are.
   *
   * Since: 0.1
   */
  add(flag<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::motion,
           &FomoMotion::relative>("relative", "Relative motion",
                                  "Transfer the motion from the neutral pose, not the pose",
                                  kControllable));

  /**
   * GstFomoTransfer:relative-jacobian:
   *
   * With relative motion: use the change of the Jacobians (rotation and stretch around keypoints)
   * since the neutral pose too.
   *
   * Since: 0.1
   */
  add(flag<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::motion,
           &FomoMotion::relative_jacobian>("relative-jacobian", "Relative Jacobians",
                                           "Use the change of Jacobians since the neutral pose",
                                           kControllable));

  /**
   * GstFomoTransfer:adapt-scale:
   *
   * With relative motion: multiply it by the ratio of the sizes of the picture's and the driver's
   * face.
   *
   * Since: 0.1
   */
  add(flag<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::motion,
           &FomoMotion::adapt_scale>("adapt-scale", "Adapt scale",
                                     "Scale relative motion by the sizes of picture and driver",
                                     kControllable));

  /**
   * GstFomoTransfer:reference:
   *
   * Which driving frame is the neutral pose of relative motion. A #GstFomoTransfer:reference-image
   * takes precedence.
   *
   * Since: 0.1
   */
  add(choice<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::reference>(
      "reference", "Reference", "Neutral pose of relative motion", GST_TYPE_FOMO_TRANSFER_REFERENCE,
      kAnyTime));

  /**
   * GstFomoTransfer:reference-image:
   *
   * A picture of the driver in the neutral pose: a path or a file:// URI. It stays the neutral pose
   * until #GstFomoTransfer::reset-reference, also after seeks and new streams. While PLAYING the
   * file is read on a separate thread.
   *
   * Since: 0.1
   */
  add({g_param_spec_string("reference-image", "Reference image",
                           "Picture of the driver in the neutral pose", nullptr, kAnyTime),
       get_location<&Settings::reference>, set_location<&Settings::reference>, Reload::reference});

  /**
   * GstFomoTransfer:reference-sample:
   *
   * A picture of the driver in the neutral pose, from memory: a #GstSample with raw video or an
   * encoded picture. See #GstFomoTransfer:reference-image.
   *
   * Since: 0.1
   */
  add({g_param_spec_boxed("reference-sample", "Reference sample",
                          "Picture of the driver in the neutral pose, from memory", GST_TYPE_SAMPLE,
                          kWriteOnly),
       nullptr, set_sample<&Settings::reference>, Reload::reference});

  /**
   * GstFomoTransfer:strength:
   *
   * A factor of the motion, from 0 (no motion) to 2 (twice the motion).
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::strength>(
      "strength", "Strength", "Factor of the motion", 0, 2, kControllable));

  /**
   * GstFomoTransfer:smoothing:
   *
   * Removes jitter from keypoints, from 0 (no smoothing) to 1 (as steady as possible). Motion is
   * not delayed.
   *
   * Since: 0.1
   */
  add(number<&Settings::frame, &FrameSettings::calibration, &FomoCalibration::smoothing>(
      "smoothing", "Smoothing", "Removes jitter from keypoints", 0, 1, kControllable));
}

void add_coding_properties(const Add& add) {
  /**
   * GstFomoMotionEnc:quantiser:
   *
   * How coarsely motion is coded: 0 is exact; each step from 1 to 8 doubles the error. With the
   * default 5, places are exact to a pixel of a model of 256 pixels.
   *
   * Since: 0.1
   */
  add(integer<&Settings::coding, &FomoMotionCoding::quantiser>(
      "quantiser", "Quantiser", "How coarsely motion is coded (0 = exact)", FOMO_MOST_QUANTISER,
      kAnyTime));

  /**
   * GstFomoMotionEnc:refresh-interval:
   *
   * The number of frames from one packet that stands alone to the next one. A receiver that joins
   * late, or that lost such a packet, waits for the next one. 0 counts as 1.
   *
   * Since: 0.1
   */
  add(integer<&Settings::coding, &FomoMotionCoding::refresh>(
      "refresh-interval", "Refresh interval", "Frames between packets that stand alone", 100000,
      kAnyTime));

  /**
   * GstFomoMotionEnc:jacobians:
   *
   * Whether the Jacobians (rotation and stretch around keypoints) are coded. Without them less than
   * half of the bits are needed, and the picture's parts shift, but do not turn on their own.
   *
   * Since: 0.1
   */
  add(flag<&Settings::coding, &FomoMotionCoding::jacobians>(
      "jacobians", "Jacobians", "Code rotation and stretch around keypoints too", kAnyTime));
}

std::vector<Property> rows_of(std::initializer_list<void (*)(const Add&)> groups) {
  std::vector<Property> rows;
  for (const auto group : groups)
    group([&rows](const Property& property) { rows.push_back(property); });
  return rows;
}

} // namespace

const std::vector<Property>& properties() {
  static const std::vector<Property> all =
      rows_of({add_picture_properties, add_driver_properties, add_face_properties,
               add_output_properties, add_mark_properties, add_model_properties,
               add_motion_properties, add_face_control_properties});
  return all;
}

const std::vector<Property>& encoder_properties() {
  static const std::vector<Property> all =
      rows_of({add_driver_properties, add_model_properties, add_coding_properties});
  return all;
}

} // namespace fomo
