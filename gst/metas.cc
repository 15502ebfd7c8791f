// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/metas.h"

#include <gst/video/video.h>

namespace fomo {

bool survives_animation(const GstMetaInfo* meta) {
  // These two metas contain positions, but their tags do not say so.
  const char* api = g_type_name(meta->api);
  if (meta->api == GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE ||
      g_str_equal(api, "GstAnalyticsRelationMetaAPI"))
    return false;
  for (const gchar* const* tag = gst_meta_api_type_get_tags(meta->api); tag && *tag; tag++)
    if (!g_str_equal(*tag, GST_META_TAG_VIDEO_STR))
      return false;
  return true;
}

static constexpr char kFrameMeta[] = "GstFomoTransferMeta";

void register_frame_meta() {
  static const char* const tags[] = {nullptr};
  if (!gst_meta_get_info(kFrameMeta))
    gst_meta_register_custom(kFrameMeta, const_cast<const char**>(tags), nullptr, nullptr, nullptr);
}

void add_frame_meta(GstBuffer* buffer, double confidence, bool present) {
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, kFrameMeta);
  if (!meta)
    meta = gst_buffer_add_custom_meta(buffer, kFrameMeta);
  if (meta)
    gst_structure_set(gst_custom_meta_get_structure(meta), "confidence", G_TYPE_DOUBLE, confidence,
                      "present", G_TYPE_BOOLEAN, present, nullptr);
}

} // namespace fomo
