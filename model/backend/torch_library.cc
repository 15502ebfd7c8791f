// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/torch_library.h"

#include "common/part_library.h"

namespace fomo {

namespace {

const PartLibrary kTorchPart = {
    "libfomotorch.so",
    "model/backend/torch",
    kTorchApiEntry,
    kTorchApiVersion,
    "The plain path's LibTorch cannot be opened",
    "Build fomotransfer with -Dtorch=enabled and install LibTorch where the system looks for "
    "libraries, or leave the plain path out: fomo-model bench --no-plain. See 'LibTorch cannot be "
    "opened' in docs/troubleshooting.md."};

} // namespace

const TorchApi& torch_library() {
  static const auto& api = *static_cast<const TorchApi*>(open_part(kTorchPart));
  return api;
}

void require_torch_library() { require_part(kTorchPart); }

} // namespace fomo
