// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/motion_lanes.h"

#include <algorithm>
#include <utility>

namespace fomo {

namespace {

/// Packets of a lane until its pad blocks. A live lane holds what comes during the longest wait.
constexpr size_t kMostPackets = 32, kMostLivePackets = 256;

/// Up to where a frame takes packets of other lanes: half a frame after its time.
GstClockTime limit_of(const MotionLane::Item& packet) {
  return packet.start + std::max<GstClockTime>((packet.end - packet.start) / 2, 1);
}

} // namespace

/* ---- lanes ---- */

MotionLaneHandle MotionLanes::add(GstPad* pad) {
  const std::lock_guard<std::mutex> guard(lock_);
  lanes_.push_back(std::make_shared<MotionLane>());
  lanes_.back()->pad = pad;
  engaged_ = lanes_.size() > 1;
  changed_.notify_all();
  return lanes_.back();
}

void MotionLanes::release(MotionLane& lane) {
  const std::lock_guard<std::mutex> guard(lock_);
  lane.pad = nullptr;
  lane.released = true;
  changed_.notify_all();
}

void MotionLanes::forget(const MotionLaneHandle& lane) {
  const std::lock_guard<std::mutex> guard(lock_);
  lanes_.erase(std::remove(lanes_.begin(), lanes_.end(), lane), lanes_.end());
}

bool MotionLanes::engaged() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return engaged_;
}

bool MotionLanes::begin_direct() {
  const std::lock_guard<std::mutex> guard(lock_);
  direct_ += !engaged_;
  return !engaged_;
}

void MotionLanes::end_direct() {
  const std::lock_guard<std::mutex> guard(lock_);
  direct_--;
  changed_.notify_all();
}

bool MotionLanes::needs_start() {
  const std::lock_guard<std::mutex> guard(lock_);
  return !stopped_ && !std::exchange(started_, true);
}

void MotionLanes::stop() {
  const std::lock_guard<std::mutex> guard(lock_);
  stopped_ = true;
  changed_.notify_all();
}

void MotionLanes::clear() {
  std::vector<MotionLaneHandle> released; // freed after the lock is released
  const std::lock_guard<std::mutex> guard(lock_);
  for (const MotionLaneHandle& lane : lanes_) {
    lane->items.clear();
    lane->known_until = lane->gap_until = 0;
    lane->ended = lane->flushing = lane->live = false;
    if (!lane->pad)
      released.push_back(lane);
  }
  for (const MotionLaneHandle& lane : released)
    lanes_.erase(std::find(lanes_.begin(), lanes_.end(), lane));
  engaged_ = lanes_.size() > 1;
  started_ = stopped_ = ended_ = false;
  flow_ = GST_FLOW_OK;
  last_time_ = GST_CLOCK_TIME_NONE;
}

void MotionLanes::set_wait(GstClockTime wait) {
  const std::lock_guard<std::mutex> guard(lock_);
  wait_ = wait;
  changed_.notify_all();
}

GstClockTime MotionLanes::wait() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return wait_;
}

void MotionLanes::set_live(MotionLane& lane, bool live) {
  const std::lock_guard<std::mutex> guard(lock_);
  lane.live = live;
  changed_.notify_all();
}

/* ---- the pads' threads ---- */

GstFlowReturn MotionLanes::push(MotionLane& lane, GstBuffer* packet, GstClockTime start,
                                GstClockTime end) {
  MiniObject object(GST_MINI_OBJECT_CAST(packet));
  Lock lock(lock_);
  const auto ends = [&] { return stopped_ || lane.flushing || !lane.pad || flow_ != GST_FLOW_OK; };
  const size_t most = is_live() ? kMostLivePackets : kMostPackets;
  changed_.wait(lock, [&] { return ends() || lane.items.size() < most; });
  if (flow_ != GST_FLOW_OK)
    return flow_;
  if (ends())
    return GST_FLOW_FLUSHING;
  lane.items.push_back({std::move(object), start, end, true, Clock::now()});
  lane.known_until = std::max({lane.known_until, end, start + 1});
  changed_.notify_all();
  return GST_FLOW_OK;
}

void MotionLanes::push(MotionLane& lane, GstMiniObject* object) {
  MiniObject owned(object);
  const std::lock_guard<std::mutex> guard(lock_);
  if (stopped_ || !lane.pad)
    return;
  lane.items.push_back({std::move(owned), 0, 0, false, Clock::now()});
  changed_.notify_all();
}

void MotionLanes::gap(MotionLane& lane, GstClockTime end) {
  const std::lock_guard<std::mutex> guard(lock_);
  lane.gap_until = std::max(lane.gap_until, end);
  changed_.notify_all();
}

void MotionLanes::set_ended(MotionLane& lane, bool ended) {
  const std::lock_guard<std::mutex> guard(lock_);
  lane.ended = ended;
  changed_.notify_all();
}

void MotionLanes::flush_start(MotionLane& lane) {
  std::deque<MotionLane::Item> dropped; // freed after the lock is released
  const std::lock_guard<std::mutex> guard(lock_);
  lane.flushing = true;
  dropped.swap(lane.items);
  changed_.notify_all();
}

void MotionLanes::flush_stop(MotionLane& lane, GstEvent* mark) {
  std::deque<MotionLane::Item> dropped;
  const std::lock_guard<std::mutex> guard(lock_);
  dropped.swap(lane.items);
  lane.flushing = lane.ended = false;
  lane.known_until = lane.gap_until = 0;
  if (mark)
    lane.items.push_back({MiniObject(GST_MINI_OBJECT_CAST(mark)), 0, 0, false, Clock::now()});
  if (&lane == lanes_.front().get()) {
    ended_ = false;
    flow_ = GST_FLOW_OK;
    last_time_ = GST_CLOCK_TIME_NONE;
  }
  changed_.notify_all();
}

void MotionLanes::wake() {
  const std::lock_guard<std::mutex> guard(lock_);
  changed_.notify_all();
}

/* ---- the output thread ---- */

/// Whether more packets may come.
bool MotionLanes::is_expected(const MotionLane& lane) {
  return lane.pad && !lane.ended && !lane.flushing && gst_pad_is_linked(lane.pad);
}

bool MotionLanes::is_live() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const MotionLaneHandle& lane) { return lane->live; });
}

/// Takes an event or a header that has nothing before it.
bool MotionLanes::take_object(MotionRound& round) {
  for (const MotionLaneHandle& lane : lanes_) {
    if (lane->items.empty() || lane->items.front().timed)
      continue;
    round.kind = MotionRound::Kind::object;
    round.lane = lane;
    round.object = std::move(lane->items.front().object);
    lane->items.pop_front();
    return true;
  }
  return false;
}

/// Takes packets up to the time of the last frame.
bool MotionLanes::take_late(MotionRound& round) {
  if (!GST_CLOCK_TIME_IS_VALID(last_time_))
    return false;
  for (const MotionLaneHandle& lane : lanes_) {
    MotionRound::Taken taken{lane, {}, false};
    while (const MotionLane::Item* packet = front_packet(*lane)) {
      if (packet->start > last_time_)
        break;
      taken.packets.push_back(std::move(lane->items.front().object));
      lane->items.pop_front();
    }
    if (!taken.packets.empty())
      round.taken.push_back(std::move(taken));
  }
  round.kind = MotionRound::Kind::packets;
  round.time = last_time_;
  return !round.taken.empty();
}

const MotionLane::Item* MotionLanes::front_packet(const MotionLane& lane) const {
  return !lane.items.empty() && lane.items.front().timed ? &lane.items.front() : nullptr;
}

/// The lane whose next packet sets the time of the next frame; null: none yet. `deadline` is the
/// time at which a later lane leads in place of one that is late.
MotionLaneHandle MotionLanes::leader(Clock::time_point now, Clock::time_point& deadline) const {
  // The packet that would lead if the lanes before it had left.
  const MotionLane::Item* first = nullptr;
  for (const MotionLaneHandle& lane : lanes_)
    if (!first)
      first = front_packet(*lane);
  if (!first)
    return nullptr;
  for (const MotionLaneHandle& lane : lanes_) {
    if (front_packet(*lane))
      return lane;
    if (!is_expected(*lane) || lane->gap_until > first->start)
      continue;
    const Clock::time_point given_up = first->arrival + std::chrono::nanoseconds(wait_);
    if (!is_live() || now < given_up) {
      if (is_live())
        deadline = std::min(deadline, given_up);
      return nullptr;
    }
  }
  return nullptr;
}

/// Whether the frame at the leader's next packet waits for no other lane.
bool MotionLanes::others_are_ready(const MotionLane& leader, Clock::time_point now,
                                   Clock::time_point& deadline) const {
  const MotionLane::Item& packet = leader.items.front();
  const Clock::time_point given_up = packet.arrival + std::chrono::nanoseconds(wait_);
  const bool live = is_live();
  if (live && now >= given_up)
    return true;
  for (const MotionLaneHandle& lane : lanes_)
    if (lane.get() != &leader && is_expected(*lane) &&
        std::max(lane->known_until, lane->gap_until) < limit_of(packet)) {
      if (live)
        deadline = std::min(deadline, given_up);
      return false;
    }
  return true;
}

void MotionLanes::take_frame(const MotionLaneHandle& leader, MotionRound& round) {
  const MotionLane::Item& packet = leader->items.front();
  const GstClockTime limit = limit_of(packet);
  round.kind = MotionRound::Kind::frame;
  round.lane = leader;
  round.time = last_time_ = packet.start;
  round.length = packet.end - packet.start;
  for (const MotionLaneHandle& lane : lanes_) {
    MotionRound::Taken taken{lane, {}, false};
    const GstClockTime most = lane == leader ? round.time + 1 : limit;
    while (const MotionLane::Item* next = front_packet(*lane)) {
      if (next->start >= most)
        break;
      taken.packets.push_back(std::move(lane->items.front().object));
      lane->items.pop_front();
    }
    taken.absent = taken.packets.empty() && lane->known_until < limit;
    round.taken.push_back(std::move(taken));
  }
}

/// Whether nothing is left and nothing can come.
bool MotionLanes::all_have_left() const {
  bool any_ended = false;
  for (const MotionLaneHandle& lane : lanes_) {
    if (!lane->items.empty() || lane->flushing || is_expected(*lane))
      return false;
    any_ended = any_ended || lane->ended;
  }
  return any_ended;
}

MotionRound MotionLanes::next() {
  Lock lock(lock_);
  changed_.notify_all(); // the round before has made room
  for (;;) {
    MotionRound round;
    if (stopped_)
      return round;
    Clock::time_point deadline = Clock::time_point::max();
    const bool pauses = flow_ != GST_FLOW_OK || direct_ > 0 || lanes_.front()->flushing;
    if (!pauses) {
      if (take_object(round) || take_late(round))
        return round;
      const Clock::time_point now = Clock::now();
      const MotionLaneHandle lane = leader(now, deadline);
      if (lane && others_are_ready(*lane, now, deadline)) {
        take_frame(lane, round);
        return round;
      }
      if (!ended_ && all_have_left()) {
        ended_ = true;
        round.kind = MotionRound::Kind::end;
        return round;
      }
    }
    if (deadline == Clock::time_point::max())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, deadline);
  }
}

void MotionLanes::finish(GstFlowReturn flow) {
  const std::lock_guard<std::mutex> guard(lock_);
  if (flow == GST_FLOW_OK || lanes_.front()->flushing)
    return;
  flow_ = flow;
  changed_.notify_all();
}

bool MotionLanes::has_output() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return GST_CLOCK_TIME_IS_VALID(last_time_);
}

} // namespace fomo
