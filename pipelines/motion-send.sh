#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sends the motion of a camera or a clip, without any picture, to motion-receive.sh on another machine: RTP over UDP,
# about 25 kbit/s with all headers. A picture can be offered too, which the receiver fetches once.
#   pipelines/motion-send.sh [options] HOST[:PORT] [-- property=value ...]
# HOST[:PORT]     the receiver                         (port 5004)
# --camera FILE   the camera's device                  (/dev/video0)
# --driving FILE  take the motion from this clip instead, at its own speed
# --picture FILE  offer this picture at http://THIS MACHINE:PICTURE-PORT/picture to everybody who asks
# --picture-port N                                     (5005)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# What follows -- goes to fomomotionenc, such as: -- quantiser=4 refresh-interval=12
# Nothing is encrypted: who can read the packets sees when the driver nods, blinks and speaks. Send them through a
# tunnel (WireGuard, an SSH tunnel of UDP) outside of your own network.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

camera=/dev/video0 driving='' picture='' picture_port=5005 model=builtin device=auto
take_options "camera driving picture picture-port model device" "$@"
[ ${#operands[@]} -eq 1 ] || die "name the receiver, as 192.0.2.7 or receiver:5004 (see --help)"
split_host "${operands[0]}" 5004
need_port --picture-port "$picture_port"
need_model
need_elements "${decoding_elements[@]}" rtpgstpay udpsink
live_driver

offer=
stop_offering() {
  kill "$offer" 2>/dev/null || true
  rm -rf "$folder"
}
if [ -n "$picture" ]; then
  need_file "the picture" "$picture"
  command -v python3 >/dev/null || die "python3 is missing, which offers the picture: sudo apt-get install python3"
  # A folder of its own, so that nothing but the picture is offered.
  folder=$(mktemp -d)
  cp "$picture" "$folder/picture"
  python3 -m http.server "$picture_port" --directory "$folder" >/dev/null 2>&1 &
  offer=$!
fi

# rtpgstpay repeats the caps, which name the model, every second, for receivers that come later or lose packets. udpsink
# sends at once: with sync=true it would wait until the latency of camera and encoder has passed since the frame's time.
transmission=("${live_driver[@]}" ! fomomotionenc model="$model" device="$device" "${properties[@]}"
  ! rtpgstpay config-interval=1 ! udpsink host="$host" port="$port" sync=false)
[ -n "$offer" ] || launch "${transmission[@]}"
launch_and_then stop_offering "${transmission[@]}"
