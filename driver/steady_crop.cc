// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/steady_crop.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

// Thresholds of the distance between the target's and the crop's centre, in sides of the crop: the
// crop starts to move, stops, and is never exceeded. The face fills half of the crop, so its border
// is reached at 0.25.
constexpr double move_start = 0.10, move_stop = 0.015, move_limit = 0.20;
// The same thresholds for the logarithm of the ratio of the sizes.
constexpr double size_start = 0.18, size_stop = 0.03, size_limit = 0.35;
constexpr double stiffness = 9; ///< of the spring, 1/s: 95% of the way after half a second

/// One step of a critically damped spring. `offset`: the target relative to the current value.
/// Returns the change of the value. The solution is exact for any length of the step.
double spring_step(double offset, double& velocity, double seconds) {
  const double decay = std::exp(-stiffness * seconds);
  // The distance x = -offset from the target follows x'' = -2 w x' - w^2 x.
  const double start = -offset, slope = velocity + stiffness * start;
  const double end = (start + slope * seconds) * decay;
  velocity = (velocity - stiffness * slope * seconds) * decay;
  return end - start;
}

/// Hysteresis: moving begins above `start` and ends below `stop`.
bool is_moving(bool was_moving, double displacement, double start, double stop) {
  return displacement > (was_moving ? stop : start);
}

} // namespace

Square SteadyCrop::hold() {
  velocity_x_ = velocity_y_ = velocity_log_size_ = 0;
  moving_ = resizing_ = false;
  return crop_;
}

void SteadyCrop::move_towards(const Square& target, double seconds) {
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
  crop_.roll = target.roll;
  const double displacement = std::hypot(target.cx - crop_.cx, target.cy - crop_.cy) / crop_.size;
  moving_ = is_moving(moving_, displacement, move_start, move_stop);
  resizing_ =
      is_moving(resizing_, std::abs(std::log(target.size / crop_.size)), size_start, size_stop);
  constexpr double longest_step = 0.5;
  move_towards(target, std::clamp(seconds, 0.0, longest_step));
  crop_.size = std::clamp(crop_.size, target.size * std::exp(-size_limit),
                          target.size * std::exp(size_limit));
  const double dx = target.cx - crop_.cx, dy = target.cy - crop_.cy;
  if (const double left = std::hypot(dx, dy), most = move_limit * crop_.size; left > most) {
    crop_.cx += dx * (1 - most / left);
    crop_.cy += dy * (1 - most / left);
  }
  return crop_;
}

} // namespace fomo
