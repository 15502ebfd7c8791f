// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <glib-object.h>

namespace fomo {

/// The element's properties, in the order in which gst-inspect-1.0 lists them.
enum Property {
  PROP_0,
  PROP_SOURCE_IMAGE,
  PROP_SOURCE_SAMPLE,
  PROP_CROP,
  PROP_CROP_X,
  PROP_CROP_Y,
  PROP_CROP_SIZE,
  PROP_FACE_INDEX,
  PROP_FACES,
  PROP_FACE_TIMEOUT,
  PROP_ON_LOST,
  PROP_OUTPUT,
  PROP_DETAIL,
  PROP_OVERLAY,
  PROP_MODEL,
  PROP_CONFIG,
  PROP_DEVICE,
  PROP_PRECISION,
  PROP_THREADS,
  PROP_ALIGN_CORNERS,
  PROP_RELATIVE,
  PROP_RELATIVE_JACOBIAN,
  PROP_ADAPT_SCALE,
  PROP_REFERENCE,
  PROP_REFERENCE_IMAGE,
  PROP_REFERENCE_SAMPLE,
  PROP_STRENGTH,
  PROP_SMOOTHING,
  PROP_STATS
};

/// Declares them all.
void install_property_specs(GObjectClass* klass);

} // namespace fomo
