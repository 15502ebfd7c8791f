// SPDX-License-Identifier: LGPL-2.1-or-later
// list-properties [ELEMENT]: prints the properties of fomotransfer, or of another element, as rows
// of the tables in docs/, without the last column: name, type, default, and when the property may
// change.
#include <gst/gst.h>

static gchar* type_of(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    GString* values = g_string_new(NULL);
    const GEnumClass* klass = G_PARAM_SPEC_ENUM(spec)->enum_class;
    for (guint i = 0; i < klass->n_values; i++)
      g_string_append_printf(values, "%s`%s`", i > 0 ? ", " : "", klass->values[i].value_nick);
    return g_string_free(values, FALSE);
  }
  if (G_IS_PARAM_SPEC_FLAGS(spec)) {
    GString* values = g_string_new(NULL);
    const GFlagsClass* klass = G_PARAM_SPEC_FLAGS(spec)->flags_class;
    for (guint i = 0; i < klass->n_values; i++)
      g_string_append_printf(values, "%s`%s`", i > 0 ? " + " : "", klass->values[i].value_nick);
    return g_string_free(values, FALSE);
  }
  if (G_IS_PARAM_SPEC_UINT64(spec))
    return g_strdup("uint64");
  if (G_IS_PARAM_SPEC_INT(spec))
    return g_strdup_printf("int, %d to %d", G_PARAM_SPEC_INT(spec)->minimum,
                           G_PARAM_SPEC_INT(spec)->maximum);
  if (G_IS_PARAM_SPEC_DOUBLE(spec))
    return g_strdup_printf("double, %g to %g", G_PARAM_SPEC_DOUBLE(spec)->minimum,
                           G_PARAM_SPEC_DOUBLE(spec)->maximum);
  if (G_IS_PARAM_SPEC_STRING(spec))
    return g_strdup("string");
  if (G_IS_PARAM_SPEC_BOOLEAN(spec))
    return g_strdup("boolean");
  return g_strdup(g_type_name(G_PARAM_SPEC_VALUE_TYPE(spec)));
}

// The value of a new element. For inherited properties it may differ from the GParamSpec's default.
static gchar* default_of(GstElement* element, GParamSpec* spec) {
  if (g_type_is_a(G_PARAM_SPEC_VALUE_TYPE(spec), G_TYPE_BOXED))
    return g_strdup("none");
  GValue value = G_VALUE_INIT;
  g_object_get_property(G_OBJECT(element), spec->name, &value);
  gchar* text;
  if (G_VALUE_HOLDS_STRING(&value))
    text = g_value_get_string(&value) ? g_strdup_printf("`%s`", g_value_get_string(&value))
                                      : g_strdup("none");
  else if (G_VALUE_HOLDS_DOUBLE(&value))
    text = g_strdup_printf("%g", g_value_get_double(&value));
  else if (G_VALUE_HOLDS_ENUM(&value))
    text = g_strdup_printf(
        "`%s`", g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, g_value_get_enum(&value))
                    ->value_nick);
  else if (G_VALUE_HOLDS_FLAGS(&value) && g_value_get_flags(&value) == 0)
    text = g_strdup("none");
  else
    text = gst_value_serialize(&value);
  g_value_unset(&value);
  return text;
}

static const gchar* when_of(GParamSpec* spec) {
  if (!(spec->flags & G_PARAM_WRITABLE))
    return "read only";
  if (spec->flags & GST_PARAM_MUTABLE_READY)
    return "NULL, READY";
  return spec->flags & GST_PARAM_CONTROLLABLE ? "any time, controllable" : "any time";
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const char* name = argc > 1 ? argv[1] : "fomotransfer";
  GstElement* element = gst_element_factory_make(name, NULL);
  if (!element) {
    g_printerr("GStreamer does not find %s\n", name);
    return 1;
  }
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  for (guint i = 0; i < count; i++) {
    const gboolean own = specs[i]->owner_type == G_OBJECT_TYPE(element);
    if (!own && g_strcmp0(specs[i]->name, "qos") != 0)
      continue;
    gchar *type = type_of(specs[i]), *otherwise = default_of(element, specs[i]);
    g_print("| `%s` | %s | %s | %s |\n", specs[i]->name, type, otherwise, when_of(specs[i]));
    g_free(type);
    g_free(otherwise);
  }
  g_free(specs);
  gst_object_unref(element);
  return 0;
}
