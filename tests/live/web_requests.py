#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""fomo-live without a browser: access, files, uploads, properties, pages, recordings, streams."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from fomo_live import BUILD, CLIP, PORTRAIT, FomoLive, Page, SrtReceiver, count_frames, load_gstreamer, wait_until

PATIENT = 30  # seconds: longer than a silent page is kept
NOT_A_PICTURE = b"This is a text.\n" * 40


class Live(unittest.TestCase):
    """A fomo-live on loopback with two pictures, a text that is named like a picture, and a link out."""

    @classmethod
    def setUpClass(cls):
        cls.live = FomoLive()
        (cls.live.pictures / "second.png").write_bytes(PORTRAIT.read_bytes())
        (cls.live.pictures / "text.png").write_bytes(NOT_A_PICTURE)
        secret = cls.live.work / "secret.png"
        secret.write_bytes(PORTRAIT.read_bytes())
        (cls.live.pictures / "link.png").symlink_to(secret)
        (cls.live.pictures / ".hidden.png").write_bytes(PORTRAIT.read_bytes())
        cls.live.wait_for_frames()

    @classmethod
    def tearDownClass(cls):
        cls.live.clean_up()

    def tearDown(self):
        self.assertIsNone(self.live.process.poll(), self.live.errors())

    # ---- access on loopback ----

    def test_names_of_other_sites_are_refused(self):
        self.assertEqual(self.live.request("GET", "/api/state", host="evil.example:80")[0], 403)
        for host in ("localhost", "127.0.0.1:1", "[::1]:5"):
            self.assertEqual(self.live.request("GET", "/api/state", host=host)[0], 200, host)

    def test_pages_of_other_sites_cannot_steer(self):
        for origin, status in (("http://evil.example", 403), ("null", 403), (f"http://127.0.0.1:{self.live.port}", 200)):
            headers = {"Origin": origin}
            self.assertEqual(self.live.request("POST", "/api/neutral", headers=headers)[0], status, origin)
            self.assertEqual(Page(self.live, headers.items()).status, 101 if status == 200 else status, origin)

    def test_page_needs_nothing_from_elsewhere(self):
        for path in ("/", "/app.js", "/parts.js", "/style.css", "/icon.svg"):
            status, headers, content = self.live.request("GET", path)
            self.assertEqual(status, 200, path)
            links = content.replace(b'xmlns="http://www.w3.org/2000/svg"', b"")
            self.assertNotIn(b"http://", links, path)
            self.assertNotIn(b"https://", links, path)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    # ---- files ----

    def test_folders_show_regular_files_alone(self):
        folders = self.live.state()["folders"]
        self.assertEqual(folders[0]["pictures"], ["portrait.png", "second.png", "text.png"])

    def test_no_file_outside_of_the_folders(self):
        for name in ("../secret.png", "link.png", ".hidden.png", "/etc/passwd", "none.png", "a\0.png"):
            self.live.ask("POST", "/api/picture", {"folder": 0, "name": name}, status=404)
        for folder in (7, -1, "0", None):
            self.live.ask("POST", "/api/picture", {"folder": folder, "name": "portrait.png"}, status=404)
        for path in ("/../etc/passwd", "/api/thumbnails/0/..%2fsecret.png", "/api/thumbnails/0/%2e%2e/secret.png",
                     "/api/thumbnails/0/link.png", "/api/thumbnails/9/portrait.png", "/api/thumbnails/0/.hidden.png",
                     "/recordings/..%2fpictures%2fportrait.png", "/recordings/%2fetc%2fpasswd", "/etc/passwd"):
            status, _, content = self.live.request("GET", path)
            self.assertIn(status, (400, 403, 404), path)
            self.assertNotIn(b"PNG", content, path)
            self.assertNotIn(b"root:", content, path)

    def test_thumbnail(self):
        status, headers, content = self.live.request("GET", "/api/thumbnails/0/portrait.png")
        self.assertEqual((status, headers["Content-Type"], content[:4]), (200, "image/png", b"\x89PNG"))

    # ---- uploads ----

    def test_upload(self):
        place = self.live.ask("PUT", "/api/uploads/my%20face.png", PORTRAIT.read_bytes(), status=201)
        self.assertEqual(place, {"folder": 1, "name": "my_face.png"})
        again = self.live.ask("PUT", "/api/uploads/my%20face.png", PORTRAIT.read_bytes(), status=201)
        self.assertEqual(again["name"], "my_face-2.png")
        page = Page(self.live)
        self.live.ask("POST", "/api/picture", place)
        self.assertEqual(page.news(type="picture")["picture"], place)
        self.live.ask("POST", "/api/picture", {"folder": 0, "name": "portrait.png"})
        page.news(type="picture", picture={"folder": 0, "name": "portrait.png"})

    def test_upload_stays_in_its_folder(self):
        for name in ("..%2f..%2fout.png", "..%5cout.png", "%00.png"):
            self.live.request("PUT", f"/api/uploads/{name}", PORTRAIT.read_bytes())
        self.assertEqual(list(self.live.work.glob("out.png")) + list(self.live.work.parent.glob("out.png")), [])

    def test_text_named_like_a_picture(self):
        answer = self.live.ask("PUT", "/api/uploads/notes.png", NOT_A_PICTURE, status=422)
        self.assertIn("notes.png", answer["error"])
        self.assertIn("not a picture of a known format", answer["error"])
        self.live.ask("PUT", "/api/uploads/notes.txt", NOT_A_PICTURE, status=415)
        self.live.ask("PUT", "/api/uploads/empty.png", b"", status=400)
        self.assertEqual([path.name for path in self.live.uploads.iterdir() if "notes" in path.name], [])
        wait_until("no file is left", lambda: not list(self.live.uploads.glob(".*")))

    def test_100_megabytes_are_refused_before_they_have_come(self):
        before = self.live.memory()
        size, sent = 100 << 20, 0
        connection = socket.create_connection(("127.0.0.1", self.live.port), 30)
        connection.sendall(f"PUT /api/uploads/large.png HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        self.assertEqual(answer.status, 413)
        self.assertIn("32 MiB", json.loads(answer.read())["error"])
        # A client that sends on does not fill the memory.
        try:
            while sent < size:
                sent += connection.send(bytes(1 << 20))
        except OSError:
            pass
        connection.close()
        self.assertLess(self.live.memory() - before, 30 << 20)
        self.assertEqual(list(self.live.uploads.glob("*large*")), [])

    def test_upload_without_a_length(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=30)
        connection.request("PUT", "/api/uploads/a.png", iter([b"x" * 1000]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 411)
        connection.close()

    def test_client_that_vanishes_while_it_uploads(self):
        connection = socket.create_connection(("127.0.0.1", self.live.port), 30)
        connection.sendall(b"PUT /api/uploads/half.png HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n" + bytes(5000))
        wait_until("the upload begins", lambda: list(self.live.uploads.glob(".upload-*")))
        connection.close()
        wait_until("the rest is removed", lambda: not list(self.live.uploads.glob(".upload-*")))
        self.live.wait_for_frames()

    # ---- the element ----

    def test_ranges_are_those_of_the_element(self):
        Gst = load_gstreamer()
        from gi.repository import GObject
        element = Gst.ElementFactory.make("fomotransfer")
        described = {p["name"]: p for p in self.live.state()["properties"]}
        controllable = 0
        for spec in element.list_properties():
            if not spec.flags & Gst.PARAM_CONTROLLABLE:
                continue
            controllable += 1
            self.assertIn(spec.name, described)
            if hasattr(spec, "minimum"):
                given = described[spec.name]
                self.assertEqual((given["min"], given["max"]), (spec.minimum, spec.maximum), spec.name)
        self.assertGreaterEqual(controllable, 15)
        self.assertNotIn("source-image", described)
        self.assertNotIn("model", described)
        nicks = [choice["nick"] for choice in described["overlay"]["choices"]]
        self.assertIn("keypoints", nicks)

    def test_values_out_of_range(self):
        put = lambda name, value, status: self.live.ask("PUT", f"/api/properties/{name}", value, status)
        self.assertIn("from 0.0 to 2.0", put("strength", 2.5, 400)["error"])
        for name, value in (("strength", "1"), ("strength", None), ("face-index", 0.5), ("face-index", 1 << 40),
                            ("detail", 1), ("overlay", "guide"), ("overlay", ["none"]), ("crop", "elsewhere"),
                            ("mark-duration", -1)):
            put(name, value, 400)
        for name in ("source-image", "model", "stats", "nothing"):
            put(name, "/etc/passwd", 404)
        self.live.ask("PUT", "/api/properties/strength", b"{", status=400)

    def test_properties_presets_and_neutral_pose_reach_all_pages(self):
        pages = [Page(self.live), Page(self.live)]
        self.live.ask("PUT", "/api/properties/smoothing", 0.25)
        for page in pages:
            self.assertEqual(page.news(type="property")["value"], 0.25)
        self.live.ask("POST", "/api/preset", {"name": "lively"})
        for page in pages:
            page.news(type="property", name="mouth-strength", value=1.25)
        self.live.ask("POST", "/api/preset", {"name": "natural"})
        self.live.ask("POST", "/api/preset", {"name": "none"}, status=404)
        self.live.ask("POST", "/api/neutral")
        for page in pages:
            page.news(type="event", event="reference-set")
            self.assertEqual(page.frame()[:2], b"\xff\xd8")
            seen = [page.news(type="stats")["stats"] for _ in range(20)]
            self.assertTrue(all(stats["ms"] > 0 for stats in seen))
            self.assertTrue(any(stats["confidence"] > 0.5 for stats in seen), seen)

    def test_picture_that_is_none(self):
        page = Page(self.live)
        self.live.ask("POST", "/api/picture", {"folder": 0, "name": "text.png"})
        words = page.news(type="problem")["text"]
        self.assertIn("text.png", words)
        self.assertIn("not a picture of a known format", words)
        self.assertEqual(self.live.state()["picture"], {"folder": 0, "name": "portrait.png"})
        page.frame()
        # What reads the picture again reads the one that is shown.
        page.news(type="picture", picture={"folder": 0, "name": "portrait.png"})

    # ---- pages ----

    def test_a_slow_page_holds_up_nothing(self):
        slow, quick = Page(self.live, answers=False), Page(self.live)
        begun = time.monotonic()
        for _ in range(20):
            quick.frame()
        frames = 0
        slow.socket.settimeout(PATIENT)
        while (message := slow.receive()) is not None:  # until it is given up
            frames += isinstance(message, bytes)
        silence = time.monotonic() - begun
        self.assertLess(frames, 5)
        self.assertGreater(silence, 9)
        quick.frame()

    def test_a_page_that_vanishes(self):
        staying, vanishing = Page(self.live), Page(self.live)
        vanishing.frame()
        vanishing.vanish()
        for _ in range(10):
            staying.frame()

    def test_nonsense_from_a_page(self):
        page = Page(self.live)
        for text in (b"{", b"[]", b'{"seen": -1}', b'{"seen": 1e99}', b'{"seen": 99999}', b"\xff"):
            page.send(text)
        self.live.wait_for_frames()

    # ---- recordings, streams ----

    def test_recording(self):
        self.live.ask("POST", "/api/recording/start")
        self.live.ask("POST", "/api/recording/start", status=400)
        # Frames of another size go on in the same file.
        self.live.wait_for_frames(10)
        self.live.ask("PUT", "/api/properties/output", "picture")
        self.live.wait_for_frames(10)
        self.live.ask("PUT", "/api/properties/output", "face")
        page = Page(self.live)
        self.live.ask("POST", "/api/recording/stop")
        news = page.news(type="recording")
        self.assertEqual(news["error"], "")
        path = self.live.recordings / news["name"]
        self.assertGreaterEqual(count_frames(path), 20)
        self.assertEqual(self.live.request("GET", f"/recordings/{news['name']}")[2], path.read_bytes())
        self.live.ask("POST", "/api/recording/stop", status=400)
        said = subprocess.run([BUILD / "tools/fomo-model", "detect", path], capture_output=True, text=True).stdout
        for layer in ("tags", "stream", "pixels"):
            self.assertRegex(said, rf"(?m)^ *{layer} +found", "the recording is not marked as synthetic")

    def test_stream(self):
        with SrtReceiver(self.live.work / "received.ts") as receiver:
            self.live.ask("POST", "/api/stream/start", {"uri": receiver.uri})
            receiver.wait_for(100_000)
            page = Page(self.live)
            self.live.ask("POST", "/api/stream/stop")
            self.assertEqual(page.news(type="stream")["error"], "")
        self.assertGreater(count_frames(receiver.file), 5)

    def test_stream_that_fails(self):
        self.live.ask("POST", "/api/stream/start", {"uri": "file:///tmp/x"}, status=400)
        self.live.ask("POST", "/api/stream/start", {"uri": ["rtmp://x"]}, status=400)
        page = Page(self.live)
        self.live.ask("POST", "/api/stream/start", {"uri": "rtmp://127.0.0.1:1/live/me"})
        self.assertNotEqual(page.news(type="stream")["error"], "")
        page.frame()


class Elsewhere(unittest.TestCase):
    """An address that others can reach demands the token."""

    def setUp(self):
        self.live = FomoLive("--address", "0.0.0.0", "--host", "studio.example")

    def tearDown(self):
        self.live.clean_up()

    def test_token(self):
        live = self.live
        self.assertRegex(live.token, "^[0-9a-f]{32}$")
        wrong = live.token[:-1] + ("0" if live.token[-1] != "0" else "1")
        for path in ("/", "/app.js", "/api/state", f"/?token={wrong}", "/?token=", f"/api/state?token={live.token}"):
            self.assertEqual(live.request("GET", path)[0], 403, path)
        self.assertEqual(live.request("PUT", "/api/uploads/a.png", PORTRAIT.read_bytes())[0], 403)
        self.assertFalse(list(live.uploads.iterdir()))
        self.assertEqual(Page(live).status, 403)
        for token, status in ((live.token, 200), (wrong, 403), (live.token[:-1], 403), ("", 403), (live.token + "0", 403)):
            self.assertEqual(live.request("GET", "/api/state", headers={"Authorization": f"Bearer {token}"})[0], status)
        status, headers, _ = live.request("GET", f"/?token={live.token}")
        self.assertEqual((status, headers["Location"].rstrip("/")[-1:] != "n"), (303, True))
        self.assertNotIn("token", headers["Location"])
        cookie = headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        cookie = cookie.split(";")[0]
        for host, expected in ((None, 200), ("studio.example", 200), ("evil.example", 403)):
            self.assertEqual(live.request("GET", "/", headers={"Cookie": f"a=b; {cookie}"}, host=host)[0], expected, host)
        self.assertEqual(Page(live, [("Cookie", cookie)]).status, 101)
        self.assertNotIn(live.token, live.errors())


class Ends(unittest.TestCase):
    def test_a_recording_is_finished_when_the_program_ends(self):
        live = FomoLive()
        live.wait_for_frames()
        live.ask("POST", "/api/recording/start")
        live.wait_for_frames(12)
        page = Page(live)
        live.process.send_signal(signal.SIGTERM)
        self.assertEqual(page.news(type="ended")["text"], "")
        page.close()
        self.assertEqual(live.end(by_signal=False), 0)
        recordings = list(live.recordings.iterdir())
        self.assertEqual(len(recordings), 1)
        self.assertGreaterEqual(count_frames(recordings[0]), 10)
        live.clean_up()

    def test_errors_at_the_start(self):
        program = BUILD / "live/fomo-live"
        folder = str(CLIP.parent)
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        for arguments, status, words in (
                ([program, "--driving", CLIP], 2, "--pictures"),
                ([program, "--driving", CLIP, "--test", "--pictures", folder], 2, ""),
                ([program, "--driving", CLIP, "--pictures", folder, "--set", "nonsense=1"], 1, "no property=value"),
                ([program, "--driving", CLIP, "--pictures", folder, "--address", "studio"], 1, "no IP address"),
                ([program, "--driving", "none.mp4", "--pictures", folder], 2, "none.mp4"),
                ([program, "--driving", PORTRAIT.parent.parent / "README.md", "--pictures", folder], 1, "")):
            done = subprocess.run([*arguments, "--port", "0"], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "XDG_DATA_HOME": home.name})
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr + done.stdout)


if __name__ == "__main__":
    load_gstreamer()
    unittest.main(verbosity=2, warnings="ignore")
