// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "common/error.h"
#include "common/log.h"

namespace fomo {

/// Fills `error`, which may be null, and writes the message to the log. Allocates no memory,
/// because it also reports that none is left.
inline FomoStatus report(FomoError* error, FomoStatus status, const char* message) noexcept {
  log(LogLevel::debug, message);
  if (error) {
    error->status = status;
    std::snprintf(error->message, sizeof error->message, "%s", message);
  }
  return status;
}

/// To be called in a catch block: reports the current exception.
inline FomoStatus report_exception(FomoError* error) noexcept {
  try {
    throw;
  } catch (const Error& exception) {
    return report(error, exception.status(), exception.what());
  } catch (const std::bad_alloc&) {
    return report(error, FOMO_NO_MEMORY,
                  "Out of memory. Use a smaller model or picture, or close other programs.");
  } catch (const std::exception& exception) {
    // TBB, on which OpenCV's parallel loops run, throws this.
    if (std::strstr(exception.what(), "pthread_create"))
      return report(error, FOMO_NO_MEMORY,
                    "No thread can be started for OpenCV. Close other programs, or raise the limit "
                    "of threads (ulimit -u).");
    return report(error, FOMO_FAILED, exception.what());
  } catch (...) {
    return report(error, FOMO_FAILED, "Unknown failure in the engine.");
  }
}

/// Wraps the function `body`, which may throw, as an entry of the C table. `call` has the arguments
/// of `body` and a FomoError, and does not throw. If `body` returns a pointer, `call` returns the
/// pointer, or null on failure; if `body` returns void, `call` returns the status. Every entry of
/// the table is made in this way, except those that free an object, set_log and watch_files, which
/// cannot throw.
template<auto body>
struct Guarded;

template<typename T, typename... Arguments, T* (*body)(Arguments...)>
struct Guarded<body> {
  static T* call(Arguments... arguments, FomoError* error) noexcept {
    try {
      T* result = body(arguments...);
      if (error)
        *error = {};
      return result;
    } catch (...) {
      report_exception(error);
      return nullptr;
    }
  }
};

template<typename... Arguments, void (*body)(Arguments...)>
struct Guarded<body> {
  static FomoStatus call(Arguments... arguments, FomoError* error) noexcept {
    try {
      body(arguments...);
      if (error)
        *error = {};
      return FOMO_OK;
    } catch (...) {
      return report_exception(error);
    }
  }
};

} // namespace fomo
