#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How late a picture was seen, from the logs of glass/tracer.c, and how much of it the element is.

  lateness.py SENDER-LOG VIEWER-LOG FEWEST

Fails when fewer than FEWEST frames were seen, or when frames waited for the element longer than it takes for a frame or
than a frame lasts: that would be latency of the element's own beyond its time.
"""
import sys


def of(path, name):
    lines = (line.split() for line in open(path))
    return [tuple(map(int, words[1:])) for words in lines if words and words[0] == name]


def at(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


frames, seen, fewest = of(sys.argv[1], "frame"), of(sys.argv[2], "seen"), int(sys.argv[3])
assert len(seen) >= fewest, "%d frames with a clock were seen, of %d sent" % (len(seen), len(frames))
sent = {captured // 1000 & 0xFFFF for captured, _, _ in frames}
assert all(clock in sent for clock, _ in seen), "a clock was read that nobody drew"
late = [(now // 1000 - clock) & 0xFFFF for clock, now in seen]
wait = [(taken - captured) / 1e3 for captured, taken, _ in frames]
work = [(given - taken) / 1e3 for _, taken, given in frames]
interval = at([(b[0] - a[0]) / 1e3 for a, b in zip(frames, frames[1:])], 50)
print("  glass to glass: median %d ms, 95th percentile %d ms, %d frames; before the element median %.1f ms, in it %.1f ms"
      % (at(late, 50), at(late, 95), len(late), at(wait, 50), at(work, 50)))
assert at(wait, 50) <= max(interval, at(work, 50)) + 1, (at(wait, 50), interval, at(work, 50))
