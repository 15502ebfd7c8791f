#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates all faces of a picture with one clip, in the full picture. The clip's sound is kept.
#   pipelines/several-faces.sh [options] PICTURE [-- property=value ...]
# PICTURE         the picture with several faces
# --driving FILE  the clip whose motion they take      (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --output FILE   the MP4 file to write                (several-faces.mp4)
# What follows -- goes to the element, such as: -- faces=one face-index=1
set -euo pipefail
. "$(dirname "$0")/lib.sh"

driving=$root/assets/driving.mp4 model=builtin device=auto output=several-faces.mp4
take_options "driving model device output" "$@"
[ ${#operands[@]} -eq 1 ] || die "name one picture with several faces (see --help)"

"$(dirname "$0")/animate-file.sh" --source "${operands[0]}" --driving "$driving" --model "$model" \
  --device "$device" --output "$output" -- crop=face output=picture faces=all "${properties[@]}"
