// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/pair.h"

#include "train/render/backdrop.h"
#include "train/render/grade.h"
#include "train/render/light.h"

namespace fomo::render {
namespace {

// Everything in a scene except the person's performance.
struct Scene {
  Person person;
  Camera camera;
  Lighting lighting;
  cv::Mat behind;
  Grade grade;
  TriangleTable triangles;

  Scene(const Assets& assets, Random& random)
      : person(Person::sample(assets, random)), camera(Camera::sample(assets, person, random)),
        lighting(Lighting::sample(random)), behind(backdrop(random)), grade(Grade::sample(random)),
        triangles(person) {}

  cv::Mat picture(const Geometry& geometry, const std::vector<Hit>& hits, Random& random) const {
    const VertexLight light = illuminate(person, geometry, camera, lighting);
    return grade.apply(shade(person, triangles, hits, light, behind), random);
  }
};

// Keypoints of another identity, the driver, who performs both frames. Uses random numbers of its
// own, so that the rest of the pair does not depend on the driver.
std::array<TrueKeypoints, 2> driver_keypoints(const Assets& assets, const LandmarkFitter& fitter,
                                              const std::array<Performance, 2>& actions,
                                              uint64_t seed, uint64_t index) {
  Random random(~seed, index);
  const Person person = Person::sample(assets, random);
  const Camera camera = Camera::sample(assets, person, random);
  const auto mine = facing(actions, random);
  return {fitter.fit(person, arrange(assets, person, mine[0], camera)),
          fitter.fit(person, arrange(assets, person, mine[1], camera))};
}

// The performance at `time`, seconds: moves from pose to pose, with speech and blinks added.
Performance moment(const std::vector<Performance>& poses, float time, uint64_t seed) {
  constexpr float hold = 1.2f; // seconds from one pose to the next
  const size_t at = static_cast<size_t>(time / hold) % (poses.size() - 1);
  const float share = smoothstep(0, 1, time / hold - std::floor(time / hold));
  const Performance &a = poses[at], &b = poses[at + 1];
  Performance now;
  now.turn = mix(a.turn, b.turn, share);
  now.sway = mix(a.sway, b.sway, share);
  now.lean = mix(a.lean, b.lean, share);
  now.gaze = {mix(a.gaze.x, b.gaze.x, share), mix(a.gaze.y, b.gaze.y, share)};
  now.sides = {mix(a.sides[0], b.sides[0], share), mix(a.sides[1], b.sides[1], share)};
  now.aside = mix(a.aside, b.aside, share);
  for (const auto& [unit, weight] : a.units)
    now.units[unit] += weight * (1 - share);
  for (const auto& [unit, weight] : b.units)
    now.units[unit] += weight * share;
  const float phase = static_cast<float>(seed % 97);
  const float speech =
      std::max(0.0f, std::sin(9 * time + phase) * std::sin(2.3f * time + 0.5f * phase));
  now.units["mouth-open"] = std::clamp(0.5f * now.units["mouth-open"] + 0.6f * speech, 0.0f, 1.0f);
  const float blink = std::fmod(time + 0.01f * phase, 2.1f);
  const float shut = 1.02f * (smoothstep(0.0f, 0.12f, blink) - smoothstep(0.16f, 0.34f, blink));
  now.closure = {std::max(0.05f, shut), std::max(0.05f, shut)};
  return now;
}

} // namespace

Pair render_pair(const Assets& assets, const LandmarkFitter& fitter, uint64_t seed,
                 uint64_t index) {
  Random random(seed, index);
  const Scene scene(assets, random);
  const auto actions = sample_performances(random);
  Pair pair;
  std::array<Geometry, 2> geometry;
  std::array<std::vector<Hit>, 2> hits;
  for (size_t i = 0; i < 2; i++) {
    geometry[i] = arrange(assets, scene.person, actions[i], scene.camera);
    hits[i] = rasterize(scene.person, geometry[i]);
    pair.frames[i] = scene.picture(geometry[i], hits[i], random);
    pair.keypoints[i] = fitter.fit(scene.person, geometry[i]);
  }
  for (size_t i = 0; i < 2; i++)
    pair.flow[i] = true_flow(scene.triangles, hits[i], geometry[1 - i], hits[1 - i], scene.camera);
  pair.driver = driver_keypoints(assets, fitter, actions, seed, index);
  return pair;
}

std::vector<cv::Mat> render_clip(const Assets& assets, uint64_t seed, int count, float rate) {
  Random random(seed, 0);
  const Scene scene(assets, random);
  std::vector<Performance> poses{neutral_performance()};
  for (int i = 0; i < count; i += static_cast<int>(rate)) {
    poses.push_back(sample_performances(random)[0]);
    poses.back().turn = poses.back().turn * 0.5f; // so that a face tracker can follow the clip
    poses.push_back(neutral_performance());
  }
  std::vector<cv::Mat> frames;
  for (int i = 0; i < count; i++) {
    const Geometry geometry = arrange(
        assets, scene.person, moment(poses, static_cast<float>(i) / rate, seed), scene.camera);
    frames.push_back(scene.picture(geometry, rasterize(scene.person, geometry), random));
  }
  return frames;
}

} // namespace fomo::render
