#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates the face of a painting or photograph and shows the full picture, in its own size, with the
# moving face in it. The clip's sound is kept.
#   pipelines/paste-back.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --output FILE   the MP4 file to write                (paste-back.mp4)
# What follows -- goes to the element, such as: -- strength=1.3 overlay=crops
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto output=paste-back.mp4
take_options "source driving model device output" "$@"
no_operands

"$(dirname "$0")/animate-file.sh" --source "$source" --driving "$driving" --model "$model" \
  --device "$device" --output "$output" -- crop=face output=picture "${properties[@]}"
