// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/file_digests.h"

#include <glib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "common/error.h"

namespace fomo {
namespace {

using Checksum = std::unique_ptr<GChecksum, decltype(&g_checksum_free)>;
using File = std::unique_ptr<FILE, int (*)(FILE*)>;

[[noreturn]] void fail(const std::string& path) {
  throw Error(FOMO_OPEN_READ, "'" + path + "' cannot be read: " + std::strerror(errno) + ".");
}

} // namespace

FileDigests digest_file(const std::string& path) {
  // Read piece by piece: the file may be large.
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

} // namespace fomo
