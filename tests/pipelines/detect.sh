#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# fomo-model detect and mark: files that pipelines write with the element's defaults are recognised, files that
# are not marked are not. What each container carries is printed.
. "$(dirname "$0")/helpers.sh"

fomo_model=$FOMO_BUILD/tools/fomo-model
short_clip "$work/clip.mp4" 60

# detect FILE LAYER...: the layers of the file that are found are these, and no other. C2PA is not looked at.
detect() {
  local file=$1 found
  shift
  "$fomo_model" detect "$file" >"$work/said" || [ $? -eq 3 ] || fail "detect $file: $(cat "$work/said")"
  found=$(sed -nE 's/^ +(tags|stream|pixels|xmp) +found.*/\1/p' "$work/said" | xargs)
  printf '  %-16s %s\n' "$(basename "$file")" "${found:-nothing}"
  [ "$found" = "$*" ] || fail "$file: expected '$*': $(cat "$work/said")"
}
# write FILE CODER...: animates the clip with the element's defaults and writes it.
write() {
  local file=$1
  shift
  gst-launch-1.0 -q filesrc location="$work/clip.mp4" ! decodebin ! fomotransfer source-image="$assets/portrait.png" \
    ! videoconvert ! video/x-raw,format=I420 ! "$@" ! filesink location="$file"
}

echo "- the README's first pipeline"
first=$(sed -n '/^File to file:/,/filesink/p' "$FOMO_SOURCE/README.md" | sed 1,2d | tr -d '\\\n')
(cd "$FOMO_SOURCE" && eval "${first//out.mp4/$work/first.mp4}" >"$work/said") || fail "$(cat "$work/said")"
detect "$work/first.mp4" tags pixels

echo "- what containers carry without fomomark and with it"
write "$work/plain.mkv" x264enc ! h264parse ! matroskamux
detect "$work/plain.mkv" tags pixels
write "$work/plain.ts" x264enc ! mpegtsmux
detect "$work/plain.ts" pixels
write "$work/plain.flv" x264enc ! flvmux
detect "$work/plain.flv" pixels
write "$work/marked.mp4" x264enc key-int-max=25 ! h264parse ! fomomark ! mp4mux
detect "$work/marked.mp4" tags stream pixels
write "$work/h265.mp4" x265enc ! h265parse ! fomomark ! mp4mux
detect "$work/h265.mp4" tags stream pixels
write "$work/vp8.webm" vp8enc deadline=1 ! webmmux
detect "$work/vp8.webm" tags pixels

echo "- remuxed without coding"
gst-launch-1.0 -q filesrc location="$work/marked.mp4" ! qtdemux ! h264parse ! matroskamux \
  ! filesink location="$work/remuxed.mkv"
detect "$work/remuxed.mkv" tags stream pixels
gst-launch-1.0 -q filesrc location="$work/marked.mp4" ! qtdemux ! h264parse ! flvmux ! filesink location="$work/remuxed.flv"
detect "$work/remuxed.flv" stream pixels
gst-launch-1.0 -q filesrc location="$work/marked.mp4" ! qtdemux ! h264parse ! video/x-h264,stream-format=byte-stream \
  ! filesink location="$work/stream.h264"
detect "$work/stream.h264" stream pixels
gst-launch-1.0 -q filesrc location="$work/marked.mp4" ! qtdemux ! h264parse ! mpegtsmux \
  ! hlssink location="$work/segment%d.ts" playlist-location="$work/list.m3u8" target-duration=1
detect "$work/segment0.ts" stream pixels

echo "- a frame as a picture, and standard input"
gst-launch-1.0 -q filesrc location="$work/marked.mp4" ! decodebin ! videoconvert ! pngenc snapshot=true \
  ! filesink location="$work/frame.png"
detect "$work/frame.png" pixels
"$fomo_model" detect --json - <"$work/marked.mp4" >"$work/said.json"
python3 - "$work/said.json" <<'PYTHON' || fail "$(cat "$work/said.json")"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["marked"] is True and report["file"] == "-"
assert report["pixels"]["model"] == "builtin" and report["pixels"]["log10FalseAlarm"] < -6
assert report["stream"]["generator"].startswith("fomotransfer ") and report["stream"]["messages"] >= 1
assert report["tags"]["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
PYTHON

echo "- files that are not marked"
detect "$work/clip.mp4"
detect "$assets/portrait.png"
status=0
"$fomo_model" detect "$work/clip.mp4" >"$work/said" || status=$?
[ $status -eq 3 ] || fail "the status of an unmarked file is $status"
grep -q "proves nothing" "$work/said" || fail "$(cat "$work/said")"
gst-launch-1.0 -q filesrc location="$work/clip.mp4" ! decodebin ! fomotransfer mark=none \
  source-image="$assets/portrait.png" ! videoconvert ! video/x-raw,format=I420 ! x264enc ! mp4mux \
  ! filesink location="$work/none.mp4"
detect "$work/none.mp4"
expect_failure "does not exist" "$fomo_model" detect "$work/no.mp4"
expect_failure "is a folder" "$fomo_model" detect "$work"

mkfifo "$work/fifo.mp4"
expect_failure "is not a regular file" "$fomo_model" detect "$work/fifo.mp4"

echo "- a file that announces a video and never delivers it"
promised_video "$work/clip.mp4" "$work/promised.ts"
expect_failure "'$work/promised.ts' cannot be read: GStreamer got nothing out of it for 2 seconds" \
  "$fomo_model" detect --timeout 2 "$work/promised.ts"
grep -q -- "--timeout" "$work/said" || fail "no remedy: $(cat "$work/said")"

echo "- XMP"
"$fomo_model" mark "$work/none.mp4"
detect "$work/none.mp4" xmp
"$fomo_model" mark "$work/none.mp4" # again: the packet is replaced
detect "$work/none.mp4" xmp
check media "$work/none.mp4" size=256x256 frames=60
"$fomo_model" mark "$work/first.mp4" --out "$work/xmp.mp4"
detect "$work/xmp.mp4" tags pixels xmp
grep -qa "Synthetic: a picture animated" "$work/xmp.mp4" || fail "what mp4mux wrote is lost"
cmp -n 40000 "$work/first.mp4" "$work/xmp.mp4" || fail "the file's beginning has changed"
expect_failure "not a whole MP4 file" "$fomo_model" mark "$work/remuxed.mkv"
head -c 30000 "$work/first.mp4" >"$work/cut.mp4"
expect_failure "not a whole MP4 file" "$fomo_model" mark "$work/cut.mp4"
expect_failure "does not exist" "$fomo_model" mark "$work/no.mp4"

echo "- C2PA"
printf 'none' >"$work/none.pem"
FOMOTRANSFER_C2PA=$work/no.so expect_failure "pip install c2pa-python" \
  "$fomo_model" mark "$work/first.mp4" --certificate "$work/none.pem" --key "$work/none.pem"
expect_failure "--key" "$fomo_model" mark "$work/first.mp4" --certificate "$work/none.pem"
expect_failure "the private key of --key" "$pipelines/animate-file.sh" --sign "$work/none.pem"
export FOMOTRANSFER_C2PA=${FOMOTRANSFER_C2PA-$FOMO_SOURCE/deps/c2pa/libs/libc2pa_c.so}
if [ ! -f "$FOMOTRANSFER_C2PA" ] || ! command -v openssl >/dev/null; then
  echo "  not tested: no libc2pa in deps/ (scripts/setup.sh --tests), or no openssl"
  exit 0
fi
expect_failure "does not take the certificate" \
  "$fomo_model" mark "$work/first.mp4" --certificate "$work/none.pem" --key "$work/none.pem"
cd "$work"
openssl ecparam -name prime256v1 -genkey -noout -out root.key
openssl req -x509 -new -key root.key -days 2 -subj "/O=Test/CN=Test root" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -out root.pem 2>/dev/null
openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out signer.key
openssl req -new -key signer.key -subj "/O=Test/CN=Test signer" -out signer.csr
printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
  extendedKeyUsage=emailProtection subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >extensions
openssl x509 -req -in signer.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1 -extfile extensions \
  -out signer.pem 2>/dev/null
cat signer.pem root.pem >chain.pem
"$pipelines/animate-file.sh" --driving clip.mp4 --output signed.mp4 --sign chain.pem --key signer.key
detect "$work/signed.mp4" tags stream pixels xmp
grep -E "^ +c2pa +found.*signer Test signer.*state Valid" said || fail "the manifest: $(cat said)"
check media signed.mp4 size=256x256 frames=60 sound=yes
# One bit of a coded frame: the manifest is no longer valid.
python3 - <<'PYTHON'
data = bytearray(open("signed.mp4", "rb").read())
data[data.index(b"mdat") + 5000] ^= 1
open("changed.mp4", "wb").write(data)
PYTHON
"$fomo_model" detect changed.mp4 >said
grep -E "^ +c2pa +not found.*Invalid" said || fail "the changed file: $(cat said)"
