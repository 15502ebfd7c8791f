// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace fomo {

// C2PA manifests, by libc2pa's C interface. The library is opened when it is needed. It is searched
// for where FOMOTRANSFER_C2PA says, where the system's linker looks, and in the folders of Python's
// packages (the package c2pa-python has it).

/// What a file's manifest says: `found`, `state` ("Valid", "Trusted", "Invalid"), `generator`,
/// `signer`, `digitalSourceType`, `problems`. `found` is true only if the active manifest states a
/// digital source type of trained algorithms and its signature and hashes are valid. Throws Error
/// (FOMO_LIBRARY) if the library is not there.
nlohmann::json read_c2pa(const std::string& path);

/// How to sign.
struct C2paSigner {
  std::string certificate; ///< PEM file: the signer's certificate, then those up to the root
  std::string key;         ///< PEM file: the private key, PKCS#8
  std::string algorithm;   ///< "es256", "es384", "es512", "ps256", "ps384", "ps512" or "ed25519"
  std::string timestamps;  ///< URL of a time stamp server; empty: none
};

/// Writes `path` to `output` with a signed manifest that states the digital source type and the
/// generator. Throws Error.
void sign_c2pa(const std::string& path, const std::string& output, const C2paSigner& signer,
               const std::string& generator);

} // namespace fomo
