/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fake libfomoengine.so, which makes the element's tests fast and exact.
 *
 * model: "fake", or "fake:key=value,..." with
 *   size=WxH          the model's size (64x64)
 *   fail=STATUS       opening fails with that FomoStatus
 *   encode-fail=STATUS, stream-fail=STATUS, animate-fail=STATUS
 *                     encoding, making a stream or animating fails with that FomoStatus
 *   delay-us=N        every frame takes N microseconds
 *   faces=N           the model is one of faces, and every picture has N faces
 *   leans=1           the face of every picture leans
 *   named=1           the keypoints have names
 * A picture file contains the text "FAKE R G B": a picture of one colour. So does an encoded
 * sample.
 *
 * With absolute motion a pixel becomes driving + source - 128, with relative motion
 * driving - reference + source, clamped to 0 ... 255. Here source is the picture's mean colour, and
 * reference the mean colour of the frame that became the neutral pose. Frames of another size than
 * the model's repeat pixels. Alpha is FAKE_ALPHA everywhere. A picture at rest has its mean colour.
 *
 * A driving frame has a face if the first component of the upright frame's pixel 0, 0 is FAKE_FACE
 * or more. The face is in the second quarter of the frame's width and height. With FAKE_CUT or more
 * the frame is a cut to another scene. */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include <glib.h>

#include "api/engine_api.h"

#define FAKE_ENGINE_SYMBOL "fake_engine"

#define FAKE_ALPHA 77
#define FAKE_FACE 64
#define FAKE_CUT 250

/* State that the tests read and set, exported as FAKE_ENGINE_SYMBOL. `lock` guards all members. */
typedef struct {
  GMutex lock;
  GCond changed;

  /* objects that exist now */
  int models, pictures, sources, poses, streams;
  /* calls since the library was opened */
  int models_opened, sources_encoded, presentations, poses_detected, frames, references_set;
  /* arguments of the last calls */
  char model[256], config[256], device[32];
  FomoPrecision precision;
  int threads, align_corners;
  FomoCalibration calibration;
  FomoDriving driving; /* without the list of faces */
  FomoFrameInfo info;
  FomoBox box; /* the face's box in the upright frame */
  FomoPresentation presentation;
  unsigned overlay;
  char overlay_text[256];
  FomoMark mark; /* zeros: none */
  int picture_width, picture_height, picture_channels;
  FomoFraming framing, pose_framing;

  /* Microseconds that every frame takes in addition to the model's delay-us. */
  int delay_us;

  /* What the next frame with a face reports as FomoFrameInfo::lies. */
  FomoOrientation lies;

  /* While TRUE, source_encode waits; `encodes_held` is the number of waiting calls. */
  gboolean hold_encodes;
  int encodes_held;

  /* The same for picture_load. */
  gboolean hold_loads;
  int loads_held;

  /* If not FOMO_OK, frames fail with this status. */
  FomoStatus animate_status;

  FomoLogFunction log;
  void* log_data;
} FakeEngine;

#endif
