// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/script.h"

#include <string>
#include <vector>

#include "train/render/acting.h"
#include "train/render/random.h"

namespace fomo::render {
namespace {

// A sound of the speech and when it ends, seconds after the start. Printed by
//   flite -voice rms -psdur -t "Hello! I move this picture. It looks where I look, it speaks when I
//   speak, and it smiles with me."
struct Phone {
  const char* name;
  float end;
};
constexpr Phone kSpeech[] = {
    {"pau", .119f}, {"hh", .212f},  {"ax", .261f},   {"l", .396f},    {"ow", .694f},
    {"pau", .876f}, {"ay", 1.029f}, {"m", 1.113f},   {"uw", 1.270f},  {"v", 1.317f},
    {"dh", 1.379f}, {"ih", 1.449f}, {"s", 1.586f},   {"p", 1.685f},   {"ih", 1.752f},
    {"k", 1.801f},  {"ch", 1.909f}, {"er", 2.056f},  {"pau", 2.132f}, {"ih", 2.217f},
    {"t", 2.305f},  {"l", 2.410f},  {"uh", 2.444f},  {"k", 2.500f},   {"s", 2.599f},
    {"w", 2.689f},  {"eh", 2.715f}, {"r", 2.760f},   {"ay", 2.931f},  {"l", 3.077f},
    {"uh", 3.170f}, {"k", 3.259f},  {"pau", 3.335f}, {"ih", 3.401f},  {"t", 3.465f},
    {"s", 3.580f},  {"p", 3.663f},  {"iy", 3.812f},  {"k", 3.919f},   {"s", 4.018f},
    {"w", 4.108f},  {"eh", 4.160f}, {"n", 4.229f},   {"ay", 4.458f},  {"s", 4.583f},
    {"p", 4.641f},  {"iy", 4.728f}, {"k", 4.835f},   {"pau", 4.923f}, {"ae", 5.042f},
    {"n", 5.086f},  {"d", 5.129f},  {"ih", 5.215f},  {"t", 5.271f},   {"s", 5.390f},
    {"m", 5.469f},  {"ay", 5.620f}, {"l", 5.828f},   {"z", 5.907f},   {"w", 5.988f},
    {"ih", 6.047f}, {"dh", 6.094f}, {"m", 6.176f},   {"iy", 6.365f},  {"pau", 6.557f}};

// The mouth of a sound: jaw, parted lips, spread corners, rounding, protrusion, pressed lips, lower
// lip at the upper teeth. A sound that needs its shape, such as an m that needs shut lips,
// dominates its neighbours.
struct Viseme {
  const char* phones;
  float jaw, part, spread, round, protrude, press, tuck, dominance;
};
constexpr Viseme kVisemes[] = {{" pau ", 0, 0, 0, 0, 0, 0, 0, .8f},
                               {" m p b ", 0, 0, 0, 0, 0, .35f, 0, 4},
                               {" f v ", .03f, .10f, .05f, 0, 0, 0, .5f, 3},
                               {" aa ay ae ", .33f, .25f, .15f, 0, 0, 0, 0, 1.2f},
                               {" ax hh eh ", .20f, .22f, .15f, 0, 0, 0, 0, .8f},
                               {" iy ih ", .12f, .35f, .45f, 0, 0, 0, 0, 1},
                               {" s z t d n k l dh ", .08f, .28f, .22f, 0, 0, 0, 0, .6f},
                               {" ch er r ", .12f, .15f, 0, .25f, .35f, 0, 0, .9f},
                               {" ow uh ", .25f, .05f, 0, .45f, .30f, 0, 0, 1.2f},
                               {" uw w ", .12f, 0, 0, .75f, .45f, 0, 0, 1.4f}};

const Viseme& viseme_of(const char* phone) {
  const std::string name = " " + std::string(phone) + " ";
  for (const Viseme& viseme : kVisemes)
    if (std::string(viseme.phones).find(name) != std::string::npos)
      return viseme;
  return kVisemes[0];
}

} // namespace

// Sounds blend by their dominance.
void speak(float time, Performance& now) {
  constexpr float reach = 0.055f; // seconds: how far a sound reaches into its neighbours
  Viseme sum{"", 0, 0, 0, 0, 0, 0, 0, 1e-6f};
  float start = -1;
  for (const Phone& phone : kSpeech) {
    const float from = kSpeechStart + start, to = kSpeechStart + phone.end;
    start = phone.end;
    const float away = std::max({0.0f, from - time, time - to}) / reach;
    const Viseme& v = viseme_of(phone.name);
    const float w = v.dominance * std::exp(-away * away * 2) * std::min(1.0f, (to - from) / 0.05f);
    sum.jaw += w * v.jaw, sum.part += w * v.part, sum.spread += w * v.spread;
    sum.round += w * v.round, sum.protrude += w * v.protrude, sum.press += w * v.press;
    sum.tuck += w * v.tuck, sum.dominance += w;
  }
  if (time > kSpeechStart + std::end(kSpeech)[-1].end)
    return;
  const float scale = 1 / sum.dominance;
  now.units["mouth-open"] += sum.jaw * scale;
  now.units["mouth-part-later"] += sum.part * scale;
  now.units["mouth-retraction"] += sum.spread * scale;
  now.units["mouth-pursing"] += sum.round * scale;
  now.units["mouth-protusion"] += sum.protrude * scale;
  now.units["mouth-compression"] += sum.press * scale;
  now.units["mouth-elevation"] += sum.tuck * scale;
}

namespace {

void move_head(float time, Performance& now) {
  static const std::vector<Key> yaw{{0, 0},        {.6f, 0},      {1.3f, .05f},  {2.2f, -.08f},
                                    {2.9f, -.05f}, {3.45f, .22f}, {3.75f, .21f}, {4.5f, -.12f},
                                    {5.2f, -.19f}, {5.9f, -.12f}, {6.9f, .04f},  {7.7f, .02f},
                                    {8.5f, 0}};
  static const std::vector<Key> pitch{{0, 0},       {.6f, 0},      {1.1f, .05f}, {1.7f, -.03f},
                                      {2.3f, .03f}, {3.4f, -.02f}, {4.3f, .04f}, {5.3f, -.02f},
                                      {6.6f, .05f}, {7.6f, .02f},  {8.5f, 0}};
  static const std::vector<Key> roll{{0, 0},        {.7f, 0},      {1.6f, -.03f},
                                     {2.6f, .04f},  {3.5f, -.03f}, {4.8f, .05f},
                                     {6.2f, -.02f}, {7.2f, -.05f}, {8.5f, 0}};
  // Nods on stressed words: hello, move, picture, look, speaks, speak, smiles, me.
  static const std::vector<Key> nods{{1.28f, .05f}, {1.98f, .03f}, {2.42f, .05f}, {3.86f, .04f},
                                     {4.52f, .03f}, {5.42f, .05f}, {6.28f, .04f}, {7.02f, .04f}};
  now.turn = {along(pitch, time), along(yaw, time), along(roll, time)};
  for (const Key& nod : nods)
    now.turn.x -= nod.value * bump(time, nod.time, 0.28f);
  const float still = smoothstep(.5f, 1.0f, time) * smoothstep(8.6f, 8.2f, time);
  now.turn += Vec3{std::sin(5.1f * time), std::sin(3.7f * time + 1), std::sin(4.3f * time + 2)} *
              (0.006f * still);
  const float breath = still * std::sin(6.2831853f * time / (kScriptSeconds / 2));
  now.sway = Vec3{0.16f * now.turn.y, 0.012f * breath, -0.10f * now.turn.x};
  now.lean = {0.006f * breath, 0.10f * now.turn.y, -0.06f * now.turn.y};
}

// Eyes keep to the camera while the head turns, glance aside where the text says so, and jump by
// small steps in between, as eyes never rest.
void move_eyes(float time, Performance& now) {
  struct Glance {
    float from, to, x, y;
  };
  static const Glance glances[] = {{3.22f, 3.72f, .34f, .02f}, {4.95f, 5.5f, -.20f, .07f}};
  Vec2 target{0, 0};
  const auto jump = [&](float at) { return smoothstep(at, at + 0.05f, time); };
  for (const Glance& g : glances) {
    const float share = jump(g.from) * (1 - jump(g.to));
    target.x += g.x * share;
    target.y += g.y * share;
  }
  Random random(7, 7);
  float at = 0.35f;
  Vec2 small{0, 0};
  while (at < 8.0f) {
    const Vec2 next{random.normal(0.018f), random.normal(0.010f)};
    const float share = jump(at);
    small = {mix(small.x, next.x, share), mix(small.y, next.y, share)};
    at += random.uniform(0.35f, 0.9f);
  }
  const float home = 1 - jump(8.05f);
  now.gaze = {target.x - 0.95f * now.turn.y + small.x * home,
              target.y - 0.9f * now.turn.x + small.y * home};
  float shut = 0;
  for (const float start : {1.02f, 2.62f, 3.74f, 4.93f, 6.52f, 8.02f})
    shut += blink(time, start);
  shut = std::clamp(shut, 0.0f, 1.0f);
  now.closure = {mix(0.02f, 1.03f, shut), mix(0.02f, 1.02f, shut)};
  now.gaze.y -= 0.08f * shut; // eyes dip under a closing lid
}

void move_brows(float time, Performance& now) {
  const float raise = 0.55f * bump(time, 1.3f, 0.4f) + 0.5f * bump(time, 2.5f, 0.45f) +
                      0.6f * bump(time, 3.5f, 0.4f) + 0.35f * bump(time, 4.6f, 0.4f) +
                      0.6f * bump(time, 6.4f, 0.6f) + 0.25f * bump(time, 7.3f, 0.5f);
  const float knit = 0.35f * bump(time, 5.3f, 0.5f);
  for (const char* side : {"left", "right"}) {
    const std::string brow = std::string("eyebrows-") + side + "-";
    now.units[brow + "up"] += raise;
    now.units[brow + "inner-up"] += 0.2f + 0.4f * raise; // at rest friendly, not stern
    now.units[brow + "down"] += knit;
    now.units[std::string("eye-") + side + "-opened-up"] += 0.1f + 0.3f * raise;
  }
}

void smile(float time, Performance& now) {
  const float friendly = 0.18f * smoothstep(.9f, 1.5f, time) * smoothstep(8.5f, 7.9f, time);
  const float broad = 0.62f * smoothstep(6.0f, 7.2f, time) * smoothstep(8.45f, 7.75f, time);
  const float teeth = smoothstep(6.9f, 7.35f, time) * smoothstep(8.2f, 7.75f, time);
  now.units["mouth-corner-puller"] += 0.06f + friendly + broad;
  now.units["mouth-part-later"] += 0.3f * teeth;
  now.units["mouth-upward-retraction"] += 0.3f * teeth; // shows the upper teeth
  for (const char* side : {"left", "right"})
    now.units[std::string("eye-") + side + "-slit"] += 0.35f * broad;
}

} // namespace

Performance scripted(float time) {
  Performance now;
  move_head(time, now);
  move_eyes(time, now);
  move_brows(time, now);
  speak(time, now);
  smile(time, now);
  return now;
}

} // namespace fomo::render
