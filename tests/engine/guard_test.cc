// SPDX-License-Identifier: LGPL-2.1-or-later
// No exception leaves the C table.
#include "engine/guard.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace fomo {
namespace {

enum class Throws { nothing, error, no_memory, no_thread, standard, other };
Throws throws = Throws::nothing;

void maybe_throw() {
  switch (throws) {
  case Throws::error:
    throw Error(FOMO_NOT_FOUND, "No such file.");
  case Throws::no_memory:
    throw std::bad_alloc();
  case Throws::no_thread:
    throw std::runtime_error("pthread_create has failed: Resource temporarily unavailable");
  case Throws::standard:
    throw std::runtime_error("odd");
  case Throws::other:
    throw 7;
  case Throws::nothing:
    break;
  }
}

int object;

int* make(int) {
  maybe_throw();
  return &object;
}

void act(int, const char*) { maybe_throw(); }

TEST(Guarded, TurnsExceptionsIntoErrors) {
  const struct {
    Throws kind;
    FomoStatus status;
    const char* message;
  } cases[] = {{Throws::nothing, FOMO_OK, ""},
               {Throws::error, FOMO_NOT_FOUND, "No such file."},
               {Throws::no_memory, FOMO_NO_MEMORY, "Out of memory"},
               {Throws::no_thread, FOMO_NO_MEMORY, "No thread can be started for OpenCV"},
               {Throws::standard, FOMO_FAILED, "odd"},
               {Throws::other, FOMO_FAILED, "Unknown failure"}};
  for (const auto& expected : cases) {
    throws = expected.kind;
    FomoError error{FOMO_LIBRARY, "stale"};
    EXPECT_EQ(Guarded<act>::call(1, "", &error), expected.status);
    EXPECT_EQ(error.status, expected.status);
    EXPECT_EQ(std::string(error.message).find(expected.message), 0U) << error.message;
    int* made = Guarded<make>::call(1, &error);
    EXPECT_EQ(made, expected.kind == Throws::nothing ? &object : nullptr);
    EXPECT_EQ(error.status, expected.status);
    // With a null pointer the call returns only the status.
    EXPECT_EQ(Guarded<act>::call(1, "", nullptr), expected.status);
  }
}

TEST(Guarded, CutsLongMessages) {
  FomoError error{};
  report(&error, FOMO_FAILED, std::string(4000, 'x').c_str());
  EXPECT_EQ(std::string(error.message).size(), sizeof error.message - 1);
}

} // namespace
} // namespace fomo
