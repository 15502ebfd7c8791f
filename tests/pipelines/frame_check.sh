#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The other tests of this folder use frame-check. It must fail for another picture, a frozen picture, frames
# out of order or at other times, no sound, and another sound.
. "$(dirname "$0")/helpers.sh"

# moving FRAMES [RATE]: prints a pipeline that shows a moving pattern.
moving() {
  echo "videotestsrc num-buffers=$1 pattern=zone-plate kx2=20 ky2=20 kt=5" \
    "! video/x-raw,width=64,height=64,framerate=${2-25}/1"
}
# refuses WORDS COMMAND...: frame-check fails and prints the words.
refuses() { expect_failure "$1" check "${@:2}"; }

all=$(moving 40)
few="$all ! videorate drop-only=true ! video/x-raw,framerate=5/1"
frozen="$(moving 1) ! imagefreeze num-buffers=40"
other="videotestsrc num-buffers=40 pattern=smpte ! video/x-raw,width=64,height=64,framerate=25/1"

echo "- frames of a sender that drops four of five"
check follow "$few" "$all"
check follow "$few" "$all" times=0.03
check follow "$few" "$all" frames=5 distinct=5

echo "- wrong frames"
refuses "hardly moves" follow "$frozen" "$all"
refuses "not those expected" follow "$frozen" "$all" times=0.03
refuses "not those expected" follow "$other" "$all"
refuses "not those expected" follow "videotestsrc num-buffers=20 pattern=zone-plate kx2=20 ky2=20 kt=-5 \
  ! video/x-raw,width=64,height=64,framerate=25/1" "$all"
refuses "not those expected" follow "$(moving 40 50)" "$all" times=0.03
refuses "only 8 frames" follow "$few" "$all" frames=9
refuses "hardly moves" follow "$few" "$all" distinct=9
refuses "40 frames, expected 30" same "$all" "$(moving 30)"
refuses "not those expected" same "$other" "$all"
refuses "not those expected" same "$frozen" "$all"

echo "- sound"
sound() { # OUTPUT WAVE
  gst-launch-1.0 -q audiotestsrc wave="$2" samplesperbuffer=441 num-buffers=200 ! audio/x-raw,rate=22050 \
    ! audioconvert ! wavenc ! filesink location="$1"
}
sound "$work/ticks.wav" ticks
sound "$work/noise.wav" white-noise
gst-launch-1.0 -q videotestsrc num-buffers=50 ! video/x-raw,width=64,height=64,framerate=25/1 \
  ! x264enc tune=zerolatency ! h264parse ! matroskamux ! filesink location="$work/silent.mkv"
check sounds "$work/ticks.wav" "$work/ticks.wav"
refuses "the sound is another" sounds "$work/noise.wav" "$work/ticks.wav"
refuses "no sound in" sounds "$work/silent.mkv" "$work/ticks.wav"
refuses "there is no sound" media "$work/silent.mkv" sound=yes
