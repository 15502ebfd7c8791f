// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>
#include <vector>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/pickle.h"

namespace fomo {

/// A range of a file, in bytes. Lies within the file.
struct FileRange {
  uint64_t offset = 0;
  uint64_t size = 0;
};

/// What `torch.save` wrote: an object, and where its storages lie in the file.
struct TorchArchive {
  ByteReader::Parts text; ///< what the pickle's strings point into
  Pickle pickle;
  std::vector<FileRange> storages; ///< little-endian elements, by index of Pickle::storages
};

/// Whether a file that begins with `start` is in PyTorch's old container: it begins with a pickled
/// magic number.
bool is_legacy_container(std::string_view start);

/// Reads the container of PyTorch < 1.6: five pickles (magic number, version, system, object, keys
/// of the storages), then for each key an element count and the elements. Throws FormatError.
TorchArchive read_legacy_container(const ByteSource& file);

/// Reads PyTorch's zip container, whose members are stored without compression. Throws FormatError,
/// also for TorchScript and for zip archives of other things, and says which it is.
TorchArchive read_zip_container(const ByteSource& file);

} // namespace fomo
