// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace fomo {

/// A program of GStreamer in a process of its own, and its standard output. fomo-model does not
/// link GStreamer. The language of messages is English.
class Pipeline {
 public:
  /// Starts `words`, the program and its arguments. With `quiet` the program's error messages are
  /// dropped. Throws Error (FOMO_LIBRARY) if it cannot be started; `package` has it in Debian.
  Pipeline(const std::vector<std::string>& words, const char* package, bool quiet = false);
  /// Ends the program if it still runs.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  FILE* output() const { return output_; }
  /// Reads the output to its end, at most `most` bytes.
  std::string read_all(size_t most);
  /// Waits for the program to exit. Returns whether it succeeded.
  bool wait();

 private:
  int process_ = 0; ///< 0: it has exited
  bool ended_well_ = false;
  FILE* output_ = nullptr;
};

/// `words` split at spaces, appended to `command`.
void add_words(std::vector<std::string>& command, const std::string& words);

} // namespace fomo
