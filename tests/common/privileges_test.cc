// SPDX-License-Identifier: LGPL-2.1-or-later
// What a process with elevated privileges loads: nothing that its user can choose.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/trusted_environment.h"

namespace fomo {
namespace {

TEST(TrustedEnvironment, IsReadByOrdinaryProcesses) {
  setenv("FOMO_TEST_PLACE", "/chosen", 1);
  EXPECT_STREQ(trusted_environment("FOMO_TEST_PLACE", false), "/chosen");
  EXPECT_EQ(trusted_environment("FOMO_TEST_PLACE", true), nullptr);
  unsetenv("FOMO_TEST_PLACE");
  EXPECT_EQ(trusted_environment("FOMO_TEST_PLACE", false), nullptr);
}

TEST(TrustedEnvironment, PrivilegedProcessesLoadFromBuiltInPlacesAlone) {
  for (const char* place : {"/usr/lib/fomotransfer/a.so", "../a.so", "a.so"}) {
    EXPECT_TRUE(may_load_from(PlaceOrigin::own_path, place, false));
    EXPECT_TRUE(may_load_from(PlaceOrigin::built_in, place, false));
    EXPECT_FALSE(may_load_from(PlaceOrigin::own_path, place, true));
    EXPECT_EQ(may_load_from(PlaceOrigin::built_in, place, true), place[0] == '/');
  }
}

/// What the probe prints when it is run with a model and an engine in the environment.
std::string output_of(const std::string& program) {
  const std::string command = "FOMOTRANSFER_BUILTIN=/chosen/model " + program;
  FILE* pipe = popen(command.c_str(), "r");
  char text[256] = "";
  if (pipe == nullptr || std::fgets(text, sizeof text, pipe) == nullptr)
    text[0] = 0;
  if (pipe != nullptr)
    pclose(pipe);
  return text;
}

TEST(TrustedEnvironment, IsIgnoredBySetuidPrograms) {
  EXPECT_EQ(output_of(FOMO_PROBE), "ordinary: /chosen/model\n");
  if (geteuid() != 0)
    GTEST_SKIP() << "only root can make a program setuid to another user";
  // Not in TempDir, which may be mounted nosuid: beside the probe.
  const std::string copy = std::string(FOMO_PROBE) + ".setuid";
  const std::string make = "install -o 65534 -g 65534 -m 4755 " FOMO_PROBE " " + copy;
  ASSERT_EQ(std::system(make.c_str()), 0);
  const std::string output = output_of(copy);
  unlink(copy.c_str());
  if (output.rfind("ordinary", 0) == 0)
    GTEST_SKIP() << "this file system ignores the setuid bit";
  EXPECT_EQ(output.find("privileged: "), 0u) << output;
  EXPECT_EQ(output.find("/chosen"), std::string::npos) << output;
  EXPECT_EQ(output.find(".."), std::string::npos) << output;
}

} // namespace
} // namespace fomo
