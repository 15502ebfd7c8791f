// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <gst/gst.h>

#include "api/engine_api.h"
#include "gst/file_watch.h"

namespace fomo {

/// Caps of motion streams. Fields: `model-name`, `model-sha256` (strings), `num-kp` (int),
/// `framerate` (fraction). A stream may lack all of them.
#define FOMO_MOTION_MEDIA_TYPE "application/x-fomo-motion"

/// The model that motion belongs to.
struct ModelIdentity {
  std::string name;
  std::string sha256; ///< of the file of the weights, hexadecimal; empty: unknown
  int num_kp = 0;
};

/// The identity of a loaded model. Reads the file of the weights from end to end; `watch`: of the
/// thread. Throws Error if the file is not wanted any more.
ModelIdentity identity_of(const FomoModelInfo& model, FileWatch& watch);

/// The caps of motion for a model. `framerate`: caps with a framerate to take over; may be null.
/// New reference.
GstCaps* motion_caps(const ModelIdentity& model, GstCaps* framerate);

/// Throws Error (FOMO_SETTINGS) if `stream` names another model than `own`. What `stream` does not
/// say is not compared.
void check_same_model(const ModelIdentity& stream, const ModelIdentity& own);

/// What the caps say of the model.
ModelIdentity identity_in_caps(GstCaps* caps);

} // namespace fomo
