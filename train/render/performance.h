// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "train/render/person.h"

namespace fomo::render {

/// Expression and pose of a head in one frame.
struct Performance {
  std::map<std::string, float> units; ///< expression targets ("mouth-open"), 0..1
  std::array<float, 2> sides{1, 1};   ///< factor on the mouth's units on its left and right half
  float aside = 0;                    ///< the mouth's shift to the left, 0.05 decimetres
  std::array<float, 2> closure{};     ///< closure of left and right eye: 0 open, 1 shut
  Vec2 gaze;                          ///< yaw and pitch of the eyes in the head, radians
  Vec3 turn;                          ///< pitch, yaw, roll of the head, radians
  Vec3 sway;                          ///< movement of the whole person, decimetres
  Vec3 lean;                          ///< rotation of the torso, radians
};

/// Draws the two performances of a pair. Mouth and eyes are drawn separately for each frame, so
/// that they differ in most pairs. In an additional third of the pairs one mouth is shut or nearly
/// shut. In two thirds of the pairs the poses are near each other. A third of the pairs is seen
/// from the side.
std::array<Performance, 2> sample_performances(Random& random);

/// The same performances as a driver would do them: the first one roughly faces the camera.
std::array<Performance, 2> facing(std::array<Performance, 2> actions, Random& random);

/// A still, neutral face looking ahead.
inline Performance neutral_performance() { return {}; }

/// The vertices of the base mesh with the expression of `action`, without its pose.
std::vector<Vec3> express(const Assets& assets, const Person& person, const Performance& action);

/// Applies the pose of `action` (turn, lean, sway) to `vertices`. How far a vertex follows the head
/// depends on its place in `person.rest`.
void pose(const Person& person, const Performance& action, std::vector<Vec3>& vertices);

/// Turns the eyeballs by the gaze. Call it before `pose`.
void turn_eyes(const Person& person, const Performance& action, std::vector<Vec3>& vertices);

/// Pinhole camera in front of the head.
struct Camera {
  Vec3 target;           ///< a point on the optical axis, decimetres
  float distance = 12;   ///< from the target, decimetres
  float focal = 1000;    ///< focal length, pixels of a 256x256 picture
  Vec2 centre{128, 128}; ///< principal point, pixels of a 256x256 picture

  /// Draws a camera that frames head and shoulders as VoxCeleb does: the face fills about half of
  /// the picture.
  static Camera sample(const Assets& assets, const Person& person, Random& random);

  /// World to camera coordinates: right, down and away from the camera, decimetres.
  Vec3 view(const Vec3& world) const;
  /// Camera coordinates to pixels of a 256x256 picture; pixel centres at integers.
  Vec2 project(const Vec3& view) const;
};

} // namespace fomo::render
