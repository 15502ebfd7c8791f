// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// A checkpoint that the model's authors published (or avatarify, where the name says so).
struct PublishedCheckpoint {
  const char* name;
  const char* digest; ///< sha256, or md5 where nothing else is known; hexadecimal
  uint64_t bytes;     ///< 0: not known
  bool about_faces;   ///< animates faces, not people, cartoons or robots
};

/// The checkpoint with this digest (sha256 or md5); null if there is none.
const PublishedCheckpoint* find_published(const std::string& digest);

/// Whether a file has the size of a published checkpoint of something else than faces: then its
/// digest has to decide.
bool has_size_of_other_things(const Checkpoint& checkpoint);

/// Whether a model may be one of faces: false for the published checkpoints of other things. The
/// shapes of the tensors cannot tell, as all published models have the same. Reads the file from
/// end to end if has_size_of_other_things. Throws Error when it cannot be read.
bool may_be_about_faces(const Checkpoint& checkpoint);

} // namespace fomo
