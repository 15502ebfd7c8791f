#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# fomo-webcam without a camera and without a window. It plays a clip over and over. The test presses a key
# as soon as the program has reported the effect of the one before.
. "$(dirname "$0")/helpers.sh"

program=$FOMO_BUILD/pipelines/fomo-webcam
portrait=$assets/portrait.png
clip=$work/clip.mp4
short_clip "$clip" 20
picture "$work/other.png" 5

start() { # ARGUMENT...
  coproc WEBCAM { exec "$program" --driving "$clip" --sink "fakesink sync=false" "$@" 2>&1; }
  children+=("$WEBCAM_PID")
  pid=$WEBCAM_PID
  exec 6<&"${WEBCAM[0]}" 7>&"${WEBCAM[1]}"
}
# heard LINE: reads the output of the program up to that line.
heard() {
  local line
  while read -rt 60 line <&6; do
    echo "$line" >>"$work/said"
    [ "$line" != "$1" ] || return 0
  done
  fail "it does not say '$1': $(cat "$work/said")"
}
press() { printf %s "$1" >&7; }

echo "- keys"
start "$portrait" "$work/other.png" -- strength=1.9
heard "overlay guide"
heard "picture $portrait"
heard "reference-set"
press 2
heard "picture $work/other.png"
press 1
heard "picture $portrait"
press 3
heard "there is no picture 3"
press +
heard "strength 2.0"
press += # the strength stays at its maximum
heard "strength 2.0"
heard "strength 2.0"
press -
heard "strength 1.9"
press o
heard "overlay guide+keypoints+crops+stats"
press o
heard "overlay none"
press o
heard "overlay guide"
press q
heard_frames() {
  while read -rt 60 line <&6; do [[ $line =~ ^[1-9][0-9]*\ frames$ ]] && return; done
  return 1
}
heard_frames || fail "it does not end with q"
wait "$pid" || fail "it ends badly with q"

echo "- x sets the neutral pose"
# With one picture and reference=manual nothing but the key sets the neutral pose again.
start "$portrait" -- reference=manual
heard "face-found"
press x
heard "reference-set"
press x
heard "reference-set"
press q
wait "$pid" || fail "it ends badly with q"

echo "- the clip plays over and over, without a terminal"
"$program" --driving "$clip" --sink "fakesink sync=false" --frames 50 "$portrait" </dev/null >"$work/said"
grep -qx '50 frames' "$work/said" || fail "it does not show 50 frames of a clip of 20: $(cat "$work/said")"

echo "- Ctrl-C ends the program with status 0"
start "$portrait"
heard "reference-set"
kill -INT "$pid"
wait "$pid" || fail "it ends badly with Ctrl-C"

echo "- errors name their reason"
run=("$program" --sink "fakesink sync=false")
expect_failure "name a picture" "${run[@]}" --driving "$clip"
expect_failure "none.png" "${run[@]}" --driving "$clip" "$work/none.png"
expect_failure "none.mp4" "${run[@]}" --driving "$work/none.mp4" "$portrait"
expect_failure "Unknown option --nonsense" "${run[@]}" --nonsense "$portrait"
expect_failure "'nonsense=1' is no property=value" "${run[@]}" --driving "$clip" "$portrait" -- nonsense=1
expect_failure "no element \"nonsense\"" "$program" --driving "$clip" --sink nonsense "$portrait"
expect_failure "$work/none" "${run[@]}" --camera "$work/none" "$portrait"
expect_failure "there are keys for 9 pictures" "$pipelines/webcam.sh" "$portrait"{,,,,,,,,,}
