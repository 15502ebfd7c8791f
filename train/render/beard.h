// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

/// Adds a beard, a moustache or both, in `color`, from stubble to a full beard. It grows on the
/// skin of the jaw and above the mouth and moves with it.
void add_beard(const Assets& assets, const Vec3& color, Random& random, Person& person);

} // namespace fomo::render
