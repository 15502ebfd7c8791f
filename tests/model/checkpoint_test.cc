// SPDX-License-Identifier: LGPL-2.1-or-later
// Valid checkpoints, in every container and form.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sys/resource.h>
#include <sys/stat.h>

#include "model/checkpoint/half.h"
#include "model/checkpoint/pickle.h"
#include "tests/model/checkpoint_files.h"
#include "tools/random_model.h"
#include "tools/training_file.h"

namespace fomo::test {
namespace {

class CheckpointTest : public ::testing::Test {
 protected:
  Checkpoint open(const std::string& bytes) const {
    return Checkpoint::open(folder_.write("checkpoint.pth.tar", bytes));
  }

  /// Checks that every tensor is there with the values that were written, within the relative
  /// `tolerance`.
  void expect_same(const Checkpoint& checkpoint, float tolerance = 0) const {
    ASSERT_EQ(checkpoint.tensors().size(), tensors_.size());
    for (const auto& [name, written] : tensors_) {
      const StoredTensor& read = checkpoint.at(name);
      ASSERT_EQ(read.shape, written.shape) << name;
      std::vector<float> values(static_cast<size_t>(read.count()));
      copy_to_floats(read, values.data());
      for (size_t i = 0; i < values.size(); ++i) {
        const float expected = written_value(written, i);
        ASSERT_LE(std::fabs(values[i] - expected), tolerance * (std::fabs(expected) + 1e-4f))
            << name << " at " << i;
      }
    }
  }

  static float written_value(const TensorToWrite& tensor, size_t index) {
    return tensor.type == ScalarType::i64
               ? static_cast<float>(static_cast<const int64_t*>(tensor.data)[index])
               : static_cast<const float*>(tensor.data)[index];
  }

  ScratchFolder folder_;
  RandomModel model_{small_config()};
  Tensors tensors_ = model_.tensors();
};

template<typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Stores an fp32 tensor as another type.
TensorReference store_as(ScalarType type, TorchFile& file, const std::string& name,
                         const TensorToWrite& tensor) {
  if (tensor.type != ScalarType::f32)
    return store_plainly(file, name, tensor);
  const int64_t count = element_count(tensor);
  const auto* from = static_cast<const float*>(tensor.data);
  std::vector<uint16_t> halves;
  std::vector<double> doubles;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, from + i, sizeof bits);
    halves.push_back(type == ScalarType::f16 ? float_to_half(from[i])
                                             : static_cast<uint16_t>(bits >> 16));
    doubles.push_back(from[i]);
  }
  TensorReference reference =
      file.store(type, type == ScalarType::f64 ? bytes_of(doubles) : bytes_of(halves));
  reference.shape = tensor.shape;
  reference.strides = contiguous_strides(tensor.shape);
  return reference;
}

TEST_F(CheckpointTest, ReadsBothTorchContainers) {
  for (const Container container : {Container::legacy, Container::zip}) {
    const Checkpoint checkpoint = open(torch_model(tensors_, container));
    EXPECT_EQ(checkpoint.container(), container);
    EXPECT_TRUE(checkpoint.skipped().empty());
    expect_same(checkpoint);
  }
}

TEST_F(CheckpointTest, ReadsSafetensors) {
  const std::string path = folder_.path("model.bin"); // recognised by its content
  write_safetensors(path, tensors_, {{"licence", "CC0"}});
  const Checkpoint checkpoint = Checkpoint::open(path);
  EXPECT_EQ(checkpoint.container(), Container::safetensors);
  EXPECT_EQ(checkpoint.metadata().at("licence"), "CC0");
  expect_same(checkpoint);
}

TEST_F(CheckpointTest, ReadsHalfBfloatAndDouble) {
  const std::pair<ScalarType, float> types[] = {
      {ScalarType::f16, 1e-3f}, {ScalarType::bf16, 8e-3f}, {ScalarType::f64, 0}};
  for (const auto& [type, tolerance] : types)
    for (const Container container : {Container::legacy, Container::zip}) {
      const auto store = [type = type](auto&... args) { return store_as(type, args...); };
      expect_same(open(torch_model(tensors_, container, store)), tolerance);
    }
}

TEST_F(CheckpointTest, RemovesDataParallelPrefix) {
  expect_same(open(torch_model(tensors_, Container::legacy, store_plainly, "module.")));
}

TEST_F(CheckpointTest, ReadsTensorsInOneStorageAtOffsets) {
  for (const Container container : {Container::legacy, Container::zip}) {
    std::string all(16, 'x'); // bytes before the first tensor
    std::map<std::string, int64_t> offsets;
    for (const auto& [name, tensor] : tensors_)
      if (tensor.type == ScalarType::f32) {
        offsets[name] = static_cast<int64_t>(all.size() / sizeof(float));
        all.append(static_cast<const char*>(tensor.data),
                   static_cast<size_t>(element_count(tensor)) * sizeof(float));
      }
    TensorReference shared;
    const auto store = [&](TorchFile& file, const std::string& name, const TensorToWrite& tensor) {
      if (tensor.type != ScalarType::f32)
        return store_plainly(file, name, tensor);
      if (shared.key.empty())
        shared = file.store(ScalarType::f32, all);
      TensorReference reference = shared;
      reference.offset = offsets.at(name);
      reference.shape = tensor.shape;
      reference.strides = contiguous_strides(tensor.shape);
      return reference;
    };
    expect_same(open(torch_model(tensors_, container, store)));
  }
}

TEST_F(CheckpointTest, ReadsTransposedTensors) {
  // Channels last: [out, in, h, w] is stored as [out, h, w, in].
  const auto store = [](TorchFile& file, const std::string& name, const TensorToWrite& tensor) {
    if (tensor.shape.size() != 4)
      return store_plainly(file, name, tensor);
    const int64_t out = tensor.shape[0], in = tensor.shape[1], h = tensor.shape[2],
                  w = tensor.shape[3];
    const auto* from = static_cast<const float*>(tensor.data);
    std::vector<float> permuted;
    for (int64_t o = 0; o < out; ++o)
      for (int64_t pixel = 0; pixel < h * w; ++pixel)
        for (int64_t i = 0; i < in; ++i)
          permuted.push_back(from[(o * in + i) * h * w + pixel]);
    TensorReference reference = file.store(ScalarType::f32, bytes_of(permuted));
    reference.shape = tensor.shape;
    reference.strides = {h * w * in, 1, w * in, in};
    return reference;
  };
  expect_same(open(torch_model(tensors_, Container::zip, store)));
}

TEST_F(CheckpointTest, ReadsExpandedTensors) {
  const std::string name = "generator.first.conv.bias";
  const float value = 0.25f;
  const auto store = [&](TorchFile& file, const std::string& stored, const TensorToWrite& tensor) {
    if (stored != name)
      return store_plainly(file, stored, tensor);
    TensorReference reference = file.store(ScalarType::f32, bytes_of(std::vector<float>{value}));
    reference.shape = tensor.shape;
    reference.strides = {0};
    return reference;
  };
  const Checkpoint checkpoint = open(torch_model(tensors_, Container::legacy, store));
  const StoredTensor& bias = checkpoint.at(name);
  std::vector<float> values(static_cast<size_t>(bias.count()));
  copy_to_floats(bias, values.data());
  EXPECT_EQ(values, std::vector<float>(values.size(), value));
}

TEST_F(CheckpointTest, ReadsViewsOfStorages) {
  // Views in the form of PyTorch < 0.4: (key of the view, offset, size) and the storage's size.
  const auto store = [](TorchFile& file, const std::string& name, const TensorToWrite& tensor) {
    if (tensor.type != ScalarType::f32)
      return store_plainly(file, name, tensor);
    const int64_t count = element_count(tensor);
    TensorReference view = file.store(
        ScalarType::f32, std::string(12, 'x') + std::string(static_cast<const char*>(tensor.data),
                                                            static_cast<size_t>(count) * 4));
    PickleWriter metadata(true);
    metadata.raw("(");
    metadata.string("v" + view.key);
    metadata.integer(3);
    metadata.integer(count);
    metadata.raw("t");
    view.view_metadata = metadata.finish().substr(2); // without the protocol
    view.view_metadata.pop_back();                    // and without STOP
    view.shape = tensor.shape;
    view.strides = contiguous_strides(tensor.shape);
    return view;
  };
  expect_same(open(torch_model(tensors_, Container::legacy, store)));
}

TEST_F(CheckpointTest, ReadsFlatFiles) {
  for (const Container container : {Container::legacy, Container::zip}) {
    TorchFile file(container);
    file.pickle.begin_ordered_dict();
    for (const auto& [name, tensor] : tensors_) {
      file.pickle.string("module." + name);
      file.pickle.tensor(store_plainly(file, name, tensor));
    }
    file.pickle.end_dict();
    expect_same(open(file.finish()));
  }
}

TEST_F(CheckpointTest, ReadsZip64AndAnyRootFolder) {
  TorchFile file(Container::zip, "vox-cpk renamed.pth");
  file.pickle.begin_dict();
  for (const std::string part : {"generator", "kp_detector"}) {
    file.pickle.string(part);
    file.pickle.begin_ordered_dict();
    file.pickle.string("weight");
    file.pickle.tensor(file.store(ScalarType::f32, bytes_of(std::vector<float>{1, 2, 3})));
    file.pickle.end_dict();
  }
  file.pickle.end_dict();
  for (const bool zip64 : {false, true}) {
    const Checkpoint checkpoint = open(file.finish(zip64, {{"byteorder", "little"}}));
    std::vector<float> values(3);
    copy_to_floats(checkpoint.at("generator.weight"), values.data());
    EXPECT_EQ(values, (std::vector<float>{1, 2, 3}));
  }
}

TEST_F(CheckpointTest, SkipsTrainingStateWithoutReadingIt) {
  // The shapes of the published models; the data are holes in a sparse file.
  const RandomModel model(ModelConfig(), 0, 0, RandomModel::Values::none);
  Tensors published = model.tensors();
  const std::string path = folder_.path("training.pth.tar");
  write_training_file(path, published, true);
  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  const Checkpoint checkpoint = Checkpoint::open(path);
  getrusage(RUSAGE_SELF, &after);
  EXPECT_EQ(checkpoint.tensors().size(), published.size());
  std::map<std::string, uint64_t> skipped;
  for (const SkippedPart& part : checkpoint.skipped())
    skipped[part.name] = part.bytes;
  // Adam stores two numbers for each of the discriminator's weights.
  EXPECT_EQ(skipped.at("optimizer_discriminator"), 2 * skipped.at("discriminator"));
  EXPECT_GT(skipped.at("optimizer_generator"), skipped.at("optimizer_kp_detector"));
  EXPECT_EQ(skipped.at("epoch"), 0u);
  EXPECT_GT(checkpoint.file_size(), uint64_t{700} << 20);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 60 << 10) << "kB"; // the file has 700 MB
}

TEST_F(CheckpointTest, ReadsNewerPickleProtocols) {
  // {"a": 1} as protocol 4 has it: framed, memoized, short strings.
  const std::string bytes =
      "\x80\x04\x95" + std::string("\x0a\0\0\0\0\0\0\0", 8) + "}\x94\x8c\x01" + "a\x94K\x01s.";
  const Pickle pickle = read_pickle(bytes);
  const Value* value = pickle.find(pickle.object(), "a");
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->integer, 1);
  EXPECT_EQ(pickle.size, bytes.size());
}

TEST_F(CheckpointTest, NamesTensorsThatAreNotThere) {
  const Checkpoint checkpoint = open(torch_model(tensors_, Container::legacy));
  EXPECT_NE(error_of([&] { checkpoint.at("generator.nothing"); }).find("generator.nothing"),
            std::string::npos);
}

TEST_F(CheckpointTest, SafetensorsKeepEveryTypeAndTheirMetadata) {
  const std::vector<int64_t> longs = {-1, 1LL << 40};
  const std::vector<uint8_t> bytes = {0, 255, 7};
  const std::vector<uint16_t> halves = {float_to_half(1.5f)};
  const std::string path = folder_.path("any.safetensors");
  write_safetensors(path,
                    {{"b", {ScalarType::u8, {3}, bytes.data()}},
                     {"h", {ScalarType::f16, {}, halves.data()}},
                     {"l", {ScalarType::i64, {2, 1}, longs.data()}},
                     {"none", {ScalarType::f32, {0, 4}, nullptr}}},
                    {{"key", "\"quoted\" \xc3\xa9"}});
  const SafetensorsFile file = SafetensorsFile::open(path);
  EXPECT_EQ(file.metadata.at("key"), "\"quoted\" \xc3\xa9");
  EXPECT_EQ(file.at("l").shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(std::memcmp(file.data(file.at("l")), longs.data(), 16), 0);
  EXPECT_EQ(std::memcmp(file.data(file.at("b")), bytes.data(), 3), 0);
  float half = 0;
  copy_to_floats(file.at("h"), &half);
  EXPECT_EQ(half, 1.5f);
  EXPECT_EQ(file.at("none").count(), 0);
}

TEST_F(CheckpointTest, FailedWritingLeavesNoFile) {
  const std::string message =
      error_of([&] { write_safetensors(folder_.path("no/such/folder"), tensors_, {}); });
  EXPECT_NE(message.find("no/such/folder"), std::string::npos);
  // The path is a folder: the temporary file is written, but cannot be renamed.
  const std::string name = folder_.path("taken");
  ASSERT_EQ(mkdir(name.c_str(), 0700), 0);
  EXPECT_NE(error_of([&] { write_safetensors(name, tensors_, {}); }), "");
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"taken"});
}

TEST(Half, RoundTripsEveryNumber) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = half_to_float(static_cast<uint16_t>(bits));
    if (!std::isnan(value))
      ASSERT_EQ(float_to_half(value), bits);
    else
      ASSERT_TRUE(std::isnan(half_to_float(float_to_half(value))));
  }
}

TEST(Half, RoundsTiesToEven) {
  EXPECT_EQ(half_to_float(float_to_half(2049)), 2048);
  EXPECT_EQ(half_to_float(float_to_half(2051)), 2052);
  EXPECT_EQ(half_to_float(float_to_half(65519)), 65504);
  EXPECT_TRUE(std::isinf(half_to_float(float_to_half(65520))));
}

} // namespace
} // namespace fomo::test
