/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server of a FUSE file system, which answers nothing but the first request, that of the mount.
 */
#define _GNU_SOURCE
#include "tests/common/hanging_folder.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Reads the next request. */
static struct fuse_in_header read_request(int device) {
  static char request[FUSE_MIN_READ_BUFFER];
  struct fuse_in_header header;
  if (read(device, request, sizeof request) < (ssize_t)sizeof header) {
    perror("FUSE");
    abort();
  }
  memcpy(&header, request, sizeof header);
  return header;
}

int hang_folder(HangingFolder* hanging, const char* folder) {
  char options[100];
  hanging->folder = folder;
  hanging->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (hanging->device < 0)
    return -1;
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u", hanging->device,
           getuid(), getgid());
  if (mount("hanging", folder, "fuse", MS_NOSUID | MS_NODEV, options) != 0) {
    close(hanging->device);
    hanging->device = -1;
    return -1;
  }
  struct {
    struct fuse_out_header header;
    struct fuse_init_out init;
  } answer;
  memset(&answer, 0, sizeof answer);
  answer.header.len = sizeof answer;
  answer.header.unique = read_request(hanging->device).unique;
  answer.init.major = FUSE_KERNEL_VERSION;
  answer.init.minor = FUSE_KERNEL_MINOR_VERSION;
  answer.init.flags = FUSE_PARALLEL_DIROPS; /* otherwise the kernel asks for one file at a time */
  answer.init.max_write = FUSE_MIN_READ_BUFFER / 2;
  if (write(hanging->device, &answer, sizeof answer) != sizeof answer) {
    release_folder(hanging);
    return -1;
  }
  return 0;
}

void release_folder(HangingFolder* hanging) {
  umount2(hanging->folder, MNT_DETACH);
  close(hanging->device);
  hanging->device = -1;
}
