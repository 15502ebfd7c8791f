#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# fomo-webcam without a camera and without a window: a clip that plays over and over, keys that are
# "pressed" as soon as it says that the last one had its effect.
. "$(dirname "$0")/helpers.sh"

program=$FOMO_BUILD/pipelines/fomo-webcam
portrait=$assets/portrait.png
clip=$work/clip.mp4
short_clip "$clip" 40
picture "$work/other.png" 5

start() { # ARGUMENT...
  coproc WEBCAM { exec "$program" --driving "$clip" --sink "fakesink sync=false" "$@" 2>&1; }
  children+=("$WEBCAM_PID")
  pid=$WEBCAM_PID
  exec 6<&"${WEBCAM[0]}" 7>&"${WEBCAM[1]}"
}
# heard LINE: reads what it says up to that line.
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
press += # no more than twice the motion
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

echo "- x: the neutral pose anew"
# Nothing else takes a neutral pose again: there is one picture, and a manual reference.
start "$portrait" -- reference=manual
heard "face-found"
press x
heard "reference-set"
press x
heard "reference-set"
press q
wait "$pid" || fail "it ends badly with q"

echo "- the clip plays over and over; nobody types"
"$program" --driving "$clip" --sink "fakesink sync=false" --frames 100 "$portrait" </dev/null >"$work/said"
grep -qx '100 frames' "$work/said" || fail "it does not show 100 frames of a clip of 40: $(cat "$work/said")"

echo "- Ctrl-C ends it in order"
start "$portrait"
heard "reference-set"
kill -INT "$pid"
wait "$pid" || fail "it ends badly with Ctrl-C"

echo "- what goes wrong is said"
run=("$program" --sink "fakesink sync=false")
expect_failure "name a picture" "${run[@]}" --driving "$clip"
expect_failure "none.png" "${run[@]}" --driving "$clip" "$work/none.png"
expect_failure "none.mp4" "${run[@]}" --driving "$work/none.mp4" "$portrait"
expect_failure "Unknown option --nonsense" "${run[@]}" --nonsense "$portrait"
expect_failure "'nonsense=1' is no property=value" "${run[@]}" --driving "$clip" "$portrait" -- nonsense=1
expect_failure "no element \"nonsense\"" "$program" --driving "$clip" --sink nonsense "$portrait"
expect_failure "$work/none" "${run[@]}" --camera "$work/none" "$portrait"
expect_failure "there are keys for 9 pictures" "$pipelines/webcam.sh" "$portrait"{,,,,,,,,,}
