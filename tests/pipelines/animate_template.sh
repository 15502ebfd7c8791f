#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The motion templates: what is in the files, pipelines/animate-template.sh, and the seam of a loop.
. "$(dirname "$0")/helpers.sh"

tool=$FOMO_BUILD/tools/fomo-model
names=(nod smile talk look-around)

for name in "${names[@]}"; do
  file=$assets/motion/$name.fomomotion
  "$tool" motion "$file" >"$work/said"
  echo "- $name: $(grep '^frames' "$work/said"), $(grep '^seam' "$work/said")"
  grep -q "^undecoded: *0$" "$work/said" && grep -q "^no face: *0$" "$work/said" || fail "frames are missing: $(cat "$work/said")"
  # About a kilobyte a second.
  awk -v bytes="$(stat -c %s "$file")" -v seconds="$(awk '$1 == "frames:" { print $4 }' "$work/said")" \
    'BEGIN { exit !(bytes / seconds < 1300) }' || fail "$name is large: $(cat "$work/said")"
  # From the last frame to the first one no keypoint goes further than within the template, and none further than the
  # two steps of the quantiser by which two frames of the same pose may differ.
  awk '$1 == "seam:" { exit !($2 <= $NF && $2 <= 1) }' "$work/said" || fail "$name jumps: $(cat "$work/said")"
done

echo "- a file that is no motion"
expect_failure "not a file of motion" "$tool" motion "$assets/portrait.png"

echo "- a template in a loop, to a file"
frames=$("$tool" motion "$assets/motion/nod.fomomotion" | awk '$1 == "frames:" { print $2 }')
"$pipelines/animate-template.sh" --template nod --seconds 3.3 --output "$work/a.mp4"
check media "$work/a.mp4" size=256x256 frames=$((2 * frames)) seconds=6.4 sound=no

echo "- the second round is like the first one"
round="multifilesrc location=$assets/motion/nod.fomomotion loop=true num-buffers=2 ! fomomotionparse"
record "$round ! fomomotiondec source-image=$assets/portrait.png reference=first smoothing=0 mark=none qos=false" \
  "$work/rounds.avi"
check raw "$work/rounds.avi" "$work/both" frames=$((2 * frames))
python3 - "$work" "$frames" <<'PYTHON'
import sys
work, frames = sys.argv[1], int(sys.argv[2])
both = open(work + "/both.video", "rb").read()
size = 256 * 256 * 3
assert len(both) == 2 * frames * size, (len(both), frames)
frame = lambda i: both[i * size:(i + 1) * size]
def difference(a, b):  # of every 97th byte: the mean is the same
    return sum(abs(x - y) for x, y in zip(a[::97], b[::97])) / len(a[::97])
steps = [difference(frame(i), frame(i + 1)) for i in range(frames - 1)]
seam = difference(frame(frames - 1), frame(frames))
print("  seam %.2f levels, largest step %.2f, median %.2f" % (seam, max(steps), sorted(steps)[len(steps) // 2]))
assert seam <= max(steps)
# The first frames of a round glide from the last ones of the round before.
later = max(difference(frame(i), frame(frames + i)) for i in range(8, frames))
assert later < 0.5, "a frame of the second round differs by %.2f levels" % later
PYTHON

echo "- errors name their reason"
expect_failure "there is no template 'wave'" "$pipelines/animate-template.sh" --template wave --output "$work/b.mp4"
expect_failure "--seconds is a number" "$pipelines/animate-template.sh" --seconds soon --output "$work/b.mp4"
expect_failure "the motion '$work/none.fomomotion' does not exist" \
  "$pipelines/animate-template.sh" --template "$work/none.fomomotion" --output "$work/b.mp4"
expect_failure "not a file of motion" "$pipelines/animate-template.sh" --template "$assets/portrait.png" \
  --output "$work/b.mp4"
[ ! -e "$work/b.mp4" ] || fail "a broken file was left behind"
