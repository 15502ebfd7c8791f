/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A storm: everything that an application or a pipeline may do with the element, at random and at
 * the same time. See storm.c. */
#ifndef FOMO_TESTS_STORM_H
#define FOMO_TESTS_STORM_H

#include <gst/gst.h>
#include <gst/video/video.h>

/* ---- storm.c ---- */

/* Whether the plugin uses the real engine; else the fake one of tests/gst. */
extern gboolean real_engine;

/* Tells the watchdog and the trace what happens next. When no step is made for a minute, the
 * program ends with the last steps. Thread-safe. */
void step(const char* format, ...) G_GNUC_PRINTF(1, 2);

/* Ends the program with the text, the seed and the last steps. */
void broken(const char* format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* A number below `count`. */
guint pick(GRand* rand, guint count);
gboolean one_in(GRand* rand, guint count);

/* An element with a small model and a picture, which animates. Floating reference. */
GstElement* new_element(GRand* rand);

/* ---- actors.c: threads that use an element while frames flow ---- */

typedef struct Actors Actors;

/* Makes the pictures in a temporary folder. */
void make_pictures(void);
void remove_pictures(void);
/* A readable picture. */
const char* good_picture(GRand* rand);

/* Starts threads that set pictures (missing, rewritten while they are read, FIFO, folder, device,
 * in memory, none), set and read every property, and ask and signal the element. */
Actors* start_actors(GstElement* element, guint32 seed);
void stop_actors(Actors* actors);

/* ---- pads.c and pipelines.c: one round each ---- */

/* Random caps; `valid`: the element can use them. */
GstCaps* random_caps(GRand* rand, gboolean valid);
/* A frame of `info`; unless `valid`, its memory and GstVideoMeta may contradict. */
GstBuffer* random_frame(GRand* rand, const GstVideoInfo* info, gboolean valid);

/* An element between pads of the storm: frames, events, queries and flow returns of every kind. */
void storm_pads(GRand* rand);
/* Pipelines of up to eight elements: seeks, states, elements added and removed. */
void storm_pipelines(GRand* rand);

/* ---- growth.c ---- */

/* Repeats starts, frames and pictures, prints memory, descriptors and threads, and ends the program
 * when one of them grows in every window. */
void measure_growth(GRand* rand, guint starts, guint frames, guint pictures);

/* A child process of a process with engine threads animates, loads a picture and starts again. */
void storm_fork(GRand* rand);

#endif
