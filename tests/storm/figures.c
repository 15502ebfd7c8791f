/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "figures.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define ALLOWED_KB 64 /* in a step: less is the allocator's noise */

static long entries(const char* path) {
  long count = 0;
  GDir* dir = g_dir_open(path, 0, NULL);
  while (dir && g_dir_read_name(dir))
    count++;
  if (dir)
    g_dir_close(dir);
  return count;
}

Figures figures_now(void) {
  long pages = 0, resident = 0;
  malloc_trim(0);
  FILE* file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
    g_error("/proc/self/statm cannot be read");
  fclose(file);
  return (Figures){resident * (sysconf(_SC_PAGESIZE) / 1024), entries("/proc/self/fd"),
                   entries("/proc/self/task")};
}

const char* what_grows(const Figures* at, guint count) {
  static char text[120];
  long least = G_MAXLONG;
  for (guint i = 1; i + 1 < count; i++)
    least = MIN(least, at[i + 1].memory_kb - at[i].memory_kb);
  const Figures *first = &at[1], *last = &at[count - 1];
  if (least > ALLOWED_KB)
    g_snprintf(text, sizeof text, "memory grows by %ld KB or more in every step", least);
  else if (last->descriptors > first->descriptors)
    g_snprintf(text, sizeof text, "descriptors: %ld at first, %ld in the end", first->descriptors,
               last->descriptors);
  else if (last->threads > first->threads)
    g_snprintf(text, sizeof text, "threads: %ld at first, %ld in the end", first->threads,
               last->threads);
  else
    return NULL;
  return text;
}
