// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/file_wait.h"

#include "common/error.h"

namespace fomo {
namespace {

struct Watch {
  FileWaits waits = nullptr;
  void* data = nullptr;
  int depth = 0; // of nested waits
};

thread_local Watch watch;

/// Returns whether the file is still wanted.
bool tell(int begins) { return !watch.waits || watch.waits(watch.data, begins) == 0; }

[[noreturn]] void give_up() {
  throw Error(FOMO_FAILED, "The element that wanted the file has stopped.");
}

} // namespace

void watch_files(FileWaits waits, void* data) { watch = {waits, data, 0}; }

FileWait::FileWait() {
  if (watch.depth == 0 && !tell(1))
    give_up();
  ++watch.depth;
}

FileWait::~FileWait() {
  if (!ended_ && --watch.depth == 0)
    tell(0);
}

void FileWait::end() {
  ended_ = true;
  if (--watch.depth == 0 && !tell(0))
    give_up();
}

} // namespace fomo
