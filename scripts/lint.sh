#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks that CI makes besides the tests: the format of the sources (clang-format), the includes (the
# table in docs/architecture.md), and clang-tidy (.clang-tidy) on the folders where faults are most likely.
#   scripts/lint.sh [--fast]
# --fast  skips clang-tidy, which takes a minute or two
set -euo pipefail
cd "$(dirname "$0")/.."

# The folders that clang-tidy checks: those with logic, without the SIMD kernels and without the folders that
# include LibTorch, whose headers take too long.
tidy_folders=(common face pictures driver compose mark engine gst live model/checkpoint model/motion)

fast=no
case ${1-} in
  '') ;;
  --fast) fast=yes ;;
  -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "lint: unknown argument '$1' (see scripts/lint.sh --help)" >&2; exit 2 ;;
esac
failed=no

echo "lint: format"
# safe.directory: the checkout may belong to another user than the one who runs this script.
git -c safe.directory='*' ls-files -z '*.c' '*.cc' '*.cu' '*.h' '*.cuh' |
  xargs -0 clang-format --dry-run --Werror ||
  { echo "lint: run clang-format -i on the files named above" >&2; failed=yes; }

echo "lint: layers"
scripts/check-layers.py || failed=yes

if [ $fast = no ]; then
  echo "lint: clang-tidy"
  [ -f build/build.ninja ] || meson setup build -Dtests=enabled -Dtrain=enabled >/dev/null
  find "${tidy_folders[@]}" -name '*.cc' -not -path '*/isa/*' -print0 |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy --quiet -p build 2> >(grep -v 'warnings generated' >&2) || failed=yes
fi

[ $failed = no ] || { echo "lint: failed: the reasons are above" >&2; exit 1; }
echo "lint: fine"
