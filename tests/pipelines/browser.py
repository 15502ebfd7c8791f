#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a page's video in headless Chromium, and reads the clock of glass/tracer.c in the picture.

  browser.py URL LOG FRAMES SECONDS

Opens the page, waits until the video has shown FRAMES frames that have a clock (SECONDS at most), and writes a line
`seen CLOCK NOW` for each to LOG, as the tracer does. Prints what the page's video and, where the page has a connection
`peer`, getStats() say. Exit status 77: there is no Chromium.
"""
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from helpers import open_browser

# Reads the clock in every frame that the video shows. Squares are at the bottom, 16 across; sharp in the video's own
# size, so the canvas has that size.
READER = """
(() => {
  window.seen = [];
  const video = document.querySelector('video');
  const canvas = new OffscreenCanvas(16, 16), context = canvas.getContext('2d', {willReadFrequently: true});
  const read = () => {
    const now = Date.now(), side = Math.floor(video.videoWidth / 16);
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    context.drawImage(video, 0, 0);
    const bright = (column, row) => {
      const x = Math.floor((column + .5) * side), y = Math.floor(canvas.height - (1.5 - row) * side);
      return context.getImageData(x, y, 1, 1).data[1];
    };
    let clock = 0;
    for (let column = 0; column < 16; column++) {
      const difference = bright(column, 0) - bright(column, 1);
      if (Math.abs(difference) < 60) { clock = -1; break; }
      clock = clock * 2 + (difference > 0);
    }
    if (clock >= 0) window.seen.push([clock, now]);
    video.requestVideoFrameCallback(read);
  };
  video.requestVideoFrameCallback(read);
})()
"""

STATE = """
return (async () => {
  const video = document.querySelector('video');
  const state = {seen: window.seen.length, time: video.currentTime, width: video.videoWidth, height: video.videoHeight,
                 error: video.error && video.error.message};
  if (window.peer)
    for (const report of (await window.peer.getStats()).values())
      if (report.type === 'inbound-rtp') {
        state.decoded = report.framesDecoded;
        state.lost = report.packetsLost;
        state.jitterBuffer = Math.round(1000 * report.jitterBufferDelay / report.jitterBufferEmittedCount);
      }
  return state;
})()
"""


def main():
    url, log, frames, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    browser = open_browser("--autoplay-policy=no-user-gesture-required", "--mute-audio")
    try:
        browser.get(url)
        deadline = time.monotonic() + seconds
        while not browser.execute_script("return !!document.querySelector('video')"):
            assert time.monotonic() < deadline, "the page has no video"
            time.sleep(0.1)
        browser.execute_script(READER)
        while True:
            state = browser.execute_script(STATE)
            if state["seen"] >= frames or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        print("  the page says:", state)
        seen = browser.execute_script("return window.seen")
    finally:  # without a farewell to the page's peer
        os.kill(browser.capabilities["goog:processID"], signal.SIGKILL)
        browser.service.stop()
    with open(log, "w") as file:
        for clock, now in seen:
            file.write("seen %d %d\n" % (clock, now * 1000))
    assert state["seen"] >= frames, "only %d frames with a clock" % state["seen"]
    assert state["time"] > 0, "the video's time stands still"
    assert state.get("decoded", frames) >= frames, "getStats() counts fewer frames"


if __name__ == "__main__":
    main()
