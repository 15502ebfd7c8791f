#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with a clip in two passes. The first pass finds the frame of the clip whose pose is
# nearest to the picture's pose. The second pass animates the picture with this frame as the neutral pose.
# The clip's sound is kept.
#   pipelines/best-frame.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --crop NAME     auto, face, center or none, for both passes (auto)
# --frame FILE    keep the frame that was found, as this PNG file
# --output FILE   the MP4 file to write                (best-frame.mp4)
# What follows -- goes to the element, such as: -- output=picture
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto crop=auto frame='' output=best-frame.mp4
take_options "source driving model device crop frame output" "$@"
no_operands
need_inputs
need_output "$source" "$driving" "$model"
need_fomo_model
need_elements "${decoding_elements[@]}" videoflip videoscale y4menc

if [ -z "$frame" ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  frame=$scratch/frame.png
fi
"$fomo_model" best-frame --source "$source" --driving "$driving" --model "$model" --device "$device" \
  --crop "$crop" --out "$frame" || die "no reference frame was found: the reason is above"
"$(dirname "$0")/animate-file.sh" --source "$source" --driving "$driving" --model "$model" \
  --device "$device" --output "$output" -- reference-image="$frame" crop="$crop" "${properties[@]}"
