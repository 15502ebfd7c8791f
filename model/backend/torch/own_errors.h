// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "model/backend/backend.h"

namespace fomo {

/// Throws the exception that is being handled as Error: LibTorch's own types stay in the libraries
/// that link it.
[[noreturn]] void rethrow_as_error();

/// What `body` returns; LibTorch's exceptions become Error (FOMO_NO_MEMORY, FOMO_FAILED).
template<typename Body>
auto with_own_errors(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::exception&) {
    rethrow_as_error();
  }
}

/// The same for every function of a backend.
std::shared_ptr<Backend> translate_errors(std::shared_ptr<Backend> backend);

} // namespace fomo
