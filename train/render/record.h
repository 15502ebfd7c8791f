// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/data/shard.h"
#include "train/render/pair.h"

namespace fomo::render {

/// Converts a pair to the arrays that a shard stores.
train::PairRecord to_record(const Pair& pair);

} // namespace fomo::render
