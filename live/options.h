// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fomo::live {

/// The command line of fomo-live.
struct Options {
  std::string camera, driving; ///< one of them, or `test`
  bool test = false;           ///< drive by a test pattern
  std::string model = "builtin", device = "auto";
  int size = 512;                       ///< side of the square, pixels; 0: the element's own size
  std::vector<std::string> pictures;    ///< folders
  std::string uploads, recordings;      ///< folders
  std::string address = "127.0.0.1";    ///< IP address to listen on
  int port = 8080;                      ///< 0: any free one
  std::vector<std::string> hosts;       ///< further names by which browsers may call this machine
  bool token = false;                   ///< demand the token on loopback too
  size_t upload_limit = size_t{32};     ///< MiB
  std::vector<std::string> assignments; ///< property=value of the element
};

/// Reads the command line. Ends the process after --help (status 0) and after an error (status 2).
Options parse_options(int argc, char** argv);

} // namespace fomo::live
