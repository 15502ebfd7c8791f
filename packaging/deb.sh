#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the Debian package gstreamer1.0-fomotransfer for this system, and checks it with lintian when that is installed.
#   packaging/deb.sh [--output DIR] [--cuda]
# --output DIR  where the .deb file goes (default: build-deb/)
# --cuda        also builds gstreamer1.0-fomotransfer-cuda, for NVIDIA GPUs, with the LibTorch of deps/ in it (gigabytes).
#               It needs the CUDA Toolkit, and what scripts/setup.sh --cuda downloads
# It needs dpkg-dev and debhelper, and names the packages that the build needs and that are not installed.
# The build is in a folder of its own: a copy of the files that git knows, or of all files of an unpacked release.
set -euo pipefail
cd "$(dirname "$0")/.."

output=build-deb profiles=()
while [ $# -gt 0 ]; do
  case $1 in
    --output) output=${2:?--output wants a folder}; shift ;;
    --cuda) profiles=(--build-profiles=pkg.fomotransfer.cuda) ;;
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "deb: unknown argument '$1' (see packaging/deb.sh --help)" >&2; exit 2 ;;
  esac
  shift
done
for tool in dpkg-buildpackage dh; do
  command -v $tool >/dev/null || { echo "deb: no $tool: apt-get install dpkg-dev debhelper" >&2; exit 1; }
done

if [ ${#profiles[@]} -gt 0 ]; then
  export FOMO_LIBTORCH=$PWD/deps/torch
  [ -e "$FOMO_LIBTORCH/lib/libtorch_cuda.so" ] || { echo "deb: no LibTorch for GPUs: scripts/setup.sh --cuda" >&2; exit 1; }
  command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ] || { echo "deb: no nvcc: install the CUDA Toolkit" >&2; exit 1; }
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/fomotransfer
mkdir "$tree"
if [ -e .git ]; then
  git -c safe.directory='*' ls-files -z | tar c --null -T - | tar x -C "$tree"
else
  tar c --exclude='./build*' --exclude=./deps . | tar x -C "$tree"
fi
mv "$tree/packaging/debian" "$tree/debian"
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign "${profiles[@]}")
mkdir -p "$output"
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$output"
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error "$work"/*.changes
else
  echo "deb: lintian is not installed, and did not check the package" >&2
fi
echo "deb: $(cd "$output" && echo *.deb) in $output/"
