// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/model_path.h"

#include <cstdlib>

#include "common/data_file.h"

namespace fomo {

std::string model_path(const std::string& model) {
  if (model != "builtin")
    return model;
  if (const char* instead = std::getenv("FOMOTRANSFER_BUILTIN"))
    return instead;
  return data_file("model/builtin/builtin.safetensors", "builtin.safetensors");
}

} // namespace fomo
