// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

#include "model/checkpoint/pickle.h"

namespace fomo {

/// What `torch.save` wrote: an object and its storages, still in the file.
struct TorchArchive {
  Pickle pickle;
  std::vector<std::string_view> storages; ///< little-endian elements, by index of Pickle::storages
};

/// Whether the file begins with the pickled magic number of PyTorch's old container.
bool is_legacy_container(std::string_view file);

/// Reads the container of PyTorch < 1.6: five pickles (magic number, version, system, object, keys
/// of the storages), then for every key an element count and the elements. Throws FormatError.
TorchArchive read_legacy_container(std::string_view file);

/// Reads PyTorch's zip container, whose members are stored without compression. Throws FormatError,
/// which tells TorchScript and archives of other things apart.
TorchArchive read_zip_container(std::string_view file);

} // namespace fomo
