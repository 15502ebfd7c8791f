// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/config_yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/error.h"
#include "common/regular_file.h"
#include "model/checkpoint/config_options.h"
#include "model/checkpoint/format_error.h"
#include "model/checkpoint/state_layout.h"

namespace fomo {
namespace {

constexpr size_t max_yaml = 1 << 20;

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(FOMO_SETTINGS, name + " " + what);
}

std::string option_text(int value) { return std::to_string(value); }
std::string option_text(bool value) { return value ? "true" : "false"; }
/// The shortest text that reads back as the same number.
std::string option_text(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return std::string(text, result.ptr);
}

/// A child of `node`; undefined if `node` is not a map.
YAML::Node child(const YAML::Node& node, const std::string& key) {
  return node && node.IsMap() ? node[key] : YAML::Node(YAML::NodeType::Undefined);
}

/// A parsed FOMM YAML file.
class YamlConfig {
 public:
  YamlConfig(const std::string& text, std::string name) : name_(std::move(name)) {
    if (text.size() > max_yaml)
      fail(name_, "is larger than any configuration. Give a FOMM YAML file.");
    try {
      root_ = YAML::Load(text);
    } catch (const YAML::Exception& error) {
      fail(name_, std::string("is not YAML (") + error.what() + "). Give a FOMM YAML file.");
    }
    if (!child(root_, "model_params") && !child(root_, "dataset_params"))
      fail(name_, "has neither model_params nor dataset_params. Give a FOMM YAML file, such as "
                  "config/vox-256.yaml.");
  }

  bool has_model() const { return section_node(Section::model).IsDefined(); }
  bool has(Section section) const { return section_node(section).IsDefined(); }

  /// Sets the options of `config` that the file has.
  void read(ModelConfig& config) const {
    for_each_option(config, [&](Section section, const char* name, auto& value, OptionSource) {
      const YAML::Node node = child(section_node(section), name);
      if (!node.IsDefined() || node.IsNull())
        return;
      try {
        value = node.as<std::decay_t<decltype(value)>>();
      } catch (const YAML::Exception&) {
        fail(name_, std::string("has something else than a ") + kind_name(value) + " for " +
                        section_name(section) + "." + name + ".");
      }
    });
    read_about_faces(config);
  }

  /// Reads frame_shape, [height, width, channels]. False if the file does not have it.
  bool read_frame(ModelConfig& config) const {
    const YAML::Node shape = child(child(root_, "dataset_params"), "frame_shape");
    if (!shape.IsDefined() || shape.IsNull())
      return false;
    try {
      if (!shape.IsSequence() || shape.size() < 2)
        throw YAML::Exception(shape.Mark(), "no shape");
      config.frame_height = shape[0].as<int>();
      config.frame_width = shape[1].as<int>();
    } catch (const YAML::Exception&) {
      fail(name_, "has something else than [height, width, channels] for frame_shape.");
    }
    return true;
  }

  const std::string& name() const { return name_; }

 private:
  static const char* kind_name(int) { return "whole number"; }
  static const char* kind_name(bool) { return "truth value"; }
  static const char* kind_name(double) { return "number"; }

  YAML::Node section_node(Section section) const {
    const YAML::Node model = child(root_, "model_params");
    if (section == Section::model)
      return model;
    if (section == Section::dense_motion)
      return child(child(model, section_name(Section::generator)), section_name(section));
    return child(model, section_name(section));
  }

  void read_about_faces(ModelConfig& config) const {
    const YAML::Node node = child(section_node(Section::common), "about_faces");
    if (!node.IsDefined() || node.IsNull())
      return;
    try {
      config.about_faces = node.as<bool>();
    } catch (const YAML::Exception&) {
      fail(name_, "has something else than a truth value for common_params.about_faces.");
    }
  }

  std::string name_;
  YAML::Node root_;
};

/// Options that a section leaves out have the defaults of FOMM's constructors. A section that is
/// missing as a whole has the published models' values.
ModelConfig constructor_defaults(const YamlConfig& yaml) {
  ModelConfig config;
  if (yaml.has(Section::common))
    config.estimate_jacobian = false;
  if (yaml.has(Section::keypoints))
    config.kp_detector.scale_factor = 1;
  if (yaml.has(Section::generator))
    config.generator.estimate_occlusion_map = false;
  if (yaml.has(Section::dense_motion))
    config.dense_motion.scale_factor = 1;
  return config;
}

/// Values of max_features that no width reaches mean the same.
bool same_widths(const ModelConfig& a, const ModelConfig& b, Section section) {
  const auto same = [](const auto& x, const auto& y, int levels) {
    return level_width(x.block_expansion, x.max_features, levels) ==
           level_width(y.block_expansion, y.max_features, levels);
  };
  if (section == Section::keypoints)
    return same(a.kp_detector, b.kp_detector, a.kp_detector.num_blocks);
  if (section == Section::generator)
    return same(a.generator, b.generator, a.generator.num_down_blocks);
  return same(a.dense_motion, b.dense_motion, a.dense_motion.num_blocks);
}

bool agrees(const ModelConfig& inferred, const ModelConfig& given, Section section,
            const std::string& option) {
  if (option == "max_features")
    return same_widths(inferred, given, section);
  return option == "single_jacobian_map" && (inferred.num_kp == 1 || !inferred.estimate_jacobian);
}

void check_agreement(const ModelConfig& inferred, ModelConfig given, const YamlConfig& yaml,
                     const std::string& weights) {
  ModelConfig copy = inferred;
  std::vector<std::string> inferred_texts;
  for_each_option(copy, [&](Section, const char*, auto& value, OptionSource) {
    inferred_texts.push_back(option_text(value));
  });
  size_t index = 0;
  for_each_option(given, [&](Section section, const char* name, auto& value, OptionSource source) {
    const std::string& text = inferred_texts[index++];
    bool same = source == OptionSource::yaml || text == option_text(value) ||
                agrees(inferred, given, section, name);
    // Any stride goes with a kernel, but the weights must have a kernel for a stride above 1.
    if (source == OptionSource::kernel)
      same = (text == "1") == (value == 1);
    if (!same)
      fail(yaml.name(), std::string("contradicts the weights in '") + weights +
                            "': " + section_name(section) + "." + name + " is " +
                            option_text(value) + " there and " + text +
                            " in the weights. Give the YAML file that belongs to the checkpoint, "
                            "or none.");
  });
}

/// Adds the frame size and checks everything.
ModelConfig finish(ModelConfig config, const YamlConfig& yaml) {
  try {
    check_structure(config);
    if (!yaml.read_frame(config))
      choose_frame(config);
    check_limits(config);
  } catch (const FormatError& error) {
    fail(yaml.name(), error.what());
  }
  return config;
}

std::string read_text(const std::string& path) {
  const RegularFile file(path);
  std::string text(std::min<uint64_t>(file.size(), max_yaml + 1), '\0');
  file.read(0, text.data(), text.size());
  return text;
}

} // namespace

ModelConfig merge_yaml(const ModelConfig& inferred, const std::string& text,
                       const std::string& name, const std::string& weights) {
  const YamlConfig yaml(text, name);
  ModelConfig config = inferred;
  yaml.read(config);
  check_agreement(inferred, config, yaml, weights);
  return finish(config, yaml);
}

ModelConfig parse_config(const std::string& text, const std::string& name) {
  const YamlConfig yaml(text, name);
  if (!yaml.has_model())
    fail(name, "has no model_params. Give a FOMM YAML file, such as config/vox-256.yaml.");
  ModelConfig config = constructor_defaults(yaml);
  yaml.read(config);
  return finish(config, yaml);
}

ModelConfig load_config(const std::string& path) {
  return parse_config(read_text(path), "'" + path + "'");
}

ModelConfig model_config(const Checkpoint& checkpoint, const std::string& yaml_path) {
  const ModelConfig inferred = infer_config(checkpoint);
  if (yaml_path.empty())
    return inferred;
  return merge_yaml(inferred, read_text(yaml_path), "'" + yaml_path + "'", checkpoint.path());
}

std::string to_yaml(const ModelConfig& config) {
  std::string text = "dataset_params:\n  frame_shape: [" + std::to_string(config.frame_height) +
                     ", " + std::to_string(config.frame_width) + ", " +
                     std::to_string(config.num_channels) + "]\nmodel_params:\n";
  ModelConfig copy = config;
  Section last = Section::model;
  for_each_option(copy, [&](Section section, const char* name, auto& value, OptionSource) {
    const std::string indent = section == Section::dense_motion ? "      " : "    ";
    if (section != last && last == Section::common && config.about_faces)
      text += std::string("    about_faces: ") + option_text(*config.about_faces) + "\n";
    if (section != last)
      text += indent.substr(2) + section_name(section) + ":\n";
    last = section;
    text += indent + name + ": " + option_text(value) + "\n";
  });
  return text;
}

} // namespace fomo
