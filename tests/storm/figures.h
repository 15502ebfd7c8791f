/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FOMO_TESTS_FIGURES_H
#define FOMO_TESTS_FIGURES_H

#include <gst/gst.h>

/* What a process has taken from the system. */
typedef struct {
  long memory_kb; /* resident */
  long descriptors, threads;
} Figures;

/* The figures of this process, after free memory was given back to the system. */
Figures figures_now(void);

/* What grows, as a sentence, or NULL. Memory counts as growing if every step between two of the
 * figures adds to it, without the first one: allocators keep what was freed, and settle at some
 * time. Descriptors and threads may not be more in the end than after the first step. */
const char* what_grows(const Figures* at, guint count);

#endif
