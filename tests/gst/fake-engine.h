/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stand-in for libfomoengine.so, so that the element's tests are fast and exact.
 *
 * model: "fake", or "fake:key=value,..." with
 *   size=WxH          the model's size (64x64)
 *   fail=STATUS       opening fails with that FomoStatus
 *   encode-fail=STATUS, stream-fail=STATUS, animate-fail=STATUS  likewise
 *   delay-us=N        every frame takes that long
 * A picture file holds "FAKE R G B": one colour. An encoded sample is the same.
 *
 * With absolute motion a pixel becomes driving + source - 128, with relative motion
 * driving - reference + source, where source is the picture's mean colour and reference the mean
 * colour of the frame that became the neutral pose; all clamped to 0 ... 255. */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include <glib.h>

#include "common/engine_api.h"

#define FAKE_ENGINE_SYMBOL "fake_engine"

/* What the tests see and steer, exported as FAKE_ENGINE_SYMBOL; by `lock`. */
typedef struct {
  GMutex lock;
  GCond changed;

  /* objects that exist now */
  int models, pictures, sources, streams;
  /* calls since the library was opened */
  int models_opened, sources_encoded, frames, references_set;
  /* what was handed over last */
  char model[256], config[256], device[32];
  FomoPrecision precision;
  int threads, align_corners;
  FomoMotion motion;
  int picture_width, picture_height, picture_channels;
  FomoCrop crop;

  /* Every frame takes that long, besides the model's delay-us. */
  int delay_us;

  /* While TRUE, source_encode waits; `encodes_held` counts those that do. */
  gboolean hold_encodes;
  int encodes_held;

  FomoLogFunction log;
  void* log_data;
} FakeEngine;

#endif
