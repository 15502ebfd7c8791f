// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "train/render/person.h"

namespace fomo::render {

/// What a head does in one frame.
struct Performance {
  std::map<std::string, float> units; ///< expression targets ("mouth-open"), 0..1
  std::array<float, 2> sides{1, 1};   ///< share of the mouth's units on its left and right half
  float aside = 0;                    ///< the mouth's shift to the left, 0.05 decimetres
  std::array<float, 2> closure{};     ///< of left and right eye: 0 open, 1 shut
  Vec2 gaze;                          ///< yaw and pitch of the eyes in the head, radians
  Vec3 turn;                          ///< pitch, yaw, roll of the head, radians
  Vec3 sway;                          ///< movement of the whole person, decimetres
  Vec3 lean;                          ///< rotation of the torso, radians
};

/// Two performances of a pair: mouth and eyes are drawn apart, so that most pairs differ in them,
/// and one mouth is shut or nearly so in a third more; poses are near each other in two thirds of
/// the pairs, and a third is seen from the side.
std::array<Performance, 2> sample_performances(Random& random);

/// The same performances by somebody who begins facing the camera more or less, as drivers do.
std::array<Performance, 2> facing(std::array<Performance, 2> actions, Random& random);

/// A still, neutral face looking ahead.
inline Performance neutral_performance() { return {}; }

/// The base mesh in an expression (head not turned).
std::vector<Vec3> express(const Assets& assets, const Person& person, const Performance& action);

/// Turns the head and moves the person: vertices (`rest`: the same without expression, which decide
/// how far each follows the head).
void pose(const Person& person, const Performance& action, std::vector<Vec3>& vertices);

/// Turns the eyeballs; before `pose`.
void turn_eyes(const Person& person, const Performance& action, std::vector<Vec3>& vertices);

/// Pinhole camera in front of the head.
struct Camera {
  Vec3 target;           ///< what the optical axis meets, decimetres
  float distance = 12;   ///< from the target, decimetres
  float focal = 1000;    ///< pixels
  Vec2 centre{128, 128}; ///< principal point, pixels of 256

  /// Frames head and shoulders as VoxCeleb does: the face about half of the picture.
  static Camera sample(const Assets& assets, const Person& person, Random& random);

  /// Right, down and away from the camera, decimetres.
  Vec3 view(const Vec3& world) const;
  /// Pixels of 256; pixel centres at integers.
  Vec2 project(const Vec3& view) const;
};

} // namespace fomo::render
