// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// Is told that a thread begins (1) or has ceased (0) to wait for a file system. Returns 0, or
/// another number if nobody wants the file any more.
using FileWaits = int (*)(void* data, int begins);

/// Has `waits` called around each wait of this thread for a file system, from now on. Null: for
/// none. Throws nothing.
void watch_files(FileWaits waits, void* data);

/// Calls a function that may wait for a file system, which nothing can interrupt. Throws Error
/// before or after it if nobody wants the file any more, so that a thread that was left behind in
/// it ends at once. Calls may be nested.
class FileWait {
 public:
  FileWait();
  ~FileWait();
  FileWait(const FileWait&) = delete;
  FileWait& operator=(const FileWait&) = delete;

  /// The wait is over. Throws Error if nobody wants the file any more. To be called at the end,
  /// unless there is another error to be thrown.
  void end();

 private:
  bool ended_ = false;
};

template<typename Call>
auto waiting_for_file(Call call) {
  FileWait wait;
  auto result = call();
  wait.end();
  return result;
}

} // namespace fomo
