// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/steady_crop.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

// Displacements of the face's crop from ours, in sides of our crop. The face fills half of it, so
// that one displaced by 0.25 touches the border.
constexpr double starts = 0.10, rests = 0.015, limit = 0.20;
// The same for the logarithm of the size's ratio.
constexpr double size_starts = 0.18, size_rests = 0.03, size_limit = 0.35;
constexpr double stiffness = 9; ///< of the spring, 1/s: 95% of the way after half a second

/// One step of a critically damped spring that pulls `offset` (of the target from us) to 0; gives
/// how far to go. Exact for any length of step.
double spring_step(double offset, double& velocity, double seconds) {
  const double decay = std::exp(-stiffness * seconds);
  // The distance x = -offset from the target follows x'' = -2 w x' - w^2 x.
  const double start = -offset, slope = velocity + stiffness * start;
  const double end = (start + slope * seconds) * decay;
  velocity = (velocity - stiffness * slope * seconds) * decay;
  return end - start;
}

/// With hysteresis: begins beyond `start`, ends within `rest`.
bool still_moves(bool moving, double displacement, double start, double rest) {
  return displacement > (moving ? rest : start);
}

} // namespace

Square SteadyCrop::hold() {
  velocity_x_ = velocity_y_ = velocity_log_size_ = 0;
  moving_ = resizing_ = false;
  return crop_;
}

void SteadyCrop::glide(const Square& target, double seconds) {
  const double side = crop_.size;
  if (moving_) {
    crop_.cx += side * spring_step((target.cx - crop_.cx) / side, velocity_x_, seconds);
    crop_.cy += side * spring_step((target.cy - crop_.cy) / side, velocity_y_, seconds);
  } else {
    velocity_x_ = velocity_y_ = 0;
  }
  if (resizing_)
    crop_.size *=
        std::exp(spring_step(std::log(target.size / crop_.size), velocity_log_size_, seconds));
  else
    velocity_log_size_ = 0;
}

Square SteadyCrop::update(const Square& target, double seconds) {
  if (is_empty(crop_)) {
    crop_ = target;
    hold();
    return crop_;
  }
  const double displacement = std::hypot(target.cx - crop_.cx, target.cy - crop_.cy) / crop_.size;
  moving_ = still_moves(moving_, displacement, starts, rests);
  resizing_ =
      still_moves(resizing_, std::abs(std::log(target.size / crop_.size)), size_starts, size_rests);
  constexpr double longest_step = 0.5;
  glide(target, std::clamp(seconds, 0.0, longest_step));
  crop_.size = std::clamp(crop_.size, target.size * std::exp(-size_limit),
                          target.size * std::exp(size_limit));
  const double dx = target.cx - crop_.cx, dy = target.cy - crop_.cy;
  if (const double left = std::hypot(dx, dy), most = limit * crop_.size; left > most) {
    crop_.cx += dx * (1 - most / left);
    crop_.cy += dy * (1 - most / left);
  }
  return crop_;
}

} // namespace fomo
