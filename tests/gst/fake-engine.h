/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stand-in for libfomoengine.so, so that the element's tests are fast and exact.
 *
 * model: "fake", or "fake:key=value,..." with
 *   size=WxH          the model's size (64x64)
 *   fail=STATUS       opening fails with that FomoStatus
 *   encode-fail=STATUS, stream-fail=STATUS, animate-fail=STATUS  likewise
 *   delay-us=N        every frame takes that long
 *   faces=N           it is a model of faces, and every picture has N of them
 * A picture file holds "FAKE R G B": one colour. An encoded sample is the same.
 *
 * With absolute motion a pixel becomes driving + source - 128, with relative motion
 * driving - reference + source, where source is the picture's mean colour and reference the mean
 * colour of the frame that became the neutral pose; all clamped to 0 ... 255. Frames of another
 * size than the model's repeat pixels; alpha is FAKE_ALPHA everywhere; a picture at rest is its
 * mean colour.
 *
 * A driving frame has a face when the first component of its pixel 0, 0 (as it stands upright) is
 * FAKE_FACE or more, in the second quarter of its width and height; with FAKE_CUT or more the frame
 * is another scene. */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include <glib.h>

#include "api/engine_api.h"

#define FAKE_ENGINE_SYMBOL "fake_engine"

#define FAKE_ALPHA 77
#define FAKE_FACE 64
#define FAKE_CUT 250

/* What the tests see and steer, exported as FAKE_ENGINE_SYMBOL; by `lock`. */
typedef struct {
  GMutex lock;
  GCond changed;

  /* objects that exist now */
  int models, pictures, sources, poses, streams;
  /* calls since the library was opened */
  int models_opened, sources_encoded, presentations, poses_detected, frames, references_set;
  /* what was handed over last */
  char model[256], config[256], device[32];
  FomoPrecision precision;
  int threads, align_corners;
  FomoCalibration calibration;
  FomoDriving driving; /* without the list of faces */
  FomoFrameInfo info;
  FomoBox box; /* of the face, in the upright frame */
  FomoPresentation presentation;
  unsigned overlay;
  char overlay_text[256];
  int picture_width, picture_height, picture_channels;
  FomoFraming framing, pose_framing;

  /* Every frame takes that long, besides the model's delay-us. */
  int delay_us;

  /* While TRUE, source_encode waits; `encodes_held` counts those that do. */
  gboolean hold_encodes;
  int encodes_held;

  FomoLogFunction log;
  void* log_data;
} FakeEngine;

#endif
