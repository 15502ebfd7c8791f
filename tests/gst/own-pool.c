/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "own-pool.h"

typedef struct {
  GstBufferPool parent;
  GstVideoInfo info;
  MakeBuffer make;
} OwnPool;
typedef GstBufferPoolClass OwnPoolClass;
GType own_pool_get_type(void);
G_DEFINE_TYPE(OwnPool, own_pool, GST_TYPE_BUFFER_POOL)

static GstFlowReturn own_pool_alloc(GstBufferPool* pool, GstBuffer** buffer,
                                    GstBufferPoolAcquireParams* params) {
  (void)params;
  OwnPool* self = (OwnPool*)pool;
  *buffer = self->make(&self->info);
  return *buffer ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static const gchar** own_pool_options(GstBufferPool* pool) {
  (void)pool;
  static const gchar* options[] = {GST_BUFFER_POOL_OPTION_VIDEO_META, NULL};
  return options;
}

static void own_pool_class_init(OwnPoolClass* klass) {
  klass->alloc_buffer = own_pool_alloc;
  klass->get_options = own_pool_options;
}

static void own_pool_init(OwnPool* self) { (void)self; }

gboolean offer_own_pool(GstQuery* query, MakeBuffer make) {
  GstCaps* caps = NULL;
  GstVideoInfo info;
  gst_query_parse_allocation(query, &caps, NULL);
  if (!caps || !gst_video_info_from_caps(&info, caps))
    return FALSE;
  OwnPool* pool = g_object_new(own_pool_get_type(), NULL);
  gst_object_ref_sink(pool);
  pool->info = info;
  pool->make = make;
  gst_query_add_allocation_pool(query, GST_BUFFER_POOL(pool), (guint)info.size, 1, 0);
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
  gst_object_unref(pool);
  return TRUE;
}
