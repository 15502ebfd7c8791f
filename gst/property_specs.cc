// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include "gst/enums.h"
#include "gst/properties.h"

namespace fomo {

namespace {

constexpr auto kAnyTime = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kControllable = static_cast<GParamFlags>(kAnyTime | GST_PARAM_CONTROLLABLE);
constexpr auto kWhenReady =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

void install_picture_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:source-image:
   *
   * The picture to animate: a path or a file:// URI of a JPEG, PNG, WebP, TIFF, BMP or GIF file. It
   * may be set at any time: while PLAYING, the file is read and encoded beside the streaming thread
   * and frames go on with the old picture until the new one is ready. A file that is no good is an
   * error when the element starts; later it is a warning, and the old picture stays. Setting it to
   * %NULL while PLAYING keeps the picture in use. The last set of #GstFomoTransfer:source-image and
   * #GstFomoTransfer:source-sample counts.
   */
  g_object_class_install_property(klass, PROP_SOURCE_IMAGE,
                                  g_param_spec_string("source-image", "Source image",
                                                      "Picture to animate: a path or a file:// URI",
                                                      nullptr, kAnyTime));

  /**
   * GstFomoTransfer:source-sample:
   *
   * The picture to animate, from memory: a #GstSample with raw video of any format, or with an
   * encoded picture (image/png, image/jpeg and so on). Otherwise as #GstFomoTransfer:source-image.
   */
  g_object_class_install_property(
      klass, PROP_SOURCE_SAMPLE,
      g_param_spec_boxed("source-sample", "Source sample", "Picture to animate, from memory",
                         GST_TYPE_SAMPLE,
                         static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS |
                                                  GST_PARAM_MUTABLE_PLAYING)));
}

void install_face_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:crop:
   *
   * The part of the picture and of the driving frames that the model sees. `auto` frames the
   * picture's face as the model knows faces, or takes the centre where there is none, and follows
   * the driver's face. A change while PLAYING takes effect as soon as the picture has been encoded
   * anew.
   */
  g_object_class_install_property(
      klass, PROP_CROP,
      g_param_spec_enum("crop", "Crop", "Part of picture and driving frames that the model sees",
                        GST_TYPE_FOMO_TRANSFER_CROP, GST_FOMO_TRANSFER_CROP_AUTO, kAnyTime));

  /**
   * GstFomoTransfer:crop-x:
   *
   * With #GstFomoTransfer:crop `manual`: the middle of the square, as a fraction of the driving
   * frame's width.
   */
  g_object_class_install_property(
      klass, PROP_CROP_X,
      g_param_spec_double("crop-x", "Crop X", "Middle of a manual crop, fraction of the width", 0,
                          1, 0.5, kControllable));

  /**
   * GstFomoTransfer:crop-y:
   *
   * With #GstFomoTransfer:crop `manual`: the middle of the square, as a fraction of the driving
   * frame's height.
   */
  g_object_class_install_property(
      klass, PROP_CROP_Y,
      g_param_spec_double("crop-y", "Crop Y", "Middle of a manual crop, fraction of the height", 0,
                          1, 0.5, kControllable));

  /**
   * GstFomoTransfer:crop-size:
   *
   * With #GstFomoTransfer:crop `manual`: the side of the square, as a fraction of the driving
   * frame's shorter side. Where it leaves the frame, the frame's border is repeated.
   */
  g_object_class_install_property(
      klass, PROP_CROP_SIZE,
      g_param_spec_double("crop-size", "Crop size",
                          "Side of a manual crop, fraction of the shorter side", 0.02, 4, 1,
                          kControllable));

  /**
   * GstFomoTransfer:face-index:
   *
   * Which face of the picture moves, counted from 0, the largest.
   */
  g_object_class_install_property(
      klass, PROP_FACE_INDEX,
      g_param_spec_int("face-index", "Face index",
                       "Which face of the picture moves (0 = the largest)", 0, 1000, 0, kAnyTime));

  /**
   * GstFomoTransfer:faces:
   *
   * Whether one face of the picture moves or all of them, by the same driver. All of them need
   * #GstFomoTransfer:output `picture`; otherwise the one that #GstFomoTransfer:face-index names is
   * shown.
   */
  g_object_class_install_property(
      klass, PROP_FACES,
      g_param_spec_enum("faces", "Faces", "Which faces of the picture move",
                        GST_TYPE_FOMO_TRANSFER_FACES, GST_FOMO_TRANSFER_FACES_ONE, kAnyTime));

  /**
   * GstFomoTransfer:face-timeout:
   *
   * How long the picture rests (in stream time, nanoseconds) while no face is found in the driving
   * video. Then the centre of the frames is taken, with a warning, until there is a face.
   */
  g_object_class_install_property(
      klass, PROP_FACE_TIMEOUT,
      g_param_spec_uint64("face-timeout", "Face timeout",
                          "How long to wait for a face in the driving video (ns)", 0, G_MAXUINT64,
                          2 * GST_SECOND, kAnyTime));

  /**
   * GstFomoTransfer:on-lost:
   *
   * What the picture does while the driver's face is gone, hidden or turned away. With
   * #GstFomoTransfer:crop `none`, and with models of other things than faces, frames are always
   * animated as they are.
   */
  g_object_class_install_property(
      klass, PROP_ON_LOST,
      g_param_spec_enum("on-lost", "On lost", "What the picture does without the driver's face",
                        GST_TYPE_FOMO_TRANSFER_LOST, GST_FOMO_TRANSFER_LOST_RELAX, kAnyTime));
}

void install_output_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:output:
   *
   * What frames show: the animated part alone, by default in the model's size, or the full picture
   * with the animated part in it, by default in its own size. A change while PLAYING negotiates
   * again.
   */
  g_object_class_install_property(klass, PROP_OUTPUT,
                                  g_param_spec_enum("output", "Output", "What frames show",
                                                    GST_TYPE_FOMO_TRANSFER_OUTPUT,
                                                    GST_FOMO_TRANSFER_OUTPUT_FACE, kAnyTime));

  /**
   * GstFomoTransfer:detail:
   *
   * Take fine detail from the picture itself, moved the same way, wherever it is visible: frames
   * larger than the model's are as sharp as the picture. %FALSE: what the model paints and nothing
   * else.
   */
  g_object_class_install_property(klass, PROP_DETAIL,
                                  g_param_spec_boolean("detail", "Detail",
                                                       "Take fine detail from the picture itself",
                                                       TRUE, kAnyTime));

  /**
   * GstFomoTransfer:overlay:
   *
   * What to draw over the frames, for looking at how they come about.
   */
  g_object_class_install_property(klass, PROP_OVERLAY,
                                  g_param_spec_flags("overlay", "Overlay",
                                                     "What to draw over the frames",
                                                     GST_TYPE_FOMO_TRANSFER_OVERLAY, 0, kAnyTime));
}

void install_model_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:model:
   *
   * "builtin", or a First Order Motion Model checkpoint as its authors published it (.pth.tar), or
   * the same weights as .safetensors. It takes effect when the element goes from READY to PAUSED,
   * as do the other properties of the model.
   */
  g_object_class_install_property(klass, PROP_MODEL,
                                  g_param_spec_string("model", "Model",
                                                      "Checkpoint file, or \"builtin\"", "builtin",
                                                      kWhenReady));

  /**
   * GstFomoTransfer:config:
   *
   * The YAML file that came with the checkpoint. Hardly ever needed: all that matters is read from
   * the weights.
   */
  g_object_class_install_property(klass, PROP_CONFIG,
                                  g_param_spec_string("config", "Configuration",
                                                      "YAML file of the model, if any", nullptr,
                                                      kWhenReady));

  /**
   * GstFomoTransfer:device:
   *
   * "auto" (a GPU if there is one), "cpu", "cuda" or "cuda:N". A device that is asked for by name
   * and is not there is an error.
   */
  g_object_class_install_property(klass, PROP_DEVICE,
                                  g_param_spec_string("device", "Device",
                                                      "\"auto\", \"cpu\", \"cuda\" or \"cuda:N\"",
                                                      "auto", kWhenReady));

  /**
   * GstFomoTransfer:precision:
   *
   * Arithmetic of the network.
   */
  g_object_class_install_property(klass, PROP_PRECISION,
                                  g_param_spec_enum("precision", "Precision",
                                                    "Arithmetic of the network",
                                                    GST_TYPE_FOMO_TRANSFER_PRECISION,
                                                    GST_FOMO_TRANSFER_PRECISION_AUTO, kWhenReady));

  /**
   * GstFomoTransfer:threads:
   *
   * CPU threads of the network, 0 for as many as there are cores.
   */
  g_object_class_install_property(klass, PROP_THREADS,
                                  g_param_spec_int("threads", "Threads",
                                                   "CPU threads of the network (0 = all cores)", 0,
                                                   1024, 0, kWhenReady));

  /**
   * GstFomoTransfer:align-corners:
   *
   * How the network's sampling grid is laid: %TRUE as the published weights were trained with
   * (PyTorch 1.0), %FALSE as PyTorch does since 1.3.
   */
  g_object_class_install_property(
      klass, PROP_ALIGN_CORNERS,
      g_param_spec_boolean("align-corners", "Align corners",
                           "Sampling grid as the published weights were trained with", TRUE,
                           kWhenReady));
}

void install_motion_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:relative:
   *
   * %TRUE: the picture moves as the driver moves away from the neutral pose. %FALSE: the picture
   * takes the driver's pose, place and shape as they are.
   */
  g_object_class_install_property(
      klass, PROP_RELATIVE,
      g_param_spec_boolean("relative", "Relative motion",
                           "Transfer the motion from the neutral pose, not the pose", TRUE,
                           kControllable));

  /**
   * GstFomoTransfer:relative-jacobian:
   *
   * With relative motion: turn and stretch around keypoints are relative too.
   */
  g_object_class_install_property(
      klass, PROP_RELATIVE_JACOBIAN,
      g_param_spec_boolean("relative-jacobian", "Relative Jacobians",
                           "Relative motion of the surroundings of keypoints too", TRUE,
                           kControllable));

  /**
   * GstFomoTransfer:adapt-scale:
   *
   * With relative motion: scale it by the size of the pictured face against the driver's.
   */
  g_object_class_install_property(
      klass, PROP_ADAPT_SCALE,
      g_param_spec_boolean("adapt-scale", "Adapt scale",
                           "Scale relative motion by the sizes of picture and driver", TRUE,
                           kControllable));

  /**
   * GstFomoTransfer:reference:
   *
   * Which driving frame is the neutral pose of relative motion. A
   * #GstFomoTransfer:reference-image goes before.
   */
  g_object_class_install_property(klass, PROP_REFERENCE,
                                  g_param_spec_enum("reference", "Reference",
                                                    "Neutral pose of relative motion",
                                                    GST_TYPE_FOMO_TRANSFER_REFERENCE,
                                                    GST_FOMO_TRANSFER_REFERENCE_AUTO, kAnyTime));

  /**
   * GstFomoTransfer:reference-image:
   *
   * A picture of the driver in the pose that stands for the picture's own: a path or a file:// URI.
   * It is the neutral pose until #GstFomoTransfer::reset-reference, through seeks and new streams.
   * While PLAYING it is read beside the streaming thread.
   */
  g_object_class_install_property(klass, PROP_REFERENCE_IMAGE,
                                  g_param_spec_string("reference-image", "Reference image",
                                                      "Picture of the driver in the neutral pose",
                                                      nullptr, kAnyTime));

  /**
   * GstFomoTransfer:reference-sample:
   *
   * The same from memory: a #GstSample with raw video or an encoded picture.
   */
  g_object_class_install_property(
      klass, PROP_REFERENCE_SAMPLE,
      g_param_spec_boxed("reference-sample", "Reference sample",
                         "Picture of the driver in the neutral pose, from memory", GST_TYPE_SAMPLE,
                         static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS |
                                                  GST_PARAM_MUTABLE_PLAYING)));

  /**
   * GstFomoTransfer:strength:
   *
   * Exaggerates motion (up to 2: twice as much) or calms it (down to 0: the picture rests).
   */
  g_object_class_install_property(klass, PROP_STRENGTH,
                                  g_param_spec_double("strength", "Strength",
                                                      "Exaggerates or calms motion", 0, 2, 1,
                                                      kControllable));

  /**
   * GstFomoTransfer:smoothing:
   *
   * Takes the jitter out of keypoints: 0 leaves them as they are, 1 is as steady as can be. Motion
   * is not delayed.
   */
  g_object_class_install_property(klass, PROP_SMOOTHING,
                                  g_param_spec_double("smoothing", "Smoothing",
                                                      "Takes the jitter out of keypoints", 0, 1,
                                                      0.5, kControllable));
}

} // namespace

void install_property_specs(GObjectClass* klass) {
  install_picture_properties(klass);
  install_face_properties(klass);
  install_output_properties(klass);
  install_model_properties(klass);
  install_motion_properties(klass);

  /**
   * GstFomoTransfer:stats:
   *
   * A #GstStructure with the number of frames animated (`frames`) and `dropped` as too late, the
   * `confidence` in the last driving frame (0 to 1), and for each of the stages `input`,
   * `keypoints`, `motion`, `generator`, `compose`, `output` and for the `total` the milliseconds of
   * the last frame (as `total-last-ms`), of the mean of all frames
   * (`total-mean-ms`) and the 95th percentile of the recent ones (`total-p95-ms`).
   */
  g_object_class_install_property(
      klass, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Frames, dropped frames, milliseconds by stage",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

} // namespace fomo
