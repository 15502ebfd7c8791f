// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/assets.h"

#include <regex>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <nlohmann/json.hpp>

#include "common/error.h"
#include "model/checkpoint/safetensors.h"

namespace fomo::render {
namespace {

// Height, decimetres, below which the body is never in the picture.
constexpr float kTorsoCut = 3.5f;

// Whether a proxy is part of MakeHuman's releases, which are CC0
// (makehumancommunity/makehuman-assets). The file's other proxies are by other authors, and their
// licences are not recorded.
bool is_stock(const std::string& key) {
  static const std::regex stock("eyebrows/eyebrow0[01][0-9]|eyelashes/eyelashes0[1-4]|"
                                "eyes/(HighPolyEyes|Low-Poly)|teeth/teeth_(base|shape0[1-5])|"
                                "tongue/tongue01|hair/(short0[1-4]|bob0[12]|"
                                "(afro|braid|long|ponytail)01)",
                                std::regex::icase);
  return std::regex_match(key, stock);
}

std::vector<float> floats(const SafetensorsFile& file, const std::string& name) {
  const StoredTensor& tensor = file.at(name);
  std::vector<float> values(static_cast<size_t>(tensor.count()));
  copy_to_floats(tensor, values.data());
  return values;
}

std::vector<int> integers(const SafetensorsFile& file, const std::string& name) {
  const std::vector<float> values = floats(file, name); // vertex numbers are far below 2^24
  return {values.begin(), values.end()};
}

std::vector<Vec3> vectors(const SafetensorsFile& file, const std::string& name) {
  const std::vector<float> values = floats(file, name);
  std::vector<Vec3> result(values.size() / 3);
  for (size_t i = 0; i < result.size(); i++)
    result[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
  return result;
}

std::vector<std::array<int, 3>> triples(const SafetensorsFile& file, const std::string& name) {
  const std::vector<int> values = integers(file, name);
  std::vector<std::array<int, 3>> result(values.size() / 3);
  for (size_t i = 0; i < result.size(); i++)
    result[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
  return result;
}

cv::Mat texture(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/textures/" + name;
  cv::Mat picture = cv::imread(path, cv::IMREAD_UNCHANGED);
  if (picture.empty())
    throw Error(FOMO_NOT_FOUND,
                "The texture '" + path +
                    "' is missing or unreadable. Give --assets the folder of head assets "
                    "that train/README.md describes.");
  if (picture.depth() != CV_8U)
    picture.convertTo(picture, CV_8U, 1.0 / 256);
  if (picture.channels() == 1)
    cv::cvtColor(picture, picture, cv::COLOR_GRAY2BGRA);
  else if (picture.channels() == 3)
    cv::cvtColor(picture, picture, cv::COLOR_BGR2BGRA);
  return picture;
}

Proxy load_proxy(const SafetensorsFile& file, const std::string& key,
                 const nlohmann::json& description, const std::string& folder) {
  Proxy proxy;
  proxy.name = key.substr(key.find('/') + 1);
  const std::string at = "proxy/" + key + "/";
  proxy.corners = triples(file, at + "base_triangle");
  proxy.weights = vectors(file, at + "weights");
  proxy.offsets = vectors(file, at + "offsets");
  proxy.triangles = triples(file, at + "triangles");
  const std::vector<float> uv = floats(file, at + "triangle_uv");
  proxy.uv.resize(uv.size() / 6);
  for (size_t i = 0; i < proxy.uv.size(); i++)
    for (size_t c = 0; c < 3; c++)
      proxy.uv[i][c] = {uv[6 * i + 2 * c], 1 - uv[6 * i + 2 * c + 1]};
  for (const auto& name : description.at("textures"))
    proxy.textures.push_back(texture(folder, name.get<std::string>()));
  return proxy;
}

// Reads the skin's triangles of head and torso.
void load_skin(const SafetensorsFile& file, Assets& assets) {
  const auto triangles = triples(file, "triangles"), corners = triples(file, "triangles_uv");
  const std::vector<float> uv = floats(file, "uv");
  for (size_t i = 0; i < triangles.size(); i++) {
    float lowest = 1e9f;
    for (int v : triangles[i])
      lowest = std::min(lowest, assets.vertices[v].y);
    if (lowest < kTorsoCut)
      continue;
    assets.triangles.push_back(triangles[i]);
    std::array<Vec2, 3> at;
    for (size_t c = 0; c < 3; c++)
      at[c] = {uv[2 * corners[i][c]], 1 - uv[2 * corners[i][c] + 1]};
    assets.uv.push_back(at);
  }
}

} // namespace

Assets Assets::load(const std::string& folder) {
  const SafetensorsFile file = SafetensorsFile::open(folder + "/makehuman.safetensors");
  Assets assets;
  assets.vertices = vectors(file, "vertices");
  load_skin(file, assets);
  for (const auto& [name, tensor] : file.tensors) {
    const std::string suffix = "/index";
    if (name.rfind("target/", 0) == 0 && name.size() > suffix.size() &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) {
      const std::string key = name.substr(7, name.size() - 7 - suffix.size());
      assets.targets[key] = {integers(file, name), vectors(file, "target/" + key + "/delta")};
    } else if (name.rfind("group/", 0) == 0) {
      assets.groups[name.substr(6)] = integers(file, name);
    }
  }
  const auto proxies = nlohmann::json::parse(file.metadata.at("proxies"));
  for (const auto& [key, description] : proxies.items())
    if (is_stock(key))
      assets.proxies[key.substr(0, key.find('/'))].push_back(
          load_proxy(file, key, description, folder));
  for (const auto& name : nlohmann::json::parse(file.metadata.at("skins")))
    assets.skins.push_back(texture(folder, name.get<std::string>()));
  return assets;
}

const Target& Assets::target(const std::string& name) const {
  const auto found = targets.find(name);
  if (found == targets.end())
    throw Error(FOMO_WRONG_TYPE, "The head assets have no target '" + name +
                                     "'. Use the MakeHuman assets that train/README.md describes.");
  return found->second;
}

Vec3 Assets::centre(const std::string& group, const std::vector<Vec3>& points) const {
  Vec3 sum;
  const std::vector<int>& members = groups.at(group);
  for (int v : members)
    sum += points[v];
  return sum * (1.0f / static_cast<float>(members.size()));
}

std::vector<float> Assets::opening_rise() const {
  std::vector<float> rise(vertices.size(), 0);
  const Target& opening = target("exp/mouth-open");
  for (size_t i = 0; i < opening.index.size(); i++)
    rise[static_cast<size_t>(opening.index[i])] = opening.delta[i].y;
  return rise;
}

} // namespace fomo::render
