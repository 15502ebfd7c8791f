// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/face_controls.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "driver/calibration/deformation.h"
#include "model/motion/head_fit.h"

namespace fomo {

namespace {

using namespace landmark;

/// How a landmark moves.
enum class Part { eyes, brows, mouth, head, ears, neck };

/// The part of the face that each landmark belongs to.
constexpr Part kParts[kLandmarks] = {
    Part::eyes, Part::eyes,  Part::eyes,  Part::eyes,  Part::brows, Part::brows,
    Part::head, Part::mouth, Part::mouth, Part::mouth, Part::mouth, Part::mouth,
    Part::head, Part::ears,  Part::ears,  Part::neck,
};

// Displacements of landmarks, decimetres, in MakeHuman's targets mouth-open, mouth-corner-puller
// (six tenths: a whole one distorts a mouth that smiles already) and mouth-depression. x is that of
// the left corner.
constexpr HeadPoint kOpenCorner{-0.034, 0.129, -0.088}, kOpenUpper{0, -0.011, -0.014},
    kOpenLower{0, 0.305, -0.204}, kOpenChin{0, 0.237, -0.295};
constexpr HeadPoint kSmileCorner{0.032, -0.063, -0.019}, kSadCorner{0.021, 0.055, -0.009};
// Of the change of an eye's opening, the upper lid does this part.
constexpr double kUpperLidShare = 0.85;
// The least opening, decimetres, that eyes-open counts as the picture's own (its eyes may be shut),
// and how much wider eyes-open=1 opens an eye, as a fraction.
constexpr double kLeastEye = 0.06, kWiderEye = 0.5;

/// A row-major 2x2 matrix.
struct Plane {
  double m[4];
};

Plane operator*(const Plane& a, const Plane& b) {
  return {{a.m[0] * b.m[0] + a.m[1] * b.m[2], a.m[0] * b.m[1] + a.m[1] * b.m[3],
           a.m[2] * b.m[0] + a.m[3] * b.m[2], a.m[2] * b.m[1] + a.m[3] * b.m[3]}};
}

HeadPoint operator*(const Plane& a, const HeadPoint& p) {
  return {a.m[0] * p.x + a.m[1] * p.y, a.m[2] * p.x + a.m[3] * p.y, 0};
}

/// The inverse of a plane_of().
Plane inverse(const Plane& a) {
  const double determinant = a.m[0] * a.m[3] - a.m[1] * a.m[2];
  return {
      {a.m[3] / determinant, -a.m[1] / determinant, -a.m[2] / determinant, a.m[0] / determinant}};
}

/// How the picture shows the plane of the face (seen from the front: x, y) in this pose; for parts
/// that do not lie in that plane, and near profile, the turn in the picture and the scale alone.
Plane plane_of(const HeadPose& pose, Part part) {
  constexpr double profile = 0.3; // cosine of the angle between face and camera
  const Turn& t = pose.turn;
  if ((part == Part::ears || part == Part::neck) || t[8] < profile) {
    const double angle = std::atan2(t[3] - t[1], t[0] + t[4]);
    const double c = pose.scale * std::cos(angle), s = pose.scale * std::sin(angle);
    return {{c, -s, s, c}};
  }
  return {{pose.scale * t[0], pose.scale * t[1], pose.scale * t[3], pose.scale * t[4]}};
}

HeadPose pose_between(const HeadPose& from, const HeadPose& to, double share) {
  return {power(to.turn * inverse(from.turn), share) * from.turn,
          from.scale * std::pow(to.scale / from.scale, share), from.x + share * (to.x - from.x),
          from.y + share * (to.y - from.y)};
}

/// Splits keypoints into head and expression, and puts them together again.
class Face {
 public:
  Face(const KeypointSet& animated, const KeypointSet& source, const FomoFaceControls& controls)
      : animated_(animated), source_(source), controls_(controls) {
    const HeadFit fit = fit_head(source, animated);
    still_ = fit.still;
    moved_ = fit.moved;
    shape_ = fit.shape;
    wanted_ = pose_between(still_, moved_, controls.head);
    constexpr double degree = 3.14159265358979323846 / 180;
    wanted_.turn = turn_by(controls.yaw * degree, controls.pitch * degree, controls.roll * degree) *
                   wanted_.turn;
    for (size_t k = 0; k < kLandmarks; k++)
      expression_.push_back(expression(k));
    offset_eye(kLeftUpperLid, kLeftLowerLid);
    offset_eye(kRightUpperLid, kRightLowerLid);
    offset_mouth();
  }

  KeypointSet result() const {
    KeypointSet result = animated_;
    for (size_t k = 0; k < kLandmarks; k++) {
      place(k, &result.value[2 * k]);
      if (!result.jacobian.empty())
        deform_around(k, &result.jacobian[4 * k]);
    }
    return result;
  }

 private:
  double strength(size_t k) const {
    switch (kParts[k]) {
    case Part::eyes:
      return controls_.eyes;
    case Part::brows:
      return controls_.brows;
    case Part::mouth:
      return controls_.mouth;
    default:
      return controls_.head;
    }
  }

  /// What the head's motion does not explain of a landmark's, in the head's coordinates, times its
  /// strength.
  HeadPoint expression(size_t k) const {
    const HeadPoint carried = project(moved_, shape_[k]);
    const HeadPoint rest{animated_.value[2 * k] - carried.x, animated_.value[2 * k + 1] - carried.y,
                         0};
    const HeadPoint own = inverse(plane_of(moved_, kParts[k])) * rest;
    return {own.x * strength(k), own.y * strength(k), 0};
  }

  void offset(size_t k, const HeadPoint& by, double share, double mirrored = 1) {
    HeadPoint& e = expression_[k];
    e = {e.x + mirrored * share * by.x, e.y + share * by.y, e.near + share * by.near};
  }

  /// How far `lower` is below `upper` in the head's coordinates, decimetres, with the expression.
  double gap(size_t upper, size_t lower) const {
    return shape_[lower].y + expression_[lower].y - shape_[upper].y - expression_[upper].y;
  }

  void offset_eye(size_t upper, size_t lower) {
    const double by = controls_.eyes_open;
    const double own = std::max(kLeastEye, shape_[lower].y - shape_[upper].y);
    const double now = std::max(0.0, gap(upper, lower));
    const double change = by < 0 ? -std::min(now, -by * own) : by * kWiderEye * own;
    offset(upper, {0, -1, 0}, kUpperLidShare * change);
    offset(lower, {0, 1, 0}, (1 - kUpperLidShare) * change);
  }

  void offset_mouth() {
    const double open = controls_.mouth_open;
    if (open < 0) {
      const double shut = -open * std::max(0.0, gap(kUpperLip, kLowerLip));
      offset(kLowerLip, {0, -1, 0}, shut);
      offset(kChin, {0, -1, 0}, shut * kOpenChin.y / kOpenLower.y);
    } else {
      offset(kUpperLip, kOpenUpper, open);
      offset(kLowerLip, kOpenLower, open);
      offset(kChin, kOpenChin, open);
      offset(kMouthLeft, kOpenCorner, open);
      offset(kMouthRight, kOpenCorner, open, -1);
    }
    const double smile = controls_.smile;
    const HeadPoint& corner = smile < 0 ? kSadCorner : kSmileCorner;
    offset(kMouthLeft, corner, std::abs(smile));
    offset(kMouthRight, corner, std::abs(smile), -1);
  }

  void place(size_t k, float* at) const {
    if (kParts[k] == Part::neck) { // it belongs to the body
      for (size_t axis = 0; axis < 2; axis++) {
        const double still = source_.value[2 * k + axis];
        at[axis] =
            static_cast<float>(still + controls_.head * (animated_.value[2 * k + axis] - still));
      }
      return;
    }
    const HeadPoint& e = expression_[k];
    const HeadPoint in_plane = plane_of(wanted_, kParts[k]) * e;
    const HeadPoint carried = project(wanted_, shape_[k]);
    const HeadPoint depth = wanted_.turn * HeadPoint{0, 0, e.near};
    at[0] = static_cast<float>(carried.x + in_plane.x + wanted_.scale * depth.x);
    at[1] = static_cast<float>(carried.y + in_plane.y + wanted_.scale * depth.y);
  }

  /// The deformation around a landmark is split and put together as its motion is.
  void deform_around(size_t k, float* jacobian) const {
    const float* own = &source_.jacobian[4 * k];
    const Deformation change = deformation_between(&animated_.jacobian[4 * k], own);
    Plane whole = {{1, 0, 0, 1}};
    if (change.proper)
      change.to_matrix(whole.m);
    Plane result;
    if (kParts[k] == Part::neck) {
      Deformation::of(whole.m).power(controls_.head).to_matrix(result.m);
    } else {
      const Plane still = plane_of(still_, kParts[k]);
      const Plane by_head = plane_of(moved_, kParts[k]) * inverse(still);
      const Plane rest = inverse(by_head) * whole;
      Plane scaled;
      Deformation::of(rest.m).power(strength(k)).to_matrix(scaled.m);
      result = plane_of(wanted_, kParts[k]) * inverse(still) * scaled;
    }
    for (size_t i = 0; i < 2; i++)
      for (size_t j = 0; j < 2; j++)
        jacobian[2 * i + j] =
            static_cast<float>(result.m[2 * i] * own[j] + result.m[2 * i + 1] * own[2 + j]);
  }

  const KeypointSet& animated_;
  const KeypointSet& source_;
  const FomoFaceControls& controls_;
  std::vector<HeadPoint> shape_;      ///< decimetres
  std::vector<HeadPoint> expression_; ///< displacement of each landmark, decimetres
  HeadPose still_, moved_, wanted_;   ///< of the picture, of `animated_`, of the result
};

} // namespace

bool are_neutral(const FomoFaceControls& c) {
  return c.head == 1 && c.eyes == 1 && c.mouth == 1 && c.brows == 1 && c.yaw == 0 && c.pitch == 0 &&
         c.roll == 0 && c.eyes_open == 0 && c.mouth_open == 0 && c.smile == 0;
}

KeypointSet with_face_controls(const KeypointSet& animated, const KeypointSet& source,
                               const FomoFaceControls& controls) {
  if (are_neutral(controls) || !have_names(source) ||
      animated.value.size() != source.value.size() ||
      animated.jacobian.size() != source.jacobian.size())
    return animated;
  return Face(animated, source, controls).result();
}

} // namespace fomo
