// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <gst/gst.h>

#include "gst/settings.h"

namespace fomo {

/// What has to be loaded when a property was set, even to the same value.
enum class Reload { nothing, picture, reference };

/// One property of the element: its specification and where its value is stored. A new property is
/// one new row in properties.cc and its member in Settings.
struct Property {
  GParamSpec* spec;
  void (*get)(const Settings& settings, GValue* value); ///< null: write only
  void (*set)(Settings& settings, const GValue* value);
  Reload reload = Reload::nothing;
};

/// All properties but `stats`, in the order in which gst-inspect-1.0 lists them; the property with
/// index i has the id i + 1.
const std::vector<Property>& properties();

} // namespace fomo
