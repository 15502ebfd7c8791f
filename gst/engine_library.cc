// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/engine_library.h"

#include <dlfcn.h>

#include <string>
#include <utility>
#include <vector>

#include <gst/gst.h>

#include "common/error.h"
#include "common/trusted_environment.h"
#include "gst/log.h"

namespace fomo {

namespace {

constexpr char kLibraryName[] = "libfomoengine.so";
constexpr char kOverride[] = "FOMOTRANSFER_ENGINE";

std::string plugin_folder() {
  Dl_info here{};
  if (!dladdr(reinterpret_cast<void*>(&open_engine_library), &here) || !here.dli_fname)
    return {};
  const std::string path = here.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::vector<std::string> candidates() {
  if (const char* chosen = trusted_environment(kOverride); chosen && *chosen)
    return {chosen};

  const std::string folder = plugin_folder();
  const std::pair<PlaceOrigin, std::string> places[] = {
      // As installed, also when all of it was moved; then the build tree.
      {PlaceOrigin::own_path, folder + "/../fomotransfer/" + kLibraryName},
      {PlaceOrigin::own_path, folder + "/../engine/" + kLibraryName},
      {PlaceOrigin::built_in, std::string(FOMO_ENGINE_DIR) + "/" + kLibraryName},
  };
  std::vector<std::string> paths;
  for (const auto& [origin, place] : places)
    if ((origin == PlaceOrigin::built_in || !folder.empty()) &&
        may_load_from(origin, place.c_str()))
      paths.push_back(place);
  return paths;
}

/// Opens the library at `path` and returns its table. On failure, sets `reason` and returns null.
const FomoEngineApi* open_at(const std::string& path, std::string& reason) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char* text = dlerror();
    reason = text ? text : "unknown reason";
    return nullptr;
  }
  const auto get_api = reinterpret_cast<FomoEngineGetApi>(dlsym(library, FOMO_ENGINE_ENTRY));
  if (!get_api) {
    reason = "it is no engine library (no " FOMO_ENGINE_ENTRY " in it)";
    return nullptr;
  }
  const FomoEngineApi* api = get_api(FOMO_ENGINE_ABI);
  if (!api || api->abi != FOMO_ENGINE_ABI || api->size < sizeof(FomoEngineApi)) {
    reason = "it is of another version than the plugin (interface " +
             std::to_string(FOMO_ENGINE_ABI) + " wanted); install both from one build";
    return nullptr;
  }
  return api;
}

void engine_log(int level, const char* message, void*) {
  gst_debug_log(fomo_engine_category, static_cast<GstDebugLevel>(level), "", "", 0, nullptr, "%s",
                message);
}

} // namespace

const FomoEngineApi* open_engine_library() {
  std::string tried;
  for (const std::string& path : candidates()) {
    std::string reason;
    if (const FomoEngineApi* api = open_at(path, reason)) {
      GST_CAT_INFO(fomo_category, "engine library: %s", path.c_str());
      api->set_log(engine_log, nullptr);
      return api;
    }
    tried += "\n  " + path + ": " + reason;
  }
  throw Error(FOMO_LIBRARY, "The engine library " + std::string(kLibraryName) +
                                " cannot be opened. Reinstall fomotransfer, or name the library in "
                                "the environment variable " +
                                kOverride + ". Tried:" + tried);
}

} // namespace fomo
