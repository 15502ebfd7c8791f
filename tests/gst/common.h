/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FOMO_TESTS_COMMON_H
#define FOMO_TESTS_COMMON_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "fake-engine.h"

G_BEGIN_DECLS

/* The fake engine that the elements of this process use. */
FakeEngine* fake(void);

/* Waits until `*what` (a member of fake()) is at least `least`. */
void fake_wait(const int* what, int least);

/* Adds the fixture of every test case: a folder for files, and a check that no GStreamer object and
 * no engine object is left at the end of the test. */
void add_fixture(TCase* tests);

/* The test's folder. The fixture removes it with its files. */
const char* test_folder(void);

/* Writes a picture of one colour for the fake engine into the test's folder; returns its path. */
const char* picture_file(int r, int g, int b);

/* Writes a file with `text` into the test's folder; returns its path. */
const char* text_file(const char* name, const char* text);

/* A harness with an element that uses the fake engine: model size `width` x `height`, a grey
 * picture, absolute motion, no detail. The output then equals the model's input. `property` and the
 * arguments after it are set before the element starts, as by g_object_set(). The harness owns the
 * element; messages go to harness_bus(). */
GstHarness* fake_harness(int width, int height, const char* property, ...);
GstBus* harness_bus(GstHarness* harness);
void end_harness(GstHarness* harness);

/* A flushing seek to the beginning. */
void flush(GstHarness* harness);

/* An element without a harness, with the settings of fake_harness(). */
GstElement* fake_element(int width, int height);

/* Waits for the next message of a type. For element messages `event` names the wanted event. */
GstMessage* wait_message(GstBus* bus, GstMessageType types, const char* event);

/* Runs a pipeline to its end: the buffers that reach its sink `out`, a fakesink with
 * signal-handoffs=true. */
GPtrArray* buffers_of(const char* launch);

/* Whether such a message is on the bus now; removes it from the bus. */
gboolean have_message(GstBus* bus, GstMessageType types, const char* event);

/* Checks that the bus has an error or warning with this code, whose text contains each word. */
void expect_complaint(GstBus* bus, GstMessageType type, GQuark domain, gint code,
                      const char* const words[]);

/* A frame with a smooth pattern, in system memory. If `padding` is not 0, the rows are that many
 * pixels longer, and the buffer has a GstVideoMeta. */
GstBuffer* pattern_frame(const GstVideoInfo* info, int padding);

/* An RGB frame of one colour. */
GstBuffer* color_frame(int width, int height, int r, int g, int b);

/* Converts (a part of) a frame to RGB at a size, by GstVideoConverter. */
typedef struct {
  int x, y, width, height;
} Part;
GstBuffer* to_rgb(const GstVideoInfo* info, GstBuffer* buffer, Part part, int width, int height);

/* Allowed difference, in levels, between the model's input and to_rgb(), for a frame of the model's
 * size. The engine reads 8-bit YUV itself, with the nearest chroma sample, where GstVideoConverter
 * interpolates, and with finer coefficients. GstVideoConverter converts the other formats. */
int reading_tolerance(const GstVideoFormatInfo* format);

/* Converts a packed RGB frame to the format and size of `info`, by GstVideoConverter. */
GstBuffer* from_rgb(GstBuffer* buffer, const GstVideoInfo* info);

/* Largest difference of two packed RGB frames. */
int max_difference(GstBuffer* a, GstBuffer* b, int width, int height);

/* The colour of one pixel of an RGB frame. */
void pixel_of(GstBuffer* buffer, int width, int height, int x, int y, int rgb[3]);

/* Pushes a mid grey frame of 64x64, for which the fake engine's output has the picture's colour;
 * returns the output's red. */
int red_of_picture(GstHarness* harness);

G_END_DECLS

#endif
