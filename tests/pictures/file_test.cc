// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture files on disk: what is opened, and what is refused without waiting for it.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pictures/file_bytes.h"
#include "tests/common/hanging_folder.h"
#include "tests/pictures/decoded.h"

namespace {

using fomo::Picture;
using fomo::test::error_of;

class PictureFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "fomo-picture-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string in_folder(const char* name) const { return (folder / name).string(); }

  std::filesystem::path folder;
};

/// Loads `path`, which must be refused with an error that names it and what source-image takes.
void expect_refusal(const std::string& path, FomoStatus status, const std::string& reason) {
  const auto error = error_of([&] { fomo::load_picture(path); });
  const std::string message = error.what();
  EXPECT_EQ(error.status(), status) << message;
  for (const std::string& part : {path, reason, std::string("source-image")})
    EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
}

TEST_F(PictureFileTest, WhatIsMissingOrEmptyIsNamed) {
  expect_refusal(in_folder("none.png"), FOMO_NOT_FOUND, "No such file");
  std::ofstream(in_folder("empty.png")).close();
  expect_refusal(in_folder("empty.png"), FOMO_OPEN_READ, "is empty");
}

TEST_F(PictureFileTest, OnlyRegularFilesAreOpened) {
  expect_refusal(folder.string(), FOMO_OPEN_READ, "folder");
  const std::string fifo = in_folder("fifo.png");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  expect_refusal(fifo, FOMO_OPEN_READ, "FIFO");
  expect_refusal("/dev/zero", FOMO_OPEN_READ, "device");
  expect_refusal("/dev/null", FOMO_OPEN_READ, "device");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  in_folder("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  expect_refusal(address.sun_path, FOMO_OPEN_READ, "socket");
  close(socket);
}

TEST_F(PictureFileTest, AFileSystemThatHangsIsGivenUp) {
  const std::string drive = in_folder("drive");
  std::filesystem::create_directory(drive);
  HangingFolder hanging;
  if (hang_folder(&hanging, drive.c_str()) != 0)
    GTEST_SKIP() << "no file system can be mounted here: " << std::strerror(errno);
  const std::string path = drive + "/me.png";
  const auto error =
      error_of([&] { fomo::read_picture_file(path, std::chrono::milliseconds(50)); });
  release_folder(&hanging);
  const std::string message = error.what();
  EXPECT_EQ(error.status(), FOMO_OPEN_READ);
  for (const std::string& part : {path, std::string("has not answered"), std::string("local disk")})
    EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
}

TEST_F(PictureFileTest, WhatCannotBeReadIsNamed) {
  expect_refusal("/proc/self/mem", FOMO_OPEN_READ, "cannot be read");
}

TEST_F(PictureFileTest, SizeIsBounded) {
  const std::string huge = in_folder("huge.png");
  std::ofstream(huge).close();
  std::filesystem::resize_file(huge, fomo::kMostFileBytes + 1); // a hole: takes no disk
  expect_refusal(huge, FOMO_OPEN_READ, "more than 256 MiB");
}

TEST_F(PictureFileTest, AFileOfUnknownSizeIsReadWhole) {
  // Files in /proc report a size of 0.
  const std::vector<uint8_t> bytes = fomo::read_picture_file("/proc/self/status");
  EXPECT_NE(std::string(bytes.begin(), bytes.end()).find("VmRSS"), std::string::npos);
}

TEST_F(PictureFileTest, TildeIsExplained) {
  const auto error = error_of([] { fomo::load_picture("~/portrait.png"); });
  EXPECT_NE(std::string(error.what()).find("$HOME"), std::string::npos);
}

TEST_F(PictureFileTest, WrittenPicturesComeBack) {
  for (const int channels : {3, 4}) {
    Picture picture{5, 4, channels, {}};
    for (int i = 0; i < 5 * 4 * channels; i++)
      picture.pixels.push_back(static_cast<uint8_t>(7 * i));
    fomo::save_picture(picture, in_folder("copy.png"));
    const Picture copy = fomo::load_picture(in_folder("copy.png"));
    EXPECT_EQ(copy.channels, channels);
    EXPECT_EQ(copy.pixels, picture.pixels);
  }
}

} // namespace
