// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "live/handles.h"

namespace fomo::live {

/// A folder of files that the page may see: regular files directly in it, whose names have one of
/// the given endings. Symbolic links in it, and hidden files, are not seen.
class Folder {
 public:
  enum class Missing { refuse, make };

  /// `path` is resolved once. A missing folder is made, for its owner alone, or is an Error.
  Folder(const std::string& path, std::vector<std::string> endings, Missing missing);

  const std::string& path() const { return path_; }
  /// The last part of the path.
  std::string name() const;
  /// The names of the files, sorted.
  std::vector<std::string> files() const;
  /// Whether files with this name would be seen.
  bool fits(const std::string& name) const;
  /// The path of a file. Throws Error (FOMO_NOT_FOUND) unless files() has the name.
  std::string path_of(const std::string& name) const;
  /// Opens a file to read. Throws Error (FOMO_NOT_FOUND) as path_of().
  Descriptor open_file(const std::string& name) const;
  /// Makes a file that did not exist and that files() does not show. Throws Error.
  Descriptor make_hidden(const std::string& name) const;
  /// Gives a hidden file a name that no file has: `name`, or with a number before its ending.
  /// Returns the name. Throws Error.
  std::string publish(const std::string& hidden, const std::string& name) const;
  void remove(const std::string& name) const noexcept;

 private:
  std::string path_;
  std::vector<std::string> endings_;
  Descriptor folder_;
};

/// The endings of the names of pictures.
const std::vector<std::string>& picture_endings();

/// A name for an uploaded file: letters, digits, '-', '_' and '.' are kept.
std::string safe_name(const std::string& name);

} // namespace fomo::live
