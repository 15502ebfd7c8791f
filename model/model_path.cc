// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/model_path.h"

#include "common/data_file.h"
#include "common/trusted_environment.h"

namespace fomo {

std::string model_path(const std::string& model) {
  if (model != "builtin")
    return model;
  if (const char* instead = trusted_environment("FOMOTRANSFER_BUILTIN"))
    return instead;
  return data_file("model/builtin/builtin.safetensors", "builtin.safetensors");
}

} // namespace fomo
