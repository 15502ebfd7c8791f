#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/hls.sh: headless Chromium, which plays HLS without a library, plays the live stream from the script's own
# server and reads the clock in the picture; GStreamer's hlsdemux plays the stream that a web server (nginx) delivers.
. "$(dirname "$0")/helpers.sh"

expect_failure "name one folder" "$pipelines/hls.sh"
expect_failure "--segment is a number" "$pipelines/hls.sh" "$work/stream" --segment 0
: >"$work/file"
expect_failure "cannot be written" "$pipelines/hls.sh" "$work/file/stream"

long_clip "$work/clip.mp4"
port=$((20000 + RANDOM % 12000))
folder=$work/stream
"${clock[@]}" FOMO_GLASS_LOG="$work/sent" "$pipelines/hls.sh" "$folder" --driving "$work/clip.mp4" --segment 1 \
  --port $port >"$work/said" 2>&1 &
sender=$!
children+=("$sender")
has_segments() {
  kill -0 "$sender" 2>/dev/null || fail "$(cat "$work/said")"
  [ -s "$folder/live.m3u8" ] && [ "$(grep -c '\.ts$' "$folder/live.m3u8")" -ge "$1" ]
}
wait_until 90 has_segments 3

echo "- Chromium"
# A page like anybody's.
echo '<!doctype html><video src="live.m3u8" autoplay muted playsinline></video>' >"$folder/page.html"
status=0
"$FOMO_SOURCE/tests/pipelines/browser.py" "http://127.0.0.1:$port/page.html" "$work/seen" 20 90 || status=$?
[ $status -eq 0 ] || [ $status -eq 77 ] || fail "the browser: $(cat "$work/said")"
[ $status -ne 0 ] || check_lateness "$work/sent" "$work/seen" 20

nginx=$(command -v nginx || echo /usr/sbin/nginx)
if [ -x "$nginx" ]; then
  echo "- nginx and hlsdemux"
  cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $work/temp; proxy_temp_path $work/temp; fastcgi_temp_path $work/temp;
  uwsgi_temp_path $work/temp; scgi_temp_path $work/temp;
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server { listen 127.0.0.1:$((port + 1)); location / { root $folder; add_header Cache-Control no-cache; } }
}
CONF
  "$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/nginx.log" &
  children+=($!)
  rm -f "$work/seen"
  "${clock[@]}" FOMO_GLASS_LOG="$work/seen" gst-launch-1.0 -q souphttpsrc retries=20 \
    location="http://127.0.0.1:$((port + 1))/live.m3u8" ! hlsdemux ! decodebin ! identity name=glass sync=true ! fakesink \
    >"$work/player" 2>&1 &
  player=$!
  children+=("$player")
  sees() {
    kill -0 "$player" 2>/dev/null || fail "the player: $(cat "$work/player" "$work/nginx.log")"
    [ -s "$work/seen" ] && [ "$(grep -c '^seen' "$work/seen")" -ge "$1" ]
  }
  wait_until 60 sees 20
  check_lateness "$work/sent" "$work/seen" 20
fi

echo "- its end, and what it leaves"
kill -TERM "$sender" # SIGINT is ignored by what a script starts in the background
wait "$sender" || fail "$(cat "$work/said")"
grep -q '^#EXT-X-ENDLIST' "$folder/live.m3u8" || fail "the playlist has no end"
first=$(grep '\.ts$' "$folder/live.m3u8" | head -n 1)
check media "$folder/$first" size=256x256 sound=yes
[ "$(find "$folder" -name '*.ts' | wc -l)" -le 11 ] || fail "old files are kept"
[ $status -eq 0 ] || skip "no Chromium: apt-get install chromium (what else there is was tested)"
