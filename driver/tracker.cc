// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "face/framing.h"

namespace fomo {

namespace {

constexpr int detection_interval = 8;  ///< frames, while the patch is followed well
constexpr int fine_interval = 72;      ///< frames between searches for small faces
constexpr int retry_interval = 2;      ///< frames, while the detector does not see the face
constexpr double follows = 0.75;       ///< correlation from which the patch alone is trusted
constexpr double gone_after = 0.6;     ///< seconds without a detection until the face is lost
constexpr double stranger_after = 2.5; ///< seconds until somebody else is followed
constexpr double stranger = 0.72;      ///< distance of appearance from which it is another person
constexpr int near_side = 128, whole_side = 320, fine_side = 640; ///< pixels that the detector sees
constexpr double near_extent = 2.8; ///< side of the surroundings, in sides of the face

// How far (sides of the face, and octaves of its size) a face may have got since the last frame.
constexpr double near_by = 2, anywhere = 20;

double extent_of(const Box& box) { return std::sqrt(area(box)); }

/// How unlikely it is that `box` is the face expected at `expected`: 1 is a face's side away, or
/// twice as large.
double implausibility(const Box& box, const Box& expected) {
  const double extent = extent_of(expected);
  return std::hypot(center(box).x - center(expected).x, center(box).y - center(expected).y) /
             extent +
         std::abs(std::log2(extent_of(box) / extent));
}

} // namespace

FaceTracker::FaceTracker(FaceFinder finder) : finder_(std::move(finder)) {}

std::vector<int> FaceTracker::detection_sizes() { return {near_side, whole_side, fine_side}; }

void FaceTracker::reset() {
  cuts_.reset();
  steady_.reset();
  appearance_ = last_look_ = {};
  track_ = {};
  chosen_anew_ = true;
  frames_without_ = 0;
  last_seconds_ = 0;
}

FaceTrack FaceTracker::update(const FrameReader& reader, double seconds,
                              const std::vector<Face>& given) {
  const Frame frame{reader, seconds, given};
  track_.event = FOMO_FACE_UNCHANGED;
  track_.detected = false;
  const bool tracking = track_.state == FOMO_FACE_TRACKING;
  const bool looks_cut = cuts_.update(frame.reader);
  // Something large passed behind the face, or the light changed: the face is still there.
  const bool face_stayed = looks_cut && tracking && !frame.is_marked() &&
                           patch_.follow(frame.reader, track_.face).score > follows;
  if (looks_cut && !face_stayed) {
    chosen_anew_ = true;
    const bool found = search(frame, true);
    change_state(found ? FOMO_FACE_TRACKING : FOMO_FACE_LOST, FOMO_FACE_CUT);
  } else if (tracking) {
    if (!chosen_anew_ || !search(frame, false))
      follow(frame);
    chosen_anew_ = false;
  } else if (search_is_due() || frame.is_marked()) {
    const bool first = track_.state == FOMO_FACE_SEARCHING;
    if (search(frame, frames_without_ == 0))
      change_state(FOMO_FACE_TRACKING, first ? FOMO_FACE_FOUND : FOMO_FACE_RETURNED);
  }
  if (track_.state != FOMO_FACE_TRACKING) {
    frames_without_++;
    track_.crop = steady_.hold();
  }
  last_look_ =
      track_.state == FOMO_FACE_TRACKING ? Appearance::of(reader, track_.face) : Appearance();
  track_.confidence = confidence(frame.seconds);
  last_seconds_ = frame.seconds;
  return track_;
}

void FaceTracker::change_state(FomoFaceState state, FomoFaceEvent event) {
  // A scene without a face before there ever was one: nothing is lost.
  if (state == FOMO_FACE_LOST && is_empty(track_.crop))
    state = FOMO_FACE_SEARCHING;
  if (state == FOMO_FACE_TRACKING || track_.state == FOMO_FACE_TRACKING)
    frames_without_ = 0;
  track_.state = state;
  track_.event = event;
}

void FaceTracker::follow(const Frame& frame) {
  PatchTracker::Match match{track_.face, 0};
  match.box.x += velocity_x_;
  match.box.y += velocity_y_;
  if (frame.is_marked()) {
    confirm(frame, match);
    return;
  }
  const PatchTracker::Match seen = patch_.follow(frame.reader, match.box);
  correlation_ = match.score = seen.score;
  const bool trusted = seen.score > follows;
  if (trusted)
    match.box = seen.box;
  if (was_replaced(frame, match.box)) {
    chosen_anew_ = true;
    search(frame, false);
    change_state(FOMO_FACE_TRACKING, FOMO_FACE_CUT);
    return;
  }
  frames_since_attempt_++;
  const int interval = missing_ ? retry_interval : trusted ? detection_interval : 1;
  if (frames_since_attempt_ >= interval)
    confirm(frame, match);
  else
    move_on(frame, match);
}

/// Whether another person's face is where the followed one was a frame ago: a cut between two
/// people who are framed alike, which whole frames hardly show.
bool FaceTracker::was_replaced(const Frame& frame, const Box& expected) {
  constexpr double jump = 0.4, another = 0.54; // distances of appearance
  if (missing_ || Appearance::of(frame.reader, expected).distance(last_look_) < jump)
    return false;
  bool replaced = false;
  for (const Face& face : detect_around(frame, expected)) {
    if (implausibility(face.box, expected) > near_by)
      continue;
    if (Appearance::of(frame.reader, face.box).distance(appearance_) < another)
      return false;
    replaced = true;
  }
  return replaced;
}

void FaceTracker::confirm(const Frame& frame, const PatchTracker::Match& match) {
  std::vector<Face> faces = frame.is_marked() ? frame.given : detect_around(frame, match.box);
  const Face* face = same_face(frame, faces, match.box, near_by);
  if (!face && !frame.is_marked() && !missing_ && match.score < follows) {
    // It may have jumped out of its surroundings.
    faces = detect_everywhere(frame, whole_side);
    face = same_face(frame, faces, match.box, anywhere);
  }
  frames_since_attempt_ = 0;
  missing_ = face == nullptr;
  if (face) {
    track_.detected = true;
    accept(frame, *face, false);
  } else if (frame.seconds - seen_seconds_ > gone_after) {
    change_state(FOMO_FACE_LOST, FOMO_FACE_LEFT);
  } else {
    move_on(frame, match);
  }
}

void FaceTracker::move_on(const Frame& frame, const PatchTracker::Match& match) {
  if (match.score > follows) {
    accept(frame, Face{match.box, {}, score_}, false);
    return;
  }
  // Nothing is known: drift on as it went, more and more slowly.
  constexpr double slows = 0.8;
  track_.face = match.box;
  velocity_x_ *= slows;
  velocity_y_ *= slows;
}

bool FaceTracker::search_is_due() const {
  constexpr int soon = 8, many = 48, later = 12;
  return frames_without_ == 0 || frames_without_ % (frames_without_ < many ? soon : later) == 0;
}

bool FaceTracker::search(const Frame& frame, bool thorough) {
  std::vector<Face> faces;
  if (frame.is_marked()) {
    faces = frame.given;
  } else {
    faces = detect_everywhere(frame, whole_side);
    // Small faces are looked for now and then: it takes four times as long.
    if (faces.empty() && (thorough || frames_without_ % fine_interval == 0))
      faces = detect_everywhere(frame, fine_side);
  }
  const Face* face = chosen_face(frame, faces);
  if (!face)
    return false;
  track_.detected = true;
  accept(frame, *face, true);
  return true;
}

std::vector<Face> FaceTracker::detect(const Frame& frame, const Box& region, int longer_side) {
  constexpr int taps = 2;
  const double scale = std::min(1.0, longer_side / std::max(region.width, region.height));
  const int columns = std::max(1, static_cast<int>(std::lround(region.width * scale))),
            rows = std::max(1, static_cast<int>(std::lround(region.height * scale)));
  std::vector<uint8_t> pixels(static_cast<size_t>(3) * columns * rows);
  const FomoImage image{pixels.data(), columns, rows, 3 * columns, 3};
  if (!frame.reader.read(region, taps, image))
    return {};
  std::vector<Face> faces = finder_(image, longer_side);
  const double x_scale = region.width / columns, y_scale = region.height / rows;
  for (Face& face : faces) {
    face.box = {region.x + face.box.x * x_scale, region.y + face.box.y * y_scale,
                face.box.width * x_scale, face.box.height * y_scale};
    for (Point& point : face.landmarks)
      point = {region.x + point.x * x_scale, region.y + point.y * y_scale};
  }
  return faces;
}

std::vector<Face> FaceTracker::detect_around(const Frame& frame, const Box& box) {
  const double side = near_extent * extent_of(box);
  return detect(frame, {center(box).x - side / 2, center(box).y - side / 2, side, side}, near_side);
}

std::vector<Face> FaceTracker::detect_everywhere(const Frame& frame, int longer_side) {
  return detect(
      frame,
      {0, 0, static_cast<double>(frame.reader.width()), static_cast<double>(frame.reader.height())},
      longer_side);
}

const Face* FaceTracker::same_face(const Frame& frame, const std::vector<Face>& faces,
                                   const Box& expected, double too_far) const {
  constexpr double per_extent = 0.65; // of distance of appearance
  const Face* best = nullptr;
  double least = 0;
  for (const Face& face : faces) {
    const double apart = implausibility(face.box, expected);
    if (apart > too_far)
      continue;
    const double different = appearance_.distance(Appearance::of(frame.reader, face.box));
    if (different > stranger)
      continue;
    const double cost = apart + different / per_extent;
    if (!best || cost < least) {
      best = &face;
      least = cost;
    }
  }
  return best;
}

const Face* FaceTracker::chosen_face(const Frame& frame, std::vector<Face>& faces) const {
  if (faces.empty())
    return nullptr;
  if (chosen_anew_) {
    sort_by_size(faces);
    return &faces.front();
  }
  // Somebody returns: rather the one who left, and for a while nobody else (who may hide that one).
  const auto difference = [&](const Face& face) {
    return appearance_.distance(Appearance::of(frame.reader, face.box));
  };
  const Face& likeliest =
      *std::min_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
        return difference(a) < difference(b);
      });
  const bool waits = frame.seconds - seen_seconds_ < stranger_after;
  return waits && difference(likeliest) > stranger ? nullptr : &likeliest;
}

void FaceTracker::accept(const Frame& frame, const Face& face, bool jumped) {
  constexpr double learnt = 0.1, velocity_share = 0.5;
  if (track_.detected) {
    if (!frame.is_marked())
      patch_.start(frame.reader, face.box);
    const Appearance seen = Appearance::of(frame.reader, face.box);
    appearance_.adapt(seen, jumped ? 1 : learnt);
    score_ = face.score;
    seen_seconds_ = frame.seconds;
    frames_since_attempt_ = 0;
    missing_ = false;
    correlation_ = 1;
    chosen_anew_ = false;
  }
  if (jumped) {
    velocity_x_ = velocity_y_ = 0;
    steady_.reset();
  } else {
    velocity_x_ += velocity_share * (center(face.box).x - center(track_.face).x - velocity_x_);
    velocity_y_ += velocity_share * (center(face.box).y - center(track_.face).y - velocity_y_);
  }
  track_.face = face.box;
  track_.crop = steady_.update(face_crop(face.box, frame.reader.width(), frame.reader.height()),
                               frame.seconds - last_seconds_);
}

double FaceTracker::confidence(double seconds) const {
  if (track_.state != FOMO_FACE_TRACKING)
    return 0;
  const auto ramp = [](double value, double from, double to) {
    return std::clamp((value - from) / (to - from), 0.0, 1.0);
  };
  return ramp(score_, 0.4, 0.8) * ramp(correlation_, 0.2, follows) *
         (1 - ramp(seconds - seen_seconds_, 0.5 * gone_after, 1.5 * gone_after));
}

} // namespace fomo
