// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <type_traits>

#include "gst/enums.h"
#include "gst/properties.h"

/// Makes the Property of each type of value. The defaults are those of Settings.
namespace fomo {

constexpr auto kAnyTime = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kControllable = static_cast<GParamFlags>(kAnyTime | GST_PARAM_CONTROLLABLE);
constexpr auto kWriteOnly =
    static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kWhenReady =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

/// Follows a path of member pointers.
template<auto first, auto... rest, typename Object>
auto& member(Object& object) {
  if constexpr (sizeof...(rest) == 0)
    return object.*first;
  else
    return member<rest...>(object.*first);
}

/// The default of a property: the member's value in new settings.
template<auto... path>
auto initial() {
  const Settings settings;
  return member<path...>(settings);
}

/// Reads a number, boolean, enum or flags.
template<auto... path>
void get_member(const Settings& settings, GValue* value) {
  const auto& stored = member<path...>(settings);
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
  case G_TYPE_BOOLEAN:
    return g_value_set_boolean(value, stored != 0);
  case G_TYPE_ENUM:
    return g_value_set_enum(value, static_cast<gint>(stored));
  case G_TYPE_FLAGS:
    return g_value_set_flags(value, static_cast<guint>(stored));
  case G_TYPE_INT:
    return g_value_set_int(value, static_cast<gint>(stored));
  case G_TYPE_UINT64:
    return g_value_set_uint64(value, static_cast<guint64>(stored));
  default:
    return g_value_set_double(value, static_cast<gdouble>(stored));
  }
}

/// Writes a number, boolean, enum or flags.
template<auto... path>
void set_member(Settings& settings, const GValue* value) {
  auto& stored = member<path...>(settings);
  using Stored = std::remove_reference_t<decltype(stored)>;
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
  case G_TYPE_BOOLEAN:
    stored = static_cast<Stored>(g_value_get_boolean(value) != FALSE);
    break;
  case G_TYPE_ENUM:
    stored = static_cast<Stored>(g_value_get_enum(value));
    break;
  case G_TYPE_FLAGS:
    stored = static_cast<Stored>(g_value_get_flags(value));
    break;
  case G_TYPE_INT:
    stored = static_cast<Stored>(g_value_get_int(value));
    break;
  case G_TYPE_UINT64:
    stored = static_cast<Stored>(g_value_get_uint64(value));
    break;
  default:
    stored = static_cast<Stored>(g_value_get_double(value));
  }
}

/// Reads a string. An empty string is read as NULL.
inline void get_text(const std::string& text, GValue* value) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

inline std::string text_of(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

template<auto origin>
void get_location(const Settings& settings, GValue* value) {
  get_text((settings.*origin).location, value);
}

template<auto origin>
void set_location(Settings& settings, const GValue* value) {
  settings.*origin = {text_of(value), nullptr};
}

template<auto origin>
void set_sample(Settings& settings, const GValue* value) {
  auto* sample = static_cast<GstSample*>(g_value_dup_boxed(value));
  settings.*origin = {"", sample ? std::shared_ptr<GstSample>(sample, gst_sample_unref) : nullptr};
}

template<auto... path>
Property number(const char* name, const char* nick, const char* blurb, double least, double most,
                GParamFlags flags) {
  return {g_param_spec_double(name, nick, blurb, least, most, initial<path...>(), flags),
          get_member<path...>, set_member<path...>};
}

template<auto... path>
Property integer(const char* name, const char* nick, const char* blurb, int most,
                 GParamFlags flags) {
  return {g_param_spec_int(name, nick, blurb, 0, most, initial<path...>(), flags),
          get_member<path...>, set_member<path...>};
}

template<auto... path>
Property time(const char* name, const char* nick, const char* blurb, GParamFlags flags) {
  return {g_param_spec_uint64(name, nick, blurb, 0, G_MAXUINT64, initial<path...>(), flags),
          get_member<path...>, set_member<path...>};
}

template<auto... path>
Property flag(const char* name, const char* nick, const char* blurb, GParamFlags flags) {
  return {g_param_spec_boolean(name, nick, blurb, initial<path...>(), flags), get_member<path...>,
          set_member<path...>};
}

template<auto... path>
Property choice(const char* name, const char* nick, const char* blurb, GType type,
                GParamFlags flags) {
  return {g_param_spec_enum(name, nick, blurb, type, static_cast<gint>(initial<path...>()), flags),
          get_member<path...>, set_member<path...>};
}

template<auto text_member>
Property text(const char* name, const char* nick, const char* blurb) {
  static const std::string initial_text = initial<text_member>();
  return {g_param_spec_string(name, nick, blurb,
                              initial_text.empty() ? nullptr : initial_text.c_str(), kWhenReady),
          [](const Settings& settings, GValue* value) { get_text(settings.*text_member, value); },
          [](Settings& settings, const GValue* value) { settings.*text_member = text_of(value); }};
}

/// Adds a property to a list.
using Add = std::function<void(const Property&)>;

/// Adds the properties that shape the motion of a face's parts.
void add_face_control_properties(const Add& add);

} // namespace fomo
