/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FOMO_TESTS_OWN_POOL_H
#define FOMO_TESTS_OWN_POOL_H

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Makes a buffer for frames of `info`; NULL: the pool fails to allocate. */
typedef GstBuffer* (*MakeBuffer)(const GstVideoInfo* info);

/* Answers an allocation query with a pool whose buffers `make` makes, and with support of
 * GstVideoMeta. Returns FALSE if the query has no video caps. */
gboolean offer_own_pool(GstQuery* query, MakeBuffer make);

G_END_DECLS

#endif
