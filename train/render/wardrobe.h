// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

/// Skin mixed from two textures, its colour jittered.
Material skin_material(const Assets& assets, Random& random);

/// A collar and a pattern; `neck` is the height of the neck's root, decimetres.
Garment sample_garment(float neck, Random& random);

/// Adds eyes, mouth, brows, lashes, and perhaps hair and glasses.
void dress(const Assets& assets, Random& random, Person& person);

} // namespace fomo::render
