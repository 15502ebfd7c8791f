#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the Debian package in a system of each suite, installs it in a second system in which nothing of the build is,
# uses it there as README.md says, and removes it. The last line for a suite is "packages: SUITE: all well".
#   tests/packages.sh [--no-build] [--no-lintian] [SUITE...]
# SUITE: bookworm (the default), trixie, forky, or another that debootstrap can make
# --no-build    take the package that an earlier run left in build-deb/SUITE/
# --no-lintian  do not install and run lintian
# It needs root and debootstrap, takes minutes, and downloads some hundred megabytes. FOMO_ROOTS is the folder of the
# systems (see tests/roots.sh). The packages are left in build-deb/SUITE/.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/roots.sh

build=yes lintian=yes suites=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-build) build=no ;;
    --no-lintian) lintian=no ;;
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "packages: unknown argument '$1' (see tests/packages.sh --help)" >&2; exit 2 ;;
    *) suites+=("$1") ;;
  esac
  shift
done
[ ${#suites[@]} -gt 0 ] || suites=(bookworm)
need_roots

fail() {
  echo "packages: $*" >&2
  exit 1
}

# What is done in the clean system, in which /package.deb is the package.
use_package() {
  cat <<'EOF'
set -eu
fail() { echo "packages: $*" >&2; exit 1; }
apt-get -qq update
apt-get -qq install -y /package.deb >/tmp/apt.log 2>&1 || { tail -n 20 /tmp/apt.log; exit 1; }
version=$(dpkg-query -W -f '${Version}' gstreamer1.0-fomotransfer)
size=$(dpkg-query -W -f '${Installed-Size}' gstreamer1.0-fomotransfer)
echo "  version $version, installed size $size KiB, $(wc -c </package.deb) bytes to download"
[ "$size" -le 40960 ] || fail "the installed size is $size KiB, more than 40 MiB"
if dpkg -l | grep -E '^ii +(libtorch|python3-torch)'; then fail "LibTorch is installed with it"; fi
dpkg -L gstreamer1.0-fomotransfer | while read -r file; do
  [ -f "$file" ] || continue
  case $file in
    *.so | /usr/bin/*)
      libraries=$(ldd "$file")
      if echo "$libraries" | grep -E 'not found|torch|libc10|/src/'; then fail "$file: wrong libraries"; fi ;;
  esac
  if grep -l "/src/" "$file" | grep -vE '/doc/|/man/'; then fail "$file names the folder of the build"; fi
done
gst-inspect-1.0 fomotransfer | grep -E '^ +Version +'"$version"
gst-inspect-1.0 fomotransfer | grep -q lively || fail "the presets are not installed"

# As an ordinary user.
useradd -m somebody
cat >/tmp/use.sh <<'END'
set -eu
cd
examples=/usr/share/doc/gstreamer1.0-fomotransfer/examples
gst-launch-1.0 -q filesrc location=$examples/driving.mp4 ! decodebin ! fomotransfer source-image=$examples/portrait.png \
  ! videoconvert ! video/x-raw,format=I420 ! x264enc speed-preset=ultrafast ! mp4mux ! filesink location=out.mp4
gst-discoverer-1.0 out.mp4
fomo-model detect out.mp4
fomo-model inspect /usr/share/fomotransfer/builtin.safetensors >said
grep container said
fomo-model bench --no-plain --frames 5
if fomo-model bench --frames 1 >said 2>&1; then echo "bench found a plain path"; exit 1; fi
grep -F "LibTorch cannot be opened: libfomotorch.so is not installed. Build fomotransfer with -Dtorch=enabled" said
if gst-launch-1.0 -q videotestsrc num-buffers=1 ! fomotransfer device=cuda source-image=$examples/portrait.png ! fakesink \
  >said 2>&1; then echo "a GPU was found"; exit 1; fi
grep -E "no NVIDIA driver|libfomocuda.so is not installed" said
END
chmod 755 /tmp/use.sh
apt-get -qq install -y --no-install-recommends gstreamer1.0-plugins-base-apps >/tmp/apt.log 2>&1
runuser -u somebody -- sh /tmp/use.sh
apt-get -qq purge -y gstreamer1.0-fomotransfer >/tmp/apt.log 2>&1
if gst-inspect-1.0 fomotransfer >/dev/null 2>&1; then fail "the element is still there after the package was removed"; fi
left=$(find / -xdev \( -name '*fomotransfer*' -o -name 'fomo-*' \) -not -path '/home/*' -not -path '/proc/*' -not -path '/var/lib/apt/*')
[ -z "$left" ] || fail "left behind: $left"
EOF
}

# build_package SUITE: builds the package in the suite's system for builds.
build_package() {
  local root
  echo "packages: $1: building"
  root=$(build_root "$1")
  [ $lintian = no ] || in_root "$root" apt-get -qq install -y --no-install-recommends lintian >/dev/null 2>&1
  in_root "$root" /src/packaging/deb.sh --output /packages >"$root.log" 2>&1 ||
    { tail -n 30 "$root.log"; fail "$1: not built"; }
  grep -E '^[EW]: ' "$root.log" || true
  mkdir -p "build-deb/$1"
  cp "$root"/packages/* "build-deb/$1/"
}

for suite in "${suites[@]}"; do
  [ $build = no ] || build_package "$suite"
  echo "packages: $suite: installing"
  clean=$(copy_root "$(make_root "$suite")" "$suite-clean")
  cp "build-deb/$suite"/gstreamer1.0-fomotransfer_*.deb "$clean/package.deb"
  use_package >"$clean/use_package.sh"
  in_root "$clean" sh /use_package.sh
  rm -rf "$clean"
  echo "packages: $suite: all well"
done
