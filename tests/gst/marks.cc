// SPDX-License-Identifier: LGPL-2.1-or-later
// What marks the stream besides its pixels: tags, metadata on frames, and messages that fomomark
// writes into H.264 and H.265.
#include <algorithm>
#include <string>
#include <vector>

#include "gst/enums.h"
#include "mark/provenance.h"
#include "mark/sei.h"
#include "tests/gst/common.h"

namespace {

using fomo::NalFormat;
using fomo::VideoCodec;

GstHarness* marking_harness() {
  GstHarness* harness = fake_harness(64, 64, "qos", FALSE, nullptr);
  gst_harness_set_sink_caps_str(harness, "video/x-raw,format=RGB");
  gst_harness_set_src_caps_str(harness, "video/x-raw,format=RGB,width=64,height=64,framerate=25/1");
  return harness;
}

/// Pushes a frame; returns the text of our metadata on the output, empty: none.
std::string push_frame(GstHarness* harness, GstClockTime time) {
  GstBuffer* frame = color_frame(64, 64, 1, 2, 3);
  GST_BUFFER_PTS(frame) = time;
  fail_unless_equals_int(gst_harness_push(harness, frame), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  auto* meta = reinterpret_cast<GstVideoSEIUserDataUnregisteredMeta*>(
      gst_buffer_get_meta(result, GST_VIDEO_SEI_USER_DATA_UNREGISTERED_META_API_TYPE));
  std::string text;
  if (meta) {
    fail_unless(std::equal(fomo::kSeiUuid.begin(), fomo::kSeiUuid.end(), meta->uuid));
    text.assign(reinterpret_cast<const char*>(meta->data), meta->size);
  }
  gst_buffer_unref(result);
  return text;
}

/// The tags of the stream that the element sent last; the caller owns them. Null: none.
GstTagList* stream_tags(GstHarness* harness) {
  for (guint i = 0;; i++) {
    GstEvent* event = gst_pad_get_sticky_event(harness->sinkpad, GST_EVENT_TAG, i);
    if (!event)
      return nullptr;
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    GstTagList* copy =
        gst_tag_list_get_scope(tags) == GST_TAG_SCOPE_STREAM ? gst_tag_list_copy(tags) : nullptr;
    gst_event_unref(event);
    if (copy)
      return copy;
  }
}

std::string text_in(const GstTagList* tags, const char* tag, guint index = 0) {
  const gchar* text = nullptr;
  return gst_tag_list_peek_string_index(tags, tag, index, &text) ? text : "";
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

} // namespace

GST_START_TEST(test_tags_without_upstream) {
  GstHarness* harness = marking_harness();
  push_frame(harness, 0);
  GstTagList* tags = stream_tags(harness);
  fail_unless(tags != nullptr);
  fail_unless(contains(text_in(tags, GST_TAG_APPLICATION_NAME), "fomotransfer "));
  fail_unless(contains(text_in(tags, GST_TAG_COMMENT), fomo::kDigitalSourceType));
  fail_unless(contains(text_in(tags, GST_TAG_EXTENDED_COMMENT), "fomotransfer={"));
  fail_unless_equals_int(static_cast<int>(gst_tag_list_get_tag_size(tags, GST_TAG_DATE_TIME)), 1);
  gst_tag_list_unref(tags);
  end_harness(harness);
}
GST_END_TEST;

/// Upstream's tags stay; its comment stands after ours; a later tag event keeps ours.
GST_START_TEST(test_tags_are_merged) {
  GstHarness* harness = marking_harness();
  gst_harness_push_event(harness,
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, "driving",
                                                            GST_TAG_COMMENT, "theirs", nullptr)));
  push_frame(harness, 0);
  GstTagList* tags = stream_tags(harness);
  fail_unless(text_in(tags, GST_TAG_TITLE) == "driving");
  fail_unless(contains(text_in(tags, GST_TAG_COMMENT), fomo::kDigitalSourceType));
  fail_unless(text_in(tags, GST_TAG_COMMENT, 1) == "theirs");
  gst_tag_list_unref(tags);
  gst_harness_push_event(harness,
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_ARTIST, "later", nullptr)));
  tags = stream_tags(harness);
  fail_unless(text_in(tags, GST_TAG_ARTIST) == "later");
  fail_unless(contains(text_in(tags, GST_TAG_COMMENT), fomo::kDigitalSourceType));
  gst_tag_list_unref(tags);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_none_marks_nothing) {
  GstHarness* harness = marking_harness();
  g_object_set(harness->element, "mark", GST_FOMO_TRANSFER_MARK_NONE, nullptr);
  fail_unless(push_frame(harness, 0).empty());
  fail_unless(stream_tags(harness) == nullptr);
  gst_harness_push_event(harness,
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, "driving", nullptr)));
  GstTagList* tags = stream_tags(harness);
  fail_unless_equals_int(gst_tag_list_n_tags(tags), 1);
  gst_tag_list_unref(tags);
  /* Marked from now on: the tags are sent with the next frame. */
  g_object_set(harness->element, "mark", GST_FOMO_TRANSFER_MARK_INVISIBLE, nullptr);
  fail_unless(!push_frame(harness, GST_SECOND).empty());
  tags = stream_tags(harness);
  fail_unless(text_in(tags, GST_TAG_TITLE) == "driving");
  fail_unless(contains(text_in(tags, GST_TAG_COMMENT), fomo::kDigitalSourceType));
  gst_tag_list_unref(tags);
  end_harness(harness);
}
GST_END_TEST;

GST_START_TEST(test_metadata_once_a_second) {
  GstHarness* harness = marking_harness();
  const std::string text = push_frame(harness, 0);
  fail_unless(contains(text, "\"model\":\"fake"), "%s", text.c_str());
  fail_unless(contains(text, fomo::kDigitalSourceType));
  fail_unless(push_frame(harness, GST_SECOND - 1).empty());
  fail_unless(!push_frame(harness, GST_SECOND).empty());
  fail_unless(push_frame(harness, GST_SECOND + GST_MSECOND).empty());
  fail_unless(!push_frame(harness, GST_MSECOND).empty()); // back in time
  end_harness(harness);
}
GST_END_TEST;

namespace {

struct Stream {
  const char* caps;
  NalFormat format;
};

const Stream kStreams[] = {
    {"video/x-h264,stream-format=byte-stream,alignment=au", {VideoCodec::h264, 0}},
    {"video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)01640016ff",
     {VideoCodec::h264, 4}},
    {"video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)01640016fd",
     {VideoCodec::h264, 2}},
    {"video/x-h265,stream-format=byte-stream,alignment=au", {VideoCodec::h265, 0}},
    {"video/x-h265,stream-format=hvc1,alignment=au,codec_data=(buffer)"
     "01000000000000000000000000000000000000000003",
     {VideoCodec::h265, 4}}};

/// An access unit with one slice.
std::vector<guint8> slice(const NalFormat& format) {
  std::vector<guint8> nal = format.codec == VideoCodec::h264
                                ? std::vector<guint8>{0x41, 0x9a, 0x12}
                                : std::vector<guint8>{0x02, 0x01, 0xd0, 0x12};
  std::vector<guint8> unit(format.length_size, 0);
  if (format.length_size)
    unit.back() = static_cast<guint8>(nal.size());
  else
    unit = {0, 0, 0, 1};
  unit.insert(unit.end(), nal.begin(), nal.end());
  return unit;
}

std::vector<std::string> push_unit(GstHarness* harness, const NalFormat& format,
                                   const std::vector<guint8>& unit, GstClockTime time, bool key) {
  GstBuffer* buffer = gst_buffer_new_memdup(unit.data(), unit.size());
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = time;
  if (!key)
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  fail_unless_equals_uint64(GST_BUFFER_PTS(result), time);
  GstMapInfo map;
  fail_unless(gst_buffer_map(result, &map, GST_MAP_READ));
  auto texts = fomo::sei_texts(map.data, map.size, format);
  // The slice is the end of the frame, unchanged.
  fail_unless(map.size >= unit.size());
  fail_unless(std::equal(unit.begin(), unit.end(), map.data + map.size - unit.size()));
  gst_buffer_unmap(result, &map);
  gst_buffer_unref(result);
  return texts;
}

} // namespace

GST_START_TEST(test_fomomark) {
  const Stream& stream = kStreams[__i__];
  const std::vector<guint8> unit = slice(stream.format);
  GstHarness* harness = gst_harness_new("fomomark");
  gst_harness_set_src_caps_str(harness, stream.caps);
  const auto push = [&](GstClockTime time, bool key) {
    return push_unit(harness, stream.format, unit, time, key);
  };
  const auto texts = push(0, true);
  fail_unless_equals_int(static_cast<int>(texts.size()), 1);
  fail_unless(contains(texts[0], fomo::kDigitalSourceType));
  fail_unless(push(GST_SECOND / 2, false).empty());
  fail_unless(!push(GST_SECOND, false).empty());
  fail_unless(push(GST_SECOND + 1, false).empty());
  fail_unless(!push(GST_SECOND + 2, true).empty());

  // What fomotransfer says in its tags is what is written.
  gst_harness_push_event(harness,
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_EXTENDED_COMMENT,
                                                            "fomotransfer={\"a\":1}", nullptr)));
  const auto tagged = push(2 * GST_SECOND, true);
  fail_unless_equals_string(tagged[0].c_str(), "{\"a\":1}");

  // A frame that has a message already gets no second one.
  const auto marked = fomo::with_nal(unit.data(), unit.size(), stream.format,
                                     fomo::sei_nal(stream.format.codec, "there"));
  fail_unless_equals_int(
      static_cast<int>(push_unit(harness, stream.format, marked, 3 * GST_SECOND, true).size()), 1);
  gst_harness_teardown(harness);
}
GST_END_TEST;

/// The metadata of raw frames that an encoder passes on win over tags.
GST_START_TEST(test_fomomark_writes_metadata) {
  GstHarness* harness = gst_harness_new("fomomark");
  gst_harness_set_src_caps_str(harness, kStreams[0].caps);
  const std::vector<guint8> unit = slice(kStreams[0].format);
  GstBuffer* buffer = gst_buffer_new_memdup(unit.data(), unit.size());
  auto uuid = fomo::kSeiUuid;
  std::string text = "from the frame";
  gst_buffer_add_video_sei_user_data_unregistered_meta(
      buffer, uuid.data(), reinterpret_cast<guint8*>(text.data()), text.size());
  fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
  GstBuffer* result = gst_harness_pull(harness);
  GstMapInfo map;
  fail_unless(gst_buffer_map(result, &map, GST_MAP_READ));
  const auto texts = fomo::sei_texts(map.data, map.size, kStreams[0].format);
  fail_unless_equals_int(static_cast<int>(texts.size()), 1);
  fail_unless_equals_string(texts[0].c_str(), "from the frame");
  gst_buffer_unmap(result, &map);
  gst_buffer_unref(result);
  gst_harness_teardown(harness);
}
GST_END_TEST;

GST_START_TEST(test_fomomark_refuses_damaged_caps) {
  GstHarness* harness = gst_harness_new("fomomark");
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(harness->element, bus);
  gst_harness_set_src_caps_str(harness, "video/x-h264,stream-format=avc,alignment=au");
  static const char* const words[] = {"codec_data", "h264parse", nullptr};
  expect_complaint(bus, GST_MESSAGE_ERROR, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, words);
  gst_element_set_bus(harness->element, nullptr);
  gst_object_unref(bus);
  gst_harness_teardown(harness);
}
GST_END_TEST;

static Suite* marks_suite() {
  Suite* suite = suite_create("marks");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  add_fixture(tests);
  tcase_add_test(tests, test_tags_without_upstream);
  tcase_add_test(tests, test_tags_are_merged);
  tcase_add_test(tests, test_none_marks_nothing);
  tcase_add_test(tests, test_metadata_once_a_second);
  tcase_add_loop_test(tests, test_fomomark, 0, G_N_ELEMENTS(kStreams));
  tcase_add_test(tests, test_fomomark_writes_metadata);
  tcase_add_test(tests, test_fomomark_refuses_damaged_caps);
  return suite;
}

GST_CHECK_MAIN(marks)
