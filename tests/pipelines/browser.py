#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a page's video in headless Chromium, and reads the clock of glass/tracer.c in the picture.

  browser.py URL LOG FRAMES SECONDS

Opens the page, waits until the video has shown FRAMES frames that have a clock (SECONDS at most), and writes a line
`seen CLOCK NOW` for each to LOG, as the tracer does. Prints what the page's video and, where the page has a connection
`peer`, getStats() say. Exit status 77: there is no Chromium.

Chromium is steered through two pipes (--remote-debugging-pipe), so nothing but Python itself is needed.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

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
(async () => {
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
  return JSON.stringify(state);
})()
"""


class Chromium:
    """A headless Chromium with one page. Use it in `with`."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory()
        from_us, self.to_chromium = os.pipe()
        self.from_chromium, to_us = os.pipe()

        def place_pipes():  # Chromium reads descriptor 3 and writes descriptor 4
            first, second = os.dup(from_us), os.dup(to_us)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--mute-audio",
             "--autoplay-policy=no-user-gesture-required", "--user-data-dir=" + self.profile.name]
            + (["--no-sandbox"] if os.geteuid() == 0 else []) + ["about:blank"],
            preexec_fn=place_pipes, close_fds=False, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self.profile.name, "log"), "w"))
        os.close(from_us)
        os.close(to_us)
        self.waiting, self.number = b"", 0
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.profile.cleanup()

    def call(self, method, **parameters):
        """Calls a method of the DevTools protocol and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.number > 2:
            message["sessionId"] = self.session
        os.write(self.to_chromium, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.waiting:
                piece = os.read(self.from_chromium, 65536)
                if not piece:
                    sys.exit("Chromium has ended: " + open(os.path.join(self.profile.name, "log")).read()[-2000:])
                self.waiting += piece
            answer, self.waiting = self.waiting.split(b"\0", 1)
            answer = json.loads(answer)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def evaluate(self, expression):
        """The value of a JavaScript expression; of what it promises."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")


def main():
    url, log, frames, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    program = shutil.which("chromium")
    if not program:
        print("skipped: no chromium: apt-get install chromium")
        sys.exit(77)
    with Chromium(program) as chromium:
        chromium.call("Page.enable")
        chromium.call("Page.navigate", url=url)
        deadline = time.monotonic() + seconds
        while not chromium.evaluate("!!document.querySelector('video')"):
            assert time.monotonic() < deadline, "the page has no video"
            time.sleep(0.1)
        chromium.evaluate(READER)
        while True:
            state = json.loads(chromium.evaluate(STATE))
            if state["seen"] >= frames or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        print("  the page says:", state)
        seen = json.loads(chromium.evaluate("JSON.stringify(window.seen)"))
    with open(log, "w") as file:
        for clock, now in seen:
            file.write("seen %d %d\n" % (clock, now * 1000))
    assert state["seen"] >= frames, "only %d frames with a clock" % state["seen"]
    assert state["time"] > 0, "the video's time stands still"
    assert state.get("decoded", frames) >= frames, "getStats() counts fewer frames"


if __name__ == "__main__":
    main()
