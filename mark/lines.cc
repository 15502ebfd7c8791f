// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/lines.h"

#include "simd/dispatch.h"

namespace fomo::mark {

FOMO_DEFINE_DISPATCH(Lines, lines_of)

} // namespace fomo::mark
