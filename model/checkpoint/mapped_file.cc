// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "common/error.h"

namespace fomo {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
};

[[noreturn]] void fail_to_open(const std::string& path, int reason) {
  if (reason == ENOENT || reason == ENOTDIR)
    throw Error(FOMO_NOT_FOUND, "'" + path + "' does not exist. Check the path.");
  if (reason == EACCES || reason == EPERM)
    throw Error(FOMO_OPEN_READ, "'" + path + "' may not be read by this user (" +
                                    std::strerror(reason) +
                                    "). Check the permissions of the file and of its folders.");
  throw Error(FOMO_OPEN_READ, "'" + path + "' cannot be opened: " + std::strerror(reason) + ".");
}

[[noreturn]] void fail_as_directory(const std::string& path) {
  if (access((path + "/data.pkl").c_str(), F_OK) == 0)
    throw Error(FOMO_OPEN_READ, "'" + path +
                                    "' is a folder: an unpacked checkpoint. Give the .pth.tar file "
                                    "itself; it is not meant to be unpacked.");
  throw Error(FOMO_OPEN_READ, "'" + path + "' is a folder. Give the file in it.");
}

} // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  if (path.empty())
    throw Error(FOMO_NOT_FOUND, "No file name was given.");
  // Without O_NONBLOCK a named pipe would wait for its writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0)
    fail_to_open(path, errno);
  struct stat status = {};
  if (fstat(file.number, &status) != 0)
    fail_to_open(path, errno);
  if (S_ISDIR(status.st_mode))
    fail_as_directory(path);
  if (!S_ISREG(status.st_mode))
    throw Error(FOMO_OPEN_READ, "'" + path + "' is not a regular file. Give a file on a disk.");
  if (status.st_size == 0)
    throw Error(FOMO_WRONG_TYPE, "'" + path + "' is empty (0 bytes). Download or copy it again.");

  const auto size = static_cast<size_t>(status.st_size);
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED)
    throw Error(FOMO_OPEN_READ,
                "'" + path + "' cannot be mapped into memory: " + std::strerror(errno) + ".");
  madvise(address, size, MADV_RANDOM);
  return std::shared_ptr<const MappedFile>(new MappedFile(address, size));
}

MappedFile::~MappedFile() { munmap(address_, size_); }

void MappedFile::expect(std::string_view part) const {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(part.data()) & ~(page - 1);
  const auto end = reinterpret_cast<uintptr_t>(part.data()) + part.size();
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);
}

void MappedFile::expect_sequential() const { madvise(address_, size_, MADV_NORMAL); }

void MappedFile::drop_pages() const { madvise(address_, size_, MADV_DONTNEED); }

} // namespace fomo
