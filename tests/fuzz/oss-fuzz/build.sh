#!/bin/bash -eu
# SPDX-License-Identifier: LGPL-2.1-or-later
# OSS-Fuzz calls this script in the source folder, with its compiler and flags in the environment. The script
# builds every fuzzer and copies it to $OUT, with its seeds, its dictionary, and the libraries that are not on
# the machine that runs it.
meson setup "$WORK/build" -Dfuzz=enabled -Dtests=enabled -Dtrain=disabled -Dcuda=disabled -Delement=disabled \
  -Dbuildtype=plain -Db_lundef=false "-Dfuzzing_engine=$LIB_FUZZING_ENGINE"
ninja -C "$WORK/build" fuzzers
mkdir -p "$OUT/lib"
for fuzzer in "$WORK"/build/tests/fuzz/fuzz_*; do
  [ -f "$fuzzer" ] || continue
  name=${fuzzer##*/} target=${fuzzer##*/fuzz_}
  cp "$fuzzer" "$OUT/"
  patchelf --set-rpath '$ORIGIN/lib' "$OUT/$name"
  ldd "$fuzzer" | awk '$3 ~ /yaml-cpp/ { print $3 }' | xargs -r -I{} cp {} "$OUT/lib/"
  (cd tests/fuzz && zip -qjr "$OUT/${name}_seed_corpus.zip" "corpus/$target" $([ -d "found/$target" ] && echo "found/$target"))
  [ ! -f "tests/fuzz/$target.dict" ] || cp "tests/fuzz/$target.dict" "$OUT/$name.dict"
done
