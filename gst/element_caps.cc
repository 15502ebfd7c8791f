// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/caps.h"
#include "gst/element.h"
#include "gst/log.h"
#include "gst/metas.h"
#include "gst/pixel_aspect.h"

namespace {

GstCaps* transform_caps(GstBaseTransform*, GstPadDirection, GstCaps* caps, GstCaps* filter) {
  GstCaps* other = fomo::caps_of_other_pad(caps);
  return fomo::filtered_caps(other, filter);
}

GstCaps* fixate_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                     GstCaps* othercaps) {
  auto* priv = GST_FOMO_TRANSFER(trans)->priv;
  if (direction == GST_PAD_SRC || !priv->session || gst_caps_is_empty(othercaps))
    return gst_caps_fixate(othercaps);
  const FomoModelInfo& model = priv->session->model();
  const FomoSourceInfo& source = priv->session->source().info;
  const bool whole = priv->session->shows_picture(fomo::frame_settings(priv));
  return fomo::fixate_output_caps(caps, othercaps,
                                  {whole ? source.width : model.width,
                                   whole ? source.height : model.height, priv->layout.shape,
                                   source.has_alpha != 0});
}

gboolean set_caps(GstBaseTransform* trans, GstCaps* incaps, GstCaps* outcaps) {
  auto* self = GST_FOMO_TRANSFER(trans);
  return fomo::posting_errors(self, FALSE, [&]() -> gboolean {
    GstVideoInfo in, out;
    if (!gst_video_info_from_caps(&in, incaps) || !gst_video_info_from_caps(&out, outcaps))
      return FALSE;
    if (GST_VIDEO_INFO_IS_INTERLACED(&in) || GST_VIDEO_INFO_IS_INTERLACED(&out)) {
      GST_ELEMENT_ERROR(
          self, CORE, NEGOTIATION,
          ("Interlaced video cannot be animated. Put deinterlace before the element."),
          ("%" GST_PTR_FORMAT " to %" GST_PTR_FORMAT, incaps, outcaps));
      return FALSE;
    }
    try {
      fomo::check_pixel_aspect(in);
      fomo::check_room(out, self->priv->layout.shape);
    } catch (const fomo::Error& error) {
      GST_ELEMENT_ERROR(self, CORE, NEGOTIATION, ("%s", error.what()),
                        ("%" GST_PTR_FORMAT " to %" GST_PTR_FORMAT, incaps, outcaps));
      return FALSE;
    }
    fomo::change_layout(self, [&](fomo::FrameLayout& layout) {
      layout.in = in;
      layout.out = out;
      layout.footprint = {};
    });
    const GstVideoRectangle output = self->priv->layout.output_rect();
    GST_INFO_OBJECT(self,
                    "driving frames are %s of %dx%d; the picture goes to %dx%d at %d,%d of %s "
                    "frames of %dx%d",
                    in.finfo->name, in.width, in.height, output.w, output.h, output.x, output.y,
                    out.finfo->name, out.width, out.height);
    return TRUE;
  });
}

gboolean get_unit_size(GstBaseTransform*, GstCaps* caps, gsize* size) {
  GstVideoInfo info;
  if (!gst_video_info_from_caps(&info, caps))
    return FALSE;
  *size = GST_VIDEO_INFO_SIZE(&info);
  return TRUE;
}

/// The size of an output buffer follows from its caps, not from the size of the input buffer, which
/// may be padded.
gboolean transform_size(GstBaseTransform* trans, GstPadDirection, GstCaps*, gsize,
                        GstCaps* othercaps, gsize* othersize) {
  return get_unit_size(trans, othercaps, othersize);
}

gboolean propose_allocation(GstBaseTransform* trans, GstQuery* decided, GstQuery* query) {
  auto* parent = fomo::parent_of(trans);
  if (!parent->propose_allocation(trans, decided, query))
    return FALSE;
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

/// Uses downstream's buffer pool, or a pool of video buffers if downstream offers none.
gboolean decide_allocation(GstBaseTransform* trans, GstQuery* query) {
  GstCaps* caps = nullptr;
  GstVideoInfo info;
  gst_query_parse_allocation(query, &caps, nullptr);
  if (!caps || !gst_video_info_from_caps(&info, caps))
    return FALSE;

  GstBufferPool* pool = nullptr;
  guint size = 0, min = 0, max = 0;
  const bool offered = gst_query_get_n_allocation_pools(query) > 0;
  if (offered)
    gst_query_parse_nth_allocation_pool(query, 0, &pool, &size, &min, &max);
  if (!pool)
    pool = gst_video_buffer_pool_new();
  size = MAX(size, GST_VIDEO_INFO_SIZE(&info));

  if (gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr)) {
    GstStructure* config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    gst_buffer_pool_config_set_params(config, caps, size, min, max);
    gst_buffer_pool_set_config(pool, config);
  }
  if (offered)
    gst_query_set_nth_allocation_pool(query, 0, pool, size, min, max);
  else
    gst_query_add_allocation_pool(query, pool, size, min, max);
  gst_object_unref(pool);
  return fomo::parent_of(trans)->decide_allocation(trans, query);
}

/// Offers none of downstream's metadata upstream: output frames are new frames.
gboolean filter_meta(GstBaseTransform*, GstQuery*, GType, const GstStructure*) { return FALSE; }

gboolean transform_meta(GstBaseTransform*, GstBuffer*, GstMeta* meta, GstBuffer*) {
  return fomo::survives_animation(meta->info);
}

} // namespace

void fomo::install_caps(GstBaseTransformClass* klass) {
  klass->transform_caps = GST_DEBUG_FUNCPTR(transform_caps);
  klass->fixate_caps = GST_DEBUG_FUNCPTR(fixate_caps);
  klass->set_caps = GST_DEBUG_FUNCPTR(set_caps);
  klass->get_unit_size = GST_DEBUG_FUNCPTR(get_unit_size);
  klass->transform_size = GST_DEBUG_FUNCPTR(transform_size);
  klass->propose_allocation = GST_DEBUG_FUNCPTR(propose_allocation);
  klass->decide_allocation = GST_DEBUG_FUNCPTR(decide_allocation);
  klass->filter_meta = GST_DEBUG_FUNCPTR(filter_meta);
  klass->transform_meta = GST_DEBUG_FUNCPTR(transform_meta);
}
