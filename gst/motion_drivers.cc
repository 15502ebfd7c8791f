// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/motion_drivers.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace fomo {

MotionDrivers::MotionDrivers(const Engine& engine, const ModelIdentity& model,
                             const MotionLaneHandle& main)
    : engine_(engine), model_(model) {
  of(main);
}

MotionDriver& MotionDrivers::of(const MotionLaneHandle& lane) {
  for (MotionDriver& driver : drivers_)
    if (driver.lane == lane)
      return driver;
  drivers_.push_back(
      {lane, engine_.new_motion_decoder(model_.num_kp), nullptr, {}, nullptr, false});
  return drivers_.back();
}

void MotionDrivers::reset(MotionDriver& driver) { engine_.reset(*driver.decoder); }

bool MotionDrivers::decode(MotionDriver& driver, GstBuffer* buffer, double seconds, Stats& stats) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    throw Error(FOMO_FAILED, "A buffer of motion cannot be mapped.");
  const std::unique_ptr<GstMapInfo, std::function<void(GstMapInfo*)>> unmap(
      &map, [buffer](GstMapInfo* info) { gst_buffer_unmap(buffer, info); });
  bool has_frame = false;
  gsize at = 0;
  do {
    const int64_t length = engine_.packet_length(map.data + at, map.size - at);
    const gsize size = length > 0 ? static_cast<gsize>(length) : map.size - at;
    FomoPacketInfo info{};
    MotionHandle motion =
        engine_.decode_motion(*driver.decoder, map.data + at, size, seconds, info);
    at += size;
    if (info.kind == FOMO_PACKET_HEADER)
      check_same_model({info.header.model_name, info.header.model_sha256, info.header.num_kp},
                       model_);
    if (!motion)
      continue;
    stats.add_packet(info.lost, info.kind == FOMO_PACKET_CONCEALED);
    driver.motion = std::move(motion);
    driver.info = info;
    has_frame = true;
  } while (at < map.size);
  return has_frame;
}

void MotionDrivers::conceal(MotionDriver& driver, double seconds) {
  FomoPacketInfo info{};
  if (MotionHandle motion = engine_.decode_motion(*driver.decoder, nullptr, 0, seconds, info)) {
    driver.motion = std::move(motion);
    driver.info = info;
  }
}

std::vector<const FomoMotionFrame*> MotionDrivers::by_face(int faces) const {
  std::vector<const FomoMotionFrame*> motions(static_cast<size_t>(std::max(faces, 1)));
  std::vector<bool> has_driver(motions.size());
  // A face of its own before all other faces; a pad that is there before one that is gone.
  for (const bool other_faces : {false, true})
    for (const bool released : {false, true})
      for (auto driver = drivers_.rbegin(); driver != drivers_.rend(); ++driver) {
        const int face = driver->lane->face_index;
        if ((face == MotionLane::kOtherFaces) != other_faces ||
            driver->lane->released != released || (released && !driver->motion))
          continue;
        for (size_t i = 0; i < motions.size(); i++)
          if (!has_driver[i] && (other_faces || static_cast<int>(i) == face)) {
            motions[i] = driver->motion.get();
            has_driver[i] = true;
          }
      }
  return motions;
}

std::vector<MotionLaneHandle> MotionDrivers::forget_replaced() {
  std::vector<MotionLaneHandle> lanes;
  const auto replaced = [&](const MotionDriver& left) {
    return std::any_of(drivers_.begin(), drivers_.end(), [&](const MotionDriver& other) {
      return !other.lane->released && other.motion &&
             other.lane->face_index == left.lane->face_index;
    });
  };
  for (size_t i = drivers_.size(); i-- > 1;)
    if (drivers_[i].lane->released && (!drivers_[i].motion || replaced(drivers_[i]))) {
      lanes.push_back(drivers_[i].lane);
      drivers_.erase(drivers_.begin() + static_cast<ptrdiff_t>(i));
    }
  return lanes;
}

} // namespace fomo
