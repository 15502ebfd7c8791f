// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/metas.h"

#include <gst/video/video.h>

namespace fomo {

bool survives_animation(const GstMetaInfo* meta) {
  // These two speak of places without saying so in their tags.
  const char* api = g_type_name(meta->api);
  if (meta->api == GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE ||
      g_str_equal(api, "GstAnalyticsRelationMetaAPI"))
    return false;
  for (const gchar* const* tag = gst_meta_api_type_get_tags(meta->api); tag && *tag; tag++)
    if (!g_str_equal(*tag, GST_META_TAG_VIDEO_STR))
      return false;
  return true;
}

} // namespace fomo
