// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/c2pa.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <dlfcn.h>
#include <glob.h>
#include <nlohmann/json.hpp>

#include "common/error.h"
#include "mark/provenance.h"

namespace fomo {

using nlohmann::json;

namespace {

// The part of libc2pa's C interface (c2pa.h of c2pa-rs 0.6x and later) that is used here.
struct C2paSignerInfo {
  const char *alg, *sign_cert, *private_key, *ta_url;
};
using Stream = struct C2paStream;
using Reader = struct C2paReader;
using Builder = struct C2paBuilder;
using Signer = struct C2paSignerHandle;
using ReadFunction = intptr_t (*)(FILE*, uint8_t*, intptr_t);
using SeekFunction = intptr_t (*)(FILE*, intptr_t, int);
using WriteFunction = intptr_t (*)(FILE*, const uint8_t*, intptr_t);
using FlushFunction = intptr_t (*)(FILE*);

struct Library {
  char* (*error)();
  void (*string_free)(char*);
  Stream* (*create_stream)(FILE*, ReadFunction, SeekFunction, WriteFunction, FlushFunction);
  void (*release_stream)(Stream*);
  Reader* (*reader_from_stream)(const char* format, Stream*);
  char* (*reader_json)(Reader*);
  void (*reader_free)(Reader*);
  Builder* (*builder_from_json)(const char*);
  void (*builder_free)(Builder*);
  int64_t (*builder_sign)(Builder*, const char* format, Stream* from, Stream* to, Signer*,
                          const uint8_t** manifest);
  void (*manifest_bytes_free)(const uint8_t*);
  Signer* (*signer_from_info)(const C2paSignerInfo*);
  void (*signer_free)(Signer*);
};

/// Names of the library, or paths.
std::vector<std::string> candidates() {
  std::vector<std::string> paths;
  if (const char* path = std::getenv("FOMOTRANSFER_C2PA"))
    return {path};
  for (const char* name : {"libc2pa_c.so", "libc2pa.so"})
    paths.emplace_back(name);
  std::vector<std::string> folders = {"/usr/local/lib/python3*/dist-packages",
                                      "/usr/lib/python3*/dist-packages"};
  for (const char* variable : {"VIRTUAL_ENV", "HOME"})
    if (const char* folder = std::getenv(variable))
      folders.push_back(std::string(folder) +
                        (std::strcmp(variable, "HOME") == 0 ? "/.local" : "") +
                        "/lib/python3*/site-packages");
  for (const std::string& folder : folders) {
    glob_t found{};
    if (glob((folder + "/c2pa/libs/libc2pa_c.so").c_str(), 0, nullptr, &found) == 0)
      paths.insert(paths.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
  }
  return paths;
}

template<typename Function>
void take_symbol(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  if (!function)
    throw Error(FOMO_LIBRARY, std::string("libc2pa has no function ") + name +
                                  ". Install c2pa-python 0.38 or newer.");
}

/// The library, which stays open.
const Library& library() {
  static const Library opened = [] {
    void* handle = nullptr;
    for (const std::string& path : candidates())
      if ((handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)))
        break;
    if (!handle)
      throw Error(FOMO_LIBRARY, "C2PA manifests need libc2pa, which is not there. Install it with "
                                "`pip install c2pa-python`, or set FOMOTRANSFER_C2PA to the path "
                                "of libc2pa_c.so.");
    Library l{};
    take_symbol(handle, "c2pa_error", l.error);
    take_symbol(handle, "c2pa_string_free", l.string_free);
    take_symbol(handle, "c2pa_create_stream", l.create_stream);
    take_symbol(handle, "c2pa_release_stream", l.release_stream);
    take_symbol(handle, "c2pa_reader_from_stream", l.reader_from_stream);
    take_symbol(handle, "c2pa_reader_json", l.reader_json);
    take_symbol(handle, "c2pa_reader_free", l.reader_free);
    take_symbol(handle, "c2pa_builder_from_json", l.builder_from_json);
    take_symbol(handle, "c2pa_builder_free", l.builder_free);
    take_symbol(handle, "c2pa_builder_sign", l.builder_sign);
    take_symbol(handle, "c2pa_manifest_bytes_free", l.manifest_bytes_free);
    take_symbol(handle, "c2pa_signer_from_info", l.signer_from_info);
    take_symbol(handle, "c2pa_signer_free", l.signer_free);
    return l;
  }();
  return opened;
}

std::string taken(char* text) {
  std::string copy = text ? text : "";
  if (text)
    library().string_free(text);
  return copy;
}

std::string last_error() { return taken(library().error()); }

/* ---- streams of the library on files ---- */

intptr_t read_file(FILE* file, uint8_t* bytes, intptr_t count) {
  const size_t read = std::fread(bytes, 1, static_cast<size_t>(count), file);
  return std::ferror(file) ? -1 : static_cast<intptr_t>(read);
}
intptr_t seek_file(FILE* file, intptr_t offset, int whence) {
  const int from = whence == 0 ? SEEK_SET : whence == 1 ? SEEK_CUR : SEEK_END;
  return std::fseek(file, offset, from) == 0 ? std::ftell(file) : -1;
}
intptr_t write_file(FILE* file, const uint8_t* bytes, intptr_t count) {
  const size_t written = std::fwrite(bytes, 1, static_cast<size_t>(count), file);
  return written == static_cast<size_t>(count) ? count : -1;
}
intptr_t flush_file(FILE* file) { return std::fflush(file) == 0 ? 0 : -1; }

class FileStream {
 public:
  FileStream(const std::string& path, const char* mode) : file_(std::fopen(path.c_str(), mode)) {
    if (!file_)
      throw Error(FOMO_OPEN_READ, "'" + path + "' cannot be opened: " + std::strerror(errno) + ".");
    stream_ = library().create_stream(file_, read_file, seek_file, write_file, flush_file);
  }
  ~FileStream() {
    library().release_stream(stream_);
    std::fclose(file_);
  }
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  Stream* get() const { return stream_; }
  FILE* file() const { return file_; }

 private:
  FILE* file_;
  Stream* stream_ = nullptr;
};

/// The media type by the first bytes; null: none that the library is asked about.
const char* media_type(FILE* file) {
  uint8_t head[12] = {};
  const size_t count = std::fread(head, 1, sizeof head, file);
  std::rewind(file);
  if (count == sizeof head && std::memcmp(head + 4, "ftyp", 4) == 0)
    return "video/mp4";
  if (std::memcmp(head, "\x89PNG", 4) == 0)
    return "image/png";
  return std::memcmp(head, "\xff\xd8\xff", 3) == 0 ? "image/jpeg" : nullptr;
}

std::string text_of(const json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

/// The digital source type of a manifest's actions that stands for trained algorithms.
std::string source_type_of(const json& manifest) {
  for (const json& assertion : manifest.value("assertions", json::array())) {
    if (text_of(assertion, "label").rfind("c2pa.actions", 0) != 0)
      continue;
    for (const json& action :
         assertion.value("data", json::object()).value("actions", json::array())) {
      const std::string type = text_of(action, "digitalSourceType");
      if (type.find("rainedAlgorithmicMedia") != std::string::npos)
        return type;
    }
  }
  return {};
}

json report_of(const json& store) {
  const json manifests = store.value("manifests", json::object());
  const json manifest = manifests.value(text_of(store, "active_manifest"), json::object());
  const std::string state = text_of(store, "validation_state"), type = source_type_of(manifest);
  const bool valid = state == "Valid" || state == "Trusted";
  json layer = {{"found", valid && !type.empty()}, {"state", state}};
  if (!type.empty())
    layer["digitalSourceType"] = type;
  const json signature = manifest.value("signature_info", json::object());
  if (const std::string signer = text_of(signature, "common_name"); !signer.empty())
    layer["signer"] = signer;
  const json generators = manifest.value("claim_generator_info", json::array());
  if (generators.is_array() && !generators.empty())
    layer["generator"] = text_of(generators[0], "name") + " " + text_of(generators[0], "version");
  json problems = json::array();
  for (const json& status : store.value("validation_status", json::array()))
    problems.push_back(text_of(status, "code"));
  if (!problems.empty())
    layer["problems"] = problems;
  return layer;
}

std::string contents(const std::string& path, const char* what) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (!file)
    throw Error(FOMO_OPEN_READ, std::string("The ") + what + " '" + path +
                                    "' cannot be read: " + std::strerror(errno) + ".");
  std::string text(1 << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

/// The manifest's definition: one action, which says how the media were made.
std::string definition(const std::string& generator) {
  const size_t space = generator.find(' ');
  json info = {{"name", generator.substr(0, space)}};
  if (space != std::string::npos)
    info["version"] = generator.substr(space + 1);
  const json action = {{"action", "c2pa.created"}, {"digitalSourceType", kDigitalSourceType}};
  const json actions = {{"label", "c2pa.actions.v2"}, {"data", {{"actions", {action}}}}};
  return json{{"claim_generator_info", {info}}, {"assertions", {actions}}}.dump();
}

} // namespace

json read_c2pa(const std::string& path) {
  const Library& l = library();
  const FileStream stream(path, "rb");
  const char* format = media_type(stream.file());
  if (!format)
    return {{"found", false}};
  const std::unique_ptr<Reader, void (*)(Reader*)> reader(
      l.reader_from_stream(format, stream.get()), l.reader_free);
  if (!reader) {
    const std::string error = last_error();
    if (error.rfind("ManifestNotFound", 0) == 0)
      return {{"found", false}};
    return {{"found", false}, {"error", error}};
  }
  const json store = json::parse(taken(l.reader_json(reader.get())), nullptr, false);
  return store.is_object() ? report_of(store) : json{{"found", false}};
}

void sign_c2pa(const std::string& path, const std::string& output, const C2paSigner& options,
               const std::string& generator) {
  const Library& l = library();
  const std::string certificate = contents(options.certificate, "certificate"),
                    key = contents(options.key, "private key");
  const C2paSignerInfo info = {options.algorithm.c_str(), certificate.c_str(), key.c_str(),
                               options.timestamps.empty() ? nullptr : options.timestamps.c_str()};
  const std::unique_ptr<Signer, void (*)(Signer*)> signer(l.signer_from_info(&info), l.signer_free);
  if (!signer)
    throw Error(FOMO_SETTINGS, "libc2pa does not take the certificate '" + options.certificate +
                                   "' with the key '" + options.key + "': " + last_error() +
                                   ". Check --algorithm and that both are PEM files.");
  const std::unique_ptr<Builder, void (*)(Builder*)> builder(
      l.builder_from_json(definition(generator).c_str()), l.builder_free);
  if (!builder)
    throw Error(FOMO_FAILED, "libc2pa does not take the manifest: " + last_error() +
                                 ". Install c2pa-python 0.38 or newer.");
  const FileStream from(path, "rb");
  const char* format = media_type(from.file());
  if (!format)
    throw Error(FOMO_WRONG_TYPE, "'" + path + "' is not an MP4 file. Convert it to MP4 first.");
  const FileStream to(output, "wb+");
  const uint8_t* manifest = nullptr;
  if (l.builder_sign(builder.get(), format, from.get(), to.get(), signer.get(), &manifest) < 0)
    throw Error(FOMO_FAILED, "libc2pa cannot sign '" + path + "': " + last_error() +
                                 ". The certificate must be one for signing C2PA manifests, with "
                                 "its chain.");
  if (manifest)
    l.manifest_bytes_free(manifest);
  if (std::fflush(to.file()) != 0)
    throw Error(FOMO_OPEN_READ, "'" + output + "' cannot be written: the disk may be full.");
}

} // namespace fomo
