// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/provenance.h"

#include <cstdio>
#include <ctime>

namespace fomo {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
      result += escape;
    } else {
      result += c;
    }
  }
  return result + '"';
}

} // namespace

std::string to_json(const Provenance& provenance) {
  std::string result = "{\"digitalSourceType\":" + quoted(kDigitalSourceType);
  const auto add = [&result](const char* key, const std::string& value) {
    if (!value.empty())
      result += std::string(",\"") + key + "\":" + quoted(value);
  };
  add("generator", provenance.generator);
  add("model", provenance.model);
  add("created", provenance.created);
  return result + '}';
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

} // namespace fomo
