/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffers whose planes do not lie in their memory, on both pads: an error that names the plane. And
 * buffers with not one byte more than necessary: the element reads and writes only their planes. */
#define _GNU_SOURCE
#include "common.h"
#include "own-pool.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RGB64 "video/x-raw,format=RGB,width=64,height=64,framerate=30/1"

static void set_info(GstVideoInfo* info, GstVideoFormat format, int width, int height) {
  fail_unless(gst_video_info_set_format(info, format, (guint)width, (guint)height));
  info->fps_n = 30;
  info->fps_d = 1;
}

/* ---- what a plane needs ---- */

/* The bytes of a row and the number of rows of a plane without padding. */
static void plane_size(const GstVideoInfo* info, guint plane, int* row, int* rows) {
  const GstVideoFormatInfo* format = info->finfo;
  *row = *rows = 0;
  for (guint c = 0; c < format->n_components; c++) {
    if (format->plane[c] != plane)
      continue;
    const int columns = GST_VIDEO_SUB_SCALE(format->w_sub[c], info->width);
    const gboolean regular =
        !GST_VIDEO_FORMAT_INFO_IS_COMPLEX(format) && format->pixel_stride[c] > 0;
    *row = MAX(*row, regular ? columns * format->pixel_stride[c] : info->stride[plane]);
    *rows = MAX(*rows, GST_VIDEO_SUB_SCALE(format->h_sub[c], info->height));
  }
  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE(format) && plane == 1) {
    *row = 256 * 4;
    *rows = 1;
  }
}

/* A memory that ends where no page is: the process dies at the first byte behind it. */
typedef struct {
  guint8* pages;
  gsize length;
} Guarded;

static void free_guarded(gpointer data) {
  Guarded* guarded = data;
  munmap(guarded->pages, guarded->length);
  g_free(guarded);
}

static GstMemory* guarded_memory(gsize size) {
  const gsize page = (gsize)sysconf(_SC_PAGESIZE), used = (size + page - 1) / page * page;
  Guarded* guarded = g_new(Guarded, 1);
  guarded->length = used + page;
  guarded->pages =
      mmap(NULL, guarded->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fail_unless(guarded->pages != MAP_FAILED);
  fail_unless(mprotect(guarded->pages + used, page, PROT_NONE) == 0);
  return gst_memory_new_wrapped(0, guarded->pages + used - size, size, 0, size, guarded,
                                free_guarded);
}

/* A buffer with a memory for each plane, and rows without padding. Tiled formats keep their layout.
 */
static GstBuffer* guarded_buffer(const GstVideoInfo* info) {
  GstBuffer* buffer = gst_buffer_new();
  gsize offset[GST_VIDEO_MAX_PLANES] = {0}, end = 0;
  gint stride[GST_VIDEO_MAX_PLANES] = {0};
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(info); plane++) {
    int row, rows;
    plane_size(info, plane, &row, &rows);
    gsize size = (gsize)row * (gsize)rows;
    stride[plane] = row;
    if (GST_VIDEO_FORMAT_INFO_IS_TILED(info->finfo)) {
      stride[plane] = info->stride[plane];
      size = (gsize)GST_VIDEO_TILE_X_TILES(stride[plane]) *
             (gsize)GST_VIDEO_TILE_Y_TILES(stride[plane]) * info->finfo->tile_info[plane].size;
    }
    offset[plane] = end;
    end += size;
    gst_buffer_append_memory(buffer, guarded_memory(size));
  }
  gst_buffer_memset(buffer, 0, 0x55, end);
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(info),
                                 (guint)info->width, (guint)info->height,
                                 GST_VIDEO_INFO_N_PLANES(info), offset, stride);
  return buffer;
}

/* ---- buffers of downstream ---- */

/* Answers the allocation query with a pool of the buffers that the MakeBuffer makes. */
static GstPadProbeReturn offer_pool(GstPad* pad, GstPadProbeInfo* probe, gpointer make) {
  (void)pad;
  GstQuery* query = GST_PAD_PROBE_INFO_QUERY(probe);
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  fail_unless(offer_own_pool(query, *(const MakeBuffer*)make));
  return GST_PAD_PROBE_HANDLED;
}

/* `make`: the buffers of downstream's pool; NULL: downstream has no pool. */
static GstHarness* harness_for(const GstVideoInfo* in, const GstVideoInfo* out, int model,
                               const MakeBuffer* make) {
  GstHarness* harness = fake_harness(model, model, "crop", FOMO_CROP_NONE, NULL);
  if (make) /* before the caps, with which the element asks for the pool */
    gst_pad_add_probe(harness->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, offer_pool,
                      (gpointer)make, NULL);
  gst_harness_set_caps(harness, gst_video_info_to_caps(in), gst_video_info_to_caps(out));
  return harness;
}

/* ---- tests ---- */

static const GstVideoFormat several[] = {
    GST_VIDEO_FORMAT_RGB,    GST_VIDEO_FORMAT_RGBA,     GST_VIDEO_FORMAT_I420,
    GST_VIDEO_FORMAT_NV12,   GST_VIDEO_FORMAT_YUY2,     GST_VIDEO_FORMAT_GRAY8,
    GST_VIDEO_FORMAT_Y42B,   GST_VIDEO_FORMAT_A420,     GST_VIDEO_FORMAT_P010_10LE,
    GST_VIDEO_FORMAT_AYUV64, GST_VIDEO_FORMAT_v210,     GST_VIDEO_FORMAT_RGB8P,
    GST_VIDEO_FORMAT_YUV9,   GST_VIDEO_FORMAT_NV12_4L4, GST_VIDEO_FORMAT_NV12_64Z32,
};

/* Cuts the end of one plane off and keeps the meta. */
static GstBuffer* cut_plane(GstBuffer* buffer, guint plane, gsize bytes) {
  GstMemory* memory = gst_buffer_peek_memory(buffer, plane);
  gst_memory_resize(memory, 0, gst_memory_get_sizes(memory, NULL, NULL) - bytes);
  GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  for (guint later = plane + 1; later < meta->n_planes; later++)
    meta->offset[later] -= bytes;
  return buffer;
}

/* One byte less than a plane needs: an error, and the next frame is animated. */
GST_START_TEST(test_short_plane) {
  const GstVideoFormat format = several[__i__];
  GstVideoInfo in, out;
  set_info(&in, format, 66, 50);
  set_info(&out, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstHarness* harness = harness_for(&in, &out, 64, NULL);
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&in); plane++) {
    char* name = g_strdup_printf("plane %u", plane);
    const char* words[] = {name, in.finfo->name, "videoconvert", NULL};
    GstBuffer* buffer = cut_plane(guarded_buffer(&in), plane, 1);
    fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_ERROR);
    expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                     GST_STREAM_ERROR_FAILED, words);
    g_free(name);
    fail_unless_equals_int(gst_harness_push(harness, guarded_buffer(&in)), GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(harness));
  }
  end_harness(harness);
}
GST_END_TEST;

/* A meta that says something else than the memory or the caps do. */
static void zero_stride(GstVideoMeta* meta) { meta->stride[0] = 0; }
static void short_stride(GstVideoMeta* meta) { meta->stride[1] = 31; }
static void long_stride(GstVideoMeta* meta) { meta->stride[2] = 4096; }
static void largest_stride(GstVideoMeta* meta) { meta->stride[0] = G_MAXINT; }
static void negative_stride(GstVideoMeta* meta) { meta->stride[0] = -64; }
static void smallest_stride(GstVideoMeta* meta) { meta->stride[0] = G_MININT; }
static void late_offset(GstVideoMeta* meta) { meta->offset[0] = 64; }
static void late_chroma(GstVideoMeta* meta) { meta->offset[2] += 1; }
static void offset_behind(GstVideoMeta* meta) { meta->offset[1] = 1 << 20; }
static void negative_offset(GstVideoMeta* meta) { meta->offset[0] = (gsize)-4096; }
static void other_width(GstVideoMeta* meta) { meta->width = 32; }
static void larger_width(GstVideoMeta* meta) { meta->width = 65536; }
static void larger_height(GstVideoMeta* meta) { meta->height = 65; }
static void no_size(GstVideoMeta* meta) { meta->width = meta->height = 0; }
static void other_format(GstVideoMeta* meta) { meta->format = GST_VIDEO_FORMAT_Y444; }
static void fewer_planes(GstVideoMeta* meta) { meta->n_planes = 1; }
static void more_planes(GstVideoMeta* meta) { meta->n_planes = 200; }

static const struct {
  void (*spoil)(GstVideoMeta* meta);
  const char* word;
} spoilt[] = {
    {zero_stride, "plane 0 has a stride of 0"},
    {short_stride, "plane 1 has a stride of 31"},
    {long_stride, "plane 2"},
    {largest_stride, "plane 0"},
    {negative_stride, "plane 0"},
    {smallest_stride, "plane 0"},
    {late_offset, "plane 0"},
    {late_chroma, "plane 2"},
    {offset_behind, "mapped"},
    {negative_offset, "mapped"},
    {other_width, "32x64"},
    {larger_width, "65536x64"},
    {larger_height, "64x65"},
    {no_size, "0x0"},
    {other_format, "Y444"},
    {fewer_planes, "1 planes"},
    {more_planes, "200 planes"},
};

GST_START_TEST(test_spoilt_meta) {
  const char* words[] = {spoilt[__i__].word, NULL};
  GstVideoInfo in, out;
  set_info(&in, GST_VIDEO_FORMAT_I420, 64, 64);
  set_info(&out, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstHarness* harness = harness_for(&in, &out, 64, NULL);
  GstBuffer* buffer = guarded_buffer(&in);
  GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  spoilt[__i__].spoil(meta);
  fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_ERROR);
  expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_FAILED, words);
  fail_unless_equals_int(gst_harness_push(harness, guarded_buffer(&in)), GST_FLOW_OK);
  end_harness(harness);
}
GST_END_TEST;

/* Rows from the bottom to the top are a frame like another. */
GST_START_TEST(test_bottom_up) {
  GstVideoInfo in, out;
  set_info(&in, GST_VIDEO_FORMAT_RGB, 64, 64);
  set_info(&out, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstHarness* harness = harness_for(&in, &out, 64, NULL);
  GstBuffer* upright = pattern_frame(&in, 0);
  GstBuffer* turned = gst_buffer_new_allocate(NULL, in.size, NULL);
  GstMapInfo map;
  fail_unless(gst_buffer_map(upright, &map, GST_MAP_READ));
  for (int y = 0; y < 64; y++)
    gst_buffer_fill(turned, (gsize)(63 - y) * 192, map.data + y * 192, 192);
  gst_buffer_unmap(upright, &map);
  gsize offset[GST_VIDEO_MAX_PLANES] = {63 * 192};
  gint stride[GST_VIDEO_MAX_PLANES] = {-192};
  gst_buffer_add_video_meta_full(turned, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, 64, 64, 1,
                                 offset, stride);
  fail_unless_equals_int(gst_harness_push(harness, turned), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless_equals_int(max_difference(result, upright, 64, 64), 0);
  gst_buffer_unref(result);
  gst_buffer_unref(upright);
  end_harness(harness);
}
GST_END_TEST;

/* The same for a picture in memory: a warning, and the old picture stays. */
GST_START_TEST(test_short_sample) {
  const char* words[] = {"plane 2", "I420", NULL};
  GstHarness* harness = fake_harness(64, 64, NULL);
  gst_harness_set_src_caps_str(harness, RGB64);
  GstVideoInfo info;
  set_info(&info, GST_VIDEO_FORMAT_I420, 50, 30);
  GstCaps* caps = gst_video_info_to_caps(&info);
  GstBuffer* buffer = cut_plane(guarded_buffer(&info), 2, 1);
  GstSample* sample = gst_sample_new(buffer, caps, NULL, NULL);
  g_object_set(harness->element, "source-sample", sample, NULL);
  expect_complaint(harness_bus(harness), GST_MESSAGE_WARNING, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_FAILED, words);
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 1, 2, 3)), GST_FLOW_OK);
  gst_sample_unref(sample);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  end_harness(harness);
}
GST_END_TEST;

static GstBuffer* short_output(const GstVideoInfo* info) {
  return cut_plane(guarded_buffer(info), GST_VIDEO_INFO_N_PLANES(info) - 1, 1);
}

static GstBuffer* small_output(const GstVideoInfo* info) {
  (void)info;
  return gst_buffer_new_allocate(NULL, 100, NULL);
}

static GstBuffer* no_output(const GstVideoInfo* info) {
  (void)info;
  return NULL;
}

/* Downstream's pool gives buffers that are too small, or none. */
GST_START_TEST(test_bad_pools) {
  static const struct {
    MakeBuffer make;
    const char* word;
  } pools[] = {{short_output, "plane 2"}, {small_output, "smaller than its caps"}};
  const char* words[] = {pools[__i__].word, NULL};
  GstVideoInfo in, out;
  set_info(&in, GST_VIDEO_FORMAT_RGB, 64, 64);
  set_info(&out, GST_VIDEO_FORMAT_I420, 66, 50);
  GstHarness* harness = harness_for(&in, &out, 64, &pools[__i__].make);
  fail_unless_equals_int(gst_harness_push(harness, color_frame(64, 64, 1, 2, 3)), GST_FLOW_ERROR);
  expect_complaint(harness_bus(harness), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_FAILED, words);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_empty_pool) {
  static const MakeBuffer make = no_output;
  GstVideoInfo info;
  set_info(&info, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstHarness* harness = harness_for(&info, &info, 64, &make);
  fail_unless(gst_harness_push(harness, color_frame(64, 64, 1, 2, 3)) != GST_FLOW_OK);
  end_harness(harness);
}
GST_END_TEST;

/* Every format on both pads, with frames that end at a page that is not there. Pixels that are not
 * square go through GstVideoConverter. Models are smaller and larger than the frames. */
static void run_guarded(const GstVideoInfo* in, const GstVideoInfo* out, int model) {
  static const MakeBuffer make = guarded_buffer;
  GstHarness* harness = harness_for(in, out, model, &make);
  fail_unless_equals_int(gst_harness_push(harness, guarded_buffer(in)), GST_FLOW_OK);
  gst_buffer_unref(gst_harness_pull(harness));
  end_harness(harness);
}

GST_START_TEST(test_no_byte_beyond) {
  static const struct {
    int width, height, par_n, model;
  } cases[] = {{65, 49, 1, 96}, {67, 97, 2, 32}};
  guint count;
  const GstVideoFormat* raw = gst_video_formats_raw(&count);
  for (guint f = 0; f < count; f++)
    for (guint c = 0; c < G_N_ELEMENTS(cases); c++) {
      if (raw[f] <= GST_VIDEO_FORMAT_ENCODED)
        continue;
      if (raw[f] == GST_VIDEO_FORMAT_UYVP && cases[c].width % 2)
        continue; // GStreamer 1.22 reads a byte behind its own frames of odd width
      GstVideoInfo odd, rgb;
      set_info(&odd, raw[f], cases[c].width, cases[c].height);
      odd.par_n = cases[c].par_n;
      set_info(&rgb, GST_VIDEO_FORMAT_RGB, 48, 48);
      run_guarded(&odd, &rgb, cases[c].model);
      run_guarded(&rgb, &odd, cases[c].model);
    }
}
GST_END_TEST;

static Suite* planes_suite(void) {
  Suite* suite = suite_create("planes");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_loop_test(tests, test_short_plane, 0, G_N_ELEMENTS(several));
  tcase_add_loop_test(tests, test_spoilt_meta, 0, G_N_ELEMENTS(spoilt));
  tcase_add_test(tests, test_bottom_up);
  tcase_add_test(tests, test_short_sample);
  tcase_add_loop_test(tests, test_bad_pools, 0, 2);
  tcase_add_test(tests, test_empty_pool);
  tcase_add_test(tests, test_no_byte_beyond);
  return suite;
}

GST_CHECK_MAIN(planes)
