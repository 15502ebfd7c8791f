#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Animates a picture with a driving clip, file to file. The clip's sound is kept.
#   pipelines/animate-file.sh [options] [-- property=value ...]
# --source FILE   the picture                          (assets/portrait.png)
# --driving FILE  the clip whose motion it takes       (assets/driving.mp4)
# --model FILE    a First Order Motion Model checkpoint (the built-in model)
# --device NAME   auto, cpu, cuda or cuda:N            (auto)
# --output FILE   the MP4 file to write                (animated.mp4)
# --sign FILE     sign a C2PA manifest with this certificate, a PEM file with its chain
# --key FILE      the private key of the certificate, a PEM file in PKCS#8
# --algorithm A   of the key: es256, es384, es512, ps256, ps384, ps512 or ed25519 (es256)
# What follows -- goes to the element, such as: -- relative=false crop=none
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$root/assets/portrait.png driving=$root/assets/driving.mp4
model=builtin device=auto output=animated.mp4
sign= key= algorithm=es256
take_options "source driving model device output sign key algorithm" "$@"
no_operands
need_inputs
if [ -n "$sign$key" ]; then
  need_file "the certificate of --sign" "$sign"
  need_file "the private key of --key" "$key"
  need_fomo_model
fi
need_output "$source" "$driving" "$model"
need_elements decodebin videoconvert videoscale x264enc h264parse mp4mux aacparse audioconvert audioresample avenc_aac

sound_branch "$driving" file
# I420, since few players show 4:4:4, which the encoder would choose for RGB. I420 needs even sizes; the
# picture may have an odd one.
launch_to_file filesrc location="$driving" ! decodebin ! videoconvert \
  ! fomotransfer source-image="$source" model="$model" device="$device" "${properties[@]}" \
  ! identity name=frames silent=false \
  ! videoconvert ! videoscale ! "video/x-raw,format=I420,width=[2,16384,2],height=[2,16384,2]" ! x264enc \
  ! h264parse ! fomomark ! mp4mux name=file ! filesink location="$output" \
  "${sound[@]}"
[ -z "$sign" ] || "$fomo_model" mark "$output" --certificate "$sign" --key "$key" --algorithm "$algorithm"
