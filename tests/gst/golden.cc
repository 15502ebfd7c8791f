// SPDX-License-Identifier: LGPL-2.1-or-later
// The element with the real engine gives the official code's results: checkpoints in the published
// form, raw input and output frames of the model's size, every 8-bit value within one level.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "gst/enums.h"
#include "model/checkpoint/safetensors.h"
#include "tests/gst/common.h"

namespace {

constexpr const char* kNames[] = {"vox", "mgif", "zero-order", "vox-512"};
constexpr int kLevelBar = 1;

std::string path_of(const std::string& name, const char* file) {
  return std::string(FOMO_TEST_DATA) + "/golden/" + name + "/" + file;
}

/// RGB frames [N, H, W, 3], or one frame [H, W, 3].
struct Frames {
  Frames(const fomo::SafetensorsFile& file, const fomo::StoredTensor& tensor)
      : height(static_cast<int>(tensor.shape[tensor.shape.size() - 3])),
        width(static_cast<int>(tensor.shape[tensor.shape.size() - 2])),
        count(tensor.shape.size() == 4 ? static_cast<int>(tensor.shape[0]) : 1),
        data(reinterpret_cast<const guint8*>(file.data(tensor))) {}

  size_t bytes() const { return size_t{3} * width * height; }
  const guint8* frame(int index) const { return data + index * bytes(); }
  GstBuffer* buffer(int index) const { return gst_buffer_new_memdup(frame(index), bytes()); }

  int height, width, count;
  const guint8* data;
};

GstSample* sample_of(const Frames& picture) {
  GstCaps* caps =
      gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT,
                          picture.width, "height", G_TYPE_INT, picture.height, nullptr);
  GstBuffer* buffer = picture.buffer(0);
  GstSample* sample = gst_sample_new(buffer, caps, nullptr, nullptr);
  gst_buffer_unref(buffer);
  gst_caps_unref(caps);
  return sample;
}

/// An element with the settings of the results `mode` ("align_corners.relative." and so on).
GstHarness* harness_for(const std::string& name, const std::string& mode, const Frames& picture) {
  const bool absolute = mode.find(".absolute.") != std::string::npos;
  GstSample* sample = sample_of(picture);
  GstElement* element = gst_element_factory_make_full(
      "fomotransfer", "model", path_of(name, "checkpoint.pth.tar").c_str(), "config",
      path_of(name, "config.yaml").c_str(), "device", "cpu", "precision", FOMO_PRECISION_FP32,
      "source-sample", sample, "align-corners", mode.rfind("align_corners.", 0) == 0, "crop",
      FOMO_CROP_NONE, "relative", !absolute, "relative-jacobian", !absolute, "adapt-scale",
      mode.find("adapt_scale") != std::string::npos, "detail", FALSE, "smoothing", 0.0, "reference",
      FOMO_REFERENCE_FIRST, "mark", GST_FOMO_TRANSFER_MARK_NONE, nullptr);
  fail_unless(element != nullptr);
  gst_sample_unref(sample);
  GstHarness* harness = gst_harness_new_with_element(element, "sink", "src");
  gst_object_unref(element);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB");
  gst_harness_set_src_caps(
      harness, gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width",
                                   G_TYPE_INT, picture.width, "height", G_TYPE_INT, picture.height,
                                   "framerate", GST_TYPE_FRACTION, 25, 1, nullptr));
  return harness;
}

int largest_difference(GstBuffer* buffer, const Frames& expected, int index) {
  GstVideoInfo info;
  GstVideoFrame frame;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, expected.width, expected.height);
  fail_unless(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ));
  int worst = 0;
  for (int y = 0; y < expected.height; y++) {
    const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0)) +
                      y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
    const guint8* wanted = expected.frame(index) + size_t{3} * y * expected.width;
    for (int x = 0; x < 3 * expected.width; x++)
      worst = std::max(worst, std::abs(row[x] - wanted[x]));
  }
  gst_video_frame_unmap(&frame);
  return worst;
}

void check_mode(const std::string& name, const std::string& mode,
                const fomo::SafetensorsFile& golden) {
  const Frames driving(golden, golden.at("driving"));
  const Frames expected(golden, golden.at(mode + "prediction_u8"));
  GstHarness* harness = harness_for(name, mode, Frames(golden, golden.at("source")));
  for (int i = 0; i < driving.count; i++) {
    fail_unless_equals_int(gst_harness_push(harness, driving.buffer(i)), GST_FLOW_OK);
    GstBuffer* result = gst_harness_pull(harness);
    const int worst = largest_difference(result, expected, i);
    fail_unless(worst <= kLevelBar, "%s %s frame %d is off by %d", name.c_str(), mode.c_str(), i,
                worst);
    gst_buffer_unref(result);
  }
  gst_harness_teardown(harness);
}

} // namespace

GST_START_TEST(test_golden) {
  const std::string name = kNames[__i__];
  const auto golden = fomo::SafetensorsFile::open(path_of(name, "golden.safetensors"));
  const std::string ending = "prediction_u8";
  int modes = 0;
  for (const auto& tensor : golden.tensors) {
    const std::string& key = tensor.first;
    if (key.size() < ending.size() ||
        key.compare(key.size() - ending.size(), ending.size(), ending) != 0)
      continue;
    check_mode(name, key.substr(0, key.size() - ending.size()), golden);
    modes++;
  }
  fail_unless(modes > 0);
}
GST_END_TEST

static Suite* golden_suite() {
  Suite* suite = suite_create("golden");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_loop_test(tests, test_golden, 0, G_N_ELEMENTS(kNames));
  return suite;
}

GST_CHECK_MAIN(golden)
