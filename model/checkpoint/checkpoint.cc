// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <set>

#include "common/error.h"
#include "model/checkpoint/file_kind.h"
#include "model/checkpoint/foreign_model.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/mapped_file.h"
#include "model/checkpoint/safetensors_format.h"
#include "model/checkpoint/torch_archive.h"

namespace fomo {
namespace {

constexpr const char* wanted_parts[] = {"generator", "kp_detector"};

bool is_wanted(std::string_view part) {
  return std::find(std::begin(wanted_parts), std::end(wanted_parts), part) !=
         std::end(wanted_parts);
}

/// A view may repeat a few bytes over and over; a model larger than this and than its file is none.
constexpr int64_t max_repeated = int64_t{1} << 26;

/// "kp_detector" + "module.kp.weight": "kp_detector.kp.weight".
std::string full_name(std::string_view part, std::string_view name) {
  constexpr std::string_view prefix = "module."; // DataParallel's
  while (name.substr(0, prefix.size()) == prefix)
    name.remove_prefix(prefix.size());
  return std::string(part) + "." + std::string(name);
}

} // namespace

/// Fills a Checkpoint from what a container holds. Throws FormatError.
class CheckpointBuilder {
 public:
  CheckpointBuilder(const std::string& path, std::shared_ptr<const MappedFile> file) {
    checkpoint_.path_ = path;
    checkpoint_.file_size_ = file->bytes().size();
    checkpoint_.file_ = std::move(file);
  }

  Checkpoint build() {
    const std::string_view file = checkpoint_.file_->bytes();
    switch (sniff_file(file)) {
    case FileKind::legacy:
      checkpoint_.container_ = Container::legacy;
      take_archive(read_legacy_container(file));
      break;
    case FileKind::zip:
      checkpoint_.container_ = Container::zip;
      take_archive(read_zip_container(file));
      break;
    case FileKind::safetensors:
      checkpoint_.container_ = Container::safetensors;
      take_safetensors(read_safetensors(file));
      break;
    case FileKind::unknown:
      refuse_file(file);
    }
    check_parts();
    prepare_pages();
    return std::move(checkpoint_);
  }

 private:
  void take_archive(const TorchArchive& archive) {
    const Pickle& pickle = archive.pickle;
    const Value& root = pickle.object();
    if (root.kind != Value::Kind::dict)
      throw FormatError("is a PyTorch file of something else than named state dicts. Give a "
                        "checkpoint of the First Order Motion Model, with 'generator' and "
                        "'kp_detector' in it.");
    std::vector<bool> seen_values(pickle.values.size(), false);
    std::vector<bool> seen_storages(pickle.storages.size(), false);
    for (size_t i = 0; i < root.items.size(); i += 2) {
      const Value& key = pickle.at(root.items[i]);
      const Value& value = pickle.at(root.items[i + 1]);
      if (key.kind != Value::Kind::string)
        continue;
      if (value.kind == Value::Kind::tensor)
        add_flat(key.text, stored(archive, value));
      else if (is_wanted(key.text) && value.kind == Value::Kind::dict)
        add_part(archive, key.text, value);
      else
        skip_part(archive, key.text, root.items[i + 1], seen_values, seen_storages);
    }
  }

  void add_part(const TorchArchive& archive, std::string_view part, const Value& dict) {
    names_.insert(std::string(part));
    for (size_t i = 0; i < dict.items.size(); i += 2) {
      const Value& key = archive.pickle.at(dict.items[i]);
      const Value& value = archive.pickle.at(dict.items[i + 1]);
      if (key.kind == Value::Kind::string && value.kind == Value::Kind::tensor)
        add(full_name(part, key.text), stored(archive, value));
    }
  }

  static StoredTensor stored(const TorchArchive& archive, const Value& value) {
    const PickledTensor& pickled = archive.pickle.tensors[static_cast<size_t>(value.integer)];
    const StorageView& view = archive.pickle.views[pickled.view];
    StoredTensor tensor;
    tensor.type = archive.pickle.storages[view.storage].type;
    tensor.shape = pickled.shape;
    tensor.strides = pickled.strides;
    const uint64_t first = view.offset + static_cast<uint64_t>(pickled.offset);
    tensor.data = reinterpret_cast<const std::byte*>(archive.storages[view.storage].data()) +
                  first * scalar_size(tensor.type);
    return tensor;
  }

  /// Sums up the storages that can be reached from a value and were not reached before.
  void skip_part(const TorchArchive& archive, std::string_view name, ValueRef root,
                 std::vector<bool>& seen_values, std::vector<bool>& seen_storages) {
    names_.insert(printable(name));
    const Pickle& pickle = archive.pickle;
    SkippedPart part{printable(name), 0};
    std::vector<ValueRef> left = {root};
    while (!left.empty()) {
      const ValueRef ref = left.back();
      left.pop_back();
      if (seen_values[ref])
        continue;
      seen_values[ref] = true;
      const Value& value = pickle.at(ref);
      left.insert(left.end(), value.items.begin(), value.items.end());
      if (value.kind != Value::Kind::tensor)
        continue;
      const size_t storage =
          pickle.views[pickle.tensors[static_cast<size_t>(value.integer)].view].storage;
      if (!seen_storages[storage])
        part.bytes += archive.storages[storage].size();
      seen_storages[storage] = true;
    }
    checkpoint_.skipped_.push_back(part);
  }

  void take_safetensors(SafetensorsFile file) {
    checkpoint_.metadata_ = std::move(file.metadata);
    for (const auto& [name, tensor] : file.tensors)
      add_flat(name, tensor);
  }

  /// A tensor of a flat file: "generator.first.conv.weight".
  void add_flat(std::string_view name, const StoredTensor& tensor) {
    constexpr std::string_view prefix = "module.";
    if (name.substr(0, prefix.size()) == prefix)
      name.remove_prefix(prefix.size());
    const size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    names_.insert(printable(part));
    if (dot != std::string_view::npos && is_wanted(part)) {
      add(full_name(part, name.substr(dot + 1)), tensor);
      return;
    }
    is_flat_ = true;
    const uint64_t bytes = static_cast<uint64_t>(tensor.count()) * scalar_size(tensor.type);
    const auto known =
        std::find_if(checkpoint_.skipped_.begin(), checkpoint_.skipped_.end(),
                     [&](const SkippedPart& skipped) { return skipped.name == printable(part); });
    if (known != checkpoint_.skipped_.end())
      known->bytes += bytes;
    else
      checkpoint_.skipped_.push_back({printable(part), bytes});
  }

  void add(const std::string& name, const StoredTensor& tensor) {
    const int64_t limit = max_repeated + static_cast<int64_t>(checkpoint_.file_size_);
    const int64_t count = tensor.count();
    if (count > limit - elements_)
      throw_damaged("its tensors are larger than the file");
    elements_ += count;
    if (!checkpoint_.tensors_.emplace(name, tensor).second)
      throw FormatError("has the tensor '" + printable(name) +
                        "' twice. Save it again from the networks' state dicts.");
  }

  void check_parts() const {
    for (const char* part : wanted_parts) {
      const std::string prefix = std::string(part) + ".";
      const auto first = checkpoint_.tensors_.lower_bound(prefix);
      if (first == checkpoint_.tensors_.end() ||
          first->first.compare(0, prefix.size(), prefix) != 0)
        throw FormatError(describe_foreign(names_, is_flat_));
    }
    for (const char* telling : {"region_predictor", "he_estimator", "avd_network", "bg_predictor"})
      if (names_.count(telling) != 0)
        throw FormatError(describe_foreign(names_, is_flat_));
  }

  /// Only what is wanted shall come from the disk, ahead of its use.
  void prepare_pages() const {
    checkpoint_.file_->expect_sequential();
    for (const auto& [name, tensor] : checkpoint_.tensors_)
      checkpoint_.file_->expect({reinterpret_cast<const char*>(tensor.data),
                                 static_cast<size_t>(tensor.count()) * scalar_size(tensor.type)});
  }

  Checkpoint checkpoint_;
  std::set<std::string> names_; // at the file's top
  bool is_flat_ = false;        // there are tensors at the file's top
  int64_t elements_ = 0;
};

Checkpoint Checkpoint::open(const std::string& path) {
  auto file = MappedFile::open(path);
  try {
    return CheckpointBuilder(path, std::move(file)).build();
  } catch (const FormatError& error) {
    throw Error(FOMO_WRONG_TYPE, "'" + path + "' " + error.what());
  }
}

const StoredTensor& Checkpoint::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end())
    throw Error(FOMO_WRONG_TYPE, "'" + path_ + "' lacks the tensor '" + name +
                                     "': it is damaged or another model's. Download it again.");
  return found->second;
}

void Checkpoint::drop_pages() const { file_->drop_pages(); }

} // namespace fomo
