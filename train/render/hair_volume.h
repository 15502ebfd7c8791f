// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

/// Grows hair of a random volume on the head: a crop, curls, hair that is combed up or back, or a
/// fringe around a bald top.
void add_hair_volume(const Assets& assets, const Vec3& color, Random& random, Person& person);

} // namespace fomo::render
