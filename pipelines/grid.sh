#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Drives several pictures with one clip: the clip is on the left, what moves of each picture is at rest in
# the upper row and animated in the lower row. The clip's sound is kept.
#   pipelines/grid.sh [options] [PICTURE ...] [-- property=value ...]
# PICTURE ...     the pictures                         (assets/portrait.png)
# --driving FILE  the clip whose motion they take      (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --size PIXELS   the side of each picture's square    (256)
# --output FILE   the MP4 file to write                (grid.mp4)
# What follows -- goes to each element, such as: -- relative=false
set -euo pipefail
. "$(dirname "$0")/lib.sh"

driving=$root/assets/driving.mp4 model=builtin device=auto size=256 output=grid.mp4
take_options "driving model device size output" "$@"
pictures=("${operands[@]}")
[ ${#pictures[@]} -gt 0 ] || pictures=("$root/assets/portrait.png")
for picture in "${pictures[@]}"; do need_file "the picture" "$picture"; done
need_file "the driving clip" "$driving"
need_model
need_size
need_output "${pictures[@]}" "$driving" "$model"
need_elements "${decoding_elements[@]}" videoscale aspectratiocrop videotestsrc compositor \
  x264enc mp4mux aacparse audioconvert audioresample avenc_aac

# The clip fills both rows at the left. The other columns each have a picture: at rest above, animated below.
# At rest is one frame of the element with no motion, which the compositor repeats.
square $((2 * size))
places=() cells=(motion. ! queue ! "${square[@]}" ! grid.sink_0)
scaled=(videoconvert ! videoscale ! "video/x-raw,width=$size,height=$size")
for i in "${!pictures[@]}"; do
  still=sink_$((2 * i + 1)) moving=sink_$((2 * i + 2)) x=$(((i + 2) * size))
  places+=("$still::xpos=$x" "$still::repeat-after-eos=true" "$moving::xpos=$x" "$moving::ypos=$size")
  animation=(fomotransfer source-image="${pictures[i]}" model="$model" device="$device" "${properties[@]}")
  cells+=(videotestsrc num-buffers=1 ! video/x-raw,framerate=1/1 ! "${animation[@]}" strength=0 ! "${scaled[@]}" ! "grid.$still"
    motion. ! queue ! "${animation[@]}" ! "${scaled[@]}" ! "grid.$moving")
done

sound_branch "$driving" file
launch_to_file \
  compositor name=grid background=black "${places[@]}" \
  ! identity name=frames silent=false \
  ! videoconvert ! video/x-raw,format=I420 ! x264enc ! mp4mux name=file ! filesink location="$output" \
  filesrc location="$driving" ! "${decoding[@]}" ! tee name=motion \
  "${cells[@]}" "${sound[@]}"
