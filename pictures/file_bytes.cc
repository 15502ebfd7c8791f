// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/file_bytes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/regular_file.h"
#include "pictures/picture_codecs.h"

namespace fomo {

namespace {

/// A slow network drive answers a read of so many bytes in time.
constexpr size_t kMostOfOneRead = 1 << 20;

/// A file descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0)
      close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void refuse(FomoStatus status, const std::string& path, const std::string& reason,
                         const std::string& remedy = kPictureRemedy) {
  throw Error(status, "Cannot open picture '" + path + "': " + reason + "." + remedy);
}

const char* kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFDIR:
    return "it is a folder";
  case S_IFIFO:
    return "it is a FIFO, not a regular file";
  case S_IFSOCK:
    return "it is a socket, not a regular file";
  default:
    return "it is a device, not a regular file";
  }
}

std::string too_large() {
  return "it has more than " + std::to_string(kMostFileBytes >> 20) + " MiB";
}

/// Reads to the end of the file. The size that the file system reports is a hint only: it is 0 for
/// files in /proc, and a file may grow or shrink while it is read.
std::vector<uint8_t> read_to_end(int file, size_t expected, const std::string& path,
                                 const Answered& answered) {
  constexpr size_t step = 64 << 10;
  std::vector<uint8_t> bytes;
  size_t used = 0;
  while (true) {
    if (used > kMostFileBytes)
      refuse(FOMO_OPEN_READ, path, too_large());
    if (used == bytes.size())
      bytes.resize(used < expected ? expected + 1 : used + std::max(step, used / 2));
    const ssize_t count =
        read(file, bytes.data() + used, std::min(kMostOfOneRead, bytes.size() - used));
    answered();
    if (count == 0)
      break;
    if (count > 0)
      used += static_cast<size_t>(count);
    else if (errno != EINTR)
      refuse(FOMO_OPEN_READ, path, std::string("it cannot be read (") + std::strerror(errno) + ")");
  }
  bytes.resize(used);
  return bytes;
}

std::vector<uint8_t> read_regular_file(const std::string& path, const Answered& answered) {
  // Before open(), which has effects on some devices. fstat() below checks what was opened.
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    refuse(FOMO_OPEN_READ, path, kind_of(status.st_mode));
  // O_NONBLOCK: the opening of a FIFO would wait for a writer.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) {
    const int reason = errno;
    const bool missing = reason == ENOENT;
    refuse(missing ? FOMO_NOT_FOUND : FOMO_OPEN_READ, path, std::strerror(reason),
           missing ? missing_file_remedy(path, kPictureRemedy) : kPictureRemedy);
  }
  if (fstat(file.number(), &status) != 0)
    refuse(FOMO_OPEN_READ, path, std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    refuse(FOMO_OPEN_READ, path, kind_of(status.st_mode));
  if (static_cast<uint64_t>(status.st_size) > kMostFileBytes)
    refuse(FOMO_OPEN_READ, path, too_large());
  answered();
  return read_to_end(file.number(), static_cast<size_t>(status.st_size), path, answered);
}

} // namespace

std::vector<uint8_t> read_picture_file(const std::string& path, std::chrono::milliseconds timeout) {
  try {
    return read_timed<std::vector<uint8_t>>(
        [path](const Answered& answered) { return read_regular_file(path, answered); }, timeout);
  } catch (const FileTimeout& hung) {
    refuse(FOMO_OPEN_READ, path, hung.reason(), FileTimeout::remedy());
  }
}

} // namespace fomo
