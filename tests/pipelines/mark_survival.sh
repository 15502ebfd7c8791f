#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the mark in the pixels survives: prints a table of the detector's scores after changes of the video. Each
# change is coded by x264; the metadata are lost. RTMP is in rtmp.sh.
. "$(dirname "$0")/helpers.sh"

fomo_model=$FOMO_BUILD/tools/fomo-model
frames=60

# animate OUTPUT [PROPERTIES]: writes the animated portrait without loss.
animate() {
  eval "gst-launch-1.0 -q filesrc location=$assets/driving.mp4 ! decodebin ! identity eos-after=$((frames + 1)) \
    ! fomotransfer qos=false source-image=$assets/portrait.png ${2-} ! video/x-raw,format=RGB ! videoconvert \
    ! video/x-raw,format=BGR ! avimux ! filesink location='$1'"
}
# variant OUTPUT CRF CHANGE...: a change of the animation, coded.
variant() {
  local output=$1 crf=$2
  shift 2
  gst-launch-1.0 -q filesrc location="$work/in.avi" ! avidemux ! videoconvert ! "$@" \
    ! videoconvert ! video/x-raw,format=I420 ! x264enc pass=qual quantizer="$crf" ! matroskamux \
    ! filesink location="$output"
}
# shots VIDEO: writes every frame of the video as a picture, $work/shot0.png and so on.
shots() {
  rm -f "$work"/shot*.png
  gst-launch-1.0 -q filesrc location="$1" ! decodebin ! videoconvert ! pngenc snapshot=false \
    ! multifilesink location="$work/shot%d.png"
}
# row NAME FILE: prints a row of the table; the mark and its payload have to be found.
row() {
  "$fomo_model" detect --json "$2" >"$work/said" || fail "$1: $(cat "$work/said")"
  python3 - "$1" "$2" "$work/said" <<'PYTHON' || fail "$1: $(cat "$work/said")"
import json, os, sys
pixels = json.load(open(sys.argv[3]))["pixels"]
print("| %-36s | %9d | %6.2f | %9.2f | %7.1f |" % (sys.argv[1], os.path.getsize(sys.argv[2]), pixels["score"],
                                                  pixels["threshold"], pixels["log10FalseAlarm"]))
assert pixels["found"] and pixels["model"] == "builtin"
PYTHON
}

# table WIDTH HEIGHT: the table for $work/in.avi of this size.
table() {
  local w=$1 h=$2 crf percent
  printf '| %-36s | %9s | %6s | %9s | %7s |\n' "$w x $h" bytes score threshold "log10 p"
  echo "| ------------------------------------ | --------- | ------ | --------- | ------- |"
  for crf in 23 26 29 32 35; do
    variant "$work/out.mkv" $crf identity
    row "crf $crf" "$work/out.mkv"
  done
  for percent in 50 75 150 200; do
    variant "$work/out.mkv" 23 videoscale \
      ! video/x-raw,width=$((w * percent / 200 * 2)),height=$((h * percent / 200 * 2))
    row "scaled to $percent %, crf 23" "$work/out.mkv"
  done
  variant "$work/out.mkv" 23 videocrop left=$((w / 40 * 2)) right=$((w / 40 * 2)) top=$((h / 40 * 2)) \
    bottom=$((h / 40 * 2))
  row "cropped by 10 %, crf 23" "$work/out.mkv"
  variant "$work/out.mkv" 23 videorate ! video/x-raw,framerate=30/1
  row "25 to 30 frames/s, crf 23" "$work/out.mkv"
  variant "$work/out.mkv" 23 videorate ! video/x-raw,framerate=30/1 ! videorate ! video/x-raw,framerate=25/1
  row "25 to 30 to 25 frames/s, crf 23" "$work/out.mkv"
  variant "$work/out.mkv" 23 identity
  shots "$work/out.mkv"
  row "screenshot (PNG) of frame 40, crf 23" "$work/shot40.png"
  gst-launch-1.0 -q filesrc location="$work/shot40.png" ! pngdec ! videoconvert ! jpegenc quality=75 \
    ! filesink location="$work/shot.jpg"
  row "the same as JPEG of quality 75" "$work/shot.jpg"
}

animate "$work/in.avi"
table 256 256
animate "$work/in.avi" output=picture
read -r width height < <(python3 -c "
import struct
head = open('$assets/portrait.png', 'rb').read(24)
print(*struct.unpack('>II', head[16:]))")
table "$width" "$height"
