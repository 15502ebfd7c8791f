#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes an animated picture as a live HLS stream, which any web server delivers and browsers play: a playlist and files
# of a few seconds each, of which the last ones are kept. The sound of a clip is in it too; a camera has no sound.
#   pipelines/hls.sh [options] FOLDER [-- property=value ...]
# FOLDER           where the playlist live.m3u8 and its files go; made if it does not exist
# --source FILE    the picture                          (assets/portrait.png)
# --driving FILE   the clip whose motion it takes       (assets/driving.mp4)
# --camera FILE    take the motion from this camera instead, such as /dev/video0
# --model FILE     a First Order Motion Model checkpoint (the built-in model)
# --device NAME    auto, cpu, cuda or cuda:N            (auto)
# --bitrate N      the video's bit rate, kbit/s         (1500)
# --segment N      seconds in a file                    (2); players start three files behind the newest
# --port N         also serve the folder at http://localhost:N/live.m3u8, with Python's web server, to this machine alone
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4 camera=
model=builtin device=auto bitrate=1500 segment=2 port=
take_options "source driving camera model device bitrate segment port" "$@"
[ ${#operands[@]} -eq 1 ] || die "name one folder for the stream (see --help)"
folder=${operands[0]}
[[ $segment =~ ^[1-9][0-9]?$ ]] || die "--segment is a number of seconds up to 99, not '$segment'"
[ -z "$port" ] || need_port --port "$port"
need_elements "${live_elements[@]}" hlssink2 mpegtsmux
live_video "$bitrate"
live_sound stream
[ ${#sound[@]} -eq 0 ] || sound[-1]=stream.audio
{ mkdir -p "$folder" && [ -w "$folder" ]; } 2>/dev/null || die "'$folder' cannot be written: check its permissions"
rm -f "$folder"/live.m3u8 "$folder"/live[0-9]*.ts

server=
stop_serving() { kill "$server" 2>/dev/null || true; }
stream=("${live_video[@]}" ! queue ! stream.video "${sound[@]}"
  hlssink2 name=stream playlist-location="$folder/live.m3u8" location="$folder/live%05d.ts"
  target-duration="$segment" playlist-length=5 max-files=10)
[ -n "$port" ] || launch "${stream[@]}"
command -v python3 >/dev/null || die "python3 is missing, which serves the folder: sudo apt-get install python3"
python3 - "$port" "$folder" <<'PYTHON' >/dev/null 2>&1 &
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", "": "application/octet-stream"}
    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                functools.partial(Handler, directory=sys.argv[2])).serve_forever()
PYTHON
server=$!
launch_and_then stop_serving "${stream[@]}"
