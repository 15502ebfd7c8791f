// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/parameters.h"

#include "common/error.h"
#include "live/handles.h"

namespace fomo::live {

namespace {

using nlohmann::json;

/// A GValue of a type, freed with the object.
class Value {
 public:
  explicit Value(GType type) { g_value_init(&value_, type); }
  ~Value() { g_value_unset(&value_); }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  GValue* get() { return &value_; }

 private:
  GValue value_ = G_VALUE_INIT;
};

const char* type_name(GType type) {
  switch (G_TYPE_FUNDAMENTAL(type)) {
  case G_TYPE_DOUBLE:
    return "double";
  case G_TYPE_INT:
    return "int";
  case G_TYPE_UINT64:
    return "uint64";
  case G_TYPE_BOOLEAN:
    return "boolean";
  case G_TYPE_ENUM:
    return "enum";
  case G_TYPE_FLAGS:
    return "flags";
  default:
    return nullptr;
  }
}

json json_of(const GValue* value) {
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
  case G_TYPE_DOUBLE:
    return g_value_get_double(value);
  case G_TYPE_INT:
    return g_value_get_int(value);
  case G_TYPE_UINT64:
    return g_value_get_uint64(value);
  case G_TYPE_BOOLEAN:
    return g_value_get_boolean(value) != FALSE;
  case G_TYPE_ENUM: {
    auto* klass = static_cast<GEnumClass*>(g_type_class_peek(G_VALUE_TYPE(value)));
    const GEnumValue* choice = g_enum_get_value(klass, g_value_get_enum(value));
    return choice ? choice->value_nick : "";
  }
  default: {
    json nicks = json::array();
    auto* klass = static_cast<GFlagsClass*>(g_type_class_peek(G_VALUE_TYPE(value)));
    for (guint i = 0; i < klass->n_values; i++)
      if (g_value_get_flags(value) & klass->values[i].value)
        nicks.push_back(klass->values[i].value_nick);
    return nicks;
  }
  }
}

template<typename Class>
json choices_of(GType type) {
  json choices = json::array();
  auto* klass = static_cast<Class*>(g_type_class_peek(type));
  for (guint i = 0; i < klass->n_values; i++)
    choices.push_back(
        {{"nick", klass->values[i].value_nick}, {"name", klass->values[i].value_name}});
  return choices;
}

void add_range(json& description, GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_DOUBLE(spec))
    description["min"] = G_PARAM_SPEC_DOUBLE(spec)->minimum,
    description["max"] = G_PARAM_SPEC_DOUBLE(spec)->maximum;
  else if (G_IS_PARAM_SPEC_INT(spec))
    description["min"] = G_PARAM_SPEC_INT(spec)->minimum,
    description["max"] = G_PARAM_SPEC_INT(spec)->maximum;
  else if (G_IS_PARAM_SPEC_UINT64(spec))
    description["min"] = G_PARAM_SPEC_UINT64(spec)->minimum,
    description["max"] = G_PARAM_SPEC_UINT64(spec)->maximum;
  else if (G_IS_PARAM_SPEC_ENUM(spec))
    description["choices"] = choices_of<GEnumClass>(spec->value_type);
  else if (G_IS_PARAM_SPEC_FLAGS(spec))
    description["choices"] = choices_of<GFlagsClass>(spec->value_type);
}

[[noreturn]] void refuse(const GParamSpec* spec, const std::string& wanted, const json& value) {
  throw Error(FOMO_SETTINGS,
              std::string(spec->name) + " is " + wanted + ", not " + value.dump() + ".");
}

template<typename Number, typename Spec>
Number number_of(const Spec* spec, const json& value) {
  const auto* base = reinterpret_cast<const GParamSpec*>(spec);
  const std::string wanted =
      std::string(std::is_integral_v<Number> ? "a whole number" : "a number") + " from " +
      json(spec->minimum).dump() + " to " + json(spec->maximum).dump();
  const bool fits_type = std::is_integral_v<Number> ? value.is_number_integer() : value.is_number();
  // Compared as double: a value beyond the type's range must not wrap around.
  if (!fits_type || !(value.get<double>() >= static_cast<double>(spec->minimum)) ||
      !(value.get<double>() <= static_cast<double>(spec->maximum)))
    refuse(base, wanted, value);
  return value.get<Number>();
}

guint flags_of(const GParamSpec* spec, const json& value) {
  auto* klass = static_cast<GFlagsClass*>(g_type_class_peek(spec->value_type));
  if (!value.is_array())
    refuse(spec, "a list of names", value);
  guint flags = 0;
  for (const json& nick : value) {
    const GFlagsValue* flag =
        nick.is_string() ? g_flags_get_value_by_nick(klass, nick.get<std::string>().c_str())
                         : nullptr;
    if (!flag)
      refuse(spec, "a list of names of its switches", value);
    flags |= flag->value;
  }
  return flags;
}

void store(GParamSpec* spec, const json& value, GValue* to) {
  switch (G_TYPE_FUNDAMENTAL(spec->value_type)) {
  case G_TYPE_DOUBLE:
    return g_value_set_double(to, number_of<double>(G_PARAM_SPEC_DOUBLE(spec), value));
  case G_TYPE_INT:
    return g_value_set_int(to, number_of<int>(G_PARAM_SPEC_INT(spec), value));
  case G_TYPE_UINT64:
    return g_value_set_uint64(to, number_of<uint64_t>(G_PARAM_SPEC_UINT64(spec), value));
  case G_TYPE_BOOLEAN:
    if (!value.is_boolean())
      refuse(spec, "true or false", value);
    return g_value_set_boolean(to, value.get<bool>());
  case G_TYPE_ENUM: {
    auto* klass = static_cast<GEnumClass*>(g_type_class_peek(spec->value_type));
    const GEnumValue* choice =
        value.is_string() ? g_enum_get_value_by_nick(klass, value.get<std::string>().c_str())
                          : nullptr;
    if (!choice)
      refuse(spec, "one of its choices", value);
    return g_value_set_enum(to, choice->value);
  }
  default:
    return g_value_set_flags(to, flags_of(spec, value));
  }
}

} // namespace

bool is_parameter(const GParamSpec* spec) {
  const bool at_any_time =
      (spec->flags & (GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE)) != 0;
  return at_any_time && (spec->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE &&
         type_name(spec->value_type);
}

json parameter_value(GstElement* element, GParamSpec* spec) {
  Value value(spec->value_type);
  g_object_get_property(G_OBJECT(element), spec->name, value.get());
  return json_of(value.get());
}

json describe_parameters(GstElement* element) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  json list = json::array();
  for (guint i = 0; i < count; i++) {
    GParamSpec* spec = specs[i];
    if (!is_parameter(spec))
      continue;
    json description = {{"name", spec->name},
                        {"nick", g_param_spec_get_nick(spec)},
                        {"blurb", g_param_spec_get_blurb(spec)},
                        {"type", type_name(spec->value_type)},
                        {"controllable", (spec->flags & GST_PARAM_CONTROLLABLE) != 0},
                        {"default", json_of(g_param_spec_get_default_value(spec))},
                        {"value", parameter_value(element, spec)}};
    add_range(description, spec);
    list.push_back(std::move(description));
  }
  g_free(specs);
  return list;
}

void set_parameter(GstElement* element, const std::string& name, const json& value) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
  if (!spec || !is_parameter(spec))
    throw Error(FOMO_NOT_FOUND, "There is no property '" + name + "' that may change now.");
  Value stored(spec->value_type);
  store(spec, value, stored.get());
  g_object_set_property(G_OBJECT(element), spec->name, stored.get());
}

void set_by_text(GstElement* element, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals);
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
  Value value(spec ? spec->value_type : G_TYPE_INT);
  if (equals == std::string::npos || !spec ||
      !gst_value_deserialize_with_pspec(value.get(), assignment.c_str() + equals + 1, spec))
    throw Error(FOMO_SETTINGS, "'" + assignment + "' is no property=value of fomotransfer.");
  g_object_set_property(G_OBJECT(element), spec->name, value.get());
}

} // namespace fomo::live
