#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# one_definition.sh NM ARCHIVE ISA [ARCHIVE ISA...]
#
# Fails if an object that was compiled for the instruction set ISA defines a weak or unique symbol
# outside of the namespace ISA. Another translation unit may define the same symbol. The linker keeps
# one definition; if it keeps the one with ISA's instructions, the program crashes on processors
# without ISA. See simd/inline.h.
set -eu
nm=$1
shift
failed=0
while [ $# -gt 0 ]; do
  archive=$1 isa=$2
  shift 2
  symbols=$("$nm" --defined-only "$archive")
  if ! printf '%s\n' "$symbols" | grep -q " [A-Z] _Z.*${#isa}$isa"; then
    echo "$archive defines nothing in the namespace $isa: was it compiled with -DFOMO_ISA=$isa?"
    failed=1
  fi
  shared=$(printf '%s\n' "$symbols" | awk -v own="${#isa}$isa" \
    'NF >= 2 && $(NF - 1) ~ /^[VWu]$/ && $NF ~ /^_Z/ && index($NF, own) == 0 { print $NF }' | sort -u)
  if [ -n "$shared" ]; then
    echo "$archive defines what other objects may define too; mark it FOMO_INLINE:"
    printf '%s\n' "$shared" | c++filt | sed 's/^/  /'
    failed=1
  fi
done
exit $failed
