// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints whether it has elevated privileges, and where it would load the built-in model from.
#include <cstdio>

#include "common/error.h"
#include "common/trusted_environment.h"
#include "model/model_path.h"

int main() {
  std::string place;
  try {
    place = fomo::model_path("builtin");
  } catch (const fomo::Error& error) {
    place = error.what();
  }
  std::printf("%s: %s\n", fomo::is_privileged() ? "privileged" : "ordinary", place.c_str());
}
