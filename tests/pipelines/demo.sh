#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/demo.sh as a user runs it, with the bundled portrait and clip. The result has every frame and
# the sound, moves as the clip moves, and looks like the portrait.
. "$(dirname "$0")/helpers.sh"

command -v dpkg-query >/dev/null || skip "the set-up script is for Debian"

source=$assets/portrait.png
"$pipelines/demo.sh" --output "$work/demo.mp4" | tee "$work/said"
tail -n 1 "$work/said" | grep -qF "$work/demo.mp4" || fail "the last line does not say where the result is"
grep -qE '220 frames in [0-9.]+ s, [0-9.]+ frames/s' "$work/said" || fail "it does not say how fast it was"

check media "$work/demo.mp4" size=256x256 frames=220 seconds=8.8 sound=yes
check sounds "$work/demo.mp4" "$assets/driving.mp4"
# The boxes of the heads, from the brows to the chin. The clip has 512x512 pixels.
check tracks "$work/demo.mp4" 75,75,100,110 "$assets/driving.mp4" 160,180,190,190
# The first frame is the neutral pose: it shows the head of the portrait with less detail.
head="filesrc location=\"$source\" ! pngdec ! videoconvert ! videocrop left=122 right=185 top=11 bottom=296 ! videoscale ! video/x-raw,width=256,height=256"
check same "$work/demo.mp4" "$head" first=1 max-error=12 still=yes
