// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/pair.h"

#include "train/render/backdrop.h"
#include "train/render/grade.h"
#include "train/render/room.h"
#include "train/render/shade.h"

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
        lighting(Lighting::sample(random)),
        behind(random.chance(0.3f) ? room(random, 256, random.uniform(0.001f, 0.04f))
                                   : backdrop(random)),
        grade(Grade::sample(random)), triangles(person) {}

  cv::Mat picture(const Geometry& geometry, const std::vector<Hit>& hits, Random& random) const {
    const VertexLight light = illuminate(person, geometry, camera, lighting);
    return grade.apply(shade(person, triangles, geometry, hits, camera, lighting, light, behind),
                       random);
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

} // namespace fomo::render
