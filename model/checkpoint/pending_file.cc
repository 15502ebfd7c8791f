// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/pending_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/error.h"

namespace fomo {

PendingFile::PendingFile(const std::string& path)
    : path_(path), pending_path_(path + ".part" + std::to_string(getpid())) {
  file_ = std::fopen(pending_path_.c_str(), "wbe");
  if (file_ == nullptr)
    fail();
}

PendingFile::~PendingFile() {
  if (file_ == nullptr)
    return;
  std::fclose(file_);
  unlink(pending_path_.c_str());
}

void PendingFile::fail() const {
  const int reason = errno;
  throw Error(reason == ENOENT ? FOMO_NOT_FOUND : FOMO_FAILED,
              "'" + path_ + "' cannot be written: " + std::strerror(reason) +
                  ". Check the folder, its permissions and the room on the disk.");
}

void PendingFile::write(const void* bytes, size_t size) {
  if (size != 0 && std::fwrite(bytes, 1, size, file_) != size)
    fail();
  ends_in_hole_ = ends_in_hole_ && size == 0;
}

void PendingFile::skip(size_t size) {
  if (fseeko(file_, static_cast<off_t>(size), SEEK_CUR) != 0)
    fail();
  ends_in_hole_ = ends_in_hole_ || size != 0;
}

void PendingFile::finish() {
  if (std::fflush(file_) != 0)
    fail();
  if (ends_in_hole_ && ftruncate(fileno(file_), ftello(file_)) != 0)
    fail();
  if (fsync(fileno(file_)) != 0)
    fail();
  FILE* closing = file_;
  file_ = nullptr;
  if (std::fclose(closing) != 0 || std::rename(pending_path_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    unlink(pending_path_.c_str());
    errno = reason;
    fail();
  }
}

} // namespace fomo
