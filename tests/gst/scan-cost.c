/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cost of the plugin for a program that only scans plugins.
 *
 *   scan-cost PLUGIN EMPTY-PLUGIN [--time]
 *
 * Checks that the plugin links only GStreamer, GLib and the C and C++ libraries. Checks that a
 * program that scans the plugin needs at most 20 MB more than a program that scans an empty plugin.
 * With --time also checks that it takes at most 50 ms more; the test run leaves --time out, because
 * the machine may be busy with other tests. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gst/gst.h>
#include <link.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define MOST_MS 50
#define MOST_KB (20 * 1024)
#define SCANS 9

static const char* const allowed[] = {"libgstreamer-1.0.", "libgstbase-1.0.", "libgstvideo-1.0.",
                                      "libglib-2.0.",      "libgobject-2.0.", "libstdc++.",
                                      "libgcc_s.",         "libm.",           "libc.",
                                      "libpthread.",       "ld-linux",        NULL};

static gboolean is_allowed(const char* library) {
  for (int i = 0; allowed[i]; i++)
    if (g_str_has_prefix(library, allowed[i]))
      return TRUE;
  return FALSE;
}

/* Prints the libraries that the plugin links; returns whether all of them are allowed. */
static gboolean check_links(const char* plugin) {
  void* library = dlopen(plugin, RTLD_LAZY | RTLD_LOCAL);
  struct link_map* map = NULL;
  if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) {
    g_printerr("%s\n", dlerror());
    return FALSE;
  }
  const char* names = NULL;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
    if (entry->d_tag == DT_STRTAB)
      names = (const char*)entry->d_un.d_ptr;
  gboolean thin = TRUE;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag != DT_NEEDED)
      continue;
    const char* name = names + entry->d_un.d_val;
    g_print("links %s%s\n", name, is_allowed(name) ? "" : "  <- not allowed");
    thin = thin && is_allowed(name);
  }
  return thin;
}

typedef struct {
  double ms;
  long kb;
} Cost;

/* Scans one plugin in a process of its own, without a registry and without a helper process. */
static Cost scan_once(const char* plugin) {
  char* folder = g_dir_make_tmp("scan-cost-XXXXXX", NULL);
  char* file = g_path_get_basename(plugin);
  char* link = g_build_filename(folder, file, NULL);
  char* target = g_canonicalize_filename(plugin, NULL);
  if (symlink(target, link) != 0)
    g_error("cannot link %s", link);
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0)
    g_error("no pipe");

  const pid_t child = fork();
  if (child == 0) {
    char* registry = g_build_filename(folder, "registry", NULL);
    g_setenv("GST_REGISTRY", registry, TRUE);
    g_setenv("GST_REGISTRY_1_0", registry, TRUE);
    g_setenv("GST_REGISTRY_FORK", "no", TRUE);
    g_setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
    g_setenv("GST_PLUGIN_PATH_1_0", folder, TRUE);
    g_unsetenv("GST_TRACERS");
    const gint64 start = g_get_monotonic_time();
    gst_init(NULL, NULL);
    const double ms = (double)(g_get_monotonic_time() - start) / 1000;
    g_unlink(registry);
    /* "libgstNAME.so" holds the plugin NAME. */
    char* name = g_strndup(file + strlen("libgst"), strlen(file) - strlen("libgst.so"));
    if (!gst_registry_find_plugin(gst_registry_get(), name))
      g_error("no plugin %s", name);
    const gboolean told = write(pipe_ends[1], &ms, sizeof(ms)) == sizeof(ms);
    _exit(told ? 0 : 1);
  }
  Cost cost = {0, 0};
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0 ||
      read(pipe_ends[0], &cost.ms, sizeof(cost.ms)) != sizeof(cost.ms))
    g_error("scanning %s failed", plugin);
  cost.kb = usage.ru_maxrss;
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  g_unlink(link);
  g_rmdir(folder);
  g_free(link);
  g_free(target);
  g_free(file);
  g_free(folder);
  return cost;
}

/* The minimum of several scans, because other processes can only increase the cost. */
static Cost scan(const char* plugin) {
  Cost best = scan_once(plugin);
  for (int i = 1; i < SCANS; i++) {
    const Cost cost = scan_once(plugin);
    best.ms = MIN(best.ms, cost.ms);
    best.kb = MIN(best.kb, cost.kb);
  }
  return best;
}

int main(int argc, char** argv) {
  if (argc < 3)
    g_error("usage: scan-cost PLUGIN EMPTY-PLUGIN [--time]");
  const gboolean timed = argc > 3 && strcmp(argv[3], "--time") == 0;
  const Cost empty = scan(argv[2]), plugin = scan(argv[1]);
  g_print("empty plugin: %.1f ms, %ld KB\nplugin: %.1f ms, %ld KB\n", empty.ms, empty.kb, plugin.ms,
          plugin.kb);
  gboolean fine = check_links(argv[1]);
  if (plugin.kb - empty.kb > MOST_KB) {
    g_printerr("Scanning takes %ld KB more than an empty plugin.\n", plugin.kb - empty.kb);
    fine = FALSE;
  }
  if (timed && plugin.ms - empty.ms > MOST_MS) {
    g_printerr("Scanning takes %.1f ms more than an empty plugin.\n", plugin.ms - empty.ms);
    fine = FALSE;
  }
  return fine ? 0 : 1;
}
