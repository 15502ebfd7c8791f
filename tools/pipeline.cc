// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/pipeline.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <sstream>
#include <utility>

#include <glib.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fomo {

Pipeline::Pipeline(const std::vector<std::string>& words, Setup setup) : setup_(std::move(setup)) {
  std::vector<char*> arguments;
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::unique_ptr<char*, decltype(&g_strfreev)> environment(
      g_environ_setenv(g_get_environ(), "LC_ALL", "C.UTF-8", TRUE), g_strfreev);
  GError* error = nullptr;
  const auto flags = static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                              (setup_.quiet ? G_SPAWN_STDERR_TO_DEV_NULL : 0));
  if (!g_spawn_async_with_pipes(nullptr, arguments.data(), environment.get(), flags, nullptr,
                                nullptr, &process_, nullptr, &output_, nullptr, &error)) {
    const std::string reason = error->message;
    g_error_free(error);
    throw Error(FOMO_LIBRARY, "Videos are read by " + words[0] + ", which does not start: " +
                                  reason + ". Install the package " + setup_.package + ".");
  }
}

Pipeline::~Pipeline() {
  // The program only reads, and may hang: it gets no chance to tidy up.
  if (process_ > 0)
    kill(process_, SIGKILL);
  close(output_);
  wait();
}

void Pipeline::wait_for_output() const {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + setup_.timeout;
  pollfd output = {output_, POLLIN, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      break;
    const int outcome = poll(&output, 1, static_cast<int>(left));
    if (outcome > 0 || (outcome < 0 && errno != EINTR))
      return; // read() tells what is wrong
  }
  throw StalledFile(
      FOMO_WRONG_TYPE,
      "'" + setup_.file + "' cannot be read: GStreamer got nothing out of it for " +
          std::to_string(setup_.timeout.count()) +
          " seconds. Either the file announces a stream that is not in it, and must be written "
          "again or repaired, or the disk is too slow for --timeout.");
}

/// Reads the next part of the output into the buffer, which has been read. Returns false at the
/// end of the output.
bool Pipeline::fill() {
  constexpr size_t most = 1 << 16;
  wait_for_output();
  buffer_.resize(most);
  at_ = 0;
  ssize_t count = 0;
  do
    count = ::read(output_, buffer_.data(), buffer_.size());
  while (count < 0 && errno == EINTR);
  buffer_.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return count > 0;
}

size_t Pipeline::read(void* out, size_t count) {
  size_t done = 0;
  while (done < count && (at_ < buffer_.size() || fill())) {
    const size_t part = std::min(count - done, buffer_.size() - at_);
    std::memcpy(static_cast<char*>(out) + done, buffer_.data() + at_, part);
    done += part;
    at_ += part;
  }
  return done;
}

std::string Pipeline::read_line(size_t longest) {
  std::string text;
  for (char c = 0; text.size() < longest && read(&c, 1) == 1 && c != '\n';)
    text += c;
  return text;
}

std::string Pipeline::read_all(size_t most) {
  std::string text;
  while (text.size() < most && (at_ < buffer_.size() || fill())) {
    const size_t part = std::min(most - text.size(), buffer_.size() - at_);
    text.append(buffer_.data() + at_, part);
    at_ += part;
  }
  return text;
}

bool Pipeline::wait() {
  int status = 0;
  if (process_ <= 0)
    return ended_well_;
  ended_well_ =
      waitpid(process_, &status, 0) == process_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  process_ = 0;
  return ended_well_;
}

void add_words(std::vector<std::string>& command, const std::string& words) {
  std::istringstream rest(words);
  for (std::string word; rest >> word;)
    command.push_back(word);
}

} // namespace fomo
