# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of fomo-live share: the program, HTTP requests, a websocket, checks of videos."""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from helpers import open_browser, skip

SOURCE, BUILD = Path(os.environ["FOMO_SOURCE"]), Path(os.environ["FOMO_BUILD"])
PORTRAIT, CLIP = SOURCE / "assets/portrait.png", SOURCE / "assets/driving.mp4"
PATIENCE = 60  # seconds, on a busy machine


def wait_until(what, condition, seconds=PATIENCE):
    """Gives the condition's result as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up waiting for: {what}")
        time.sleep(0.02)
    return result


class FomoLive:
    """A running fomo-live with folders of its own, and requests to it."""

    def __init__(self, *options, pictures=(PORTRAIT,)):
        self.work = Path(tempfile.mkdtemp())
        self.pictures, self.uploads, self.recordings = (self.work / name for name in ("pictures", "up", "rec"))
        self.pictures.mkdir()
        for picture in pictures:
            shutil.copy(picture, self.pictures)
        self.error_log = open(self.work / "errors", "w+")
        self.process = subprocess.Popen(
            [BUILD / "live/fomo-live", "--driving", CLIP, "--pictures", self.pictures, "--uploads", self.uploads,
             "--recordings", self.recordings, "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=self.error_log, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"http://[^ ]+:(\d+)/(?:\?token=(\w+))?", line)
        assert match, f"no address in '{line}': {self.errors()}"
        self.port, self.token = int(match[1]), match[2]

    def errors(self):
        self.error_log.flush()
        return (self.work / "errors").read_text()

    def request(self, method, path, body=None, headers=(), host=None):
        """Gives status, headers and body. `body`: bytes, or what becomes JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = {"Host": host or f"127.0.0.1:{self.port}", **dict(headers)}
        if data is not None:
            all_headers["Content-Length"] = str(len(data))
        connection.request(method, path, data, all_headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def ask(self, method, path, body=None, status=200):
        """Gives the JSON of an answer with that status."""
        given, _, content = self.request(method, path, body)
        assert given == status, f"{method} {path}: {given}, not {status}: {content[:300]}"
        return json.loads(content)

    def state(self):
        return self.ask("GET", "/api/state")

    def wait_for_frames(self, more=2):
        before = self.state()["stats"]["frames"]
        wait_until("frames", lambda: self.state()["stats"]["frames"] >= before + more)

    def memory(self):
        """Resident memory now, bytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def end(self, by_signal=True):
        """Ends the program and gives its status."""
        if by_signal and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def clean_up(self):
        self.end()
        self.process.stdout.close()
        self.error_log.close()
        shutil.rmtree(self.work)


class Page:
    """An open page: the other end of the websocket. The server closes pages that do not read for ten seconds."""

    def __init__(self, live, headers=(), answers=True):
        self.answers, self.received = answers, 0
        self.socket = socket.create_connection(("127.0.0.1", live.port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /api/live HTTP/1.1", f"Host: 127.0.0.1:{live.port}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *(f"{k}: {v}" for k, v in headers)]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.stream = self.socket.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        while self.stream.readline().strip():
            pass

    def send(self, payload, opcode=1):
        mask = os.urandom(4)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def receive(self):
        """The next message: bytes (a frame), a dictionary (news), or None at the end."""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                return None
            opcode, length = head[0] & 15, head[1] & 127
            if length >= 126:
                size = 2 if length == 126 else 8
                length = int.from_bytes(self.stream.read(size), "big")
            payload = self.stream.read(length)
            if opcode == 8:
                return None
            if opcode == 9:
                self.send(payload, 10)
                continue
            self.received += 1
            if self.answers:
                self.send(json.dumps({"seen": self.received}).encode())
            return payload if opcode == 2 else json.loads(payload)

    def frame(self):
        """The next frame."""
        while not isinstance(message := self.receive(), bytes):
            assert message is not None, "the connection was closed"
        return message

    def news(self, **fields):
        """The next news with these fields."""
        while True:
            message = self.receive()
            assert message is not None, "the connection was closed"
            if isinstance(message, dict) and all(message.get(k) == v for k, v in fields.items()):
                return message

    def close(self):
        self.stream.close()
        self.socket.close()

    def vanish(self):
        """As a page whose machine was switched off: a reset and no closing handshake."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def load_gstreamer():
    try:
        import gi
        gi.require_version("Gst", "1.0")
        from gi.repository import Gst
    except (ImportError, ValueError):
        skip("no GStreamer for Python: apt-get install python3-gi gir1.2-gstreamer-1.0")
    Gst.init(None)
    return Gst


def count_frames(path):
    """Decodes a video to its end, and gives the number of its frames."""
    Gst = load_gstreamer()
    pipeline = Gst.parse_launch("filesrc name=from ! decodebin ! fakesink name=to sync=false signal-handoffs=true")
    pipeline.get_by_name("from").props.location = str(path)
    frames = []
    pipeline.get_by_name("to").connect("handoff", lambda *_: frames.append(1))
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(PATIENCE * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    assert message and message.type == Gst.MessageType.EOS, f"{path}: {message and message.parse_error()}"
    return len(frames)


class SrtReceiver:
    """Writes what comes by SRT to a file. Use it in `with`."""

    def __init__(self, file):
        self.file = file
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.uri = f"srt://127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(["gst-launch-1.0", "-q", "srtsrc", f"uri={self.uri}?mode=listener",
                                         "!", "filesink", "buffer-mode=unbuffered", f"location={file}"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def wait_for(self, size):
        wait_until("the stream arrives", lambda: self.file.exists() and self.file.stat().st_size > size)
