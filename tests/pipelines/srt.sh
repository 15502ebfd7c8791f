#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/srt.sh on the loopback interface, with srt-live-transmit as the server that passes the stream on, and to a
# player that calls the script directly. The player writes what it gets to a file and reads the clock in the picture.
. "$(dirname "$0")/helpers.sh"

expect_failure "name the server" "$pipelines/srt.sh"
expect_failure "name the server" "$pipelines/srt.sh" http://localhost/live/me
expect_failure "--latency is a number" "$pipelines/srt.sh" srt://localhost:9000 --latency soon

gst-inspect-1.0 --exists srtsink || skip "no srtsink: apt-get install gstreamer1.0-plugins-bad"
command -v srt-live-transmit >/dev/null || skip "no srt-live-transmit: apt-get install srt-tools"

head_picture "$work/head.png"
clip=$work/clip.mp4
short_clip "$clip" 100
record "$(animation "$work/head.png" "$clip" "${each_alone[*]}")" "$work/expected.avi"
port=$((20000 + (RANDOM % 6000) * 2))

# play URI: a player, which writes $work/received.ts and reads clocks into $work/seen.
play() {
  rm -f "$work/seen"
  "${clock[@]}" FOMO_GLASS_LOG="$work/seen" gst-launch-1.0 -q -e srtsrc uri="$1" latency=60 ! tee name=stream \
    ! queue ! tsdemux latency=0 ! h264parse ! avdec_h264 ! identity name=glass sync=true ! fakesink sync=false \
    stream. ! queue ! filesink location="$work/received.ts" >"$work/player" 2>&1 &
  player=$!
  children+=("$player")
}
sees() {
  kill -0 "$player" 2>/dev/null || fail "the player: $(cat "$work/player")"
  [ -s "$work/seen" ] && [ "$(grep -c '^seen' "$work/seen")" -ge "$1" ]
}
send() {
  "${clock[@]}" FOMO_GLASS_LOG="$work/sent" "$pipelines/srt.sh" "$@" --source "$work/head.png" --driving "$clip" -- "${each_alone[@]}" \
    >"$work/said" 2>&1 &
  sender=$!
  children+=("$sender")
}
stop() {
  kill -INT "$1" 2>/dev/null || true
  wait "$1" || true
}

echo "- through srt-live-transmit"
srt-live-transmit "srt://127.0.0.1:$port?mode=listener&latency=60" "srt://127.0.0.1:$((port + 1))?mode=listener&latency=60" \
  -a:no >"$work/server" 2>&1 &
server=$!
children+=("$server")
play "srt://127.0.0.1:$((port + 1))?mode=caller"
send "srt://127.0.0.1:$port"
wait "$sender" || fail "$(cat "$work/said" "$work/server")"
wait_until 30 sees 10
stop "$player"
stop "$server"
check_lateness "$work/sent" "$work/seen" 10
check media "$work/received.ts" size=256x256 sound=yes
