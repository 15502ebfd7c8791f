// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/person.h"

namespace fomo::render {

enum class Headwear : uint8_t { beanie, cap, hat, scarf };

/// Puts something on a person's head. Hair that was added before ends below it; under a scarf no
/// hair shows. The lids, brows, mouth and chin stay free.
void put_on_head(const Assets& assets, Headwear kind, Random& random, Person& person);

/// Hangs a ring or a pearl on each ear lobe.
void add_earrings(Random& random, Person& person);

} // namespace fomo::render
