# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the tests of this folder, which source this file. Meson sets FOMO_SOURCE and FOMO_BUILD to
# the project's folder and the build folder. `work` is a temporary folder, removed when the test ends.
set -euo pipefail

assets=$FOMO_SOURCE/assets
pipelines=$FOMO_SOURCE/pipelines
work=$(mktemp -d)
children=()

clean_up() {
  local child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null && wait "$child" || true; done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'echo "failed: line $LINENO: $BASH_COMMAND" >&2' ERR

skip() {
  echo "skipped: $*"
  exit 77
}

fail() {
  echo "failed: $*" >&2
  exit 1
}

check() { "$FOMO_BUILD/tests/pipelines/frame-check" "$@"; }

# short_clip OUTPUT FRAMES: writes the beginning of the bundled clip, as MP4 with sound.
short_clip() {
  check raw "$assets/driving.mp4" "$work/raw" frames="$2"
  gst-launch-1.0 -q filesrc location="$work/raw.video" \
    ! rawvideoparse format=bgr width=512 height=512 framerate=25/1 \
    ! videoconvert ! videoscale ! video/x-raw,format=I420,width=256,height=256 \
    ! x264enc ! mp4mux name=file ! filesink location="$1" \
    filesrc location="$work/raw.sound" \
    ! rawaudioparse pcm-format=f32le num-channels=1 sample-rate=22050 \
    ! audioconvert ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! avenc_aac ! file.
}

# long_clip OUTPUT: writes two minutes, the bundled clip again and again, as MP4 with sound.
long_clip() {
  gst-launch-1.0 -q filesrc location="$assets/driving.mp4" ! qtdemux ! h264parse ! avdec_h264 \
    ! videoconvert ! videoscale ! video/x-raw,format=I420,width=256,height=256 ! filesink location="$work/short.i420"
  for _ in {1..14}; do cat "$work/short.i420"; done |
    gst-launch-1.0 -q fdsrc ! rawvideoparse format=i420 width=256 height=256 framerate=25/1 \
      ! x264enc speed-preset=ultrafast tune=zerolatency ! mp4mux name=file ! filesink location="$1" \
      audiotestsrc num-buffers=2584 samplesperbuffer=1024 ! audio/x-raw,rate=22050,channels=1 \
      ! avenc_aac ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! file.
}

# promised_video CLIP OUTPUT: writes the clip, an MP4 file with sound, as an MPEG transport stream that announces
# the video and has none of its packets. GStreamer waits for the video forever.
promised_video() {
  gst-launch-1.0 -q filesrc location="$1" ! qtdemux name=clip clip.video_0 ! h264parse ! queue ! mpegtsmux name=file \
    ! filesink location="$2" clip.audio_0 ! queue ! aacparse ! file.
  python3 - "$2" <<'PYTHON'
import collections, sys
data = open(sys.argv[1], "rb").read()
packets = [data[i:i + 188] for i in range(0, len(data), 188)]
stream = lambda packet: (packet[1] & 31) << 8 | packet[2]
video = collections.Counter(map(stream, packets)).most_common(1)[0][0]
open(sys.argv[1], "wb").write(b"".join(packet for packet in packets if stream(packet) != video))
PYTHON
}

# picture OUTPUT SECOND: writes a frame of the bundled clip, as PNG.
picture() {
  gst-launch-1.0 -q filesrc location="$assets/driving.mp4" ! decodebin ! videoconvert ! videorate \
    ! video/x-raw,framerate=1/1 ! pngenc ! multifilesink location="$work/second%d.png"
  mv "$work/second$2.png" "$1"
}

# head_picture OUTPUT: writes the head of the bundled portrait, framed as the bundled clip frames its head, as PNG.
head_picture() {
  gst-launch-1.0 -q filesrc location="$assets/portrait.png" ! pngdec ! videoconvert \
    ! videocrop left=122 right=185 top=11 bottom=296 ! videoscale ! video/x-raw,width=256,height=256 \
    ! pngenc ! filesink location="$1"
}

# With these properties an output frame depends on its own driving frame alone: no face is followed, no
# keypoint is smoothed, no motion counts from an earlier frame. A live pipeline drops frames on a slow
# machine. With these properties the frames that it does not drop are the same as on a fast machine.
each_alone=(crop=none relative=false smoothing=0)

# still PICTURE SIZE [FRAMES]: prints a pipeline that shows a square picture, scaled.
still() {
  echo "filesrc location=\"$1\" ! decodebin ! videoconvert ! videoscale add-borders=false" \
    "! video/x-raw,width=$2,height=$2,pixel-aspect-ratio=1/1 ! imagefreeze num-buffers=${3-1}"
}

# scaled CLIP SIZE: prints a pipeline that plays a square clip, scaled.
scaled() { echo "filesrc location=\"$1\" ! decodebin ! videoconvert ! videoscale ! video/x-raw,width=$2,height=$2"; }

# animation SOURCE DRIVING [PROPERTIES]: prints a pipeline that animates the picture. What the scripts make
# is compared with it.
animation() {
  echo "filesrc location=\"$2\" ! decodebin ! videoconvert" \
    "! fomotransfer qos=false source-image=\"$1\" ${3-}"
}

# record PIPELINE OUTPUT: writes the frames of the pipeline to an AVI file, without loss.
record() {
  eval "gst-launch-1.0 -q $1 ! videoconvert ! video/x-raw,format=BGR ! avimux ! filesink location='$2'"
}

# expect_failure WORDS COMMAND...: the command fails, prints WORDS, and is not killed by a signal.
expect_failure() {
  local words=$1 status=0
  shift
  "$@" >"$work/said" 2>&1 || status=$?
  [ $status -ne 0 ] || fail "this should fail: $*"
  [ $status -lt 128 ] || [ $status -eq 255 ] || fail "this crashed: $*" # 255 is -1 of a program
  grep -qF -- "$words" "$work/said" || fail "'$words' is not in what this says: $*: $(cat "$work/said")"
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds. After so many seconds the test fails
# and prints the end of $work/said.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "gave up waiting for $*: $(tail -qn 5 "$work/said" "$work/looks" 2>/dev/null)"
    read -rt 0.1 <> <(:) || true
  done
}

# "${clock[@]}" FOMO_GLASS_LOG=FILE COMMAND... runs a command whose GStreamer pipelines draw a clock into what fomotransfer
# gives, and read it in what an element named `glass` passes (glass/tracer.c).
clock=(env GST_TRACERS=glass "GST_PLUGIN_PATH_1_0=$FOMO_BUILD/tests/pipelines/glass:$FOMO_BUILD/gst")

# check_lateness SENDER-LOG VIEWER-LOG FEWEST: prints how late the viewer saw the picture, and checks that it saw so many
# frames, and that frames waited for fomotransfer no longer than it takes for a frame, or than a frame lasts.
check_lateness() { python3 "$FOMO_SOURCE/tests/pipelines/lateness.py" "$@" | tee "$work/lateness"; }
