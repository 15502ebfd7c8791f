#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The applications in docs/samples work. $1 is the language of the one to test: c or python.
. "$(dirname "$0")/helpers.sh"

case $1 in
  c) sample=$FOMO_BUILD/tests/pipelines/sample-animate ;;
  python)
    sample=$FOMO_SOURCE/docs/samples/animate.py
    /usr/bin/python3 -c 'import gi; gi.require_version("Gst", "1.0"); from gi.repository import Gst' 2>/dev/null ||
      skip "no GStreamer for Python: apt-get install python3-gi gir1.2-gstreamer-1.0" ;;
esac

clip=$work/clip.mp4
short_clip "$clip" 20
picture=$assets/portrait.png
"$sample" "$picture" "$clip" "$work/out.mp4" >"$work/said"
cat "$work/said"
grep -qx 'model builtin on .*' "$work/said" || fail "it does not say which model was loaded"
grep -qx 'reference-set' "$work/said" || fail "it does not say that the neutral pose was set"
grep -qE '^20 frames, [0-9.]+ ms each$' "$work/said" || fail "it does not count 20 frames"
check same "$work/out.mp4" "$(animation "$picture" "$clip")"

expect_failure "$work/none.png" "$sample" "$work/none.png" "$clip" "$work/out.mp4"
