/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FOMO_TESTS_COMMON_H
#define FOMO_TESTS_COMMON_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "fake-engine.h"

G_BEGIN_DECLS

/* The fake engine behind the elements of this process. */
FakeEngine* fake(void);

/* Waits until `*what` (a member of fake()) is at least `least`. */
void fake_wait(const int* what, int least);

/* A fixture for every test case: a folder for files, and no GStreamer object nor engine object may
 * be left when the test is over. */
void add_fixture(TCase* tests);

/* The test's folder; what lies in it is removed. */
const char* test_folder(void);

/* A picture of one colour for the fake engine; the name is the folder's. */
const char* picture_file(int r, int g, int b);

/* A file with `text` in it. */
const char* text_file(const char* name, const char* text);

/* An element with the fake engine of model size `width` x `height`, a grey picture, absolute
 * motion, no detail: what comes out is what the model saw. `property` and what follows is set
 * before it starts, as in g_object_set(). The harness owns it; messages go to the bus of
 * harness_bus(). */
GstHarness* fake_harness(int width, int height, const char* property, ...);
GstBus* harness_bus(GstHarness* harness);
void end_harness(GstHarness* harness);

/* A flushing seek to the beginning. */
void flush(GstHarness* harness);

/* An element outside of a harness, grey picture and absolute motion as above. */
GstElement* fake_element(int width, int height);

/* The next message of a type; waits. For element messages `event` names the one that is wanted. */
GstMessage* wait_message(GstBus* bus, GstMessageType types, const char* event);

/* Whether there is such a message now; it is taken. */
gboolean have_message(GstBus* bus, GstMessageType types, const char* event);

/* Checks that the bus holds an error or warning with this code whose text holds each word. */
void expect_complaint(GstBus* bus, GstMessageType type, GQuark domain, gint code,
                      const char* const words[]);

/* A frame with a smooth pattern, in system memory, with padded strides and a GstVideoMeta if
 * `padding` pixels are asked for. */
GstBuffer* pattern_frame(const GstVideoInfo* info, int padding);

/* The frame of one colour, RGB caps. */
GstBuffer* color_frame(int width, int height, int r, int g, int b);

/* Converts (a part of) a frame to RGB at a size, by GstVideoConverter. */
typedef struct {
  int x, y, width, height;
} Part;
GstBuffer* to_rgb(const GstVideoInfo* info, GstBuffer* buffer, Part part, int width, int height);

/* Levels by which what the model sees of a frame of its own size may differ from to_rgb(). The
 * engine reads 8-bit YUV itself: with the nearest chroma sample where GstVideoConverter
 * interpolates, and with finer coefficients. Other formats are converted by GstVideoConverter. */
int reading_tolerance(const GstVideoFormatInfo* format);

/* The reverse, of a whole packed RGB frame of the size that `info` says. */
GstBuffer* from_rgb(GstBuffer* buffer, const GstVideoInfo* info);

/* Largest difference of two packed RGB frames. */
int max_difference(GstBuffer* a, GstBuffer* b, int width, int height);

/* The colour of one pixel of an RGB frame. */
void pixel_of(GstBuffer* buffer, int width, int height, int x, int y, int rgb[3]);

G_END_DECLS

#endif
