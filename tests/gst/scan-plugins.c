/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scans the plugins once for all tests, and checks that ours is among them. */
#include <gst/gst.h>
#include <unistd.h>

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GstElementFactory* factory = gst_element_factory_find("fomotransfer");
  /* Exits at once, without the leak sanitizer: it would report GLib's tables, which a scan makes
   * grow. */
  _exit(factory ? 0 : 1);
}
