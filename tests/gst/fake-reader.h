/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lets the fake engine use the real engine's reader of driving frames (driver/frame_reader.h), so
 * that the element's tests see the input that a model gets. */
#ifndef FAKE_READER_H
#define FAKE_READER_H

#include "api/engine_api.h"

#ifdef __cplusplus
extern "C" {
#endif

int fake_read(const FomoFrame* frame, const FomoBox* part, const FomoImage* out);
void fake_upright_size(const FomoFrame* frame, double* width, double* height);
/* Fractions of width and height. */
void fake_to_stored(const FomoFrame* frame, double* x, double* y);
void fake_to_upright(const FomoFrame* frame, double* x, double* y);

#ifdef __cplusplus
}
#endif

#endif
