// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"

namespace fomo::live {

namespace {

constexpr size_t kMostNameBytes = 100; // of an uploaded file

[[noreturn]] void fail(const std::string& what, int code, FomoStatus status) {
  throw Error(status, what + ": " + std::strerror(code) + ".");
}

std::string ending_of(const std::string& name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string::npos)
    return "";
  const Owned<gchar> lower(g_ascii_strdown(name.c_str() + dot, -1));
  return lower.get();
}

} // namespace

Folder::Folder(const std::string& path, std::vector<std::string> endings, Missing missing)
    : endings_(std::move(endings)) {
  constexpr int owner_alone = 0700;
  if (missing == Missing::make && g_mkdir_with_parents(path.c_str(), owner_alone) != 0)
    fail("The folder '" + path + "' cannot be made", errno, FOMO_OPEN_READ);
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real)
    folder_ = Descriptor(open(real.get(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_)
    fail("The folder '" + path + "' cannot be opened", errno, FOMO_NOT_FOUND);
  path_ = real.get();
}

std::string Folder::name() const { return std::filesystem::path(path_).filename().string(); }

bool Folder::fits(const std::string& name) const {
  const bool plain = !name.empty() && name[0] != '.' && name.find('/') == std::string::npos &&
                     name.find('\0') == std::string::npos &&
                     g_utf8_validate(name.c_str(), static_cast<gssize>(name.size()), nullptr);
  return plain && std::find(endings_.begin(), endings_.end(), ending_of(name)) != endings_.end();
}

std::vector<std::string> Folder::files() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error))
    if (fits(entry.path().filename().string()) &&
        entry.symlink_status(error).type() == std::filesystem::file_type::regular)
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Descriptor Folder::open_file(const std::string& name) const {
  Descriptor file(fits(name) ? openat(folder_.get(), name.c_str(),
                                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                             : -1);
  struct stat status;
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(FOMO_NOT_FOUND, "There is no file '" + name + "' in this folder.");
  return file;
}

std::string Folder::path_of(const std::string& name) const {
  open_file(name);
  return path_ + "/" + name;
}

Descriptor Folder::make_hidden(const std::string& name) const {
  constexpr int owner_alone = 0600;
  Descriptor file(openat(folder_.get(), name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_alone));
  if (!file)
    fail("'" + path_ + "/" + name + "' cannot be written", errno, FOMO_OPEN_READ);
  return file;
}

std::string Folder::publish(const std::string& hidden, const std::string& name) const {
  const size_t dot = name.rfind('.');
  constexpr int most_tries = 10000;
  for (int i = 1; i <= most_tries; i++) {
    std::string free_name =
        i == 1 ? name : name.substr(0, dot) + "-" + std::to_string(i) + name.substr(dot);
    if (renameat2(folder_.get(), hidden.c_str(), folder_.get(), free_name.c_str(),
                  RENAME_NOREPLACE) == 0)
      return free_name;
    if (errno != EEXIST)
      break;
  }
  fail("'" + path_ + "/" + name + "' cannot be written", errno, FOMO_OPEN_READ);
}

void Folder::remove(const std::string& name) const noexcept {
  unlinkat(folder_.get(), name.c_str(), 0);
}

const std::vector<std::string>& picture_endings() {
  static const std::vector<std::string> endings = {".png",  ".jpg",  ".jpeg", ".webp",
                                                   ".tif",  ".tiff", ".gif",  ".bmp",
                                                   ".heic", ".heif", ".avif", ".jxl"};
  return endings;
}

std::string safe_name(const std::string& name) {
  std::string safe;
  for (const char c : name)
    safe += g_ascii_isalnum(c) || std::strchr("-_.", c) ? c : '_';
  safe.erase(0, safe.find_first_not_of('.'));
  if (safe.size() > kMostNameBytes)
    safe.erase(0, safe.size() - kMostNameBytes); // the ending stays
  safe.erase(0, safe.find_first_not_of('.'));
  return safe;
}

} // namespace fomo::live
