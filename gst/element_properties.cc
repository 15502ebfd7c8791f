// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/element.h"
#include "gst/enums.h"
#include "gst/properties.h"

using namespace fomo; // NOLINT: the names of properties

namespace {

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

/// What has to be made ready anew after a property was set.
struct Stale {
  bool picture = false, reference = false;
};

template<typename T>
bool replace(T& old, T value) {
  const bool changed = old != value;
  old = value;
  return changed;
}

/// Properties of the model, which take effect with the next start. False: not one of them.
bool store_model(fomo::Settings& settings, guint id, const GValue* value) {
  switch (id) {
  case PROP_MODEL:
    settings.model = text_of(value);
    return true;
  case PROP_CONFIG:
    settings.config = text_of(value);
    return true;
  case PROP_DEVICE:
    settings.device = text_of(value);
    return true;
  case PROP_PRECISION:
    settings.precision = static_cast<FomoPrecision>(g_value_get_enum(value));
    return true;
  case PROP_THREADS:
    settings.threads = g_value_get_int(value);
    return true;
  case PROP_ALIGN_CORNERS:
    settings.align_corners = g_value_get_boolean(value);
    return true;
  default:
    return false;
  }
}

/// Properties that a frame reads and nothing else. False: not one of them.
bool store_frame(fomo::FrameSettings& frame, guint id, const GValue* value) {
  FomoCalibration& calibration = frame.calibration;
  switch (id) {
  case PROP_CROP_X:
    frame.crop_x = g_value_get_double(value);
    return true;
  case PROP_CROP_Y:
    frame.crop_y = g_value_get_double(value);
    return true;
  case PROP_CROP_SIZE:
    frame.crop_size = g_value_get_double(value);
    return true;
  case PROP_FACE_TIMEOUT:
    frame.face_timeout = g_value_get_uint64(value);
    return true;
  case PROP_ON_LOST:
    calibration.on_lost = static_cast<FomoLost>(g_value_get_enum(value));
    return true;
  case PROP_DETAIL:
    frame.detail = g_value_get_boolean(value);
    return true;
  case PROP_OVERLAY:
    frame.overlay = g_value_get_flags(value);
    return true;
  case PROP_RELATIVE:
    calibration.motion.relative = g_value_get_boolean(value);
    return true;
  case PROP_RELATIVE_JACOBIAN:
    calibration.motion.relative_jacobian = g_value_get_boolean(value);
    return true;
  case PROP_ADAPT_SCALE:
    calibration.motion.adapt_scale = g_value_get_boolean(value);
    return true;
  case PROP_REFERENCE:
    calibration.reference = static_cast<FomoReference>(g_value_get_enum(value));
    return true;
  case PROP_STRENGTH:
    calibration.strength = g_value_get_double(value);
    return true;
  case PROP_SMOOTHING:
    calibration.smoothing = g_value_get_double(value);
    return true;
  default:
    return false;
  }
}

/// Stores one property.
Stale store(fomo::Settings& settings, guint id, const GValue* value) {
  switch (id) {
  case PROP_SOURCE_IMAGE:
    settings.picture = {text_of(value), nullptr};
    return {true, false};
  case PROP_SOURCE_SAMPLE:
    settings.picture = sample_of(value);
    return {true, false};
  case PROP_REFERENCE_IMAGE:
    settings.reference = {text_of(value), nullptr};
    return {false, true};
  case PROP_REFERENCE_SAMPLE:
    settings.reference = sample_of(value);
    return {false, true};
  case PROP_CROP:
    return {replace(settings.crop, static_cast<FomoCrop>(g_value_get_enum(value))), false};
  case PROP_FACE_INDEX:
    return {replace(settings.face_index, g_value_get_int(value)), false};
  case PROP_FACES:
    return {replace(settings.all_faces, g_value_get_enum(value) == GST_FOMO_TRANSFER_FACES_ALL),
            false};
  case PROP_OUTPUT:
    return {replace(settings.frame.whole_picture,
                    g_value_get_enum(value) == GST_FOMO_TRANSFER_OUTPUT_PICTURE) &&
                settings.all_faces,
            false};
  default:
    if (!store_frame(settings.frame, id, value))
      store_model(settings, id, value);
    return {};
  }
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == PROP_0 || id >= PROP_STATS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  auto* self = GST_FOMO_TRANSFER(object);
  fomo::posting_errors(self, false, [&] {
    fomo::PictureOrigin replaced, replaced_reference;
    fomo::SourceRequest picture, reference;
    std::shared_ptr<fomo::SourceLoader> loader;
    Stale stale;
    {
      const std::lock_guard<std::mutex> guard(self->priv->lock);
      fomo::Settings& settings = self->priv->settings;
      replaced = settings.picture; // freed after the lock
      replaced_reference = settings.reference;
      stale = store(settings, id, value);
      if (stale.picture)
        settings.picture_version++;
      if (stale.reference)
        settings.reference_version++;
      loader = self->priv->loader;
      picture = settings.picture_request();
      reference = settings.reference_request();
    }
    if (loader && stale.picture && !picture.origin.empty())
      loader->request(picture);
    if (loader && stale.reference && !reference.origin.empty())
      loader->request_pose(reference);
    return true;
  });
}

bool get_model(const fomo::Settings& settings, guint id, GValue* value) {
  switch (id) {
  case PROP_MODEL:
    g_value_set_string(value, settings.model.c_str());
    return true;
  case PROP_CONFIG:
    g_value_set_string(value, text_or_null(settings.config));
    return true;
  case PROP_DEVICE:
    g_value_set_string(value, settings.device.c_str());
    return true;
  case PROP_PRECISION:
    g_value_set_enum(value, settings.precision);
    return true;
  case PROP_THREADS:
    g_value_set_int(value, settings.threads);
    return true;
  case PROP_ALIGN_CORNERS:
    g_value_set_boolean(value, settings.align_corners);
    return true;
  default:
    return false;
  }
}

bool get_frame(const fomo::FrameSettings& frame, guint id, GValue* value) {
  const FomoCalibration& calibration = frame.calibration;
  switch (id) {
  case PROP_CROP_X:
    g_value_set_double(value, frame.crop_x);
    return true;
  case PROP_CROP_Y:
    g_value_set_double(value, frame.crop_y);
    return true;
  case PROP_CROP_SIZE:
    g_value_set_double(value, frame.crop_size);
    return true;
  case PROP_FACE_TIMEOUT:
    g_value_set_uint64(value, frame.face_timeout);
    return true;
  case PROP_ON_LOST:
    g_value_set_enum(value, calibration.on_lost);
    return true;
  case PROP_OUTPUT:
    g_value_set_enum(value, frame.whole_picture ? GST_FOMO_TRANSFER_OUTPUT_PICTURE
                                                : GST_FOMO_TRANSFER_OUTPUT_FACE);
    return true;
  case PROP_DETAIL:
    g_value_set_boolean(value, frame.detail);
    return true;
  case PROP_OVERLAY:
    g_value_set_flags(value, frame.overlay);
    return true;
  case PROP_RELATIVE:
    g_value_set_boolean(value, calibration.motion.relative);
    return true;
  case PROP_RELATIVE_JACOBIAN:
    g_value_set_boolean(value, calibration.motion.relative_jacobian);
    return true;
  case PROP_ADAPT_SCALE:
    g_value_set_boolean(value, calibration.motion.adapt_scale);
    return true;
  case PROP_REFERENCE:
    g_value_set_enum(value, calibration.reference);
    return true;
  case PROP_STRENGTH:
    g_value_set_double(value, calibration.strength);
    return true;
  case PROP_SMOOTHING:
    g_value_set_double(value, calibration.smoothing);
    return true;
  default:
    return false;
  }
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
  case PROP_REFERENCE_IMAGE:
    g_value_set_string(value, text_or_null(settings.reference.location));
    break;
  case PROP_CROP:
    g_value_set_enum(value, settings.crop);
    break;
  case PROP_FACE_INDEX:
    g_value_set_int(value, settings.face_index);
    break;
  case PROP_FACES:
    g_value_set_enum(value, settings.all_faces ? GST_FOMO_TRANSFER_FACES_ALL
                                               : GST_FOMO_TRANSFER_FACES_ONE);
    break;
  default:
    if (!get_model(settings, id, value) && !get_frame(settings.frame, id, value))
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

} // namespace

void fomo::install_properties(GObjectClass* klass) {
  klass->set_property = set_property;
  klass->get_property = get_property;
  install_property_specs(klass);
}
