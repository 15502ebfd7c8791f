#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# gst-validate watches the element while a scenario of this folder seeks, pauses, changes caps or ends the stream. Skipped
# without gst-validate-1.0 (of GStreamer's gst-devtools, of which Debian has no package).
#   run.sh SCENARIO
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v gst-validate-1.0 >/dev/null; then
  echo "skipped: no gst-validate-1.0, which is a part of GStreamer's gst-devtools"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
assets=$here/../../assets
transfer="fomotransfer source-image=$assets/portrait.png deterministic=true"
test="videotestsrc num-buffers=40 ! video/x-raw,framerate=25/1"
case $1 in
  seek | pause) # seeks go to the demuxer
    pipeline="filesrc location=$assets/driving.mp4 ! qtdemux ! h264parse ! avdec_h264 ! $transfer ! fakesink" ;;
  caps-change) pipeline="$test ! videoconvert ! videoscale ! capsfilter name=before ! $transfer ! capsfilter name=after ! fakesink" ;;
  *) pipeline="$test,width=128,height=128 ! $transfer ! fakesink" ;;
esac
status=0
GST_VALIDATE_LOGSDIR=$work gst-validate-1.0 --set-scenario "$here/$1.scenario" $pipeline >"$work/said" 2>&1 || status=$?
cat "$work/said"
[ $status -eq 0 ] || { echo "failed: gst-validate-1.0 ended with $status" >&2; exit 1; }
# Every action of the scenario was executed: the pipeline did not end before.
actions=$(grep -cE '^(play|pause|seek|set-property|eos)(,|$)' "$here/$1.scenario")
executed=$(grep -cE "Executing .*$1\.scenario:[0-9]" "$work/said" || true)
[ "$executed" -ge "$actions" ] || { echo "failed: $executed of $actions actions were executed" >&2; exit 1; }
