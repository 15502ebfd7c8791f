// SPDX-License-Identifier: LGPL-2.1-or-later
// Precompiled header: parsing ATen's headers takes ten seconds for each source file.
#ifndef FOMO_TRAIN_ATEN_PCH_H
#define FOMO_TRAIN_ATEN_PCH_H

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#endif
