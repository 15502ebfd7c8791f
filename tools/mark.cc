// SPDX-License-Identifier: LGPL-2.1-or-later
// fomo-model mark: writes XMP and a C2PA manifest into an MP4 file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "mark/provenance.h"
#include "tools/c2pa.h"
#include "tools/commands.h"
#include "tools/mp4_boxes.h"
#include "tools/video_reader.h"

namespace fomo {

namespace {

struct MarkOptions {
  std::string file, out;
  C2paSigner signer;
};

/// The XMP packet: the digital source type, as the IPTC defines it, and what made the file. It is
/// added to the packet `before`, unless that has a digital source type of its own.
std::string xmp_packet(const std::string& before, const std::string& generator) {
  const std::string description =
      "  <rdf:Description rdf:about=\"\"\n"
      "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
      "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
      "    xmp:CreatorTool=\"" +
      generator + "\"\n    Iptc4xmpExt:DigitalSourceType=\"" + kDigitalSourceType + "\"/>\n ";
  const size_t end = before.rfind("</rdf:RDF>");
  const bool has_own = before.find("DigitalSourceType") != std::string::npos ||
                       before.find("CreatorTool") != std::string::npos;
  if (end != std::string::npos && !has_own)
    return before.substr(0, end) + description + before.substr(end);
  return "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
         " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
         description + "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>";
}

/// A file beside the output, removed at the end unless it was renamed.
class Draft {
 public:
  explicit Draft(const std::string& path) : path_(path) {}
  ~Draft() { unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void mark(const MarkOptions& options) {
  check_video_file(options.file);
  const std::string generator = "fomotransfer " FOMO_VERSION;
  const std::string out = options.out.empty() ? options.file : options.out;
  const std::string packet = xmp_packet(read_xmp(options.file), generator);
  const bool sign = !options.signer.certificate.empty();
  if (!sign) {
    write_xmp(options.file, out, packet);
  } else {
    const std::string suffix = "." + std::to_string(getpid());
    const Draft described(out + suffix + ".xmp"), signed_file(out + suffix + ".c2pa");
    write_xmp(options.file, described.path(), packet);
    sign_c2pa(described.path(), signed_file.path(), options.signer, generator);
    if (std::rename(signed_file.path().c_str(), out.c_str()) != 0)
      throw Error(FOMO_OPEN_READ, "'" + out + "' cannot be written: check its folder.");
  }
  std::printf("%s: XMP%s\n", out.c_str(), sign ? ", C2PA manifest" : "");
}

} // namespace

void add_mark(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "mark",
      "Write what an MP4 file is into it: XMP with the IPTC's digital source type, and with "
      "a certificate a signed C2PA manifest");
  auto options = std::make_shared<MarkOptions>();
  command->add_option("FILE", options->file, "MP4 file")->required();
  command->add_option("--out", options->out, "File to write; default: FILE is replaced");
  auto* certificate = command->add_option("--certificate", options->signer.certificate,
                                          "Sign with this certificate: a PEM file with its chain");
  auto* key = command->add_option("--key", options->signer.key,
                                  "The certificate's private key: PEM, PKCS#8");
  certificate->needs(key);
  key->needs(certificate);
  options->signer.algorithm = "es256";
  command->add_option("--algorithm", options->signer.algorithm, "Signature algorithm of the key")
      ->check(CLI::IsMember({"es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"}))
      ->capture_default_str()
      ->needs(certificate);
  command->add_option("--timestamps", options->signer.timestamps, "URL of a time stamp server")
      ->needs(certificate);
  command->callback([options] { mark(*options); });
}

} // namespace fomo
