// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <gst/gst.h>
#include <nlohmann/json.hpp>

namespace fomo::live {

/// The properties of an element that may change while it plays: numbers, booleans, choices (enums)
/// and sets of choices (flags). Each is an object with `name`, `nick`, `blurb`, `type` ("double",
/// "int", "uint64", "boolean", "enum" or "flags"), `controllable`, `default`, `value`; numbers also
/// with `min` and `max`, choices with `choices`: a list of `nick` and `name`.
nlohmann::json describe_parameters(GstElement* element);

/// The value of one of these properties: a number, a boolean, a nick, a list of nicks.
nlohmann::json parameter_value(GstElement* element, GParamSpec* spec);

/// Whether describe_parameters() has this property.
bool is_parameter(const GParamSpec* spec);

/// Sets one of these properties. Throws Error (FOMO_NOT_FOUND, FOMO_SETTINGS) that says what the
/// value should be.
void set_parameter(GstElement* element, const std::string& name, const nlohmann::json& value);

/// Sets any property by a text "property=value", as gst-launch-1.0 does. Throws Error.
void set_by_text(GstElement* element, const std::string& assignment);

} // namespace fomo::live
