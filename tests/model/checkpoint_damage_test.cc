// SPDX-License-Identifier: LGPL-2.1-or-later
// Damaged files and files of other kinds: each error names the problem, and nothing crashes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/checkpoint/format_error.h"
#include "tests/model/checkpoint_files.h"
#include "tools/random_model.h"
#include "tools/training_file.h"

namespace fomo::test {
namespace {

class DamagedFile : public ::testing::Test {
 protected:
  std::string error_at(const std::string& path) const {
    return error_of([&] { Checkpoint::open(path); });
  }
  /// The error of opening a file of these bytes.
  std::string error(const std::string& bytes) const {
    return error_at(folder_.write("checkpoint.pth.tar", bytes));
  }
  std::string golden(const std::string& name) const {
    return read_file(std::string(FOMO_TEST_DATA) + "/golden/" + name + "/checkpoint.pth.tar");
  }

  ScratchFolder folder_;
};

TEST_F(DamagedFile, NotAFile) {
  EXPECT_TELLS(error_at(folder_.path("nothing")), "nothing' does not exist");
  EXPECT_TELLS(error_at("~/model.pth.tar"), "$HOME");
  EXPECT_TELLS(error_at(""), "No file name");
  EXPECT_TELLS(error_at(folder_.path(".")), "is a folder");
  folder_.write("data.pkl", "x");
  EXPECT_TELLS(error_at(folder_.path(".")), "unpacked checkpoint");
  EXPECT_TELLS(error(""), "is empty");
  const std::string pipe = folder_.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string to_pipe = folder_.path("link");
  ASSERT_EQ(symlink(pipe.c_str(), to_pipe.c_str()), 0);
  for (const std::string& path :
       {pipe, to_pipe, std::string("/dev/zero"), std::string("/dev/null")})
    EXPECT_TELLS(error_at(path), "'" + path + "' is not a regular file. Give a file");
  EXPECT_TELLS(error_at("/proc/self/mem"), "is empty");
  // The same with configuration files.
  for (const std::string& path : {pipe, std::string("/dev/zero")})
    EXPECT_TELLS(error_of([&] { load_config(path); }), "'" + path + "' is not a regular file");
  EXPECT_TELLS(error_of([&] { load_config(folder_.path(".")); }), "is a folder");
}

TEST_F(DamagedFile, BecomesShorterWhileItIsRead) {
  const RandomModel model(small_config());
  const auto shorten = [&](const std::string& bytes) {
    const std::string path = folder_.write("shrinking", bytes);
    const Checkpoint checkpoint = Checkpoint::open(path);
    EXPECT_EQ(truncate(path.c_str(), 4096), 0);
    EXPECT_TELLS(error_of([&] {
                   for (const auto& [name, tensor] : checkpoint.tensors()) {
                     std::vector<float> values(static_cast<size_t>(tensor.count()));
                     copy_to_floats(tensor, values.data());
                   }
                 }),
                 "'" + path + "' became shorter while it was read");
  };
  shorten(torch_model(model.tensors(), Container::legacy));
  shorten(torch_model(model.tensors(), Container::zip));
  write_safetensors(folder_.path("whole"), model.tensors(), {});
  shorten(read_file(folder_.path("whole")));
}

TEST_F(DamagedFile, MayNotBeRead) {
  if (geteuid() == 0)
    GTEST_SKIP() << "root may read everything";
  const std::string path = folder_.write("secret", "x");
  chmod(path.c_str(), 0);
  EXPECT_TELLS(error_at(path), "may not be read");
}

TEST_F(DamagedFile, FilesOfOtherKinds) {
  const std::pair<std::string, const char*> files[] = {
      {"<!DOCTYPE html><html><body>Quota exceeded</body></html>", "is a web page"},
      {"\n\n  <HTML lang=en>", "is a web page"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "Git LFS pointer"},
      {"model_params:\n  common_params: {}\n", "is a text file"},
      {std::string(100'000, '\0'), "zeros alone"},
      {"\x1f\x8b\x08" + std::string(50, '\1'), "is compressed (gzip)"},
      {"\x89PNG\r\n\x1a\n" + std::string(50, '\0'), "is a picture"},
      {std::string("\0\0\0\x20", 4) + "ftypisom" + std::string(50, '\0'), "is a video"},
      {"\x08\x06\x12\x07pytorch\x1a\x03" + std::string("1.6") + std::string(50, '\2'), "ONNX"},
      {"\x89HDF\r\n\x1a\n" + std::string(50, '\0'), "HDF5"},
      {"\x01\x02\x03\x04 whatever", "of no kind that is known"},
      {"\x01", "of no kind that is known"},
  };
  for (const auto& [bytes, what] : files)
    EXPECT_TELLS(error(bytes), what);
}

TEST_F(DamagedFile, RealTarArchives) {
  std::string header(512, '\0');
  header.replace(0, 15, "vox-cpk.pth.tar");
  header.replace(257, 5, "ustar");
  EXPECT_TELLS(error(header + golden("vox")), "real tar archive");
  // The old tar format has no magic, only a checksum of the header.
  std::string old = header;
  old.replace(257, 5, std::string(5, '\0'));
  unsigned sum = 8 * ' ';
  for (const char c : old)
    sum += static_cast<unsigned char>(c);
  char octal[8];
  std::snprintf(octal, sizeof octal, "%06o", sum);
  old.replace(148, 6, octal);
  EXPECT_TELLS(error(old), "real tar archive");
}

TEST_F(DamagedFile, PicklesOfOtherObjects) {
  EXPECT_TELLS(error("\x80\x02"
                     "cposix\nsystem\nX\x04" +
                     std::string("\0\0\0", 3) + "true\x85R."),
               "'posix.system'");
  EXPECT_TELLS(error("\x80\x04\x8c\x08"
                     "builtins\x8c\x04"
                     "eval\x93."),
               "'builtins.eval'");
  EXPECT_TELLS(error("\x80\x02"
                     "cnumpy.core.multiarray\n_reconstruct\n."),
               "_reconstruct'");
  EXPECT_TELLS(error("\x80\x02}X\x01" + std::string("\0\0\0", 3) + "aK\x01s."), "without tensors");
  TorchFile file(Container::zip);
  file.pickle.begin_dict();
  file.pickle.string("generator");
  file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  file.pickle.end_dict();
  EXPECT_TELLS(error(file.pickle.finish()), "'data.pkl' of an unpacked checkpoint");
}

TEST_F(DamagedFile, CodeInEitherContainerIsRefusedByName) {
  for (const Container container : {Container::legacy, Container::zip}) {
    TorchFile file(container);
    file.pickle.begin_dict();
    file.pickle.string("epoch");
    file.pickle.global("os", "system");
    file.pickle.string("touch /tmp/owned");
    file.pickle.raw("\x85R");
    file.pickle.end_dict();
    EXPECT_TELLS(error(file.finish()), "'os.system'");
  }
}

TEST_F(DamagedFile, TruncatedFilesTellWhatIsMissing) {
  for (const std::string name : {"vox", "mgif", "zero-order"}) {
    const std::string whole = golden(name);
    for (size_t kept = 1; kept < whole.size(); kept += 1 + whole.size() / 60) {
      const std::string message = error(whole.substr(0, kept));
      ASSERT_NE(message, "") << name << " cut to " << kept;
      if (kept > 32) {
        EXPECT_TELLS(message, "is cut off");
      }
    }
  }
  // Behind the pickles of the legacy container the error has the exact number of missing bytes.
  const std::string whole = golden("vox");
  EXPECT_TELLS(error(whole.substr(0, whole.size() - 1)), "1 byte of " + byte_count(whole.size()));
  EXPECT_TELLS(error(whole.substr(0, whole.size() / 2)),
               byte_count(whole.size() - whole.size() / 2) + " of");
}

TEST_F(DamagedFile, TruncatedSafetensorsTellWhatIsMissing) {
  const RandomModel model(small_config());
  write_safetensors(folder_.path("whole"), model.tensors(), {});
  const std::string whole = read_file(folder_.path("whole"));
  for (size_t kept : {size_t{9}, size_t{500}, whole.size() / 2, whole.size() - 1})
    EXPECT_TELLS(error(whole.substr(0, kept)), "is cut off");
  EXPECT_TELLS(error(whole.substr(0, whole.size() - 100)),
               "100 bytes of " + byte_count(whole.size()));
}

TEST_F(DamagedFile, BrokenSafetensorsHeaders) {
  const auto file = [](const std::string& header) {
    return std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header +
           std::string(64, '\0');
  };
  const std::pair<const char*, const char*> headers[] = {
      {"{nonsense", "not JSON"},
      {R"({"a":1})", "is not described"},
      {R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", "'F8_E4M3'"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}})", "does not fit its shape"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "does not fit its shape"},
      {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "wrong shape"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", "absurd"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}})",
       "does not fit"},
      {R"({"__metadata__":{"a":1}})", "something else than text"},
      {R"({"a":[[[[[[[[1]]]]]]]]})", "is not described"},
      {R"({"a":{"extra":[[1]]}})", "nested too deeply"},
      {R"({"a":{"dtype":"F32","shape":[1]}})", "no data_offsets"},
      {R"({"a":{"dtype":"F32","shape":5,"data_offsets":[0,4]}})", "no shape"},
      {R"({"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}})", "wrong shape"},
      {R"({"a":{"shape":[1],"data_offsets":[0,4]}})", "no type"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
       R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
       "'a' twice"},
      {R"({"__metadata__":[]})", "metadata is not"},
      {R"({"__metadata__":{"a":["b"]}})", "something else than text"},
  };
  for (const auto& [header, what] : headers)
    EXPECT_TELLS(error(file(header)), what);
}

TEST_F(DamagedFile, OtherByteOrder) {
  TorchFile file(Container::zip);
  file.pickle.begin_dict();
  file.pickle.end_dict();
  EXPECT_TELLS(error(file.finish(false, {{"byteorder", "big"}})), "big-endian");
  EXPECT_TELLS(error(legacy_prefix(false) + file.pickle.finish() + legacy_keys({})), "big-endian");
}

TEST_F(DamagedFile, OtherZipArchives) {
  ZipWriter script, notes, wrapped, packed, encrypted;
  script.add("model/data.pkl", "\x80\x02}.");
  script.add("model/code/__torch__.py", "def forward(): pass");
  EXPECT_TELLS(error(script.finish()), "TorchScript");
  notes.add("notes.txt", "hello");
  EXPECT_TELLS(error(notes.finish()), "no data.pkl");
  wrapped.add("vox-cpk.pth.tar", "...");
  EXPECT_TELLS(error(wrapped.finish()), "Unpack it");
  packed.add("archive/data.pkl", "...", 8);
  EXPECT_TELLS(error(packed.finish()), "packed again");
  encrypted.add("archive/data.pkl", "...", 0, 1);
  EXPECT_TELLS(error(encrypted.finish()), "encrypted");
}

/// A file with one tensor of a generator, whose description `change` changes.
std::string one_tensor(Container container, const std::function<void(TensorReference&)>& change) {
  TorchFile file(container);
  file.pickle.begin_dict();
  file.pickle.string("generator");
  file.pickle.begin_ordered_dict();
  file.pickle.string("weight");
  TensorReference reference = file.store(ScalarType::f32, std::string(64, '\0'));
  change(reference);
  file.pickle.tensor(reference);
  file.pickle.end_dict();
  file.pickle.end_dict();
  return file.finish();
}

TEST_F(DamagedFile, TensorsOutOfBounds) {
  using Change = std::function<void(TensorReference&)>;
  constexpr int64_t huge = int64_t{1} << 62;
  const std::pair<Change, const char*> changes[] = {
      {[](auto& t) { t.shape = {17}; }, "beyond its storage"},
      {[](auto& t) { t.offset = 1; }, "beyond its storage"},
      {[](auto& t) { t.offset = 17; }, "beyond its storage"},
      {[](auto& t) { t.offset = -1; }, "offset is wrong"},
      {[](auto& t) { t.shape = {-1}; }, "shape is wrong"},
      {[](auto& t) { t.strides = {-1}; }, "strides are wrong"},
      {[](auto& t) { t.strides = {huge}; }, "beyond its storage"},
      {[](auto& t) {
         t.shape = {4, 4}, t.strides = {huge, huge};
       },
       "beyond its storage"},
      {[](auto& t) {
         t.shape = {huge, huge}, t.strides = {0, 0};
       },
       "absurd"},
      {[](auto& t) { t.shape = {huge >> 8}, t.strides = {0}; }, "larger than the file"},
      {[](auto& t) {
         t.shape = {4, 4};
       },
       "differ in length"},
      {[](auto& t) { t.shape.assign(17, 1), t.strides.assign(17, 1); }, "16 dimensions"},
      {[](auto& t) { t.storage_count = 15, t.shape = {15}; }, "storage's size"},
      {[](auto& t) { t.type = ScalarType::f64; }, "is "},
      {[](auto& t) { t.key = "elsewhere"; }, "storage"},
  };
  for (const auto& [change, what] : changes)
    for (const Container container : {Container::legacy, Container::zip})
      EXPECT_TELLS(error(one_tensor(container, change)), what);
}

TEST_F(DamagedFile, StorageLargerThanAnyFile) {
  for (const Container container : {Container::legacy, Container::zip})
    EXPECT_NE(error(one_tensor(container,
                               [](TensorReference& t) {
                                 t.storage_count = uint64_t{1} << 62;
                                 t.shape = {int64_t{1} << 58};
                               })),
              "");
}

TEST_F(DamagedFile, HostilePickles) {
  const std::string proto = "\x80\x02";
  const std::string bombs[] = {
      proto + std::string(5'000'000, '('),                      // marks
      proto + std::string(5'000'000, ')'),                      // values
      proto + "]" + std::string(5'000'000, '2'),                // copies
      proto + ")" + std::string(400'000, '\x85') + ".",         // tuples within tuples
      proto + "]q" + std::string("\0h\0a", 4) + ".",            // a list within itself
      proto + "}q" + std::string("\0X\1\0\0\0ah\0s", 10) + ".", // a dict within itself
      proto + "h\x07.",                                         // an entry that is not in the memo
      proto + "0.",
      proto + "K\x01K\x02u.",
      proto + "X\xff\xff\xff\xff.",
      proto + "\x8d" + std::string(8, '\xff') + ".",
      proto + "\x8b\xff\xff\xff\xff.",
      proto + "ccollections\nOrderedDict\nK\x01R.",
      proto + "ctorch._utils\n_rebuild_tensor_v2\n)R.",
      proto + "K\x01Q.",
      proto + "\xff.",
  };
  for (const std::string& bomb : bombs) {
    EXPECT_NE(error(bomb), "");
    const std::string magic = legacy_prefix();
    EXPECT_NE(error(magic + bomb + legacy_keys({})), "");
    ZipWriter zip;
    zip.add("archive/data.pkl", bomb);
    EXPECT_NE(error(zip.finish()), "");
  }
}

/// A file with top-level dicts of these names, each with a tensor.
std::string parts_file(const std::vector<std::string>& parts) {
  TorchFile file(Container::legacy);
  file.pickle.begin_dict();
  for (const std::string& part : parts) {
    file.pickle.string(part);
    file.pickle.begin_ordered_dict();
    file.pickle.string("weight");
    file.pickle.tensor(file.store(ScalarType::f32, "1234"));
    file.pickle.end_dict();
  }
  file.pickle.end_dict();
  return file.finish();
}

TEST_F(DamagedFile, CheckpointsOfOtherModels) {
  const std::pair<std::vector<std::string>, const char*> models[] = {
      {{"generator", "bg_predictor", "region_predictor"}, "MRAA"},
      {{"generator", "kp_detector", "region_predictor", "bg_predictor"}, "MRAA"},
      {{"avd_network", "bg_predictor", "dense_motion_network", "inpainting_network", "kp_detector"},
       "checkpoint of TPSMM"},
      {{"generator", "discriminator", "kp_detector", "he_estimator"}, "face-vid2vid"},
      {{"depth_encoder", "generator"}, "DaGAN"},
      {{"gen", "dis", "g_optim"}, "LIA"},
      {{"discriminator"}, "a discriminator, but neither"},
      {{"generator", "discriminator"}, "no kp_detector"},
      {{"kp_detector"}, "no generator"},
      {{"encoder", "decoder"}, "'decoder', 'encoder'"},
      {{}, "nothing in it"},
  };
  for (const auto& [parts, what] : models)
    EXPECT_TELLS(error(parts_file(parts)), what);
}

TEST_F(DamagedFile, BareStateDict) {
  TorchFile file(Container::zip);
  file.pickle.begin_ordered_dict();
  for (const char* name : {"dense_motion_network.mask.weight", "first.conv.weight"}) {
    file.pickle.string(name);
    file.pickle.tensor(file.store(ScalarType::f32, "1234"));
  }
  file.pickle.end_dict();
  EXPECT_TELLS(error(file.finish()), "state dict of a single network");
}

TEST_F(DamagedFile, ListAtTheTop) {
  TorchFile file(Container::zip);
  file.pickle.begin_list();
  file.pickle.end_list();
  EXPECT_TELLS(error(file.finish()), "something else than named state dicts");
}

} // namespace
} // namespace fomo::test
