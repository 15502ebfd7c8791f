#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/rtmp.sh with a real server (nginx with its RTMP module) on the loopback interface. A player waits
# for the stream and writes it to a file. The file has the animation and the sound. The sender may drop frames.
. "$(dirname "$0")/helpers.sh"

nginx=$(command -v nginx || echo /usr/sbin/nginx)
module=/usr/lib/nginx/modules/ngx_rtmp_module.so
[ -x "$nginx" ] && [ -f "$module" ] || skip "no nginx with RTMP: apt-get install nginx-light libnginx-mod-rtmp"

expect_failure "name the server" "$pipelines/rtmp.sh"
expect_failure "name the server" "$pipelines/rtmp.sh" http://localhost/live/me

# start_server PORT: serves RTMP on the port, and its statistics as a web page on the next port.
start_server() {
  cat >"$work/nginx.conf" <<CONF
load_module $module;
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
rtmp { server { listen 127.0.0.1:$1; application live { live on; } } }
http {
  access_log off;
  client_body_temp_path $work/temp; proxy_temp_path $work/temp; fastcgi_temp_path $work/temp;
  uwsgi_temp_path $work/temp; scgi_temp_path $work/temp;
  server { listen 127.0.0.1:$(($1 + 1)); location / { rtmp_stat all; } }
}
CONF
  "$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/nginx.log" &
  server=$!
  children+=("$server")
}

# get_page: prints the server's statistics; fails while the server is not up.
get_page() {
  { exec 4<>"/dev/tcp/127.0.0.1/$((port + 1))"; } 2>/dev/null || return 1
  printf 'GET / HTTP/1.0\r\n\r\n' >&4
  cat <&4
  exec 4>&-
}
is_up_or_gone() { ! kill -0 "$server" 2>/dev/null || get_page >/dev/null; }
has_player() { get_page | grep -q '<nclients>1</nclients>'; }

echo "- the server"
: >"$work/said"
for try in 1 2 3 4 5 6 7 8; do
  # A port below those that the system assigns. When it is in use, another one is tried.
  port=$((20000 + (RANDOM * 2) % 12000))
  start_server $port
  wait_until 30 is_up_or_gone
  kill -0 "$server" 2>/dev/null && break
done
kill -0 "$server" || fail "nginx does not start: $(cat "$work/nginx.log")"
url=rtmp://127.0.0.1:$port/live/me

head_picture "$work/head.png"
clip=$work/clip.mp4
short_clip "$clip" 80
record "$(animation "$work/head.png" "$clip" "${each_alone[*]}")" "$work/expected.avi"

echo "- the player, which waits for the stream and leaves when the stream ends"
gst-launch-1.0 -q rtmp2src location="$url" ! filesink location="$work/received.flv" >"$work/player" 2>&1 &
player=$!
children+=("$player")
wait_until 60 has_player

echo "- the sender"
"$pipelines/rtmp.sh" "$url" --source "$work/head.png" --driving "$clip" -- "${each_alone[@]}" \
  >"$work/said" 2>&1 || fail "$(cat "$work/said" "$work/nginx.log")"
wait "$player" || fail "$(cat "$work/player" "$work/said" "$work/nginx.log")"

echo "- what was received"
# flvmux changes time stamps by some hundredths of a second, so that they always increase.
check follow "$work/received.flv" "$work/expected.avi" times=0.15
check media "$work/received.flv" size=256x256 sound=yes
check sounds "$work/received.flv" "$clip"
"$FOMO_BUILD/tools/fomo-model" detect "$work/received.flv" | tee "$work/said"
for layer in stream pixels; do
  grep -qE "^ *$layer +found" "$work/said" || fail "the received stream is not marked in its $layer"
done
