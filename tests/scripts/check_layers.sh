#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# scripts/check-layers.py reports violations: a project of a few files, with the table below, has one
# violation of each kind. $1 is the project's folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# file PATH: writes standard input to a file of the small project.
file() {
  mkdir -p "$work/$(dirname "$1")"
  cat >"$work/$1"
}
# check STATUS: the script ends with this status and prints what standard input has.
check() {
  local status=0
  "$1/scripts/check-layers.py" "$work" >"$work/said" || status=$?
  diff -u --label expected --label printed - "$work/said"
  [ $status -eq "$2" ] || { echo "failed: status $status, not $2" >&2; exit 1; }
}

file docs/architecture.md <<'MARKDOWN'
# Small
| folder | what is in it | may include |
| --- | --- | --- |
| `api/` | | nothing |
| `core/` | | `api/` |
| `core/bridge.h` | | `core/`, OpenCV |
| `core/gpu/` | | `core/`, LibTorch, CUDA |
| `app/` | | `api/`, `core/error.h`, GStreamer |
| `user/` | | `core/*` |
| `tools/` | | everything but `app/` |
MARKDOWN
file api/table.h <<'C'
#include <stdint.h>
C
file core/error.h <<'C'
#include "api/table.h"
C
file core/large.h <<'C'
C
file core/bridge.h <<'C'
#include <opencv2/core.hpp>
C
file user/user.cc <<'C'
#include "core/bridge.h"
#include "core/large.h"
C
file core/gpu/kernel.cu <<'C'
#include <ATen/ATen.h>
#include <cuda_runtime.h>
#include "core/large.h"
C
file app/element.h <<'C'
#include <gst/gst.h>
#include "core/error.h"
C
file app/element.c <<'C'
#include "element.h"
C
file tools/tool.cc <<'C'
#include <gst/gst.h>
#include "core/gpu/kernel.h"
C
file build/generated.cc <<'C'
#include "app/element.h"
C

echo "- nothing is wrong"
check "$1" 0 </dev/null

echo "- a violation of each kind"
file api/table.h <<'C'
#include "core/error.h"
C
file core/large.h <<'C'
/* A comment. */
#include <opencv2/core.hpp>
  #  include   "gpu/kernel.cu"
C
file core/error.h <<'C'
#include "core/bridge.h"
C
file app/element.h <<'C'
#include "core/large.h"
#include <torch/torch.h>
C
file tools/tool.cc <<'C'
#include "app/element.h"
C
file other/lost.cc <<'C'
C
check "$1" 1 <<'EXPECTED'
api/table.h:1: `api/` must not include core/error.h; it may include: nothing
app/element.h:1: `app/` must not include core/large.h; it may include: `api/`, `core/error.h`, GStreamer
app/element.h:2: `app/` must not include LibTorch (torch/torch.h); it may include: `api/`, `core/error.h`, GStreamer
core/error.h:1: `core/` must not include core/bridge.h; it may include: `api/`
core/large.h:2: `core/` must not include OpenCV (opencv2/core.hpp); it may include: `api/`
core/large.h:3: `core/` must not include core/gpu/kernel.cu; it may include: `api/`
other/lost.cc:1: no row of the table in docs/architecture.md applies to this file
tools/tool.cc:1: `tools/` must not include app/element.h; it may include: everything but `app/`
EXPECTED

echo "- a table that is not true, or not understood"
rm -r "$work"/{api,core/gpu,other,user}
: >"$work/app/element.h" >"$work/tools/tool.cc" >"$work/core/error.h" >"$work/core/large.h"
check "$1" 1 <<'EXPECTED'
docs/architecture.md: `api/` does not exist
docs/architecture.md: `core/gpu/` does not exist
docs/architecture.md: `user/` does not exist
docs/architecture.md: `core/` may include `api/`, which does not exist
docs/architecture.md: `app/` may include `api/`, which does not exist
EXPECTED
sed -i 's/GStreamer/GStremer/' "$work/docs/architecture.md"
check "$1" 1 <<'EXPECTED'
docs/architecture.md: the row of `app/`: what is GStremer?
EXPECTED
