// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <gst/gst.h>

#include "gst/settings.h"

namespace fomo {

/// What has to be loaded after a property was set, even to the same value.
enum class Reload { nothing, picture, reference };

/// One property of the element: its specification and the accessors of its value. A new property
/// needs one entry in properties.cc and a member of Settings.
struct Property {
  GParamSpec* spec;
  void (*get)(const Settings& settings, GValue* value); ///< null: write-only
  void (*set)(Settings& settings, const GValue* value);
  Reload reload = Reload::nothing;
};

/// All properties of fomotransfer except `stats`. The property with index i has the id i + 1.
const std::vector<Property>& properties();
/// All properties of fomomotionenc, with ids as above.
const std::vector<Property>& encoder_properties();

} // namespace fomo
