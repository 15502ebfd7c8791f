#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs fomo-model's subcommands on real files and checks their output, their files and their exit status.
#   fomo_model.sh FOMO-MODEL TEST-DATA with-torch|without-torch
set -euo pipefail
tool=$1
golden=$2/golden
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "FAILED: $1"
  exit 1
}

# expect STATUS PATTERN ARGUMENT...: fomo-model ends with the status and prints a match of the pattern.
expect() {
  local wanted=$1 pattern=$2 status=0 output
  shift 2
  output=$("$tool" "$@" 2>&1) || status=$?
  [ "$status" = "$wanted" ] || fail "'$*' ended with $status, not $wanted: $output"
  grep -qE -- "$pattern" <<<"$output" || fail "'$*' does not say '$pattern': $output"
}

# weights FILE: prints what inspect tells about the networks and their configuration.
weights() {
  "$tool" inspect "$1" | sed -n '/^configuration/,$p'
}

size() {
  stat -c %s "$1"
}

motion=$2/../fuzz/corpus/motion
expect 0 'model: +seed, 2 keypoints' motion "$motion/coarse"
expect 0 'frames: +16 in 0\.64 s' motion "$motion/coarse"
expect 0 'standalone: +2' motion "$motion/coarse"
expect 0 'no face: +1' motion "$motion/coarse_crop"
expect 0 '"sha256": "a{64}"' motion --json "$motion/exact"
[ "$("$tool" motion --json "$motion/exact" | grep -c '"standalone"')" = 16 ] || fail "not 16 frames as JSON"
expect 1 'not a file of motion' motion "$golden/vox/config.yaml"
expect 1 'does not exist' motion "$scratch/nothing"

expect 0 'container: +legacy' inspect "$golden/vox/checkpoint.pth.tar"
expect 0 'optimizer_generator, [0-9,]+ bytes' inspect "$golden/vox/checkpoint.pth.tar"
expect 0 "sha256: +$(sha256sum <"$golden/vox/checkpoint.pth.tar" | cut -d' ' -f1)" inspect "$golden/vox/checkpoint.pth.tar"
expect 0 'container: +safetensors' inspect builtin
expect 0 'frame_shape: \[128, 128, 3\]' inspect "$golden/vox/checkpoint.pth.tar" --config "$golden/vox/config.yaml"
expect 0 'container: +zip' inspect "$golden/mgif/checkpoint.pth.tar"
expect 1 'contradicts the weights' inspect "$golden/zero-order/checkpoint.pth.tar" --config "$golden/vox/config.yaml"

out=$scratch/out.safetensors
for name in vox mgif vox-512 zero-order; do
  from=$golden/$name/checkpoint.pth.tar
  expect 0 'of weights' convert "$from" "$out" --note licence=test
  [ "$(weights "$from")" = "$(weights "$out")" ] || fail "$name: converted, it has another configuration"
  expect 0 'licence: +test' inspect "$out"
done
expect 0 'of weights' convert "$golden/vox/checkpoint.pth.tar" "$out" --config "$golden/vox/config.yaml"
expect 0 'frame_shape: \[128, 128, 3\]' inspect "$out"
expect 0 'of weights' convert "$out" "$scratch/half.safetensors" --half
expect 0 'fp16' inspect "$scratch/half.safetensors"
[ "$(size "$scratch/half.safetensors")" -lt $(($(size "$out") * 2 / 3)) ] || fail "--half does not halve"

expect 0 'tensors' random "$scratch/a.pth.tar" --config "$golden/vox/config.yaml" --with-optimizer
expect 0 'discriminator' inspect "$scratch/a.pth.tar"
expect 0 'tensors' random "$scratch/a.safetensors" --config "$golden/vox/config.yaml"
expect 0 'tensors' random "$scratch/b.safetensors" --config "$golden/vox/config.yaml"
expect 0 'tensors' random "$scratch/c.safetensors" --config "$golden/vox/config.yaml" --seed 1
cmp -s "$scratch/a.safetensors" "$scratch/b.safetensors" || fail "the same seed gives other weights"
! cmp -s "$scratch/a.safetensors" "$scratch/c.safetensors" || fail "another seed gives the same weights"
expect 0 'of weights' convert "$scratch/a.pth.tar" "$scratch/d.safetensors" --config "$golden/vox/config.yaml"
[ "$(tail -c 100000 "$scratch/a.safetensors" | sha256sum)" = "$(tail -c 100000 "$scratch/d.safetensors" | sha256sum)" ] ||
  fail "the weights change on their way through a .pth.tar file"

# bench prints the times of the candidates after each chosen algorithm.
timed() {
  "$tool" bench --no-plain --frames 1 --device cpu --precision fp32 --json "$@" | grep -cE '\) [0-9.]+ ms' || true
}
[ "$(timed)" -gt 0 ] || fail "bench times no algorithm"
[ "$(timed --deterministic)" = 0 ] || fail "bench --deterministic times algorithms"

# The plain path, and what is said where the build has none.
if [ "$3" = with-torch ]; then
  expect 0 'plain +[0-9.]+ ms' bench --frames 1 --device cpu
else
  expect 1 'LibTorch cannot be opened: libfomotorch.so is not installed.*-Dtorch=enabled.*--no-plain' bench --frames 1
fi

for command in inspect convert random bench best-frame; do
  expect 0 'Usage' $command --help
done
expect 0 'inspect' --help
expect 1 'does not exist' inspect "$scratch/nothing"
expect 1 'is a folder' convert "$scratch" "$out"
expect 1 'is a text file' inspect "$golden/vox/config.yaml"
expect 1 'cannot be written' convert "$golden/vox/checkpoint.pth.tar" "$scratch/no/folder.safetensors"
# The disk becomes full while a file is written: an error, no part of a file, and the old file is as it was. A
# limit of the files' size stands for the disk, and where it is allowed a small file system.
cp "$out" "$scratch/kept.safetensors"
before=$(ls "$scratch")
for command in convert random; do
  first=$golden/vox/checkpoint.pth.tar
  [ $command = convert ] || first=
  (
    ulimit -f 64
    expect 1 "kept.safetensors' cannot be written: File too large.*room on the disk" $command $first "$scratch/kept.safetensors"
  ) || exit 1
done
[ "$(ls "$scratch")" = "$before" ] || fail "a part of a file is left: $(ls "$scratch")"
cmp -s "$out" "$scratch/kept.safetensors" || fail "the old file is damaged"
mkdir "$scratch/small"
if unshare -rm mount -t tmpfs -o size=64k none "$scratch/small" 2>/dev/null; then
  said=$(unshare -rm sh -c 'mount -t tmpfs -o size=64k none "$3/small" && "$1" convert "$2" "$3/small/out.safetensors" 2>&1
    echo "status $?"; ls "$3/small"' - "$tool" "$golden/vox/checkpoint.pth.tar" "$scratch")
  [[ $said = *"No space left on device"*"status 1" ]] || fail "on a full disk it says: $said"
else
  echo "no file system may be mounted here: only the limit of the size was tested"
fi
[ ! -e /dev/full ] || ! "$tool" inspect "$golden/vox/checkpoint.pth.tar" >/dev/full 2>"$scratch/said" ||
  fail "inspect does not notice that its output is lost"
grep -q 'output' "$scratch/said" || fail "inspect does not say that its output is lost"
expect 2 'subcommand'
expect 2 'FILE' inspect
expect 2 'must end in' convert "$golden/vox/checkpoint.pth.tar" "$scratch/out.pth"
expect 2 'only a .pth.tar' random "$out" --with-optimizer
expect 2 'KEY=TEXT' convert "$golden/vox/checkpoint.pth.tar" "$out" --note nonsense
expect 2 'odd' random "$out" --antialias-taps 12
expect 2 'source' best-frame --driving clip.mp4
expect 2 'must end in' best-frame --source a.png --driving clip.mp4 --out frame.jpg
expect 1 "video '$scratch/nothing' does not exist" best-frame --source a.png --driving "$scratch/nothing"
expect 1 'is a folder' best-frame --source a.png --driving "$scratch"
expect 1 'check the folder' best-frame --source a.png --driving "$out" --out "$scratch/no/frame.png"
! output=$(PATH=$scratch "$tool" best-frame --source a.png --driving "$out" 2>&1) ||
  fail "best-frame does without a decoder"
grep -q 'gstreamer1.0-tools' <<<"$output" || fail "best-frame does not name the decoder's package: $output"
echo "fomo-model: all well"
