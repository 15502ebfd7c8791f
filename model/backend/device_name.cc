// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/device_name.h"

#include <charconv>

namespace fomo {

int cuda_index_of(const std::string& name) {
  if (name == "cuda")
    return 0;
  const std::string prefix = "cuda:";
  constexpr size_t most_digits = 3;
  if (name.rfind(prefix, 0) != 0 || name.size() > prefix.size() + most_digits)
    return -1;
  unsigned index = 0; // unsigned: from_chars() then takes no sign
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, index);
  return error == std::errc() && stop == end ? static_cast<int>(index) : -1;
}

} // namespace fomo
