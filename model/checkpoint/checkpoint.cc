// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/checkpoint.h"

#include <algorithm>
#include <map>
#include <set>

#include <unistd.h>

#include "common/error.h"
#include "common/file_wait.h"
#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/file_kind.h"
#include "model/checkpoint/foreign_model.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/safetensors_format.h"
#include "model/checkpoint/torch_archive.h"

namespace fomo {
namespace {

constexpr const char* wanted_parts[] = {"generator", "kp_detector"};

bool is_wanted(std::string_view part) {
  return std::find(std::begin(wanted_parts), std::end(wanted_parts), part) !=
         std::end(wanted_parts);
}

/// Elements of all tensors beyond those that the file has room for. Views with a stride of 0 have
/// more elements than are stored; a model needs few of them.
constexpr int64_t max_repeated = int64_t{1} << 26;
/// A view is read from its first to its last stored element: that may be so many times the size of
/// its elements, and for small views so many bytes.
constexpr uint64_t max_sparsity = 16;
constexpr uint64_t small_extent = 1 << 20;
/// Names are read again for each reference to them; PyTorch's have less than 100 characters.
constexpr size_t max_name = 1024;
/// Tensors, and names at a file's top. A training checkpoint has 1,000 and 10.
constexpr size_t max_names = 100'000;

std::string_view without_prefix(std::string_view name) {
  constexpr std::string_view prefix = "module."; // DataParallel's
  while (name.substr(0, prefix.size()) == prefix)
    name.remove_prefix(prefix.size());
  return name;
}

/// "kp_detector" + "module.kp.weight": "kp_detector.kp.weight".
std::string full_name(std::string_view part, std::string_view name) {
  return std::string(part) + "." + std::string(without_prefix(name));
}

} // namespace

/// Fills a Checkpoint from a container's content. Throws FormatError.
class CheckpointBuilder {
 public:
  CheckpointBuilder(const std::string& path, std::shared_ptr<const ByteSource> source) {
    checkpoint_.path_ = path;
    checkpoint_.file_size_ = source->size();
    checkpoint_.source_ = std::move(source);
  }

  Checkpoint build() {
    const ByteSource& file = *checkpoint_.source_;
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
    expect_reading();
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
      check_name(key.text);
      if (value.kind == Value::Kind::tensor)
        add_flat(key.text, stored(archive, value));
      else if (is_wanted(key.text) && value.kind == Value::Kind::dict)
        add_part(archive, key.text, value);
      else
        skip_part(archive, key.text, root.items[i + 1], seen_values, seen_storages);
    }
  }

  void add_part(const TorchArchive& archive, std::string_view part, const Value& dict) {
    // Each of many references to one dict would be read anew.
    if (!names_.insert(std::string(part)).second)
      throw FormatError("has '" + std::string(part) +
                        "' twice. Save it again from the networks' state dicts.");
    for (size_t i = 0; i < dict.items.size(); i += 2) {
      const Value& key = archive.pickle.at(dict.items[i]);
      const Value& value = archive.pickle.at(dict.items[i + 1]);
      if (key.kind != Value::Kind::string || value.kind != Value::Kind::tensor)
        continue;
      check_name(key.text);
      add(full_name(part, key.text), stored(archive, value));
    }
  }

  StoredTensor stored(const TorchArchive& archive, const Value& value) const {
    const PickledTensor& pickled = archive.pickle.tensors[static_cast<size_t>(value.integer)];
    const StorageView& view = archive.pickle.views[pickled.view];
    StoredTensor tensor;
    tensor.type = archive.pickle.storages[view.storage].type;
    tensor.shape = pickled.shape;
    tensor.strides = pickled.strides;
    const uint64_t first = view.offset + static_cast<uint64_t>(pickled.offset);
    tensor.offset = archive.storages[view.storage].offset + first * scalar_size(tensor.type);
    tensor.source = checkpoint_.source_.get();
    return tensor;
  }

  /// Adds up the storages that a value refers to, directly or not, and no value before it did.
  void skip_part(const TorchArchive& archive, std::string_view name, ValueRef root,
                 std::vector<bool>& seen_values, std::vector<bool>& seen_storages) {
    add_top_name(name);
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
        part.bytes += archive.storages[storage].size;
      seen_storages[storage] = true;
    }
    checkpoint_.skipped_.push_back(part);
  }

  void take_safetensors(SafetensorsHeader file) {
    checkpoint_.metadata_ = std::move(file.metadata);
    for (const auto& [name, tensor] : file.tensors) {
      check_name(name);
      add_flat(name, tensor);
    }
  }

  /// A tensor of a flat file: "generator.first.conv.weight".
  void add_flat(std::string_view name, const StoredTensor& tensor) {
    name = without_prefix(name);
    const size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    add_top_name(part);
    if (dot != std::string_view::npos && is_wanted(part)) {
      add(full_name(part, name.substr(dot + 1)), tensor);
      return;
    }
    is_flat_ = true;
    const auto [known, is_new] =
        skipped_by_name_.emplace(printable(part), checkpoint_.skipped_.size());
    if (is_new)
      checkpoint_.skipped_.push_back({known->first, 0});
    checkpoint_.skipped_[known->second].bytes += tensor.extent();
  }

  void add_top_name(std::string_view name) {
    names_.insert(printable(name));
    if (names_.size() > max_names)
      throw_too_many_objects();
  }

  static void check_name(std::string_view name) {
    if (name.size() > max_name)
      throw FormatError("has names of more than " + std::to_string(max_name) +
                        " characters. It is not a First Order Motion Model.");
  }

  void add(const std::string& name, const StoredTensor& tensor) {
    const int64_t limit = max_repeated + static_cast<int64_t>(checkpoint_.file_size_);
    const int64_t count = tensor.count();
    if (count > limit - elements_)
      throw_damaged("its tensors are larger than the file");
    elements_ += count;
    const uint64_t bytes = static_cast<uint64_t>(count) * scalar_size(tensor.type);
    if (tensor.extent() > small_extent && tensor.extent() / max_sparsity > bytes)
      throw FormatError("has the tensor '" + printable(name) +
                        "', a few elements of a large one. Save a contiguous copy of it.");
    if (checkpoint_.tensors_.size() == max_names)
      throw_too_many_objects();
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

  /// Lets the kernel load the tensors ahead of their use, and nothing else of the file.
  void expect_reading() const {
    std::map<uint64_t, uint64_t> ends; // by beginning, in bytes
    for (const auto& [name, tensor] : checkpoint_.tensors_) {
      uint64_t& end = ends[tensor.offset];
      end = std::max(end, tensor.offset + tensor.extent());
    }
    uint64_t done = 0; // tensors that overlap are asked for once
    for (const auto& [begin, end] : ends) {
      if (end > std::max(begin, done))
        checkpoint_.source_->will_read(std::max(begin, done), end - std::max(begin, done));
      done = std::max(done, end);
    }
  }

  Checkpoint checkpoint_;
  std::set<std::string> names_;                   // at the file's top
  std::map<std::string, size_t> skipped_by_name_; // index into Checkpoint::skipped_ of flat names
  bool is_flat_ = false;                          // there are tensors at the file's top
  int64_t elements_ = 0;                          // of all tensors
};

Checkpoint Checkpoint::open(const std::string& path) {
  if (waiting_for_file([&] { return access((path + "/data.pkl").c_str(), F_OK); }) == 0)
    throw Error(FOMO_OPEN_READ, "'" + path +
                                    "' is a folder: an unpacked checkpoint. Give the .pth.tar file "
                                    "itself; it is not meant to be unpacked.");
  return open(std::make_shared<FileSource>(std::make_unique<RegularFile>(path)), path);
}

Checkpoint Checkpoint::open(std::shared_ptr<const ByteSource> source, const std::string& path) {
  try {
    return CheckpointBuilder(path, std::move(source)).build();
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

} // namespace fomo
