// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"

namespace fomo {

/// Opens libfomoengine.so and returns its table, with the engine's log sent to the debug category
/// `fomoengine`. Looks at FOMOTRANSFER_ENGINE alone when it is set; else beside the plugin, in the
/// build tree, in the installed place. The library is never unloaded: LibTorch leaves threads and
/// thread-local objects behind. Throws Error (FOMO_LIBRARY) with all that was tried and why not.
const FomoEngineApi* open_engine_library();

} // namespace fomo
