#!/usr/bin/env bash
# Installs what fomotransfer needs to build and run: Debian packages, and LibTorch into deps/.
#   scripts/setup.sh [--cuda] [--tests]
# --cuda  also downloads the CUDA libraries that LibTorch's GPU backend loads (about 2 GB)
# --tests also installs what only the tests need (nginx with its RTMP module, a display, Chromium, clang-tidy, libc2pa)
# Safe to run again: nothing is downloaded twice.
set -euo pipefail
cd "$(dirname "$0")/.."

torch_version=2.11.0
want_cuda=no want_tests=no
for argument in "$@"; do
  case $argument in
    --cuda) want_cuda=yes ;;
    --tests) want_tests=yes ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "setup: unknown argument '$argument' (see scripts/setup.sh --help)" >&2; exit 2 ;;
  esac
done

packages=(
  g++ ccache pkg-config meson ninja-build clang-format unzip ca-certificates python3 python3-pip
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-tools
  gstreamer1.0-plugins-base gstreamer1.0-plugins-base-apps gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-x
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-dnn-dev libopencv-video-dev
  libpng-dev libjpeg62-turbo-dev libgif-dev libwebp-dev libtiff-dev liblcms2-dev libheif-dev libavif-dev libjxl-dev
  libsoup-3.0-dev libglib2.0-dev-bin libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libgtest-dev
)
[ $want_tests = yes ] && packages+=(
  clang-tidy curl iproute2 openssl nginx-light libnginx-mod-rtmp xvfb procps chromium chromium-driver python3-selenium python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0
  gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice srt-tools ges1.0-tools
)

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: run as root, or install sudo" >&2; exit 1; }
    sudo=(sudo)
  fi
  local had_nginx
  had_nginx=$(command -v /usr/sbin/nginx || true)
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
  # The tests start their own nginx. The package's service is not needed, and would occupy port 80.
  if [ -z "$had_nginx" ] && [ -x /usr/sbin/nginx ]; then
    "${sudo[@]}" sh -c 'systemctl disable --now nginx || service nginx stop' >/dev/null 2>&1 || true
  fi
}

# install_wheels STAMP PIP-ARGUMENT...: downloads wheels with pip and unpacks their libraries and headers into
# deps/, so that no Python is needed at run time. The file deps/.STAMP records the wheels that are there.
install_wheels() {
  local stamp=deps/.$1
  shift
  [ "$(cat "$stamp" 2>/dev/null)" = "$*" ] && return
  echo "setup: fetching ${*%%=*} into deps/"
  local wheels
  wheels=$(mktemp -d deps/wheels.XXXXXX)
  trap 'rm -rf "$wheels"' EXIT
  /usr/bin/python3 -m pip --disable-pip-version-check download -q --only-binary=:all: -d "$wheels" "$@"
  local wheel
  for wheel in "$wheels"/*.whl; do
    # Only headers, libraries and licences are needed, not the Python files. unzip ends with status 11 if a
    # pattern matches no file, which happens with every wheel.
    unzip -q -o "$wheel" 'torch/lib/*' 'torch/include/*' 'nvidia/*/lib/*' 'c2pa/libs/*.so' '*/licenses/*' \
      -x '*/libtorch_python.so' -d deps 2>/dev/null || [ $? -eq 11 ]
  done
  rm -rf "$wheels"
  trap - EXIT
  echo "$*" >"$stamp"
}

install_packages
mkdir -p deps
install_wheels libtorch --no-deps "torch==$torch_version" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
# libc2pa, for the test of signed files.
[ $want_tests = no ] || install_wheels c2pa --no-deps c2pa-python==0.38.1
if [ $want_cuda = yes ]; then
  # The requirements of the torch wheel, without Python packages.
  install_wheels libtorch-cuda \
    'cuda-toolkit[cublas,cufft,cufile,curand,cusolver,cusparse,nvjitlink,nvrtc]==13.0.2'
  install_wheels libtorch-cuda-extra --no-deps nvidia-cudnn-cu13==9.19.0.56 \
    nvidia-cusparselt-cu13==0.8.0 nvidia-nccl-cu13==2.28.9 nvidia-nvshmem-cu13==3.4.5
fi
echo "setup: everything is in place"
