// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/element.h"
#include "gst/properties.h"

namespace {

using fomo::properties;
using fomo::Property;
using fomo::Reload;

guint stats_id() { return static_cast<guint>(properties().size()) + 1; }

/// The property with this id; null for other ids.
const Property* find(guint id) {
  return id >= 1 && id <= properties().size() ? &properties()[id - 1] : nullptr;
}

bool same(const FomoFraming& a, const FomoFraming& b) {
  return a.crop == b.crop && a.face_index == b.face_index;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  const Property* property = find(id);
  if (!property) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  auto* self = GST_FOMO_TRANSFER(object);
  fomo::posting_errors(self, false, [&] {
    fomo::PictureOrigin old_picture, old_reference; // freed after the lock is released
    fomo::SourceRequest picture, reference;
    std::shared_ptr<fomo::SourceLoader> loader;
    bool new_picture, new_reference;
    {
      const std::lock_guard<std::mutex> guard(self->priv->lock);
      fomo::Settings& settings = self->priv->settings;
      old_picture = settings.picture;
      old_reference = settings.reference;
      const FomoFraming framing = settings.picture_request().framing;
      property->set(settings, value);
      new_picture =
          property->reload == Reload::picture || !same(framing, settings.picture_request().framing);
      new_reference = property->reload == Reload::reference;
      settings.picture_version += new_picture;
      settings.reference_version += new_reference;
      loader = self->priv->loader;
      picture = settings.picture_request();
      reference = settings.reference_request();
    }
    if (loader && new_picture && !picture.origin.empty())
      loader->request(picture);
    if (loader && new_reference && !reference.origin.empty())
      loader->request_pose(reference);
    return true;
  });
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* priv = GST_FOMO_TRANSFER(object)->priv;
  if (id == stats_id()) {
    g_value_take_boxed(value, priv->stats.to_structure());
    return;
  }
  const Property* property = find(id);
  if (!property || !property->get) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const std::lock_guard<std::mutex> guard(priv->lock);
  property->get(priv->settings, value);
}

} // namespace

void fomo::install_properties(GObjectClass* klass) {
  klass->set_property = set_property;
  klass->get_property = get_property;
  guint id = 0;
  for (const Property& property : properties())
    g_object_class_install_property(klass, ++id, property.spec);

  /**
   * GstFomoTransfer:stats:
   *
   * A #GstStructure with these fields:
   *
   * * `frames`: the number of animated frames
   * * `dropped`: the number of frames dropped because they were late
   * * `confidence`: the confidence in the last driving frame, 0 to 1
   * * `STAGE-last-ms`, `STAGE-mean-ms`, `STAGE-p95-ms`: the time of a stage in milliseconds, for
   * the last frame, as the mean of all frames and as the 95th percentile of the recent frames.
   * STAGE is `input`, `keypoints`, `motion`, `generator`, `compose`, `output` or `total`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, stats_id(),
      g_param_spec_boxed("stats", "Statistics", "Frames, dropped frames, milliseconds by stage",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}
