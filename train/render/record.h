// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/data/shard.h"
#include "train/render/pair.h"

namespace fomo::render {

/// A pair as shards store it.
train::PairRecord to_record(const Pair& pair);

} // namespace fomo::render
