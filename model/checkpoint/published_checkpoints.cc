// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/published_checkpoints.h"

#include <algorithm>
#include <memory>

#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/sha256.h"

namespace fomo {
namespace {

constexpr PublishedCheckpoint published[] = {
    {"vox-cpk.pth.tar", "abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23",
     728'766'691, true},
    {"vox-adv-cpk.pth.tar", "6792d6810d7f46e3c5c487a1cfec916b96fad8912c3c6cc81baa1fc300c820d3",
     750'926'934, true},
    {"mgif-cpk.pth.tar", "03152bf4ea1ca2c29c430e60b3010f81577a2bae0740f7f8b06d1951a640fdba",
     750'100'891, false},
    {"bair-cpk.pth.tar", "d71d8f18a494aa62b143816c06a5c3264c854c474aab3da6dcb0e8f3689a31bf",
     750'804'537, false},
    {"fashion.pth.tar", "b83989ebdc2f0c766034fbec004099ab70733cf4c562794f82c8077afbf7ba7e",
     750'842'814, false},
    {"vox-adv-cpk.pth.tar of avatarify (weights alone)", "8a45a24037871c045fbb8a6a8aa95ebc", 0,
     true},
};

std::string sha256_of(const ByteSource& source) {
  constexpr uint64_t piece = 1 << 20;
  const auto buffer = std::make_unique<char[]>(piece);
  Sha256 sum;
  for (uint64_t done = 0; done < source.size(); done += piece) {
    const uint64_t count = std::min(piece, source.size() - done);
    source.read(done, buffer.get(), count);
    sum.add(buffer.get(), count);
  }
  return sum.digest();
}

} // namespace

const PublishedCheckpoint* find_published(const std::string& digest) {
  for (const PublishedCheckpoint& checkpoint : published)
    if (digest == checkpoint.digest)
      return &checkpoint;
  return nullptr;
}

bool has_size_of_other_things(const Checkpoint& checkpoint) {
  return std::any_of(std::begin(published), std::end(published), [&](const auto& known) {
    return !known.about_faces && known.bytes == checkpoint.file_size();
  });
}

bool may_be_about_faces(const Checkpoint& checkpoint) {
  if (!has_size_of_other_things(checkpoint))
    return true;
  const PublishedCheckpoint* found = find_published(sha256_of(checkpoint.source()));
  return found == nullptr || found->about_faces;
}

} // namespace fomo
