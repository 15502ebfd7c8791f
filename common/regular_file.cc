// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/regular_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file_wait.h"
#include "common/timed_read.h"

namespace fomo {
namespace {

/// Bytes of one read: Linux copies at most 2 GiB at once.
constexpr uint64_t max_read = uint64_t{1} << 30;

[[noreturn]] void fail_to_open(const std::string& path, int reason) {
  if (reason == ENOENT || reason == ENOTDIR)
    throw Error(FOMO_NOT_FOUND,
                "'" + path + "' does not exist." + missing_file_remedy(path, " Check the path."));
  if (reason == EACCES || reason == EPERM)
    throw Error(FOMO_OPEN_READ, "'" + path + "' may not be read by this user (" +
                                    std::strerror(reason) +
                                    "). Check the permissions of the file and of its folders.");
  throw Error(FOMO_OPEN_READ, "'" + path + "' cannot be opened: " + std::strerror(reason) +
                                  ". Give a regular file.");
}

void check_kind(const std::string& path, mode_t mode) {
  if (S_ISDIR(mode))
    throw Error(FOMO_OPEN_READ, "'" + path + "' is a folder. Give the file in it.");
  if (!S_ISREG(mode))
    throw Error(FOMO_OPEN_READ, "'" + path + "' is not a regular file. Give a file on a disk.");
}

/// Runs `job`, which asks the file system for `path`, with a bound on its time. Throws Error when
/// the file system does not answer.
template<typename Result, typename Job>
Result ask(const std::string& path, Job job) {
  try {
    return read_timed<Result>([path, job](const Answered&) { return job(path); });
  } catch (const FileTimeout& hung) {
    throw Error(FOMO_OPEN_READ,
                "'" + path + "' cannot be opened: " + hung.reason() + "." + FileTimeout::remedy());
  }
}

} // namespace

std::optional<struct stat> file_status(const std::string& path) {
  return ask<std::optional<struct stat>>(path, [](const std::string& asked) {
    struct stat status = {};
    return stat(asked.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
  });
}

std::string missing_file_remedy(const std::string& path, const std::string& usual) {
  if (path.empty() || path[0] != '~')
    return usual;
  return " The shell replaces ~ by the home folder only at the beginning of a word, not after "
         "'property='. Write $HOME or the folder's name in place of ~.";
}

/// An open file and its size.
struct RegularFile::Opened {
  int descriptor = -1;
  uint64_t size = 0;

  explicit Opened(const std::string& path) {
    // The kind is checked before opening (opening a device can have side effects) and after it (the
    // path may have been replaced in between).
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0)
      fail_to_open(path, errno);
    check_kind(path, status.st_mode);
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
      fail_to_open(path, errno);
    try {
      if (fstat(descriptor, &status) != 0)
        fail_to_open(path, errno);
      check_kind(path, status.st_mode);
    } catch (...) {
      close(descriptor);
      throw;
    }
    size = static_cast<uint64_t>(status.st_size);
  }
  ~Opened() { close(descriptor); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
};

RegularFile::RegularFile(const std::string& path) : path_(path) {
  if (path.empty())
    throw Error(FOMO_NOT_FOUND, "No file name was given.");
  opened_ = ask<std::unique_ptr<const Opened>>(
      path, [](const std::string& asked) { return std::make_unique<const Opened>(asked); });
}

RegularFile::~RegularFile() = default;

int RegularFile::descriptor() const { return opened_->descriptor; }

uint64_t RegularFile::size() const { return opened_->size; }

void RegularFile::read(uint64_t offset, void* out, uint64_t count) const {
  auto* to = static_cast<char*>(out);
  while (count > 0) {
    const ssize_t copied = waiting_for_file([&] {
      return pread(opened_->descriptor, to, std::min(count, max_read), static_cast<off_t>(offset));
    });
    if (copied < 0 && errno == EINTR)
      continue;
    if (copied < 0)
      throw Error(FOMO_OPEN_READ, "'" + path_ + "' cannot be read: " + std::strerror(errno) +
                                      ". Check the disk, or copy the file to another one.");
    if (copied == 0)
      throw Error(FOMO_OPEN_READ, "'" + path_ +
                                      "' became shorter while it was read. Wait until the program "
                                      "that writes it has finished, then open it again.");
    to += copied;
    offset += static_cast<uint64_t>(copied);
    count -= static_cast<uint64_t>(copied);
  }
}

void RegularFile::will_read(uint64_t offset, uint64_t count) const {
  posix_fadvise(opened_->descriptor, static_cast<off_t>(offset), static_cast<off_t>(count),
                POSIX_FADV_WILLNEED);
}

} // namespace fomo
