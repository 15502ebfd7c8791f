// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/performance.h"

namespace fomo::render {
namespace {

// Asymmetric mouths, such as a crooked smile or a pout to one side: one half of the mouth moves
// more, and the mouth shifts to a side.
void sample_crookedness(Random& random, Performance& action) {
  if (random.chance(0.45f)) {
    const size_t weaker = random.index(2);
    action.sides[weaker] = random.uniform(-0.1f, 0.7f);
    action.aside = (weaker == 1 ? 1.0f : -1.0f) * random.uniform(-0.3f, 2.6f);
  } else if (random.chance(0.2f)) {
    action.aside = random.normal(1.5f);
  }
}

void sample_mouth(Random& random, std::map<std::string, float>& units) {
  static const char* const shapes[] = {"mouth-compression", "mouth-depression-retraction",
                                       "mouth-depression",  "mouth-elevation",
                                       "mouth-eversion",    "mouth-parling",
                                       "mouth-protusion",   "mouth-pursing",
                                       "mouth-retraction"};
  if (random.chance(0.55f))
    units["mouth-open"] = random.uniform(0.1f, 1.05f);
  else if (random.chance(0.3f))
    units["mouth-open"] = random.uniform(0.0f, 0.12f);
  if (units["mouth-open"] > 0.3f && random.chance(0.25f)) { // an O
    units["mouth-pursing"] = random.uniform(0.3f, 1.1f);
    units["mouth-protusion"] = random.uniform(0.0f, 0.5f);
    return;
  }
  if (random.chance(0.3f)) { // a smile, often with teeth
    units["mouth-corner-puller"] = random.uniform(0.2f, 1.0f);
    if (random.chance(0.6f))
      units["mouth-part-later"] = random.uniform(0.2f, 1.0f);
    if (random.chance(0.4f))
      units["mouth-upward-retraction"] = random.uniform(0.0f, 0.8f);
  } else if (random.chance(0.2f)) {
    units["mouth-part-later"] = random.uniform(0.1f, 1.0f);
  }
  for (const char* shape : shapes)
    if (random.chance(0.12f))
      units[shape] = random.uniform(0.1f, 0.9f);
}

void sample_brows_and_nose(Random& random, std::map<std::string, float>& units) {
  static const char* const brows[] = {"down", "extern-up", "inner-up", "up"};
  for (const char* move : brows)
    if (random.chance(0.22f)) {
      const float amount = random.uniform(0.2f, 1.1f);
      const bool one_sided = random.chance(0.2f);
      if (!one_sided || random.chance(0.5f))
        units[std::string("eyebrows-left-") + move] = amount;
      if (!one_sided || random.chance(0.5f))
        units[std::string("eyebrows-right-") + move] = amount;
    }
  static const char* const nose[] = {"nose-compression", "nose-depression", "nose-left-elevation",
                                     "nose-right-elevation", "neck-platysma"};
  for (const char* unit : nose)
    if (random.chance(0.1f))
      units[unit] = random.uniform(0.1f, 1.0f);
}

void sample_eyes(Random& random, Performance& action) {
  const float kind = random.uniform();
  float shut = random.uniform(0.0f, 0.12f);
  if (kind < 0.28f)
    shut = random.uniform(0.85f, 1.05f);
  else if (kind < 0.50f)
    shut = random.uniform(0.12f, 0.85f);
  action.closure = {shut, shut * random.uniform(0.94f, 1.0f)};
  if (random.chance(0.07f)) // a wink
    action.closure[random.index(2)] = random.uniform(0.0f, 1.0f);
  if (kind > 0.85f) {
    const float wide = random.uniform(0.3f, 1.1f);
    action.units["eye-left-opened-up"] = action.units["eye-right-opened-up"] = wide;
  }
}

float clipped_normal(Random& random, float deviation, float limit) {
  return std::clamp(random.normal(deviation), -limit, limit);
}

Performance sample_one(Random& random) {
  Performance action;
  sample_mouth(random, action.units);
  sample_crookedness(random, action);
  sample_brows_and_nose(random, action.units);
  sample_eyes(random, action);
  action.turn = {clipped_normal(random, 0.13f, 0.4f), clipped_normal(random, 0.30f, 0.75f),
                 clipped_normal(random, 0.12f, 0.4f)};
  action.sway = {random.normal(0.16f), random.normal(0.10f), random.normal(0.45f)};
  action.lean = {random.normal(0.03f), random.normal(0.10f), random.normal(0.04f)};
  return action;
}

// Eyes look at the camera, somewhere else, or where the head points.
void sample_gaze(Random& random, Performance& action) {
  const float kind = random.uniform();
  if (kind < 0.5f)
    action.gaze = {-action.turn.y, -action.turn.x};
  else if (kind < 0.8f)
    action.gaze = {random.normal(0.28f), random.normal(0.14f)};
  action.gaze = {std::clamp(action.gaze.x, -0.55f, 0.55f), std::clamp(action.gaze.y, -0.3f, 0.3f)};
}

} // namespace

std::array<Performance, 2> sample_performances(Random& random) {
  std::array<Performance, 2> actions{sample_one(random), sample_one(random)};
  if (random.chance(0.35f)) // the mouth of one frame is shut, as in a picture or a driver at rest
    actions[random.index(2)].units.erase("mouth-open");
  if (random.chance(0.65f)) {
    const float nearness = random.uniform(0.0f, 0.25f);
    actions[1].turn = mix(actions[0].turn, actions[1].turn, nearness);
    actions[1].sway = mix(actions[0].sway, actions[1].sway, nearness);
    actions[1].lean = mix(actions[0].lean, actions[1].lean, nearness);
  }
  if (random.chance(0.35f)) { // seen from the side, as many portraits are
    const float side = random.uniform(0.3f, 0.85f) * (random.chance(0.5f) ? 1.0f : -1.0f);
    for (Performance& action : actions)
      action.turn.y = std::clamp(side + 0.5f * action.turn.y, -0.95f, 0.95f);
  }
  for (Performance& action : actions)
    sample_gaze(random, action);
  return actions;
}

std::array<Performance, 2> facing(std::array<Performance, 2> actions, Random& random) {
  const Vec3 before = actions[random.index(2)].turn;
  const Vec3 turn{random.normal(0.08f), random.normal(0.15f), random.normal(0.05f)};
  for (Performance& action : actions)
    action.turn = action.turn - before + turn;
  return actions;
}

std::vector<Vec3> express(const Assets& assets, const Person& person, const Performance& action) {
  std::vector<Vec3> base = person.neutral;
  const auto apply = [&](const std::string& name, float weight) {
    const Target& target = assets.target(name);
    for (size_t i = 0; i < target.index.size(); i++)
      base[target.index[i]] += target.delta[i] * weight;
  };
  const auto apply_to_sides = [&](const std::string& unit, float weight) {
    constexpr float seam = 0.15f; // decimetres on both sides of the middle: the halves blend there
    const Target& target = assets.target("exp/" + unit);
    for (size_t i = 0; i < target.index.size(); i++) {
      const float left = smoothstep(-seam, seam, assets.vertices[target.index[i]].x);
      base[target.index[i]] +=
          target.delta[i] * (weight * mix(action.sides[1], action.sides[0], left));
    }
  };
  for (const auto& [unit, weight] : action.units)
    if (unit.rfind("mouth-", 0) == 0 && unit != "mouth-open")
      apply_to_sides(unit, weight);
    else
      apply("exp/" + unit, weight);
  if (action.aside != 0)
    apply(action.aside > 0 ? "mouth/mouth-trans-out" : "mouth/mouth-trans-in",
          std::abs(action.aside));
  // The upper lid follows the gaze down.
  const float follow = std::clamp(-action.gaze.y * 1.2f, 0.0f, 0.4f);
  apply("exp/eye-left-closure", std::min(1.05f, action.closure[0] + follow));
  apply("exp/eye-right-closure", std::min(1.05f, action.closure[1] + follow));
  return base;
}

void turn_eyes(const Person& person, const Performance& action, std::vector<Vec3>& vertices) {
  const Vec3 rotation{-action.gaze.y, action.gaze.x, 0};
  for (size_t p = 0; p < person.parts.size(); p++) {
    if (person.parts[p].material.surface != Surface::eye)
      continue;
    for (size_t i = person.starts[p]; i < person.starts[p + 1]; i++) {
      const Vec3& centre = person.eyes[person.rest[i].x > 0 ? 0 : 1];
      vertices[i] = centre + rotate(vertices[i] - centre, rotation);
    }
  }
}

void pose(const Person& person, const Performance& action, std::vector<Vec3>& vertices) {
  const Vec3 root = person.pivot + Vec3{0, -3, 0};
  const Vec3 turn{-action.turn.x, action.turn.y, action.turn.z};
  for (size_t i = 0; i < vertices.size(); i++) {
    // The neck bends between collar bones and jaw. The depth is used as well as the height, because
    // the chin hangs in front of the neck and has to follow the head.
    const Vec3 from = person.rest[i] - person.pivot;
    const float share = smoothstep(-0.35f, 0.45f, from.y + 0.6f * std::max(from.z, -0.6f));
    Vec3 at = person.pivot + rotate(vertices[i] - person.pivot, turn * share);
    at = root + rotate(at - root, action.lean);
    vertices[i] = at + action.sway;
  }
}

Camera Camera::sample(const Assets& assets, const Person& person, Random& random) {
  Camera camera;
  const Vec3 eyes = (person.eyes[0] + person.eyes[1]) * 0.5f;
  const Vec3 mouth = assets.centre("joint-mouth", person.neutral);
  camera.target = mix(eyes, mouth, 0.5f);
  camera.target.x = 0;
  camera.distance = random.uniform(7, 26);
  // Width of the picture at the face's distance, decimetres. A head is 2.3 decimetres high.
  const float width = mix(2.35f, 4.0f, std::pow(random.uniform(), 1.4f));
  camera.focal = 256 * camera.distance / width;
  camera.centre = {127.5f + random.normal(10), 127.5f + 256 * random.uniform(-0.04f, 0.14f)};
  return camera;
}

Vec3 Camera::view(const Vec3& world) const {
  return {world.x - target.x, target.y - world.y, distance - (world.z - target.z)};
}

Vec2 Camera::project(const Vec3& v) const {
  return {centre.x + focal * v.x / v.z, centre.y + focal * v.y / v.z};
}

} // namespace fomo::render
