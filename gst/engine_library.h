// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"

namespace fomo {

/// Opens libfomoengine.so and returns its table. The engine's log goes to the debug category
/// `fomoengine`. The environment variable FOMOTRANSFER_ENGINE names the library; if it is not set,
/// the library is searched for relative to the plugin (installation, then build tree) and in the
/// installation folder. The library is never unloaded, because LibTorch leaves threads and
/// thread-local objects behind. Throws Error (FOMO_LIBRARY) that lists every path tried with the
/// reason of its failure.
const FomoEngineApi* open_engine_library();

} // namespace fomo
