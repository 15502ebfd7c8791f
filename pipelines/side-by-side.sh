#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shows the picture, the driving clip and the result in a row, in one MP4 file. The
# clip's sound is kept.
#   pipelines/side-by-side.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --size PIXELS   the side of each of the three squares (256)
# --output FILE   the MP4 file to write                (side-by-side.mp4)
# What follows -- goes to the element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto size=256 output=side-by-side.mp4
take_options "source driving model device size output" "$@"
no_operands
need_inputs
need_size
need_output "$source" "$driving" "$model"
need_elements "${decoding_elements[@]}" videoscale aspectratiocrop imagefreeze compositor \
  x264enc mp4mux aacparse audioconvert audioresample avenc_aac

sound_branch "$driving" file
square "$size"
# The picture's branch has one frame, which the compositor repeats until the clip ends.
launch_to_file \
  compositor name=row background=black sink_0::repeat-after-eos=true \
    sink_1::xpos="$size" sink_2::xpos=$((2 * size)) \
  ! identity name=frames silent=false \
  ! videoconvert ! video/x-raw,format=I420 ! x264enc ! mp4mux name=file ! filesink location="$output" \
  filesrc location="$source" ! decodebin ! imagefreeze num-buffers=1 ! "${square[@]}" ! row.sink_0 \
  filesrc location="$driving" ! "${decoding[@]}" ! tee name=motion \
  motion. ! queue ! "${square[@]}" ! row.sink_1 \
  motion. ! queue \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! videoconvert ! videoscale ! "video/x-raw,width=$size,height=$size" ! row.sink_2 \
  "${sound[@]}"
