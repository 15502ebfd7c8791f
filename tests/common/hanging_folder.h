/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* A file system in a folder that hangs: calls about the files in it wait until it is released. */
typedef struct {
  const char* folder;
  int device; /* -1: there is none */
} HangingFolder;

/* Mounts it. Returns 0; -1 with errno when this user or this machine cannot. */
int hang_folder(HangingFolder* hanging, const char* folder);

/* All calls that wait fail. The folder is empty again. */
void release_folder(HangingFolder* hanging);

#ifdef __cplusplus
}
#endif
