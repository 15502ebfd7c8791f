// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:plugin-fomotransfer
 * @title: fomotransfer
 * @short_description: Animates pictures with driving video
 *
 * The plugin with the elements #element-fomotransfer, #element-fomomotionenc,
 * #element-fomomotiondec, #element-fomomotionparse, #element-fomomotioninsert,
 * #element-fomomotionextract and #element-fomomark. It links GStreamer alone. An element opens the
 * engine library, which links the libraries of the neural network, when it goes to READY.
 *
 * Since: 0.1
 */
#include <gst/gst.h>

#include "gst/gstfomomark.h"
#include "gst/gstfomomotiondec.h"
#include "gst/gstfomomotionenc.h"
#include "gst/gstfomomotionextract.h"
#include "gst/gstfomomotioninsert.h"
#include "gst/gstfomomotionparse.h"
#include "gst/gstfomotransfer.h"
#include "gst/log.h"

GstDebugCategory* fomo_category = nullptr;
GstDebugCategory* fomo_engine_category = nullptr;

static gboolean plugin_init(GstPlugin* plugin) {
  GST_DEBUG_CATEGORY_INIT(fomo_category, "fomotransfer", 0, "First Order Motion transfer element");
  GST_DEBUG_CATEGORY_INIT(fomo_engine_category, "fomoengine", 0,
                          "First Order Motion transfer engine");
  return GST_ELEMENT_REGISTER(fomotransfer, plugin) &&
         GST_ELEMENT_REGISTER(fomomotionenc, plugin) &&
         GST_ELEMENT_REGISTER(fomomotiondec, plugin) &&
         GST_ELEMENT_REGISTER(fomomotionparse, plugin) &&
         GST_ELEMENT_REGISTER(fomomotioninsert, plugin) &&
         GST_ELEMENT_REGISTER(fomomotionextract, plugin) && GST_ELEMENT_REGISTER(fomomark, plugin);
}

#define PACKAGE "fomotransfer"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, fomotransfer,
                  "Animates a still picture with driving video", plugin_init, FOMO_VERSION, "LGPL",
                  "fomotransfer", "Unknown package origin")
