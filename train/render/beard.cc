// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/beard.h"

#include "train/render/fur.h"

namespace fomo::render {
namespace {

// Which part of a beard there is, 0..1 each.
struct Cut {
  float jaw = 1, cheeks = 1, moustache = 1;
};

// How densely a beard grows at a point of the base mesh, 0..1. Lips stay free.
float density(const Vec3& at, const Cut& cut) {
  const float across = std::abs(at.x);
  // The upper edge runs from the ear to the corner of the mouth.
  const float edge = mix(6.62f, 6.98f, smoothstep(0.30f, 0.75f, across));
  const float under = smoothstep(5.95f, 6.15f, at.y) * smoothstep(0.35f, 0.6f, at.z);
  const float wide = mix(smoothstep(0.42f, 0.25f, across), 1, cut.cheeks);
  const float jaw = cut.jaw * wide * under * smoothstep(edge + 0.06f, edge - 0.10f, at.y);
  const float moustache = cut.moustache * smoothstep(0.36f, 0.26f, across) *
                          smoothstep(6.66f, 6.71f, at.y) * smoothstep(6.88f, 6.80f, at.y) *
                          smoothstep(1.3f, 1.4f, at.z);
  const float beside = cut.jaw * cut.moustache * smoothstep(0.25f, 0.29f, across) *
                       smoothstep(0.42f, 0.34f, across) * smoothstep(6.3f, 6.4f, at.y) *
                       smoothstep(6.8f, 6.7f, at.y) * smoothstep(1.0f, 1.2f, at.z);
  const float lips = smoothstep(1.25f, 0.95f, std::hypot(across / 0.27f, (at.y - 6.605f) / 0.085f));
  return std::max({jaw, moustache, beside}) * (1 - lips);
}

// Texture coordinates: around the jaw and down.
Vec2 place(const Vec3& at) {
  return {0.5f + std::atan2(at.x, at.z - 0.2f) / 4.2f,
          std::clamp((7.2f - at.y) / 1.5f, 0.0f, 1.0f)};
}

} // namespace

void add_beard(const Assets& assets, const Vec3& color, Random& random, Person& person) {
  Cut cut;
  const float kind = random.uniform();
  if (kind < 0.2f) // a moustache
    cut.jaw = cut.cheeks = 0;
  else if (kind < 0.4f) // around the mouth
    cut.cheeks = 0;
  else if (kind < 0.5f)
    cut.moustache = 0;
  Fur fur;
  const float length = random.chance(0.35f) ? 0.02f : random.uniform(0.04f, 0.16f);
  for (const Vec3& v : assets.vertices) {
    const bool there = !inside_mouth(v) && std::abs(std::atan2(v.x, v.z - 0.2f)) < 2;
    fur.density.push_back(there ? density(v, cut) : 0);
    fur.length.push_back(length * fur.density.back());
  }
  fur.place = place;
  fur.strands = random_strands(1.6f, 6.0f, random); // they hang down
  fur.layers = length < 0.03f ? 1 : 5;              // one: stubble
  fur.lean = {0, -0.5f, 0};
  fur.color = color;
  fur.cover = random.uniform(1.0f, 1.4f);
  grow(assets, fur, person);
}

} // namespace fomo::render
