// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/mapped_file.h"

#include <cerrno>
#include <cstring>

#include <sys/mman.h>

#include "common/error.h"

namespace fomo {

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  const RegularFile file(path);
  if (file.size() == 0)
    throw Error(FOMO_WRONG_TYPE, "'" + path + "' is empty (0 bytes). Download or copy it again.");
  void* address = mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (address == MAP_FAILED)
    throw Error(FOMO_OPEN_READ,
                "'" + path + "' cannot be mapped into memory: " + std::strerror(errno) + ".");
  return std::shared_ptr<const MappedFile>(new MappedFile(address, file.size()));
}

MappedFile::~MappedFile() { munmap(address_, size()); }

void MappedFile::copy(uint64_t offset, void* out, uint64_t count) const {
  std::memcpy(out, data() + offset, count);
}

} // namespace fomo
