#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/webrtc.sh with headless Chromium on the same machine, which opens the script's page and plays: the video's
# time runs, getStats() counts decoded frames, and the clock in the picture can be read from a canvas. Viewers that vanish
# or send nonsense do not disturb the others.
. "$(dirname "$0")/helpers.sh"

expect_failure "is not an option" "$pipelines/webrtc.sh" somebody
expect_failure "--viewers is a number" "$pipelines/webrtc.sh" --viewers none
command -v curl >/dev/null || skip "no curl: apt-get install curl"
gst-inspect-1.0 --exists --atleast-version=0.0 nicesink || skip "no nicesink: apt-get install gstreamer1.0-nice"
/usr/bin/python3 -c 'import gi; gi.require_version("GstWebRTC", "1.0"); from gi.repository import GstWebRTC' 2>/dev/null ||
  skip "no GstWebRTC for Python: apt-get install python3-gi gir1.2-gst-plugins-bad-1.0"

long_clip "$work/clip.mp4"
for try in 1 2 3 4; do
  port=$((20000 + RANDOM % 12000))
  "${clock[@]}" FOMO_GLASS_LOG="$work/sent" "$pipelines/webrtc.sh" --driving "$work/clip.mp4" --port $port --viewers 2 \
    >"$work/said" 2>&1 &
  sender=$!
  children+=("$sender")
  serves_or_gone() { ! kill -0 "$sender" 2>/dev/null || curl -fsS -o "$work/page" "http://127.0.0.1:$port/" 2>/dev/null; }
  wait_until 60 serves_or_gone
  kill -0 "$sender" 2>/dev/null && break
done
kill -0 "$sender" || fail "$(cat "$work/said")"
page=http://127.0.0.1:$port
grep -q '<video' "$work/page" || fail "there is no video in the page"

# ask EXPECTED-STATUS CURL-ARGUMENT...: the header goes to $work/header, the body to $work/body.
ask() {
  local status
  status=$(curl -sS --max-time 30 -o "$work/body" -D "$work/header" -w '%{http_code}' "${@:2}")
  [ "$status" = "$1" ] || fail "status $status instead of $1: ${*:2}: $(cat "$work/body")"
}
location() { sed -n 's/^Location: \([^\r]*\).*/\1/p' "$work/header"; }
offer=(-H 'Content-Type: application/sdp' --data-binary @"$work/offer" "$page/whep")
{
  printf '%s\r\n' v=0 'o=- 1 2 IN IP4 127.0.0.1' s=- 't=0 0' 'a=group:BUNDLE 0' 'm=video 9 UDP/TLS/RTP/SAVPF 96' \
    'c=IN IP4 0.0.0.0' a=mid:0 a=recvonly a=setup:actpass a=rtcp-mux a=ice-ufrag:abcd a=ice-pwd:abcdefghijklmnopqrstuvwx
  printf 'a=fingerprint:sha-256 %s\r\n' "$(printf 'AB:%.0s' {1..31})AB"
  printf '%s\r\n' 'a=rtpmap:96 H264/90000' 'a=fmtp:96 packetization-mode=1;profile-level-id=42e01f'
} >"$work/offer"

echo "- offers"
ask 201 "${offer[@]}"
first=$(location)
grep -q '^a=sendonly' "$work/body" && grep -q '^a=candidate' "$work/body" || fail "this is no answer: $(cat "$work/body")"
ask 201 "${offer[@]}"
second=$(location)
ask 503 "${offer[@]}"
grep -q "there are 2 viewers already" "$work/body"
ask 200 -X DELETE "$page$first"
ask 200 -X DELETE "$page$second"
ask 404 -X DELETE "$page$second"
ask 415 --data-binary nonsense "$page/whep"
ask 503 -H 'Content-Type: application/sdp' --data-binary nonsense "$page/whep"
ask 413 -H 'Content-Type: application/sdp' --data-binary @"$work/clip.mp4" "$page/whep"
ask 404 "$page/../../../etc/passwd" --path-as-is

# browse FRAMES: exits with 77 if there is no Chromium. It is killed afterwards, without a farewell.
browse() {
  local status=0
  "$FOMO_SOURCE/tests/pipelines/browser.py" "$page/" "$work/seen" "$1" 90 || status=$?
  [ $status -ne 77 ] || exit 77
  [ $status -eq 0 ] || fail "the browser: $(cat "$work/said")"
}
echo "- one viewer, which vanishes, and another one"
browse 3
browse 30
check_lateness "$work/sent" "$work/seen" 30
kill -0 "$sender" || fail "$(cat "$work/said")"
kill "$sender"
wait "$sender" || fail "$(cat "$work/said")"
