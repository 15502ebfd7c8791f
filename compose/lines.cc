// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/lines.h"

#include "simd/dispatch.h"

namespace fomo::compose {

FOMO_DEFINE_DISPATCH(Lines, lines_of)

const Lines& best_lines() { return lines_of(simd::best_isa()); }

} // namespace fomo::compose
