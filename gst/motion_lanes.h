// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include <gst/gst.h>

namespace fomo {

struct MiniObjectUnref {
  void operator()(GstMiniObject* object) const { gst_mini_object_unref(object); }
};
/// A buffer or an event.
using MiniObject = std::unique_ptr<GstMiniObject, MiniObjectUnref>;

/// One driver of several: what came in through its pad and was not used yet. The members that are
/// not atomic are guarded by the lock of MotionLanes.
struct MotionLane {
  using Clock = std::chrono::steady_clock;

  struct Item {
    MiniObject object;               ///< a packet, or an event
    GstClockTime start = 0, end = 0; ///< running time of a packet
    bool timed = false;              ///< false: an event, or the stream's header
    Clock::time_point arrival;
  };

  static constexpr int kOtherFaces = -1;
  /// The face that the driver moves; kOtherFaces: those that no other driver moves.
  std::atomic<int> face_index{kOtherFaces};

  std::atomic<bool> released{false}; ///< the pad is gone

  GstPad* pad = nullptr; ///< null if released
  std::deque<Item> items;
  GstClockTime known_until = 0; ///< running time up to which packets have come
  GstClockTime gap_until = 0;   ///< running time up to which the driver has nothing to say
  bool ended = false, flushing = false, live = false;
};

using MotionLaneHandle = std::shared_ptr<MotionLane>;

/// What the output thread does next.
struct MotionRound {
  enum class Kind {
    stopped, ///< no more: the element stops
    object,  ///< an event of a lane, or the header of its stream
    packets, ///< packets that come too late for a frame of their own: they are decoded
    frame,   ///< a frame of the picture
    end      ///< all drivers have left
  };
  struct Taken {
    MotionLaneHandle lane;
    std::vector<MiniObject> packets; ///< since the round before, in their order
    bool absent = false;             ///< nothing is known of the driver at this time
  };
  Kind kind = Kind::stopped;
  MotionLaneHandle lane;   ///< of `object`; of a frame: whose packet sets its time
  MiniObject object;       ///< of `object`
  GstClockTime time = 0;   ///< running time of a frame
  GstClockTime length = 0; ///< duration of a frame; 0: unknown
  std::vector<Taken> taken;
};

/// Brings the packets of several drivers together by running time. Each pad's thread pushes into a
/// lane; one output thread calls next().
///
/// The frames have the times of one lane's packets: of the first lane, in the order of add(), that
/// has not left. A frame takes of each other lane all packets up to half a frame after its time,
/// and waits until they have come: in a live pipeline for `wait` at most, counted from the arrival
/// of the packet that sets the time. A first lane that has nothing after this time is passed over.
class MotionLanes {
 public:
  /// A lane for a pad. The first one is the main lane, whose flushes are those of the output.
  MotionLaneHandle add(GstPad* pad);
  /// The pad is gone. What it has sent is still used.
  void release(MotionLane& lane);
  /// Removes a released lane.
  void forget(const MotionLaneHandle& lane);

  // Whether there is more than the main lane, or was since clear(). Until then the main pad's
  // thread passes its data on directly, between begin_direct() and end_direct().
  bool engaged() const;
  /// False if engaged.
  bool begin_direct();
  void end_direct();

  /// Whether the caller has to start the output thread. True once.
  bool needs_start();
  /// Ends next() and push(). The output thread may then be joined.
  void stop();
  /// After stop(): removes what is queued, and released lanes.
  void clear();

  /// The longest time that a frame waits for drivers who are late, in a live pipeline.
  void set_wait(GstClockTime wait);
  GstClockTime wait() const;
  void set_live(MotionLane& lane, bool live);

  // For the pads' threads.
  /// A packet. Blocks while the lane is full.
  GstFlowReturn push(MotionLane& lane, GstBuffer* packet, GstClockTime start, GstClockTime end);
  /// An event, or a buffer with only the stream's header.
  void push(MotionLane& lane, GstMiniObject* object);
  void gap(MotionLane& lane, GstClockTime end);
  void set_ended(MotionLane& lane, bool ended);
  void flush_start(MotionLane& lane);
  /// `mark`: an event to be queued, as a mark of the flush; may be null.
  void flush_stop(MotionLane& lane, GstEvent* mark);
  /// Something that lanes depend on has changed: a pad was linked or unlinked.
  void wake();

  // For the output thread.
  MotionRound next();
  /// What became of the last frame; other than GST_FLOW_OK ends the lanes, unless they are flushed.
  void finish(GstFlowReturn flow);
  /// Whether a frame was made since the last flush.
  bool has_output() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Clock = MotionLane::Clock;

  static bool is_expected(const MotionLane& lane);
  bool is_live() const;
  bool take_object(MotionRound& round);
  bool take_late(MotionRound& round);
  const MotionLane::Item* front_packet(const MotionLane& lane) const;
  MotionLaneHandle leader(Clock::time_point now, Clock::time_point& deadline) const;
  bool others_are_ready(const MotionLane& leader, Clock::time_point now,
                        Clock::time_point& deadline) const;
  void take_frame(const MotionLaneHandle& leader, MotionRound& round);
  bool all_have_left() const;

  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::vector<MotionLaneHandle> lanes_;
  bool engaged_ = false, started_ = false, stopped_ = false, ended_ = false;
  int direct_ = 0;
  GstFlowReturn flow_ = GST_FLOW_OK;
  GstClockTime last_time_ = GST_CLOCK_TIME_NONE; ///< of the last frame
  GstClockTime wait_ = 100 * GST_MSECOND;
};

} // namespace fomo
