// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>

#include "api/engine_api.h"

namespace fomo {

/// The exception that every layer below the element throws. `what()` is one or two sentences for
/// the user that name the thing, the reason and the remedy; `status()` selects the GStreamer error
/// code.
class Error : public std::runtime_error {
 public:
  Error(FomoStatus status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  FomoStatus status() const { return status_; }

 private:
  FomoStatus status_;
};

} // namespace fomo
