// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/assets.h"

namespace fomo::test {

/// Stand-in for the head assets, which do not ship: an egg with the base mesh's vertex count and
/// groups, noise for skin, quads for everything else, and targets that move a region each.
render::Assets synthetic_head();

} // namespace fomo::test
