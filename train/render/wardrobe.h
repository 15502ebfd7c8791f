// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

/// A skin material: a random mix of two textures with a random tint.
Material skin_material(const Assets& assets, Random& random);

/// A garment with a random collar and pattern. `neck` is the height of the neck's root, decimetres.
Garment sample_garment(float neck, Random& random);

/// Adds eyes, mouth, brows, lashes, and perhaps hair and glasses.
void dress(const Assets& assets, Random& random, Person& person);

} // namespace fomo::render
