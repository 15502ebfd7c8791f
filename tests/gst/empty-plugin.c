/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An empty plugin, with which scan-cost compares the real one. */
#include <gst/gst.h>

#define PACKAGE "fomotransfer"

static gboolean plugin_init(GstPlugin* plugin) {
  (void)plugin;
  return TRUE;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, empty, "Nothing", plugin_init, "1", "LGPL",
                  "fomotransfer", "Unknown package origin")
