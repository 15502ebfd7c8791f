// SPDX-License-Identifier: LGPL-2.1-or-later
// Targets that read model files.
#include <cstdlib>
#include <string>
#include <vector>

#include "common/error.h"
#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/config.h"
#include "model/checkpoint/pickle.h"
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {
namespace {

/// Most elements that are read. A file's views may have many more elements than the file has bytes.
constexpr int64_t max_elements = 1 << 16;

/// Opens a model as the engine does and reads its tensors.
int open_model(const uint8_t* data, size_t size) {
  try {
    const auto source =
        std::make_shared<MemorySource>(std::string(reinterpret_cast<const char*>(data), size));
    const Checkpoint checkpoint = Checkpoint::open(source, "fuzzed");
    std::vector<float> values;
    for (const auto& [name, tensor] : checkpoint.tensors()) {
      if (tensor.count() > max_elements - static_cast<int64_t>(values.size()))
        break;
      const size_t begin = values.size();
      values.resize(begin + static_cast<size_t>(tensor.count()));
      copy_to_floats(tensor, values.data() + begin);
    }
    model_config(checkpoint, "");
  } catch (const Error&) {
  }
  return 0;
}

} // namespace

int run_legacy(const uint8_t* data, size_t size) { return open_model(data, size); }

int run_zip(const uint8_t* data, size_t size) { return open_model(data, size); }

int run_safetensors(const uint8_t* data, size_t size) { return open_model(data, size); }

int run_pickle(const uint8_t* data, size_t size) {
  try {
    const Pickle pickle = read_pickle({reinterpret_cast<const char*>(data), size});
    if (pickle.size > size || pickle.root >= pickle.values.size())
      std::abort();
    for (const PickledTensor& tensor : pickle.tensors)
      if (pickle.views.at(tensor.view).storage >= pickle.storages.size())
        std::abort();
    pickle.find(pickle.object(), "generator");
    pickle.storage_bytes();
  } catch (const FormatError&) {
  }
  return 0;
}

} // namespace fomo::fuzz
