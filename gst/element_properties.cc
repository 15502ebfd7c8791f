// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/element.h"
#include "gst/enums.h"

namespace {

enum Property {
  PROP_0,
  PROP_SOURCE_IMAGE,
  PROP_SOURCE_SAMPLE,
  PROP_MODEL,
  PROP_CONFIG,
  PROP_DEVICE,
  PROP_PRECISION,
  PROP_THREADS,
  PROP_RELATIVE,
  PROP_RELATIVE_JACOBIAN,
  PROP_ADAPT_SCALE,
  PROP_ALIGN_CORNERS,
  PROP_CROP,
  PROP_STATS
};

constexpr auto kAnyTime = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kControllable = static_cast<GParamFlags>(kAnyTime | GST_PARAM_CONTROLLABLE);
constexpr auto kWhenReady =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

std::string text_of(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

fomo::PictureOrigin sample_of(const GValue* value) {
  auto* sample = static_cast<GstSample*>(g_value_dup_boxed(value));
  if (!sample)
    return {};
  return {"", std::shared_ptr<GstSample>(sample, gst_sample_unref)};
}

/// Stores one property; true when the picture has to be made ready anew.
bool store(fomo::Settings& settings, guint id, const GValue* value) {
  switch (id) {
  case PROP_SOURCE_IMAGE:
    settings.picture = {text_of(value), nullptr};
    return true;
  case PROP_SOURCE_SAMPLE:
    settings.picture = sample_of(value);
    return true;
  case PROP_CROP: {
    const auto crop = static_cast<FomoCrop>(g_value_get_enum(value));
    const bool changed = crop != settings.crop;
    settings.crop = crop;
    return changed;
  }
  case PROP_MODEL:
    settings.model = text_of(value);
    break;
  case PROP_CONFIG:
    settings.config = text_of(value);
    break;
  case PROP_DEVICE:
    settings.device = text_of(value);
    break;
  case PROP_PRECISION:
    settings.precision = static_cast<FomoPrecision>(g_value_get_enum(value));
    break;
  case PROP_THREADS:
    settings.threads = g_value_get_int(value);
    break;
  case PROP_RELATIVE:
    settings.motion.relative = g_value_get_boolean(value);
    break;
  case PROP_RELATIVE_JACOBIAN:
    settings.motion.relative_jacobian = g_value_get_boolean(value);
    break;
  case PROP_ADAPT_SCALE:
    settings.motion.adapt_scale = g_value_get_boolean(value);
    break;
  case PROP_ALIGN_CORNERS:
    settings.align_corners = g_value_get_boolean(value);
    break;
  default:
    break;
  }
  return false;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == PROP_0 || id >= PROP_STATS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  auto* self = GST_FOMO_TRANSFER(object);
  fomo::guarded(self, false, [&] {
    fomo::PictureOrigin replaced, picture;
    FomoCrop crop{};
    std::shared_ptr<fomo::SourceLoader> loader;
    {
      const std::lock_guard<std::mutex> guard(self->priv->lock);
      fomo::Settings& settings = self->priv->settings;
      replaced = settings.picture; // freed after the lock
      if (store(settings, id, value)) {
        self->priv->picture_sets++;
        loader = self->priv->loader;
        picture = settings.picture;
        crop = settings.crop;
      }
    }
    if (loader && !picture.empty())
      loader->request(picture, crop);
    return true;
  });
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* priv = GST_FOMO_TRANSFER(object)->priv;
  if (id == PROP_STATS) {
    g_value_take_boxed(value, priv->stats.to_structure());
    return;
  }
  const std::lock_guard<std::mutex> guard(priv->lock);
  const fomo::Settings& settings = priv->settings;
  switch (id) {
  case PROP_SOURCE_IMAGE:
    g_value_set_string(value, text_or_null(settings.picture.location));
    break;
  case PROP_MODEL:
    g_value_set_string(value, settings.model.c_str());
    break;
  case PROP_CONFIG:
    g_value_set_string(value, text_or_null(settings.config));
    break;
  case PROP_DEVICE:
    g_value_set_string(value, settings.device.c_str());
    break;
  case PROP_PRECISION:
    g_value_set_enum(value, settings.precision);
    break;
  case PROP_THREADS:
    g_value_set_int(value, settings.threads);
    break;
  case PROP_RELATIVE:
    g_value_set_boolean(value, settings.motion.relative);
    break;
  case PROP_RELATIVE_JACOBIAN:
    g_value_set_boolean(value, settings.motion.relative_jacobian);
    break;
  case PROP_ADAPT_SCALE:
    g_value_set_boolean(value, settings.motion.adapt_scale);
    break;
  case PROP_ALIGN_CORNERS:
    g_value_set_boolean(value, settings.align_corners);
    break;
  case PROP_CROP:
    g_value_set_enum(value, settings.crop);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void install_picture_properties(GObjectClass* klass) {
  /**
   * GstFomoTransfer:source-image:
   *
   * The picture to animate: a path or a file:// URI of a JPEG, PNG, WebP, TIFF or BMP file. It may
   * be set at any time: while PLAYING, the file is read and encoded beside the streaming thread and
   * frames go on with the old picture until the new one is ready. A file that is no good is an
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

  /**
   * GstFomoTransfer:crop:
   *
   * The part of the picture and of the driving frames that the model sees. The output shows the
   * same part. A change while PLAYING takes effect as soon as the picture has been encoded anew.
   */
  g_object_class_install_property(
      klass, PROP_CROP,
      g_param_spec_enum("crop", "Crop", "Part of picture and driving frames that the model sees",
                        GST_TYPE_FOMO_TRANSFER_CROP, GST_FOMO_TRANSFER_CROP_CENTER, kAnyTime));
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
}

} // namespace

void fomo::install_properties(GObjectClass* klass) {
  klass->set_property = set_property;
  klass->get_property = get_property;
  install_picture_properties(klass);
  install_model_properties(klass);
  install_motion_properties(klass);

  /**
   * GstFomoTransfer:stats:
   *
   * A #GstStructure with the number of frames animated (`frames`) and `dropped` as too late, and
   * for each of the stages `input`, `keypoints`, `motion`, `generator`, `output` and for the
   * `total` the milliseconds of the last frame (as `total-last-ms`), of the mean of all frames
   * (`total-mean-ms`) and the 95th percentile of the recent ones (`total-p95-ms`).
   */
  g_object_class_install_property(
      klass, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Frames, dropped frames, milliseconds by stage",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}
