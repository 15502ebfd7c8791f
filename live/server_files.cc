// SPDX-License-Identifier: LGPL-2.1-or-later
// The server's files: the page, pictures, uploads, recordings.
#include <array>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "live/exchange.h"
#include "live/server.h"
#include "live/thumbnail.h"

namespace fomo::live {

namespace {

using nlohmann::json;

constexpr const char* kUploadKey = "fomo-live-upload";
constexpr size_t kMostUploads = 1000; // files in the folder

/// A file that is coming. It is removed with the object unless it was published.
struct Upload {
  const Folder& folder;
  std::string hidden, name;
  Descriptor file;
  bool failed = false;

  Upload(const Folder& in, std::string hidden_name, std::string final_name)
      : folder(in), hidden(std::move(hidden_name)), name(std::move(final_name)),
        file(folder.make_hidden(hidden)) {}
  ~Upload() { folder.remove(hidden); }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  void write(GBytes* chunk) {
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(chunk, &size));
    while (size > 0 && !failed) {
      const ssize_t written = ::write(file.get(), data, size);
      if (written < 0 && errno == EINTR)
        continue;
      failed = written <= 0;
      data += std::max<ssize_t>(written, 0);
      size -= static_cast<gsize>(std::max<ssize_t>(written, 0));
    }
  }
};
using UploadPtr = std::shared_ptr<Upload>;

/// A message whose answer comes later. It may be over by then: its page has gone.
class Later {
 public:
  explicit Later(SoupServerMessage* message) : message_(message) {
    g_object_ref(message);
    soup_server_message_pause(message);
    handler_ = g_signal_connect(
        message, "finished",
        G_CALLBACK(+[](SoupServerMessage*, Later* self) { self->over_ = true; }), this);
  }
  ~Later() {
    g_signal_handler_disconnect(message_, handler_);
    if (!over_)
      soup_server_message_unpause(message_);
    g_object_unref(message_);
  }
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  SoupServerMessage* message() const { return message_; }

 private:
  SoupServerMessage* message_;
  gulong handler_;
  bool over_ = false;
};

/// Runs `work` on the worker's thread and `then` on the main loop; errors are the answer.
void answer_later(Worker& worker, SoupServerMessage* message, std::function<std::string()> work,
                  std::function<void(SoupServerMessage*, const std::string&)> then) {
  // Deleted on the main loop alone.
  auto* later = new Later(message);
  worker.add([later, work = std::move(work), then = std::move(then)] {
    std::function<void()> conclude;
    try {
      conclude = [later, result = work(), then] { then(later->message(), result); };
    } catch (const Error& error) {
      conclude = [later, error] { answer_error(later->message(), error); };
    } catch (const std::exception& error) {
      conclude = [later, words = std::string(error.what())] {
        answer_error(later->message(), SOUP_STATUS_INTERNAL_SERVER_ERROR, words);
      };
    }
    run_on_main_loop([later, conclude] {
      conclude();
      delete later;
    });
  });
}

} // namespace

bool Server::get_resource(SoupServerMessage* message, const std::string& path) {
  struct Resource {
    const char *path, *file, *type;
  };
  constexpr Resource resources[] = {{"/", "index.html", "text/html; charset=utf-8"},
                                    {"/app.js", "app.js", "text/javascript; charset=utf-8"},
                                    {"/parts.js", "parts.js", "text/javascript; charset=utf-8"},
                                    {"/style.css", "style.css", "text/css; charset=utf-8"},
                                    {"/icon.svg", "icon.svg", "image/svg+xml"}};
  for (const Resource& resource : resources)
    if (path == resource.path) {
      const Owned<GBytes> bytes(
          g_resources_lookup_data((std::string("/fomo-live/") + resource.file).c_str(),
                                  G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr));
      gsize size = 0;
      const auto* data = static_cast<const char*>(g_bytes_get_data(bytes.get(), &size));
      answer_file(message, resource.type, std::string(data, size));
      return true;
    }
  return false;
}

// ---- pictures ----

json Server::folders() const {
  json list = json::array();
  for (const Folder& folder : pictures_)
    list.push_back({{"name", &folder == &pictures_.back() ? "Uploads" : folder.name()},
                    {"pictures", folder.files()}});
  return list;
}

json Server::picture_place() const {
  const std::string& path = animation_->picture();
  const size_t slash = path.rfind('/');
  for (size_t i = 0; i < pictures_.size() && slash != std::string::npos; i++)
    if (pictures_[i].path() == path.substr(0, slash))
      return {{"folder", i}, {"name", path.substr(slash + 1)}};
  return nullptr;
}

void Server::choose_picture(const json& place) {
  const std::string name = text_in(place, "name");
  if (!place.contains("folder") || !place["folder"].is_number_unsigned() ||
      place["folder"].get<uint64_t>() >= pictures_.size())
    throw Error(FOMO_NOT_FOUND, "There is no such folder.");
  animation_->choose_picture(pictures_[place["folder"].get<size_t>()].path_of(name));
}

// `place`: FOLDER/NAME, with the folder's number.
void Server::get_thumbnail(SoupServerMessage* message, const std::string& place) {
  const size_t slash = place.find('/');
  guint64 folder = 0;
  if (slash == std::string::npos ||
      !g_ascii_string_to_unsigned(place.substr(0, slash).c_str(), 10, 0, pictures_.size() - 1,
                                  &folder, nullptr))
    throw Error(FOMO_NOT_FOUND, "There is no such folder.");
  const std::string name = place.substr(slash + 1), path = pictures_[folder].path_of(name);
  answer_later(
      worker_, message, [path, name] { return make_thumbnail(path, name); },
      [](SoupServerMessage* to, const std::string& png) { answer_file(to, "image/png", png); });
}

// ---- uploads ----

void Server::begin_upload(SoupServerMessage* message, const std::string& name) {
  const Folder& folder = pictures_.back();
  const std::string safe = safe_name(name);
  if (!folder.fits(safe))
    return refuse_early(message, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                        "'" + name + "' is not named like a picture (.png, .jpg and so on).");
  if (folder.files().size() >= kMostUploads)
    return refuse_early(message, SOUP_STATUS_INSUFFICIENT_STORAGE,
                        "The folder of uploads has " + std::to_string(kMostUploads) +
                            " pictures: remove some of them.");
  const std::string hidden = kHiddenUpload + std::to_string(uploads_begun_++);
  auto* upload = new UploadPtr(std::make_shared<Upload>(folder, hidden, safe));
  g_object_set_data_full(G_OBJECT(message), kUploadKey, upload,
                         [](gpointer data) { delete static_cast<UploadPtr*>(data); });
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  g_signal_connect(message, "got-chunk",
                   G_CALLBACK(+[](SoupServerMessage*, GBytes* chunk, UploadPtr* coming) {
                     (*coming)->write(chunk);
                   }),
                   upload);
}

void Server::end_upload(SoupServerMessage* message) {
  auto* data = static_cast<UploadPtr*>(g_object_get_data(G_OBJECT(message), kUploadKey));
  if (!data)
    throw Error(FOMO_SETTINGS, "The upload is empty.");
  const UploadPtr upload = *data;
  if (upload->failed)
    throw Error(FOMO_OPEN_READ,
                "'" + upload->folder.path() + "' cannot be written: the disk is full.");
  const auto check = [upload] {
    make_thumbnail(upload->folder.path() + "/" + upload->hidden, upload->name);
    return upload->folder.publish(upload->hidden, upload->name);
  };
  answer_later(worker_, message, check, [this](SoupServerMessage* to, const std::string& name) {
    answer(to, SOUP_STATUS_CREATED, {{"folder", pictures_.size() - 1}, {"name", name}});
    viewers_.tell({{"type", "folders"}, {"folders", folders()}});
  });
}

// ---- recordings ----

void Server::get_recording(SoupServerMessage* message, const std::string& name) {
  const Descriptor file = recordings_.open_file(name);
  const Owned<GMappedFile> mapped(g_mapped_file_new_from_fd(file.get(), FALSE, nullptr));
  if (!mapped)
    throw Error(FOMO_OPEN_READ, "'" + name + "' cannot be read.");
  const Owned<GBytes> bytes(g_mapped_file_get_bytes(mapped.get()));
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  soup_message_headers_set_content_type(headers, "video/mp4", nullptr);
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes.get());
}

} // namespace fomo::live
