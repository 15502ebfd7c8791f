#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Times one driving frame in the engine, in OpenVINO, in ONNX Runtime and in PyTorch's operators, in turns, on this
# machine's CPU, and prints a table of the shortest medians with the ratios (a peer's time / the engine's). OpenVINO
# and ONNX Runtime run the network as an exporter writes it (tests/peers.py). The row of PyTorch stands for the
# official code: the plain path (model/network), which does what FOMM's demo.py does for a frame, with LibTorch's
# operators in fp32, from C++. All of them encode the source with every frame; the engine encodes it once.
# Python packages of 200 MB go to build-peers/.
#   tests/peers.sh [--build DIR] [--threads N] [--frames N] [--rounds N] [--cache-source]
# --build DIR     the build with tools/fomo-model (default: build)
# --threads N     CPU threads of the engine and of the peers (default: 2)
# --frames N      frames of each run (default: 10)
# --rounds N      runs of each (default: 3)
# --cache-source  the peers encode the source once too
set -euo pipefail
cd "$(dirname "$0")/.."

build=build threads=2 frames=10 rounds=3 peer_options=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=${2:?--build wants a folder}; shift ;;
    --threads) threads=${2:?--threads wants a number}; shift ;;
    --frames) frames=${2:?--frames wants a number}; shift ;;
    --rounds) rounds=${2:?--rounds wants a number}; shift ;;
    --cache-source) peer_options+=(--cache-source) ;;
    -h | --help) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "peers: unknown argument '$1' (see tests/peers.sh --help)" >&2; exit 2 ;;
  esac
  shift
done
tool=$build/tools/fomo-model
[ -x "$tool" ] || { echo "peers: no $tool: run meson compile -C $build" >&2; exit 1; }

has_torch=yes
[ -e "$build/model/backend/torch/libfomotorch.so" ] ||
  { has_torch=no; echo "peers: $build has no LibTorch: the row of PyTorch is left out" >&2; }

python="build-peers/bin/python"
if ! "$python" -c 'import numpy, onnx, onnxruntime, openvino' 2>/dev/null; then
  python3 -m venv build-peers
  "$python" -m pip install --quiet openvino==2026.4.1 onnxruntime==1.32.0 onnx numpy ||
    { echo "peers: pip could not install OpenVINO and ONNX Runtime; look at its messages above" >&2; exit 1; }
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tool" random "$work/vox.safetensors" >/dev/null
for round in $(seq "$rounds"); do
  for model in builtin vox; do
    echo "round $round of $rounds: $model" >&2
    file=builtin
    [ $model = builtin ] || file=$work/vox.safetensors
    for precision in fp32 auto; do
      plain=--no-plain
      [ $precision != fp32 ] || [ $has_torch = no ] || plain=''
      "$tool" bench --model "$file" --device cpu --precision $precision --threads "$threads" --frames "$frames" \
        $plain --json >"$work/$model.engine-$precision.$round"
    done
    "$python" tests/peers.py --model $model --threads "$threads" --frames "$frames" --json \
      ${peer_options[@]+"${peer_options[@]}"} >"$work/$model.peers.$round"
  done
done

grep -m1 'model name' /proc/cpuinfo || true
"$python" - "$work" "$threads" "$rounds" <<'PYTHON'
import json, sys
work, threads, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
def read(name, number):
    with open(f'{work}/{name}.{number}') as file:
        return json.load(file)
def least(runs):
    return {name: min(run[name] for run in runs) for name in runs[0]}
for model, title in ('builtin', 'built-in'), ('vox', 'full size'):
    numbers = range(1, rounds + 1)
    engine = {}
    for wanted in 'fp32', 'auto':
        runs = [read(f'{model}.engine-{wanted}', n) for n in numbers]
        engine[runs[0]['precision']] = min(run['engine']['p50_ms'] for run in runs)
    peers = least([read(f'{model}.peers', n) for n in numbers])
    plain = [read(f'{model}.engine-fp32', n).get('plain') for n in numbers]
    if all(plain):
        peers["PyTorch's operators, as the official code"] = min(run['p50_ms'] for run in plain)
    print(f'\n| {title}, {threads} thread(s) | a frame | ' + ' | '.join(f'/ engine {p}' for p in engine) + ' |')
    print('| --- ' * (2 + len(engine)) + '|')
    for precision, ms in engine.items():
        print(f'| engine, {precision} | {ms:.1f} ms ' + '| ' * len(engine) + '|')
    for name, ms in peers.items():
        print(f'| {name} | {ms:.1f} ms | ' + ' | '.join(f'{ms / each:.2f}' for each in engine.values()) + ' |')
PYTHON
