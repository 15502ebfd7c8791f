// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/driver_tracker.h"

namespace fomo {

namespace {

FomoFaceState state_of(FaceState state) {
  switch (state) {
  case FaceState::tracking:
    return FOMO_FACE_TRACKING;
  case FaceState::lost:
    return FOMO_FACE_LOST;
  default:
    return FOMO_FACE_SEARCHING;
  }
}

FomoFaceEvent event_of(FaceEvent event) {
  switch (event) {
  case FaceEvent::found:
    return FOMO_FACE_FOUND;
  case FaceEvent::lost:
    return FOMO_FACE_LEFT;
  case FaceEvent::returned:
    return FOMO_FACE_RETURNED;
  case FaceEvent::cut:
    return FOMO_FACE_CUT;
  default:
    return FOMO_FACE_UNCHANGED;
  }
}

} // namespace

FrameView view_of(const FomoFrame& frame) {
  FrameView view;
  view.width = frame.width;
  view.height = frame.height;
  view.components = frame.components;
  view.yuv = frame.yuv != 0;
  view.full_range = frame.full_range != 0;
  view.kr = frame.kr;
  view.kb = frame.kb;
  for (int i = 0; i < 3; i++) {
    const FomoComponent& from = frame.component[i];
    view.component[i] = {from.data, from.stride, from.pixel_stride, from.w_sub, from.h_sub};
  }
  return view;
}

DriverTracker::DriverTracker()
    : tracker_([this](const FomoImage& image, int longer_side) {
        return detector_.detect(image, longer_side);
      }) {}

FomoFace DriverTracker::update(const FrameView& frame, double seconds,
                               const std::vector<FomoBox>& given) {
  const RegionReader reader = reader_of(frame);
  FaceTrack track;
  if (given.empty()) {
    track = tracker_.update(reader, frame.width, frame.height, seconds);
  } else {
    std::vector<Face> faces;
    for (const FomoBox& box : given) {
      faces.emplace_back();
      faces.back().box = {box.x, box.y, box.width, box.height};
      faces.back().score = 1;
    }
    track = tracker_.update(reader, frame.width, frame.height, seconds, faces);
  }
  return {state_of(track.state),
          event_of(track.event),
          {track.face.x, track.face.y, track.face.width, track.face.height},
          {track.crop.cx, track.crop.cy, track.crop.size},
          track.confidence};
}

} // namespace fomo
