// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/torch_library.h"

#include "common/part_library.h"

namespace fomo {

const TorchApi& torch_library() {
  static const auto& api = *static_cast<const TorchApi*>(
      open_part({"libfomotorch.so", "model/backend/torch", kTorchApiEntry, kTorchApiVersion,
                 "LibTorch cannot be opened",
                 "Install LibTorch where the system looks for libraries, or set device=cpu and "
                 "precision=fp32, which "
                 "need no LibTorch. See 'LibTorch cannot be opened' in docs/troubleshooting.md."}));
  return api;
}

} // namespace fomo
