// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "face/framing.h"
#include "face/turned_region.h"

namespace fomo {

namespace {

constexpr int detection_interval = 8; ///< frames between detections while the patch is found well
constexpr int fine_interval = 72;     ///< frames between searches for small faces
constexpr int retry_interval = 2;     ///< frames between detections after the detector missed
constexpr double trusted = 0.75;      ///< correlation from which the patch alone is trusted
constexpr double lost_after = 0.6;    ///< seconds without a detection until the face is lost
constexpr double other_after = 2.5;   ///< seconds until the face of another person is followed
constexpr double other_person = 0.72; ///< Appearance::distance from which a person is another one
constexpr double jump = 0.28;         ///< the largest of one person from a frame to the next
// Longer side of the detector's input in pixels: around the face, whole frame, small faces.
constexpr int near_side = 128, whole_side = 320, fine_side = 640;
constexpr double near_extent = 2.8; ///< side of the region around the face, in sides of the face

// Of the roll: the least that is taken out of the crop; the apparent one (it shows two thirds) from
// which a head has turned too far; seconds between measurements.
constexpr double driver_lean = 10 * kPi / 180, turned_away = 30 * kPi / 180, roll_interval = 1;
constexpr double turned_score = 0.8; ///< least score of a face that was not found upright

// The largest change of a face since the last frame (see `change_of`), when the detector ran around
// the face and when it ran on the whole frame.
constexpr double near_change = 2, any_change = 20;
constexpr double same_place = 0.5; // the change up to which a face is where it is expected

/// The geometric mean of a box's sides.
double extent_of(const Box& box) { return std::sqrt(area(box)); }

/// The distance of two boxes in sides of the expected one, plus the difference of their sizes in
/// octaves.
double change_of(const Box& box, const Box& expected) {
  const double extent = extent_of(expected);
  return std::hypot(center(box).x - center(expected).x, center(box).y - center(expected).y) /
             extent +
         std::abs(std::log2(extent_of(box) / extent));
}

} // namespace

FaceTracker::FaceTracker(FaceFinder finder) : finder_(std::move(finder)) {}

std::vector<int> FaceTracker::detection_sizes() {
  return {near_side, whole_side, fine_side, upright_side};
}

void FaceTracker::reset() {
  cuts_.reset();
  steady_.reset();
  appearance_ = last_look_ = {};
  track_ = {};
  takes_largest_ = true;
  frames_without_ = 0;
  last_seconds_ = 0;
  roll_ = 0;
  outdated_ = turn_ = 0;
}

FaceTrack FaceTracker::update(const FrameReader& reader, double seconds,
                              const std::vector<Face>& marked) {
  const Frame frame{reader, seconds, marked};
  track_.event = FOMO_FACE_UNCHANGED;
  track_.detected = false;
  const bool tracking = track_.state == FOMO_FACE_TRACKING;
  const bool looks_cut = cuts_.update(frame.reader);
  // If the face is still there, a large object passed behind it or the light changed.
  const bool face_stayed = looks_cut && tracking && !frame.is_marked() &&
                           patch_.follow(frame.reader, track_.face).score > trusted;
  if (looks_cut && !face_stayed) {
    takes_largest_ = true;
    const bool found = search(frame, true);
    change_state(found ? FOMO_FACE_TRACKING : FOMO_FACE_LOST, FOMO_FACE_CUT);
  } else if (tracking) {
    if (!takes_largest_ || !search(frame, false))
      follow(frame);
    takes_largest_ = false;
  } else if (search_is_due() || frame.is_marked()) {
    const bool first = track_.state == FOMO_FACE_SEARCHING;
    if (search(frame, frames_without_ == 0))
      change_state(FOMO_FACE_TRACKING, first ? FOMO_FACE_FOUND : FOMO_FACE_RETURNED);
  }
  if (track_.state != FOMO_FACE_TRACKING) {
    frames_without_++;
    track_.crop = steady_.hold();
  }
  last_look_ = {};
  if (track_.state == FOMO_FACE_TRACKING) {
    last_look_ = Appearance::of(reader, track_.face, roll_);
    last_patch_.start(reader, track_.face);
  }
  track_.confidence = confidence(frame.seconds);
  last_seconds_ = frame.seconds;
  return track_;
}

void FaceTracker::change_state(FomoFaceState state, FomoFaceEvent event) {
  // If no face was ever found, none is lost.
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
  const bool found = seen.score > trusted;
  if (found)
    match.box = seen.box;
  if (was_replaced(frame, match.box)) {
    takes_largest_ = true;
    search(frame, false);
    change_state(FOMO_FACE_TRACKING, FOMO_FACE_CUT);
    return;
  }
  frames_since_detection_++;
  const int interval = missed_ ? retry_interval : found ? detection_interval : 1;
  if (frames_since_detection_ >= interval)
    confirm(frame, match);
  else
    follow_patch(frame, match);
}

/// Whether another person's face is where the followed face was in the frame before. That is a cut
/// between two people who are framed alike, which hardly changes the small grey frame. The face of
/// one person changes little from frame to frame, unless it moves fast.
bool FaceTracker::was_replaced(const Frame& frame, const Box& expected) {
  constexpr double another = 0.38; // distance of appearance
  // Correlation with the frame before. Motion by a tenth of the face blurs it by as much.
  const double same_patch = 0.76 - std::hypot(velocity_x_, velocity_y_) / extent_of(expected);
  if (missed_ || Appearance::of(frame.reader, expected, roll_).distance(last_look_) < jump ||
      last_patch_.follow(frame.reader, expected).score > same_patch)
    return false;
  bool replaced = false;
  for (const Face& face : detect_around(frame, expected)) {
    if (change_of(face.box, expected) > near_change)
      continue;
    if (Appearance::of(frame.reader, face.box, face.roll).distance(last_look_) < another)
      return false;
    replaced = true;
  }
  return replaced;
}

void FaceTracker::confirm(const Frame& frame, const PatchTracker::Match& match) {
  std::vector<Face> faces = frame.is_marked() ? frame.marked : detect_around(frame, match.box);
  const bool continuous = !frame.is_marked() && is_continuous(frame, match);
  const Face* face = same_face(frame, faces, match.box, near_change, continuous);
  if (!face && !frame.is_marked() && !missed_ && match.score < trusted) {
    // The face may have jumped out of the region around it.
    faces = detect_everywhere(frame, roll_, whole_side);
    face = same_face(frame, faces, match.box, any_change, false);
  }
  frames_since_detection_ = 0;
  missed_ = face == nullptr;
  if (face) {
    track_.detected = true;
    Face seen = *face;
    if (roll_is_outdated(frame, seen)) {
      // The measurement decides: a tilt on the way back is kept.
      constexpr double most_tilt = 40 * kPi / 180, way_back = 0.5;
      const Face measured = with_roll(frame, seen);
      const double change = std::abs(wrapped(measured.roll - roll_));
      if (change > most_tilt || change > way_back * std::abs(roll_))
        seen = measured;
    }
    accept(frame, seen, seen.roll != roll_);
  } else if (frame.seconds - seen_seconds_ > lost_after) {
    change_state(FOMO_FACE_LOST, FOMO_FACE_LEFT);
  } else {
    follow_patch(frame, match);
  }
}

void FaceTracker::follow_patch(const Frame& frame, const PatchTracker::Match& match) {
  if (match.score > trusted) {
    accept(frame, Face{match.box, {}, score_, roll_}, false);
    return;
  }
  // The position is unknown: extrapolate it with decreasing velocity.
  constexpr double deceleration = 0.8;
  track_.face = match.box;
  velocity_x_ *= deceleration;
  velocity_y_ *= deceleration;
}

bool FaceTracker::search_is_due() const {
  constexpr int soon = 8, many = 48, later = 12;
  return frames_without_ == 0 || frames_without_ % (frames_without_ < many ? soon : later) == 0;
}

bool FaceTracker::search(const Frame& frame, bool thorough) {
  std::vector<Face> faces;
  if (frame.is_marked()) {
    faces = frame.marked;
  } else {
    faces = detect_everywhere(frame, 0, whole_side);
    // The search for small faces takes four times as long, so it runs rarely.
    if (faces.empty() && (thorough || frames_without_ % fine_interval == 0))
      faces = detect_everywhere(frame, 0, fine_side);
    if (faces.empty())
      faces = detect_turned(frame, thorough);
  }
  const Face* face = chosen_face(frame, faces);
  if (!face)
    return false;
  track_.detected = true;
  accept(frame, frame.is_marked() ? *face : with_roll(frame, *face), true);
  return true;
}

/// Looks for faces that lie or stand on their head: at one quarter turn after the other,
/// `thorough`: at all of them.
std::vector<Face> FaceTracker::detect_turned(const Frame& frame, bool thorough) {
  constexpr double turns[] = {kPi / 2, -kPi / 2, kPi};
  std::vector<Face> best;
  for (int tries = thorough ? 3 : 1; tries > 0; tries--) {
    const double roll = turns[turn_];
    turn_ = (turn_ + 1) % 3;
    std::vector<Face> faces = detect_everywhere(frame, roll, whole_side);
    faces.erase(std::remove_if(faces.begin(), faces.end(),
                               [](const Face& face) { return face.score < turned_score; }),
                faces.end());
    if (!faces.empty() && (best.empty() || faces.front().score > best.front().score))
      best = faces;
  }
  return best;
}

SquareDetector FaceTracker::square_detector(const Frame& frame) {
  return [this, &frame](const Square& square) {
    return detect(frame, box_of(square), square.roll, upright_side, true);
  };
}

Face FaceTracker::with_roll(const Frame& frame, const Face& face) {
  roll_checked_ = frame.seconds;
  outdated_ = 0;
  Face result = face;
  const auto upright = turned_upright(face.box, face.roll, square_detector(frame));
  if (!upright)
    return result;
  const double roll = roll_to_remove(upright->roll, driver_lean);
  if (roll != face.roll) {
    result = *upright;
    // The box as a search finds it that meets an upright face.
    for (const Face& found : detect_everywhere(frame, roll, whole_side))
      if (change_of(found.box, upright->box) < same_place)
        result = found;
  }
  result.roll = roll;
  return result;
}

bool FaceTracker::roll_is_outdated(const Frame& frame, const Face& face) {
  constexpr double certain_score = 0.88, way_back = 0.3, lying_score = 0.8;
  constexpr int in_a_row = 2;
  const bool upright = roll_ == 0 && face.score >= certain_score;
  if (upright || frame.is_marked() || frame.seconds - roll_checked_ < roll_interval)
    return false;
  roll_checked_ = frame.seconds;
  const auto seen = seen_at_roll(face.box, roll_, square_detector(frame));
  const double away = seen ? wrapped(apparent_roll(*seen) - roll_) : 0;
  const bool is_back = away * roll_ < 0 && std::abs(away) > way_back * std::abs(roll_);
  const bool is_away = !seen || seen->score < lying_score || std::abs(away) > turned_away;
  outdated_ = is_back || is_away ? outdated_ + 1 : 0;
  return outdated_ >= in_a_row;
}

std::vector<Face> FaceTracker::detect(const Frame& frame, const Box& region, double roll,
                                      int longer_side, bool magnifies) {
  constexpr int taps = 2;
  const double fit = longer_side / std::max(region.width, region.height);
  const double scale = magnifies ? fit : std::min(1.0, fit);
  const int columns = std::max(1, static_cast<int>(std::lround(region.width * scale))),
            rows = std::max(1, static_cast<int>(std::lround(region.height * scale)));
  std::vector<uint8_t> pixels(static_cast<size_t>(3) * columns * rows);
  const FomoImage image{pixels.data(), columns, rows, ptrdiff_t{3} * columns, 3};
  if (!frame.reader.read(region, roll, taps, image))
    return {};
  std::vector<Face> faces = finder_(image, longer_side);
  for (Face& face : faces)
    face = face_in_frame(face, region, roll, region.width / columns, region.height / rows);
  return faces;
}

std::vector<Face> FaceTracker::detect_around(const Frame& frame, const Box& box) {
  const double side = near_extent * extent_of(box);
  return detect(frame, {center(box).x - side / 2, center(box).y - side / 2, side, side}, roll_,
                near_side);
}

std::vector<Face> FaceTracker::detect_everywhere(const Frame& frame, double roll, int longer_side) {
  const Box whole{0, 0, static_cast<double>(frame.reader.width()),
                  static_cast<double>(frame.reader.height())};
  return detect(frame, box_around(whole, -roll), roll, longer_side);
}

/// How much a face differs from the followed one. Before the answer is more than `decisive`, the
/// face is looked at in its own axes too: a head that tilts is no other person.
double FaceTracker::difference_from(const Frame& frame, const Face& face, double decisive) {
  constexpr double understated = 1.4; // the apparent roll
  const auto at_roll = [&](double roll) {
    return appearance_.distance(Appearance::of(frame.reader, face.box, roll));
  };
  const double difference = at_roll(face.roll);
  if (difference <= decisive || frame.is_marked())
    return difference;
  const auto seen = seen_at_roll(face.box, face.roll, square_detector(frame));
  if (!seen)
    return difference;
  const double tilt = wrapped(apparent_roll(*seen) - face.roll);
  return std::min(difference, at_roll(face.roll + understated * tilt));
}

/// Whether the face at `match` is that of the frame before beyond doubt: its patch and its look
/// have hardly changed. A head that turns may look like another person after half a second, above
/// all in black and white, where less tells two looks apart.
bool FaceTracker::is_continuous(const Frame& frame, const PatchTracker::Match& match) const {
  return match.score > trusted && last_look_.known() &&
         Appearance::of(frame.reader, match.box, roll_).distance(last_look_) < jump;
}

/// `continuous`: the face at `expected` is the followed one, whatever it looks like.
const Face* FaceTracker::same_face(const Frame& frame, const std::vector<Face>& faces,
                                   const Box& expected, double most_change, bool continuous) {
  constexpr double per_extent = 0.65; // Appearance::distance that counts like one side of the face
  const Face* best = nullptr;
  double least = 0;
  for (const Face& face : faces) {
    const double change = change_of(face.box, expected);
    if (change > most_change)
      continue;
    const double difference = difference_from(frame, face, other_person);
    const bool stayed = continuous && change_of(face.box, expected) < same_place;
    if (difference > other_person && !stayed)
      continue;
    const double cost = change + difference / per_extent;
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
  if (takes_largest_) {
    sort_by_size(faces);
    return &faces.front();
  }
  // Prefer the person who was followed before. Another person, who may only stand in front of that
  // person, is not followed until `other_after` seconds have passed.
  const auto difference = [&](const Face& face) {
    return appearance_.distance(Appearance::of(frame.reader, face.box, face.roll));
  };
  const Face& likeliest =
      *std::min_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
        return difference(a) < difference(b);
      });
  const bool waits = frame.seconds - seen_seconds_ < other_after;
  return waits && difference(likeliest) > other_person ? nullptr : &likeliest;
}

void FaceTracker::accept(const Frame& frame, const Face& face, bool jumped) {
  constexpr double learnt = 0.25, velocity_share = 0.5;
  if (track_.detected) {
    if (!frame.is_marked())
      patch_.start(frame.reader, face.box);
    const Appearance seen = Appearance::of(frame.reader, face.box, face.roll);
    appearance_.adapt(seen, jumped ? 1 : learnt);
    score_ = face.score;
    seen_seconds_ = frame.seconds;
    frames_since_detection_ = 0;
    missed_ = false;
    correlation_ = 1;
    takes_largest_ = false;
  }
  if (jumped) {
    velocity_x_ = velocity_y_ = 0;
    steady_.reset();
  } else {
    velocity_x_ += velocity_share * (center(face.box).x - center(track_.face).x - velocity_x_);
    velocity_y_ += velocity_share * (center(face.box).y - center(track_.face).y - velocity_y_);
  }
  roll_ = face.roll;
  track_.face = face.box;
  track_.crop =
      steady_.update(face_crop(face.box, roll_, frame.reader.width(), frame.reader.height()),
                     frame.seconds - last_seconds_);
}

double FaceTracker::confidence(double seconds) const {
  if (track_.state != FOMO_FACE_TRACKING)
    return 0;
  const auto ramp = [](double value, double from, double to) {
    return std::clamp((value - from) / (to - from), 0.0, 1.0);
  };
  return ramp(score_, 0.4, 0.8) * ramp(correlation_, 0.2, trusted) *
         (1 - ramp(seconds - seen_seconds_, 0.5 * lost_after, 1.5 * lost_after));
}

} // namespace fomo
