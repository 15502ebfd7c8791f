#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes assets/driving.mp4 from head assets: renders the performance, lets flite speak it, encodes both.
#   train/clip.sh --assets FOLDER --out CLIP.mp4 [--seed N] [--threads N] [--frames FOLDER]
# --frames   where the rendered frames are kept; default: a temporary folder
# FOMO_BIN names the folder of fomo-render (default: build/train beside this folder).
# Needs flite (Debian package flite) and GStreamer's x264enc, mp4mux and avenc_aac.
set -euo pipefail
bin=${FOMO_BIN:-$(cd "$(dirname "$0")/.." && pwd)/build/train}
assets= out= seed=1 threads=0 frames=
while [ $# -gt 0 ]; do
  case $1 in
    --assets) assets=$2 ;;
    --out) out=$2 ;;
    --seed) seed=$2 ;;
    --threads) threads=$2 ;;
    --frames) frames=$2 ;;
    -h | --help) sed -n '3,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "clip.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
  esac
  [ $# -gt 1 ] || { echo "clip.sh: $1 needs a value (see --help)" >&2; exit 2; }
  shift 2
done
for needed in assets out; do
  [ -n "${!needed}" ] || { echo "clip.sh: --$needed is missing (see --help)" >&2; exit 2; }
done
command -v flite >/dev/null || { echo "clip.sh: flite is missing. Install the Debian package flite." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
frames=${frames:-$work/frames}
"$bin/fomo-render" --assets "$assets" --clip "$frames" --seed "$seed" --threads "$threads"
# The timing of the mouth in render/script.cc is that of this voice and this text.
flite -voice rms -o "$work/speech.wav" \
  -t "Hello! I move this picture. It looks where I look, it speaks when I speak, and it smiles with me."
# 8.8 s of sound at 16 kHz: 0.75 s of silence, 6.555 s of speech, silence.
silence() { echo "audiotestsrc wave=silence samplesperbuffer=40 num-buffers=$(($1 / 40)) ! $sound ! speech."; }
sound="audio/x-raw,format=S16LE,rate=16000,channels=1"
# One thread: x264's result depends on the number of threads.
gst-launch-1.0 -q mp4mux name=file ! filesink location="$out" \
  multifilesrc location="$frames/%05d.png" caps="image/png,framerate=25/1" ! pngdec ! videoconvert \
    ! video/x-raw,format=I420 ! x264enc pass=qual quantizer=17 speed-preset=veryslow threads=1 ! queue ! file. \
  concat name=speech ! audioconvert ! audioresample ! audio/x-raw,rate=22050 \
    ! avenc_aac bitrate=64000 ! aacparse ! queue ! file. \
  $(silence 12000) \
  filesrc location="$work/speech.wav" ! wavparse ! audioconvert ! $sound ! speech. \
  $(silence 23120)
echo "$out"
