// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "model/backend/backend.h"

namespace fomo {

/// To be called in a catch block: rethrows a LibTorch exception as Error (FOMO_NO_MEMORY,
/// FOMO_FAILED), any other exception unchanged. LibTorch's exception types must not leave the
/// libraries that link LibTorch.
[[noreturn]] void rethrow_as_error();

/// Calls `body` and returns its result. LibTorch's exceptions become Error.
template<typename Body>
auto with_own_errors(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::exception&) {
    rethrow_as_error();
  }
}

/// Wraps a backend so that each of its functions throws Error in place of LibTorch's exceptions.
std::shared_ptr<Backend> translate_errors(std::shared_ptr<Backend> backend);

} // namespace fomo
