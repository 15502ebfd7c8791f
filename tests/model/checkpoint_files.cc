// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/model/checkpoint_files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace fomo::test {
namespace {

std::string number(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

constexpr uint64_t in_zip64 = 0xffffffff;

} // namespace

ScratchFolder::ScratchFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "fomo-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no scratch folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

std::vector<std::string> ScratchFolder::names() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    found.push_back(entry.path().filename());
  return found;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ZipWriter::add(const std::string& name, const std::string& bytes, uint16_t method,
                    uint16_t flags) {
  members_.push_back({name, bytes.size(), bytes_.size(), method, flags});
  const std::string padding(11, 'Z'); // the extra field with which PyTorch aligns data
  bytes_ += number(0x04034b50, 4) + number(0, 2) + number(flags, 2) + number(method, 2) +
            std::string(16, '\0') + number(name.size(), 2) + number(padding.size() + 4, 2) + name +
            "FB" + number(padding.size(), 2) + padding + bytes;
  bytes_ += number(0x08074b50, 4) + std::string(4, '\0') + number(bytes.size(), 4) +
            number(bytes.size(), 4); // the data descriptor
}

std::string ZipWriter::finish(bool zip64) const {
  std::string directory;
  for (const Member& member : members_) {
    const std::string extra = zip64 ? number(1, 2) + number(24, 2) + number(member.size, 8) +
                                          number(member.size, 8) + number(member.header, 8)
                                    : "";
    const uint64_t size = zip64 ? in_zip64 : member.size;
    directory += number(0x02014b50, 4) + std::string(4, '\0') + number(member.flags, 2) +
                 number(member.method, 2) + std::string(8, '\0') + number(size, 4) +
                 number(size, 4) + number(member.name.size(), 2) + number(extra.size(), 2) +
                 std::string(10, '\0') + number(zip64 ? in_zip64 : member.header, 4) + member.name +
                 extra;
  }
  std::string end;
  if (zip64)
    end = number(0x06064b50, 4) + number(44, 8) + std::string(12, '\0') +
          number(members_.size(), 8) + number(members_.size(), 8) + number(directory.size(), 8) +
          number(bytes_.size(), 8) + number(0x07064b50, 4) + number(0, 4) +
          number(bytes_.size() + directory.size(), 8) + number(1, 4);
  end += number(0x06054b50, 4) + number(0, 4) + number(members_.size() & 0xffff, 2) +
         number(members_.size() & 0xffff, 2) + number(zip64 ? in_zip64 : directory.size(), 4) +
         number(zip64 ? in_zip64 : bytes_.size(), 4) + number(0, 2);
  return bytes_ + directory + end;
}

TensorReference TorchFile::store(ScalarType type, const std::string& bytes) {
  TensorReference reference;
  reference.key = std::to_string(storages_.size());
  reference.type = type;
  reference.storage_count = bytes.size() / scalar_size(type);
  reference.shape = {static_cast<int64_t>(reference.storage_count)};
  reference.strides = {1};
  storages_[reference.key] = {reference.storage_count, bytes};
  return reference;
}

std::string TorchFile::finish(bool zip64, const std::map<std::string, std::string>& extra) const {
  if (container_ == Container::legacy) {
    std::vector<std::string> keys;
    std::string data;
    for (const auto& [key, storage] : storages_) {
      keys.push_back(key);
      data += number(storage.first, 8) + storage.second;
    }
    return legacy_prefix() + pickle.finish() + legacy_keys(keys) + data;
  }
  ZipWriter zip;
  zip.add(root_ + "/data.pkl", pickle.finish());
  zip.add(root_ + "/version", "3\n");
  for (const auto& [name, bytes] : extra)
    zip.add(root_ + "/" + name, bytes);
  for (const auto& [key, storage] : storages_)
    zip.add(root_ + "/data/" + key, storage.second);
  return zip.finish(zip64);
}

int64_t element_count(const TensorToWrite& tensor) {
  int64_t count = 1;
  for (const int64_t size : tensor.shape)
    count *= size;
  return count;
}

TensorReference store_plainly(TorchFile& file, const std::string&, const TensorToWrite& tensor) {
  const auto count = static_cast<size_t>(element_count(tensor));
  TensorReference reference =
      file.store(tensor.type, std::string(static_cast<const char*>(tensor.data),
                                          count * scalar_size(tensor.type)));
  reference.shape = tensor.shape;
  reference.strides = contiguous_strides(tensor.shape);
  return reference;
}

std::string torch_model(const Tensors& tensors, Container container, const StoreTensor& store,
                        const std::string& prefix) {
  TorchFile file(container);
  file.pickle.begin_dict();
  for (const std::string part : {"generator", "kp_detector"}) {
    file.pickle.string(part);
    file.pickle.begin_ordered_dict();
    for (const auto& [name, tensor] : tensors) {
      if (name.compare(0, part.size() + 1, part + ".") != 0)
        continue;
      file.pickle.string(prefix + name.substr(part.size() + 1));
      file.pickle.tensor(store(file, name, tensor));
    }
    file.pickle.end_dict();
  }
  file.pickle.end_dict();
  return file.finish();
}

ModelConfig small_config() {
  ModelConfig config;
  config.num_kp = 3;
  config.kp_detector.block_expansion = 2;
  config.kp_detector.max_features = 3;
  config.kp_detector.num_blocks = 2;
  config.generator.block_expansion = 2;
  config.generator.max_features = 3;
  config.generator.num_down_blocks = 2;
  config.generator.num_bottleneck_blocks = 1;
  config.dense_motion.block_expansion = 2;
  config.dense_motion.max_features = 3;
  config.dense_motion.num_blocks = 2;
  return config;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

} // namespace fomo::test
