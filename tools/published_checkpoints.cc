// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/published_checkpoints.h"

#include <glib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "common/error.h"

namespace fomo {
namespace {

struct Published {
  const char* digest; ///< sha256, or md5 where nothing else was published
  const char* name;
};

constexpr Published published[] = {
    {"abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23", "vox-cpk.pth.tar"},
    {"6792d6810d7f46e3c5c487a1cfec916b96fad8912c3c6cc81baa1fc300c820d3", "vox-adv-cpk.pth.tar"},
    {"03152bf4ea1ca2c29c430e60b3010f81577a2bae0740f7f8b06d1951a640fdba", "mgif-cpk.pth.tar"},
    {"d71d8f18a494aa62b143816c06a5c3264c854c474aab3da6dcb0e8f3689a31bf", "bair-cpk.pth.tar"},
    {"b83989ebdc2f0c766034fbec004099ab70733cf4c562794f82c8077afbf7ba7e", "fashion.pth.tar"},
    {"8a45a24037871c045fbb8a6a8aa95ebc", "vox-adv-cpk.pth.tar of avatarify (weights alone)"},
};

using Checksum = std::unique_ptr<GChecksum, decltype(&g_checksum_free)>;
using File = std::unique_ptr<FILE, int (*)(FILE*)>;

[[noreturn]] void fail(const std::string& path) {
  throw Error(FOMO_OPEN_READ, "'" + path + "' cannot be read: " + std::strerror(errno) + ".");
}

} // namespace

FileDigests digest_file(const std::string& path) {
  // Read, not mapped: a large file's pages would count as this process's memory.
  const File file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file)
    fail(path);
  const Checksum sha256(g_checksum_new(G_CHECKSUM_SHA256), g_checksum_free);
  const Checksum md5(g_checksum_new(G_CHECKSUM_MD5), g_checksum_free);
  std::vector<guchar> buffer(1 << 20);
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    g_checksum_update(sha256.get(), buffer.data(), static_cast<gssize>(count));
    g_checksum_update(md5.get(), buffer.data(), static_cast<gssize>(count));
  }
  if (std::ferror(file.get()) != 0)
    fail(path);
  return {g_checksum_get_string(sha256.get()), g_checksum_get_string(md5.get())};
}

std::string published_name(const FileDigests& digests) {
  for (const Published& known : published)
    if (digests.sha256 == known.digest || digests.md5 == known.digest)
      return known.name;
  return "";
}

} // namespace fomo
