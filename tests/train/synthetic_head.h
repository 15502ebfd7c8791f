// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/assets.h"

namespace fomo::test {

/// Replaces the head assets, which are not in the repository: an egg with the base mesh's vertex
/// count and groups, noise as skin, squares as proxies, and targets that each move a region.
render::Assets synthetic_head();

} // namespace fomo::test
