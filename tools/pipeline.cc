// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/pipeline.h"

#include <algorithm>
#include <csignal>
#include <memory>
#include <sstream>

#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"

namespace fomo {

Pipeline::Pipeline(const std::vector<std::string>& words, const char* package, bool quiet) {
  std::vector<char*> arguments;
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::unique_ptr<char*, decltype(&g_strfreev)> environment(
      g_environ_setenv(g_get_environ(), "LC_ALL", "C.UTF-8", TRUE), g_strfreev);
  int output = -1;
  GError* error = nullptr;
  const auto flags = static_cast<GSpawnFlags>(G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                              (quiet ? G_SPAWN_STDERR_TO_DEV_NULL : 0));
  if (!g_spawn_async_with_pipes(nullptr, arguments.data(), environment.get(), flags, nullptr,
                                nullptr, &process_, nullptr, &output, nullptr, &error)) {
    const std::string reason = error->message;
    g_error_free(error);
    throw Error(FOMO_LIBRARY, "Videos are read by " + words[0] + ", which does not start: " +
                                  reason + ". Install the package " + package + ".");
  }
  output_ = fdopen(output, "rb");
}

Pipeline::~Pipeline() {
  if (process_ > 0)
    kill(process_, SIGTERM);
  std::fclose(output_);
  wait();
}

std::string Pipeline::read_all(size_t most) {
  std::string text;
  char part[1 << 16];
  while (text.size() < most) {
    const size_t count = std::fread(part, 1, std::min(sizeof part, most - text.size()), output_);
    if (count == 0)
      break;
    text.append(part, count);
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
