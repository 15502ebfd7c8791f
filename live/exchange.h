// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP requests and answers.
#pragma once

#include <string>

#include <libsoup/soup.h>
#include <nlohmann/json.hpp>

#include "common/error.h"

namespace fomo::live {

/// Answers with a status and JSON.
void answer(SoupServerMessage* message, guint status, const nlohmann::json& body);
/// Answers with {"error": words}.
void answer_error(SoupServerMessage* message, guint status, const std::string& words);
/// Answers with the words of an error and the status that fits.
void answer_error(SoupServerMessage* message, const Error& error);
/// Answers with a file's contents.
void answer_file(SoupServerMessage* message, const char* type, const std::string& contents);

/// Answers at once, while the rest of the request's body comes: 100 MB are not waited for. The
/// connection is of no use after that.
void refuse_early(SoupServerMessage* message, guint status, const std::string& words);

/// The body as JSON. Throws Error (FOMO_SETTINGS).
nlohmann::json body_of(SoupServerMessage* message);
/// A member of an object that is text. Throws Error (FOMO_SETTINGS).
std::string text_in(const nlohmann::json& object, const char* member);

/// The headers of every answer: nothing from other sites, not in another site's frame, not stored.
void set_safe_headers(SoupServerMessage* message);

} // namespace fomo::live
