/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Caps and frames, good and bad. */
#include <string.h>

#include "storm.h"

GstCaps* random_caps(GRand* rand, gboolean valid) {
  static const char* const formats[] = {"RGB",   "I420",   "NV12",    "BGRx", "RGBA",
                                        "YUY2",  "GRAY8",  "Y444",    "v210", "P010_10LE",
                                        "RGB8P", "AYUV64", "NV12_4L4"};
  static const int ratios[][2] = {{1, 1}, {1, 1}, {4, 3}, {1, 2}, {16, 11}};
  static const char* const odd[] = {
      "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved",
      "video/x-raw(memory:GLMemory),format=RGBA,width=64,height=64,framerate=30/1",
      "video/x-raw,format=RGB,width=15,height=64,framerate=30/1",
      "video/x-raw,format=I420,width=64,height=64,framerate=30/1,interlace-mode=interleaved",
      "video/x-raw,format=I420,width=64,height=64,framerate=30/1,pixel-aspect-ratio=2147483647/1",
      "video/x-raw,format=I420,width=64,height=64,framerate=30/1,pixel-aspect-ratio=1/2147483647",
      "video/x-raw,format=RGB,framerate=2147483647/1,width=16,height=4096",
      "video/x-raw,width=64",
      "image/jpeg",
  };
  if (!valid && one_in(rand, 2))
    return gst_caps_from_string(odd[pick(rand, G_N_ELEMENTS(odd))]);
  const gboolean large = one_in(rand, 40);
  const int* ratio = ratios[pick(rand, G_N_ELEMENTS(ratios))];
  return gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
                             formats[pick(rand, G_N_ELEMENTS(formats))], "width", G_TYPE_INT,
                             16 + (int)pick(rand, large ? 1900 : 150), "height", G_TYPE_INT,
                             16 + (int)pick(rand, large ? 1000 : 120), "framerate",
                             GST_TYPE_FRACTION, (int)pick(rand, 3) * 25, 1, "pixel-aspect-ratio",
                             GST_TYPE_FRACTION, ratio[0], ratio[1], NULL);
}

/* A frame with noise, as a decoder gives it: with longer rows, or in one memory for each plane. */
static GstBuffer* whole_frame(GRand* rand, const GstVideoInfo* info) {
  GstVideoInfo padded = *info;
  const gboolean tiled = GST_VIDEO_FORMAT_INFO_IS_TILED(info->finfo);
  GstVideoAlignment align;
  gst_video_alignment_reset(&align);
  align.padding_right = align.padding_bottom = tiled ? 0 : pick(rand, 3) * 8;
  if (!tiled && !gst_video_info_align(&padded, &align))
    padded = *info;
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, padded.size, NULL);
  gst_buffer_memset(buffer, 0, (guint8)pick(rand, 256), padded.size);
  if (!tiled && (align.padding_right || one_in(rand, 2)))
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(info),
                                   (guint)info->width, (guint)info->height,
                                   GST_VIDEO_INFO_N_PLANES(info), padded.offset, padded.stride);
  return buffer;
}

/* Memory or meta that cannot be. */
static void spoil(GRand* rand, GstBuffer* buffer) {
  static const int strides[] = {0, -1, G_MAXINT, G_MININT, 1, 4096, -4096};
  GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  const gsize size = gst_buffer_get_size(buffer);
  switch (meta ? pick(rand, 6) : 0) {
  case 0:
    gst_buffer_set_size(buffer, (gssize)pick(rand, (guint)size));
    break;
  case 1:
    meta->stride[pick(rand, meta->n_planes)] = strides[pick(rand, G_N_ELEMENTS(strides))];
    break;
  case 2:
    meta->offset[pick(rand, meta->n_planes)] = pick(rand, (guint)size);
    break;
  case 3:
    meta->offset[pick(rand, meta->n_planes)] = (gsize) - (gssize)pick(rand, 4096);
    break;
  case 4:
    meta->width = pick(rand, 3) ? pick(rand, 400) : G_MAXUINT;
    break;
  default:
    gst_buffer_remove_all_memory(buffer);
  }
}

GstBuffer* random_frame(GRand* rand, const GstVideoInfo* info, gboolean valid) {
  GstBuffer* buffer = whole_frame(rand, info);
  if (one_in(rand, 4)) {
    GstVideoRegionOfInterestMeta* region = gst_buffer_add_video_region_of_interest_meta(
        buffer, "face", pick(rand, 100), pick(rand, 100), pick(rand, 200), pick(rand, 200));
    if (one_in(rand, 8))
      region->x = region->w = G_MAXUINT;
  }
  if (one_in(rand, 10))
    gst_buffer_add_video_crop_meta(buffer)->width = G_MAXUINT;
  if (one_in(rand, 10))
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_GAP);
  if (one_in(rand, 10))
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  if (one_in(rand, 20))
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_CORRUPTED);
  if (!valid)
    spoil(rand, buffer);
  return buffer;
}
