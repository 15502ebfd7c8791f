// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-live: animates pictures with a camera or a clip, and serves a web page that shows and steers
// it.
#include <cstdio>

#include <glib-unix.h>
#include <gst/gst.h>

#include "common/error.h"
#include "live/options.h"
#include "live/server.h"

namespace {

using fomo::live::Owned;
using fomo::live::Server;

gboolean on_signal(gpointer server) {
  static_cast<Server*>(server)->end("");
  return G_SOURCE_CONTINUE;
}

int serve(const fomo::live::Options& options) {
  const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
  Server server(options, [&loop] { g_main_loop_quit(loop.get()); });
  const guint interrupt = g_unix_signal_add(SIGINT, on_signal, &server);
  const guint terminate = g_unix_signal_add(SIGTERM, on_signal, &server);
  for (const std::string& address : server.addresses())
    std::printf("The page is at %s\n", address.c_str());
  std::fflush(stdout);
  server.start();
  g_main_loop_run(loop.get());
  g_source_remove(interrupt);
  g_source_remove(terminate);
  return server.failed() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  const fomo::live::Options options = fomo::live::parse_options(argc, argv);
  gst_init(nullptr, nullptr);
  try {
    return serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fomo-live: %s\n", error.what());
    return 1;
  }
}
