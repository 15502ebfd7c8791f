// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/training_file.h"

#include <vector>

#include "model/checkpoint/pending_file.h"
#include "tools/torch_pickle.h"

namespace fomo {
namespace {

using Tensors = std::map<std::string, TensorToWrite>;

uint64_t count_of(const TensorToWrite& tensor) {
  uint64_t count = 1;
  for (const int64_t size : tensor.shape)
    count *= static_cast<uint64_t>(size);
  return count;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Whether a tensor is a parameter, for which an optimizer has state, and not a buffer.
bool is_parameter(const std::string& name) {
  for (const char* buffer :
       {".running_mean", ".running_var", ".num_batches_tracked", "down.weight"})
    if (ends_with(name, buffer))
      return false;
  return true;
}

/// The tensors whose names begin with "part.", without this prefix.
Tensors part_of(const Tensors& tensors, const std::string& part) {
  Tensors result;
  for (const auto& [name, tensor] : tensors)
    if (name.compare(0, part.size() + 1, part + ".") == 0)
      result[name.substr(part.size() + 1)] = tensor;
  return result;
}

/// The tensors of FOMM's discriminator in the published configurations: 4x4 convolutions with 64 to
/// 512 channels. Without data, which is written as zeros.
Tensors discriminator() {
  Tensors tensors;
  int64_t in = 3;
  for (int block = 0; block < 4; ++block) {
    const int64_t out = int64_t{64} << block;
    const std::string name = "discs.1.down_blocks." + std::to_string(block) + ".conv.";
    tensors[name + "weight"] = {ScalarType::f32, {out, in, 4, 4}, nullptr};
    tensors[name + "bias"] = {ScalarType::f32, {out}, nullptr};
    in = out;
  }
  tensors["discs.1.conv.weight"] = {ScalarType::f32, {1, in, 1, 1}, nullptr};
  tensors["discs.1.conv.bias"] = {ScalarType::f32, {1}, nullptr};
  return tensors;
}

/// A checkpoint in the legacy container, with the layout of FOMM's training.
class TrainingFile {
 public:
  void add_state_dict(const std::string& part, const Tensors& tensors) {
    pickle_.string(part);
    pickle_.begin_ordered_dict();
    for (const auto& [name, tensor] : tensors) {
      pickle_.string(name);
      add_tensor(tensor);
    }
    pickle_.end_dict();
    pickle_.raw("}("); // its attributes
    pickle_.string("_metadata");
    pickle_.begin_ordered_dict();
    pickle_.string("");
    pickle_.begin_dict();
    pickle_.string("version");
    pickle_.integer(1);
    pickle_.end_dict();
    pickle_.end_dict();
    pickle_.raw("ub");
  }

  /// Adds the state of an Adam optimizer: the moments of every parameter. Keys are addresses.
  void add_optimizer(const std::string& part, const Tensors& tensors) {
    std::vector<int64_t> ids;
    pickle_.string(part);
    pickle_.begin_dict();
    pickle_.string("state");
    pickle_.begin_dict();
    for (const auto& [name, tensor] : tensors) {
      if (!is_parameter(name))
        continue;
      ids.push_back(next_address());
      pickle_.integer(ids.back());
      pickle_.begin_dict();
      pickle_.string("step");
      pickle_.integer(100'000);
      for (const char* moment : {"exp_avg", "exp_avg_sq"}) {
        pickle_.string(moment);
        add_tensor({tensor.type, tensor.shape, nullptr});
      }
      pickle_.end_dict();
    }
    pickle_.end_dict();
    add_parameter_group(ids);
    pickle_.end_dict();
  }

  void write(const std::string& path) {
    pickle_.string("epoch");
    pickle_.integer(99);
    pickle_.end_dict();
    std::vector<std::string> keys;
    for (const auto& [key, tensor] : storages_)
      keys.push_back(key);
    const std::string head = legacy_prefix() + pickle_.finish() + legacy_keys(keys);
    PendingFile file(path);
    file.write(head.data(), head.size());
    for (const auto& [key, tensor] : storages_) {
      const uint64_t count = count_of(tensor);
      file.write(&count, sizeof count);
      const uint64_t bytes = count * scalar_size(tensor.type);
      if (tensor.data == nullptr)
        file.skip(bytes);
      else
        file.write(tensor.data, bytes);
    }
    file.finish();
  }

  TrainingFile() { pickle_.begin_dict(); }

 private:
  /// A pseudo-random address. The legacy container names storages by their addresses and sorts
  /// them, so networks and optimizer states are mixed in the file.
  int64_t next_address() {
    return 94'000'000'000'000 + (++addresses_ * 2'654'435'761 % 4'294'967'296) * 64;
  }

  void add_tensor(const TensorToWrite& tensor) {
    TensorReference reference;
    reference.key = std::to_string(next_address());
    reference.type = tensor.type;
    reference.storage_count = count_of(tensor);
    reference.shape = tensor.shape;
    reference.strides = contiguous_strides(tensor.shape);
    pickle_.tensor(reference);
    storages_[reference.key] = tensor;
  }

  void add_parameter_group(const std::vector<int64_t>& ids) {
    pickle_.string("param_groups");
    pickle_.begin_list();
    pickle_.begin_dict();
    pickle_.string("lr");
    pickle_.real(2e-4);
    pickle_.string("params");
    pickle_.begin_list();
    for (const int64_t id : ids)
      pickle_.integer(id);
    pickle_.end_list();
    pickle_.end_dict();
    pickle_.end_list();
  }

  PickleWriter pickle_{true};
  Tensors storages_; // by key, sorted as torch.save sorts them
  int64_t addresses_ = 0;
};

} // namespace

void write_training_file(const std::string& path, const Tensors& tensors, bool with_optimizer) {
  const Tensors generator = part_of(tensors, "generator");
  const Tensors keypoints = part_of(tensors, "kp_detector");
  TrainingFile file;
  file.add_state_dict("generator", generator);
  if (with_optimizer)
    file.add_state_dict("discriminator", discriminator());
  file.add_state_dict("kp_detector", keypoints);
  if (with_optimizer) {
    file.add_optimizer("optimizer_generator", generator);
    file.add_optimizer("optimizer_discriminator", discriminator());
    file.add_optimizer("optimizer_kp_detector", keypoints);
  }
  file.write(path);
}

} // namespace fomo
