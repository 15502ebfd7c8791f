// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of several drivers are brought together by running time: which packet sets the time of a
// frame, what is taken of the others, what a frame waits for, and that nothing waits for ever.
#include "gst/motion_lanes.h"

#include <thread>

#include <gtest/gtest.h>

namespace fomo {
namespace {

constexpr GstClockTime kFrame = 40 * GST_MSECOND;

/// Lanes whose pads are linked.
class Lanes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  MotionLaneHandle add() {
    GstPad* peer = gst_pad_new(nullptr, GST_PAD_SRC);
    GstPad* pad = gst_pad_new(nullptr, GST_PAD_SINK);
    gst_pad_link_full(peer, pad, GST_PAD_LINK_CHECK_NOTHING);
    pads_.push_back(pad);
    pads_.push_back(peer);
    return lanes.add(pad);
  }

  void TearDown() override {
    for (size_t i = 0; i < pads_.size(); i += 2)
      gst_pad_unlink(pads_[i + 1], pads_[i]);
    for (GstPad* pad : pads_)
      gst_object_unref(pad);
  }

  /// Packets of the frames from `first` to before `end`, every `step` frames.
  void push(const MotionLaneHandle& lane, int first, int end, int step = 1) {
    for (int i = first; i < end; i += step)
      ASSERT_EQ(lanes.push(*lane, gst_buffer_new(), i * kFrame, (i + step) * kFrame), GST_FLOW_OK);
  }

  /// The next round, which is a frame at the time of frame `i`.
  MotionRound frame(int i) {
    MotionRound round = lanes.next();
    EXPECT_EQ(round.kind, MotionRound::Kind::frame);
    EXPECT_EQ(round.time, i * kFrame);
    return round;
  }

  MotionLanes lanes;

 private:
  std::vector<GstPad*> pads_;
};

TEST_F(Lanes, OneLaneIsNotEngaged) {
  add();
  EXPECT_TRUE(lanes.begin_direct());
  add();
  EXPECT_TRUE(lanes.engaged());
  EXPECT_FALSE(lanes.begin_direct());
  lanes.end_direct();
}

TEST_F(Lanes, TheFirstLaneSetsTheTimes) {
  const MotionLaneHandle main = add(), slow = add(), fast = add();
  push(slow, 0, 8, 2);
  for (int i = 0; i < 16; i++)
    ASSERT_EQ(lanes.push(*fast, gst_buffer_new(), i * kFrame / 2, (i + 1) * kFrame / 2),
              GST_FLOW_OK);
  push(main, 0, 6);
  for (int i = 0; i < 6; i++) {
    const MotionRound round = frame(i);
    ASSERT_EQ(round.lane, main);
    ASSERT_EQ(round.taken.size(), 3U);
    EXPECT_EQ(round.taken[0].packets.size(), 1U);
    EXPECT_EQ(round.taken[1].packets.size(), i % 2 == 0 ? 1U : 0U);
    EXPECT_EQ(round.taken[2].packets.size(), i == 0 ? 1U : 2U) << i;
    for (const MotionRound::Taken& taken : round.taken)
      EXPECT_FALSE(taken.absent);
  }
}

TEST_F(Lanes, AFrameWaitsForAllUnlessTheyHaveLeft) {
  const MotionLaneHandle main = add(), other = add();
  push(main, 0, 4);
  std::thread late([&] { push(other, 0, 2); });
  EXPECT_EQ(frame(0).taken[1].packets.size(), 1U);
  EXPECT_EQ(frame(1).taken[1].packets.size(), 1U);
  late.join();
  lanes.gap(*other, 3 * kFrame);
  EXPECT_TRUE(frame(2).taken[1].absent);
  lanes.set_ended(*other, true);
  EXPECT_TRUE(frame(3).taken[1].absent);
  lanes.set_ended(*main, true);
  EXPECT_EQ(lanes.next().kind, MotionRound::Kind::end);
}

TEST_F(Lanes, ALiveFrameWaitsForALimitedTime) {
  const MotionLaneHandle main = add(), other = add();
  lanes.set_live(*main, true);
  lanes.set_wait(5 * GST_MSECOND);
  push(main, 0, 3);
  for (int i = 0; i < 3; i++)
    EXPECT_TRUE(frame(i).taken[1].absent);
  // The other one comes, and the main one is late.
  push(other, 1, 5);
  const MotionRound late = lanes.next();
  EXPECT_EQ(late.kind, MotionRound::Kind::packets);
  EXPECT_EQ(late.taken[0].packets.size(), 2U);
  EXPECT_EQ(frame(3).lane, other);
  EXPECT_EQ(frame(4).lane, other);
}

TEST_F(Lanes, EventsKeepTheirPlace) {
  const MotionLaneHandle main = add(), other = add();
  push(main, 0, 1);
  lanes.push(*main, GST_MINI_OBJECT_CAST(gst_event_new_tag(gst_tag_list_new_empty())));
  push(main, 1, 2);
  push(other, 0, 2);
  frame(0);
  const MotionRound event = lanes.next();
  EXPECT_EQ(event.kind, MotionRound::Kind::object);
  EXPECT_EQ(event.lane, main);
  EXPECT_EQ(GST_EVENT_TYPE(event.object.get()), GST_EVENT_TAG);
  frame(1);
}

TEST_F(Lanes, AFlushOfTheMainLaneBeginsAnew) {
  const MotionLaneHandle main = add(), other = add();
  push(other, 5, 7);
  push(main, 5, 7);
  frame(5);
  lanes.flush_start(*main);
  EXPECT_EQ(lanes.push(*main, gst_buffer_new(), 0, kFrame), GST_FLOW_FLUSHING);
  lanes.finish(GST_FLOW_FLUSHING); // of the frame that was flushed downstream
  lanes.flush_start(*other);
  lanes.flush_stop(*other, nullptr);
  lanes.flush_stop(*main, nullptr);
  EXPECT_FALSE(lanes.has_output());
  push(other, 0, 1);
  push(main, 0, 1);
  EXPECT_EQ(frame(0).taken[1].packets.size(), 1U);
}

/// A full lane blocks, until there is room, its pad is gone, downstream fails or the element stops.
TEST_F(Lanes, AFullLaneBlocksUntilSomethingHappens) {
  const MotionLaneHandle main = add(), other = add();
  const auto fill = [&](const MotionLaneHandle& lane) {
    GstFlowReturn flow = GST_FLOW_OK;
    for (int i = 0; flow == GST_FLOW_OK && i < 1000; i++)
      flow = lanes.push(*lane, gst_buffer_new(), i * kFrame, (i + 1) * kFrame);
    return flow;
  };
  GstFlowReturn released = GST_FLOW_OK, failed = GST_FLOW_OK;
  std::thread first([&] { failed = fill(main); }), second([&] { released = fill(other); });
  for (int i = 0; i < 60; i++)
    frame(i);
  lanes.release(*other);
  second.join();
  lanes.finish(GST_FLOW_NOT_LINKED);
  first.join();
  EXPECT_EQ(released, GST_FLOW_FLUSHING);
  EXPECT_EQ(failed, GST_FLOW_NOT_LINKED);
  lanes.stop();
  EXPECT_EQ(lanes.next().kind, MotionRound::Kind::stopped);
  lanes.clear();
  EXPECT_FALSE(lanes.engaged());
}

} // namespace
} // namespace fomo
