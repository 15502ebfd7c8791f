// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/options.h"

#include <cstdlib>

#include <CLI/CLI.hpp>
#include <glib.h>

namespace fomo::live {

namespace {

/// A folder of the program below the user's data folder.
std::string own_folder(const char* name) {
  gchar* path = g_build_filename(g_get_user_data_dir(), "fomo-live", name, nullptr);
  std::string text = path;
  g_free(path);
  return text;
}

} // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  options.uploads = own_folder("uploads");
  options.recordings = own_folder("recordings");
  CLI::App app("Animates pictures with a camera or a clip, and serves a web page that shows and "
               "steers it.\nExit status: 0 if it went well, 1 if it did not, 2 if the command line "
               "is wrong.");
  app.name("fomo-live");
  auto* from = app.add_option_group("driver", "Where the motion comes from");
  from->add_option("--camera", options.camera, "The camera's device, such as /dev/video0")
      ->check(CLI::ExistingPath);
  from->add_option("--driving", options.driving, "A clip, played in a loop")
      ->check(CLI::ExistingFile);
  from->add_flag("--test", options.test, "A test pattern: nothing moves the picture");
  from->require_option(1);
  app.add_option("--pictures", options.pictures,
                 "A folder with pictures; may be repeated. The first picture is shown first")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--uploads", options.uploads, "The folder for uploaded pictures")
      ->capture_default_str();
  app.add_option("--recordings", options.recordings, "The folder for recordings")
      ->capture_default_str();
  app.add_option("--model,-m", options.model, "Checkpoint file, or builtin")->capture_default_str();
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--size", options.size,
                 "Side of the square that is shown with output=face, pixels; 0: the model's size")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--address", options.address,
                 "IP address to listen on; all but loopback addresses demand a token")
      ->capture_default_str();
  app.add_option("--port", options.port, "0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--host", options.hosts,
                 "A name, besides localhost and IP addresses, by which browsers call this machine; "
                 "may be repeated");
  app.add_flag("--token", options.token, "Demand the token on loopback too");
  app.add_option("--upload-limit", options.upload_limit, "Largest upload, MiB")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--set", options.assignments,
                 "property=value of the element fomotransfer; may be repeated");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

} // namespace fomo::live
