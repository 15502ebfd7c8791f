#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pipelines/motion-send.sh and motion-receive.sh, with a network in between that loses 5 % of the packets and delays
# the others by 10 to 90 ms: the animation goes on, its delay is bounded, and `stats` counts what was lost.
#   motion_network.sh simulated   over the loopback device, with the element netsim as the network
#   motion_network.sh namespaces  between two network namespaces, with tc netem as the network (or netsim, if the
#                                 kernel has no netem)
# tests/pipelines/motion_link.c takes the place of gst-launch-1.0 and writes down when frames passed.
. "$(dirname "$0")/helpers.sh"

command -v curl >/dev/null || skip "no curl: apt-get install curl"
mkdir "$work/bin"
ln -s "$FOMO_BUILD/tests/pipelines/motion-link" "$work/bin/gst-launch-1.0"
clip=$work/clip.mp4
# Six seconds at 12.5 frames/s.
short_clip "$work/fast.mp4" 150
gst-launch-1.0 -q filesrc location="$work/fast.mp4" ! qtdemux ! h264parse ! avdec_h264 ! videorate \
  ! video/x-raw,framerate=25/2 ! x264enc ! mp4mux ! filesink location="$clip"
export PATH=$work/bin:$PATH DISPLAY=none
unset WAYLAND_DISPLAY
port=$((20000 + RANDOM % 20000))

case ${1-} in
  simulated)
    here=() there=() receiver=127.0.0.1 sender=127.0.0.1
    ;;
  namespaces)
    command -v ip >/dev/null && command -v tc >/dev/null || skip "no ip or tc: apt-get install iproute2"
    near=fomo-a-$$ far=fomo-b-$$
    remove_namespaces() {
      clean_up
      ip netns del "$near" 2>/dev/null || true
      ip netns del "$far" 2>/dev/null || true
    }
    trap remove_namespaces EXIT
    ip netns add "$near" 2>"$work/said" && ip netns add "$far" 2>>"$work/said" ||
      skip "no network namespaces here: $(cat "$work/said")"
    {
      ip link add near netns "$near" type veth peer name far netns "$far" &&
        ip -n "$near" addr add 192.0.2.1/30 dev near && ip -n "$far" addr add 192.0.2.2/30 dev far &&
        ip -n "$near" link set near up && ip -n "$far" link set far up &&
        ip -n "$near" link set lo up && ip -n "$far" link set lo up
    } 2>"$work/said" || skip "no virtual network devices here: $(cat "$work/said")"
    here=(ip netns exec "$near") there=(ip netns exec "$far") receiver=192.0.2.2 sender=192.0.2.1
    ;;
  *) fail "name the network: simulated or namespaces" ;;
esac

# start NAME COMMAND...: runs a script of pipelines/; its log is $work/NAME.
start() {
  local name=$1
  shift
  FOMO_LINK_LOG=$work/$name "$@" >"$work/$name.said" 2>&1 &
  children+=($!)
}
# logged NAME EVENT: whether there is such a line. The script that was started last must run.
logged() {
  grep -qs "^$2" "$work/$1" && return
  kill -0 "${children[-1]}" || fail "$1: $(cat "$work/$1.said")"
  return 1
}

echo "- the receiver fetches the picture and joins a stream that runs"
gst-launch() { PATH=${PATH#*:} gst-launch-1.0 -q "$@"; }
eval "gst-launch $(still "$assets/portrait.png" 256 1500) ! videoconvert ! video/x-raw,format=I420,framerate=25/2 \
  ! x264enc speed-preset=ultrafast ! mp4mux ! filesink location='$work/still.mp4'"
start sends "${here[@]}" "$pipelines/motion-send.sh" --driving "$work/still.mp4" --picture "$assets/portrait.png" \
  --picture-port $((port + 1)) "$receiver:$port"
wait_until 60 logged sends sent
start joins "${there[@]}" "$pipelines/motion-receive.sh" --picture-from "$sender:$((port + 1))" --port "$port"
wait_until 60 logged joins shown
stop() { # the last two
  kill "${children[@]: -2}"
  wait "${children[@]: -2}" || true
}
stop

netsim="netsim drop-probability=0.05 delay-probability=1 min-delay=10 max-delay=90"
if [ "$1" = simulated ]; then
  export FOMO_LINK_NETWORK=$netsim
elif ! tc -n "$near" qdisc add dev near root netem delay 50ms 40ms loss 5% 2>"$work/said"; then
  echo "- this kernel has no netem, the element netsim takes its place: $(cat "$work/said")"
  export FOMO_LINK_NETWORK=$netsim
fi
echo "- over the bad network"
start received "${there[@]}" "$pipelines/motion-receive.sh" --source "$assets/portrait.png" --port "$port"
wait_until 60 logged received started
start sent "${here[@]}" "$pipelines/motion-send.sh" --driving "$clip" "$receiver:$port"
wait "${children[-1]}" || fail "$(cat "$work/sent.said")"
# What is under way arrives within the jitter buffer's latency; then nothing more is written.
arrivals() { wc -l <"$work/received"; }
settled() {
  local before=$settled_at
  settled_at=$(arrivals)
  read -rt 0.5 <> <(:) || true
  [ "$settled_at" = "$before" ]
}
settled_at=0
wait_until 30 settled
kill "${children[-2]}"
wait "${children[-2]}" || fail "$(cat "$work/received.said")"

python3 - "$work/sent" "$work/received" <<'PYTHON'
import sys
events = {}
for path in sys.argv[1:]:
    for line in open(path):
        words = line.split()
        if words[0] == "stats":
            lost, concealed = map(int, words[1:])
        elif words[0] == "latency":
            latency = int(words[1]) / 1e3  # the receiver's, as its log is the last
        elif len(words) == 3:
            events.setdefault(words[0], {})[int(words[1])] = int(words[2])
sent, taken, shown = (sorted(events[name]) for name in ("sent", "taken", "shown"))
middle = lambda values: sorted(values)[len(values) // 2]
late = lambda values: sorted(values)[len(values) * 95 // 100]
span = lambda a, b: [(events[b][t] - events[a][t]) / 1e3 for t in events[b] if t in events[a]]
network, total = span("sent", "arrived"), span("captured", "shown")
work = middle(span("captured", "sent")) + middle(span("taken", "decoded"))
# What the decoder can know: from the first packet of a stream that stands alone on, which is missing of those between
# two that it is given. Packets before it cannot be read.
missing, unreadable, last = [], 0, None
for words in (line.split() for line in open(sys.argv[2])):
    if words[0] == "began":
        last = None
    elif words[0] == "given":
        time = int(words[1])
        if last is not None:
            missing += [t for t in sent if last < t < time]
        if last is not None or time in events["alone"]:
            last = time
        else:
            unreadable += 1
print("  %d frames sent, %d decoded, %d shown, %d of them moved; stats: %d lost, %d concealed; %d before the first base"
      % (len(sent), len(events["decoded"]), len(shown), len(events["moved"]), lost, concealed, unreadable))
print("  network: median %.0f ms, 95th percentile %.0f; picture: median %.0f ms, 95th percentile %.0f; work: %.0f"
      % (middle(network), late(network), middle(total), late(total), work))
# The animation goes on behind every loss.
assert lost == len(missing), (lost, missing)
assert shown[-1] >= taken[-1] - 90000, "the animation stopped"
assert not missing or any(t > missing[0] for t in events["moved"])
# A lost packet spoils six frames behind it, or all up to the next one that stands alone, the 25th at the latest. If the
# first one of a stream was lost, those up to the next one are spoilt too, and the decoder knows of no loss.
assert concealed - unreadable <= 26 * lost, (concealed, unreadable, lost)
# Where the time goes: the jitter buffer's 80 ms, the sink's 20 (processing-deadline), and the time of a slow frame, by
# which the decoder delays all of them. 50 ms of work are within the bar; what a slow or busy machine takes more is not
# the pipeline's. With more than 100 ms the encoder cannot keep up with the clip, and nothing can be said.
beyond = middle(total) - middle(network)
slowest = late(span("captured", "sent")) + late(span("taken", "decoded"))
allowed = 150 + 1.1 * max(0, slowest - 50)
print("  delay beyond the network's: %.0f ms of %.0f, with %.0f ms for a slow frame; the receiver's latency is %.0f ms"
      % (beyond, allowed, slowest, latency))
assert slowest > 100 or beyond <= allowed
if slowest < 50:
    assert len(shown) >= 0.8 * len(taken), "frames are missing"
PYTHON
