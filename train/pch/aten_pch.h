// SPDX-License-Identifier: LGPL-2.1-or-later
// ATen's headers cost ten seconds in every file that sees them: parsed once for all.
#ifndef FOMO_TRAIN_ATEN_PCH_H
#define FOMO_TRAIN_ATEN_PCH_H

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#endif
