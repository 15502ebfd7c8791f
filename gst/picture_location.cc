// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/picture_location.h"

#include <memory>

#include <glib.h>

#include "common/error.h"

namespace fomo {

namespace {

struct GFree {
  void operator()(char* text) const { g_free(text); }
};
using Text = std::unique_ptr<char, GFree>;

[[noreturn]] void refuse(const std::string& location, const std::string& reason) {
  throw Error(FOMO_NOT_FOUND, "The picture '" + location + "' cannot be opened: " + reason +
                                  ". Set source-image to a path or a file:// URI.");
}

} // namespace

std::string file_of(const std::string& location) {
  const bool file_scheme = g_ascii_strncasecmp(location.c_str(), "file:", 5) == 0;
  if (!file_scheme && location.find("://") == std::string::npos)
    return location;
  GError* problem = nullptr;
  char* host_name = nullptr;
  const Text path(g_filename_from_uri(location.c_str(), &host_name, &problem));
  const Text host(host_name);
  if (!path) {
    const std::string reason = problem->message;
    g_error_free(problem);
    refuse(location, reason);
  }
  if (host && *host && g_ascii_strcasecmp(host.get(), "localhost") != 0)
    refuse(location, std::string("the URI names another computer, '") + host.get() + "'");
  return path.get();
}

} // namespace fomo
