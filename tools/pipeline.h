// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/error.h"

namespace fomo {

/// How long fomo-model waits for a file that delivers nothing, unless the user names another time.
constexpr std::chrono::seconds kReadTimeout{30};
constexpr int kLongestReadTimeout = 86400; ///< seconds

/// A file delivered nothing for the time that was given to it.
class StalledFile : public Error {
 public:
  using Error::Error;
};

/// A program of GStreamer that reads a file, in a process of its own, and its standard output.
/// fomo-model does not link GStreamer. The language of messages is English.
class Pipeline {
 public:
  /// What a program needs besides its words.
  struct Setup {
    std::string file;    ///< the file that it reads, for messages
    const char* package; ///< the Debian package that has the program, for messages
    std::chrono::seconds timeout = kReadTimeout; ///< the longest time without output
    bool quiet = false;                          ///< the program's error messages are dropped
  };

  /// Starts `words`, the program and its arguments. Throws Error (FOMO_LIBRARY) if it cannot be
  /// started.
  Pipeline(const std::vector<std::string>& words, Setup setup);
  /// Ends the program if it still runs.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // These throw StalledFile (FOMO_WRONG_TYPE) when the output has neither data nor an end for the
  // timeout. The message names the file, the reason and the remedy.

  /// Reads `count` bytes to `out`; fewer at the end of the output only. Returns their number.
  size_t read(void* out, size_t count);
  /// Reads a line of at most `longest` bytes, without the line end; empty at the end of the output.
  std::string read_line(size_t longest);
  /// Reads the output to its end, at most `most` bytes.
  std::string read_all(size_t most);

  /// Waits for the program to exit. To be called at the end of the output. Returns whether the
  /// program succeeded.
  bool wait();

 private:
  bool fill();
  void wait_for_output() const;

  Setup setup_;
  int process_ = 0; ///< 0: it has exited
  bool ended_well_ = false;
  int output_ = -1;          ///< a descriptor
  std::vector<char> buffer_; ///< of the output, from `at_` on not read yet
  size_t at_ = 0;
};

/// `words` split at spaces, appended to `command`.
void add_words(std::vector<std::string>& command, const std::string& words);

} // namespace fomo
