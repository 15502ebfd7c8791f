// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/templates.h"

#include <algorithm>

#include "common/error.h"
#include "train/render/acting.h"
#include "train/render/script.h"

namespace fomo::render {
namespace {

constexpr float kTurn = 6.2831853f;

// A head is never quite still: small movements whose periods divide the cycle. They are 0 at its
// ends.
void breathe(float time, float seconds, Performance& now) {
  const float cycle = kTurn * time / seconds;
  now.turn +=
      Vec3{0.010f * std::sin(2 * cycle), 0.012f * std::sin(cycle), 0.010f * std::sin(cycle)};
}

// What follows from the turn of the head: neck and shoulders go along, and the eyes stay on the
// camera but for `look`, radians. `shut`: closure of the lids.
void follow_head(float shut, const Vec2& look, Performance& now) {
  now.sway = Vec3{0.16f * now.turn.y, 0, -0.10f * now.turn.x};
  now.lean = {0, 0.10f * now.turn.y, -0.06f * now.turn.y};
  now.gaze = {look.x - 0.95f * now.turn.y, look.y - 0.9f * now.turn.x - 0.08f * shut};
  now.closure = {mix(0.02f, 1.03f, shut), mix(0.02f, 1.02f, shut)};
}

void raise_brows(float raise, Performance& now) {
  for (const char* side : {"left", "right"}) {
    const std::string brow = std::string("eyebrows-") + side + "-";
    now.units[brow + "up"] += raise;
    now.units[brow + "inner-up"] += 0.2f + 0.4f * raise;
    now.units[std::string("eye-") + side + "-opened-up"] += 0.1f + 0.3f * raise;
  }
}

// The corners of the mouth; `teeth`: how far the lips part.
void smile(float corners, float teeth, Performance& now) {
  now.units["mouth-corner-puller"] += 0.06f + corners;
  now.units["mouth-part-later"] += 0.3f * teeth;
  now.units["mouth-upward-retraction"] += 0.3f * teeth;
  for (const char* side : {"left", "right"})
    now.units[std::string("eye-") + side + "-slit"] += 0.35f * corners;
}

Performance nod(float time, float seconds) {
  static const std::vector<Key> pitch{{0, 0},        {.35f, .02f},   {.75f, -.10f},
                                      {1.1f, -.01f}, {1.45f, -.08f}, {1.8f, .0f},
                                      {2.1f, -.04f}, {2.5f, 0},      {3.2f, 0}};
  Performance now;
  now.turn.x = along(pitch, time);
  breathe(time, seconds, now);
  raise_brows(0.3f * bump(time, .45f, .4f), now);
  smile(0.15f * bump(time, 1.6f, 1.4f), 0, now);
  follow_head(blink(time, .62f) + blink(time, 2.3f), {}, now);
  return now;
}

Performance broad_smile(float time, float seconds) {
  static const std::vector<Key> corners{{0, 0},       {.4f, 0},  {1.3f, .42f},
                                        {3.1f, .38f}, {4.3f, 0}, {4.8f, 0}};
  static const std::vector<Key> roll{{0, 0},       {.5f, 0},  {1.5f, .07f},
                                     {3.0f, .06f}, {4.4f, 0}, {4.8f, 0}};
  static const std::vector<Key> pitch{{0, 0},       {.5f, -.02f}, {1.4f, .05f},
                                      {3.0f, .03f}, {4.3f, 0},    {4.8f, 0}};
  Performance now;
  now.turn = {along(pitch, time), 0.5f * along(roll, time), along(roll, time)};
  breathe(time, seconds, now);
  const float share = along(corners, time);
  raise_brows(0.35f * bump(time, 1.2f, .7f), now);
  smile(share, 0.3f * smoothstep(.2f, .42f, share), now);
  follow_head(blink(time, .3f) + blink(time, 3.3f), {}, now);
  return now;
}

Performance talk(float time, float seconds) {
  constexpr float start = 0.3f;
  static const std::vector<Key> yaw{{0, 0},        {.9f, .06f},   {1.7f, -.05f}, {2.9f, .08f},
                                    {3.9f, -.07f}, {4.8f, -.03f}, {5.6f, 0}};
  static const std::vector<Key> pitch{{0, 0},        {.5f, .04f},  {.8f, -.03f},  {1.5f, .02f},
                                      {2.0f, -.04f}, {2.7f, .02f}, {3.4f, -.03f}, {4.1f, .03f},
                                      {4.6f, -.03f}, {5.4f, 0},    {5.6f, 0}};
  Performance now;
  now.turn = {along(pitch, time), along(yaw, time), -0.4f * along(yaw, time)};
  breathe(time, seconds, now);
  raise_brows(0.45f * bump(time, .8f, .4f) + 0.4f * bump(time, 2.9f, .5f) +
                  0.35f * bump(time, 4.2f, .4f),
              now);
  // The first half of the clip's speech, which ends in a pause.
  constexpr float end = 4.9f;
  if (time - start < end) {
    Performance said;
    speak(time - start + kSpeechStart, said);
    const float voice =
        smoothstep(-.05f, .1f, time - start) * smoothstep(end, end - .1f, time - start);
    for (const auto& [unit, value] : said.units)
      now.units[unit] += value * voice;
  }
  smile(0.12f * bump(time, 2.8f, 2.6f), 0, now);
  follow_head(blink(time, 1.45f) + blink(time, 3.25f) + blink(time, 5.1f), {}, now);
  return now;
}

Performance look_around(float time, float seconds) {
  static const std::vector<Key> yaw{{0, 0},        {.4f, 0},      {1.2f, .12f}, {2.1f, .11f},
                                    {3.3f, -.12f}, {4.2f, -.11f}, {5.3f, 0},    {6.4f, 0}};
  static const std::vector<Key> pitch{{0, 0},        {.5f, 0},     {1.3f, .03f},
                                      {2.2f, -.02f}, {3.3f, .05f}, {4.4f, .05f},
                                      {5.4f, -.03f}, {6.1f, 0},    {6.4f, 0}};
  Performance now;
  now.turn = {along(pitch, time), along(yaw, time), -0.15f * along(yaw, time)};
  breathe(time, seconds, now);
  raise_brows(0.3f * bump(time, 1.2f, .6f) + 0.35f * bump(time, 3.4f, .7f), now);
  smile(0.1f * bump(time, 4.2f, 1.8f), 0, now);
  // The eyes go where the head goes, a tenth of a second before it.
  const float ahead = time + 0.1f < seconds ? along(yaw, time + 0.1f) : 0;
  follow_head(blink(time, .42f) + blink(time, 2.3f) + blink(time, 4.3f), {1.3f * ahead, 0}, now);
  return now;
}

} // namespace

const std::vector<MotionTemplate>& motion_templates() {
  static const std::vector<MotionTemplate> all{{"nod", 3.2f, nod},
                                               {"smile", 4.8f, broad_smile},
                                               {"talk", 5.6f, talk},
                                               {"look-around", 6.4f, look_around}};
  return all;
}

const MotionTemplate& motion_template(const std::string& name) {
  std::string names;
  for (const MotionTemplate& known : motion_templates()) {
    if (known.name == name)
      return known;
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  throw Error(FOMO_SETTINGS, "There is no template '" + name + "'. Templates: " + names + ".");
}

} // namespace fomo::render
