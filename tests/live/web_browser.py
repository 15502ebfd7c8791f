#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""fomo-live in a real browser (headless Chromium): everything that a person can click is clicked.

    web_browser.py [--screenshot FILE]

--screenshot FILE  only writes a picture of the page, a PNG file 1280 pixels wide (docs/live.jpg)
"""
import base64
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from fomo_live import PATIENCE, PORTRAIT, FomoLive, SrtReceiver, count_frames, load_gstreamer, open_browser, skip, wait_until

try:
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select
except ImportError:
    skip("no selenium: apt-get install python3-selenium")

DROP = """
  const [name, text] = arguments, data = new DataTransfer();
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  data.items.add(new File([bytes], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
"""
# What can be clicked or changed; the tests tick off what they have used.
CONTROLS = """
  return [...document.querySelectorAll("button, input, select, a, summary")].map(e => e.id || e.className || e.tagName + " " + e.textContent);
"""


class Browser:
    """An open page in a browser of its own."""

    def __init__(self, live, **how):
        self.live, self.used = live, set()
        self.driver = open_browser(**how)
        self.driver.get(f"http://127.0.0.1:{live.port}/" + (f"?token={live.token}" if live.token else ""))
        self.wait_for_frames()

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).get_attribute("textContent")

    def frames(self):
        return int(self.find("#preview").get_attribute("data-frames") or 0)

    def wait_for_frames(self, more=2):
        before = self.frames()
        wait_until("frames in the browser", lambda: self.frames() >= before + more)

    def click(self, selector):
        """Clicks what is there; the page may make it anew in between."""
        def try_it():
            try:
                element = self.find(selector)
                self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                element.click()
                return True
            except StaleElementReferenceException:
                return False
        wait_until(f"a click on {selector}", try_it)
        self.used.add(selector.lstrip("#"))

    def keys(self, text):
        ActionChains(self.driver).send_keys(text).perform()

    def log(self):
        return self.text("#log")

    def wait_for_log(self, words):
        wait_until(f"'{words}' on the page, which says: {self.log()}", lambda: words in self.log())


class Desk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.live = FomoLive()
        (cls.live.pictures / "second.png").write_bytes(PORTRAIT.read_bytes())
        (cls.live.pictures / "text.png").write_bytes(b"This is a text.\n")
        try:
            cls.page = Browser(cls.live)
        except BaseException:
            cls.live.clean_up()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.page.driver.quit()
        cls.live.clean_up()

    def value(self, name):
        return next(p["value"] for p in self.live.state()["properties"] if p["name"] == name)

    def wait_for_value(self, name, value):
        wait_until(f"{name}={value}, not {self.value(name)}", lambda: self.value(name) == value)

    # The tests run in the order of their names.

    def test_1_preview_and_graphs(self):
        page = self.page
        wait_until("the frame time", lambda: float((page.text("#ms") or "0 ms").split()[0]) > 0)
        wait_until("confidence", lambda: float(page.text("#confidence") or 0) > 0)
        drawn = "const c = document.getElementById(arguments[0]);" \
                "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
        for graph in ("preview", "graph-ms", "graph-confidence"):
            self.assertTrue(page.driver.execute_script(drawn, graph), graph)
        self.assertEqual(page.driver.get_window_size()["width"], 1280)

    def test_2_pictures(self):
        page = self.page
        page.click("button[title='second.png']")
        wait_until("the second picture", lambda: self.live.state()["picture"]["name"] == "second.png")
        wait_until("its mark", lambda: page.find("button[title='second.png']").get_attribute("aria-pressed") == "true")
        page.click("button[title='text.png']")
        page.wait_for_log("it is not a picture of a known format")
        page.wait_for_frames()
        self.assertEqual(self.live.state()["picture"]["name"], "second.png")
        page.click("button[title='portrait.png']")
        wait_until("the first picture", lambda: self.live.state()["picture"]["name"] == "portrait.png")
        (self.live.pictures / "third.png").write_bytes(PORTRAIT.read_bytes())
        page.click("#refresh")
        wait_until("the third picture", lambda: page.driver.find_elements(By.CSS_SELECTOR, "button[title='third.png']"))

    def test_3_uploads(self):
        page = self.page
        notes, large = self.live.work / "notes.png", self.live.work / "large.png"
        notes.write_text("This is a text.\n")
        with open(large, "wb") as file:
            file.truncate(100 << 20)
        upload = self.live.work / "mine.png"
        upload.write_bytes(PORTRAIT.read_bytes())
        field = page.find("#file")
        field.send_keys(str(upload))
        page.used.add("file")
        page.wait_for_log("added mine.png")
        wait_until("the uploaded picture", lambda: self.live.state()["picture"] == {"folder": 1, "name": "mine.png"})
        field.send_keys(str(notes))
        page.wait_for_log("Cannot decode 'notes.png': it is not a picture of a known format")
        field.send_keys(str(large))
        page.wait_for_log("large.png is too large: the limit is 32 MiB")
        # The server's own refusal, without the page's check.
        status = page.driver.execute_async_script("""
          const done = arguments[0];
          fetch("/api/uploads/large.png", {method: "PUT", body: new Blob([new Uint8Array(100 << 20)])})
            .then(async answer => done([answer.status, (await answer.json()).error]), error => done([0, String(error)]));
        """)
        self.assertEqual(status[0], 413, status)
        page.driver.execute_script(DROP, "dropped.png", base64.b64encode(PORTRAIT.read_bytes()).decode())
        page.wait_for_log("added dropped.png")
        self.assertFalse(page.find("#drop").is_displayed())
        page.click("button[title='portrait.png']")

    def test_4_buttons(self):
        page = self.page
        before = page.log().count("reference-set")
        page.click("#neutral")
        wait_until("the neutral pose", lambda: page.log().count("reference-set") > before)
        for name in self.live.state()["presets"]:
            page.click(f"#preset-{name}")
        page.click("#preset-lively")
        self.wait_for_value("mouth-strength", 1.25)
        wait_until("the slider", lambda: page.find("#main-mouth-strength").get_property("value") == "1.25")
        page.click("#preset-natural")
        self.wait_for_value("mouth-strength", 1)

    def test_5_every_property(self):
        page = self.page
        page.click("#more summary")
        page.used.add("SUMMARY All properties")
        for described in self.live.state()["properties"]:
            name, kind, old = described["name"], described["type"], described["value"]
            with self.subTest(name):
                for prefix in ("all", "main"):
                    if page.driver.find_elements(By.ID, f"{prefix}-{name}-reset"):
                        self.change(page, f"{prefix}-{name}", described, kind, old)

    def change(self, page, control, described, kind, old):
        name = described["name"]
        if kind == "boolean":
            page.click(f"#{control}")
            self.wait_for_value(name, not old)
        elif kind == "enum":
            select = Select(page.find(f"#{control}"))
            for choice in (c["nick"] for c in described["choices"]):
                # A picture without this many faces, or a face that is lost, is a message and no change.
                select.select_by_value(choice)
                self.wait_for_value(name, choice)
            page.used.add(control)
        elif kind == "flags":
            nicks = [c["nick"] for c in described["choices"]]
            for nick in nicks:
                page.click(f"#{control}-{nick}")
            wait_until("all switches", lambda: sorted(self.value(name)) == sorted(nicks))
        else:
            number = page.find(f"#{control}-number")
            number.clear()
            value = described["min"] if old != described["min"] else min(described["max"], described["min"] + 1)
            number.send_keys(str(value), "\t")
            self.wait_for_value(name, value)
            page.used.add(f"{control}-number")
            if page.driver.find_elements(By.ID, control):
                before = self.value(name)
                slider = page.find(f"#{control}")
                slider.send_keys("\ue014" if value == described["min"] else "\ue012")  # right, left
                wait_until(f"{name} by the slider", lambda: self.value(name) != before)
                page.used.add(control)
            number.clear()
            number.send_keys("1e30", "\t")
            page.wait_for_log(f"{name} is a")
        page.click(f"#{control}-reset")
        self.wait_for_value(name, described["default"])

    def test_6_overlay_switches(self):
        page = self.page
        nicks = [c["nick"] for p in self.live.state()["properties"] if p["name"] == "overlay" for c in p["choices"]]
        for nick in nicks:
            page.click(f"#overlay-{nick}")
            wait_until(nick, lambda: nick in self.value("overlay"))
            page.click(f"#overlay-{nick}")
            wait_until(f"no {nick}", lambda: nick not in self.value("overlay"))
        page.wait_for_frames()

    def test_7_recording_and_stream(self):
        page = self.page
        page.click("#record")
        wait_until("the recording", lambda: (self.live.state()["outputs"]["recording"] or {}).get("frames", 0) > 10)
        wait_until("its button", lambda: "Stop recording" in page.text("#record"))
        page.click("#record")
        page.wait_for_log("recorded fomo-")
        recording = wait_until("the file", lambda: list(self.live.recordings.glob("*.mp4")))[0]
        self.assertGreater(count_frames(recording), 10)
        self.assertEqual(page.text("#recordings a"), recording.name)
        fetched = page.driver.execute_async_script(
            "fetch(document.querySelector('#recordings a').href).then(r => r.blob()).then(b => arguments[0](b.size))")
        self.assertEqual(fetched, recording.stat().st_size)
        page.click("#recordings a")
        page.used.add(f"A {recording.name}")

        page.find("#uri").send_keys("file:///etc/passwd\n")
        page.wait_for_log("A stream goes to rtmp://")
        with SrtReceiver(self.live.work / "received.ts") as receiver:
            page.find("#uri").clear()
            page.find("#uri").send_keys(receiver.uri)
            page.used.add("uri")
            page.click("#stream-button")
            receiver.wait_for(50_000)
            wait_until("its button", lambda: page.text("#stream-button") == "Stop stream")
            page.click("#stream-button")
            page.wait_for_log("the stream has ended")

    def test_8_keys(self):
        page = self.page
        page.driver.execute_script("document.activeElement.blur()")
        page.click("#preset-natural")
        page.keys("2")
        wait_until("picture 2", lambda: self.live.state()["picture"]["name"] == "second.png")
        page.keys("9")
        page.wait_for_log("there is no picture 9")
        page.keys("+")
        wait_until("more strength", lambda: abs(self.value("strength") - 1.1) < 1e-6)
        wait_until("more strength on the page", lambda: page.find("#main-strength-number").get_property("value") == "1.1")
        page.keys("-")
        wait_until("less strength", lambda: abs(self.value("strength") - 1) < 1e-6)
        for overlay in (["guide"], ["keypoints", "crops", "guide", "stats"], []):
            page.keys("o")
            wait_until(f"overlay {overlay}", lambda: sorted(self.value("overlay")) == sorted(overlay))
            wait_until("its switch", lambda: page.find("#overlay-guide").is_selected() == ("guide" in overlay))
        before = page.log().count("reference-set")
        page.keys("x")
        wait_until("the neutral pose", lambda: page.log().count("reference-set") > before)
        # Keys in a field are text.
        page.find("#uri").clear()
        page.find("#uri").send_keys("xo+q")
        self.assertEqual(page.find("#uri").get_property("value"), "xo+q")
        self.assertFalse(page.find("#quit-dialog").is_displayed())
        page.find("#uri").clear()

    def test_9_telephone_beside_it_and_the_end(self):
        page = self.page
        phone = Browser(self.live, width=390, height=844, telephone=True)
        try:
            width = phone.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
            self.assertLessEqual(width[0], width[1], "the page is wider than a telephone")
            small = phone.driver.execute_script("""
              return [...document.querySelectorAll("button, select, input[type=range], .switch")].filter(e => e.offsetParent)
                .filter(e => e.getBoundingClientRect().height < 40).map(e => e.id || e.className)""")
            self.assertEqual(small, [], "too small for a finger")
            phone.click("#overlay-grid")
            wait_until("the overlay on the other page", lambda: page.find("#overlay-grid").is_selected())
            self.assertNoErrors(phone)
        finally:
            phone.driver.quit()
        page.wait_for_frames()
        for button in ("quit", "quit-no"):
            page.click(f"#{button}")
        page.wait_for_frames()
        unused = [c for c in page.driver.execute_script(CONTROLS) if c not in page.used and not c.startswith("tile") and c != "quit-yes"]
        self.assertEqual(unused, [], "nobody has clicked these")
        self.assertNoErrors(page)
        page.driver.execute_script("document.activeElement.blur()")
        page.keys("q")
        page.click("#quit-yes")
        wait_until("the program ends", lambda: self.live.process.poll() is not None)
        self.assertEqual(self.live.process.returncode, 0, self.live.errors())
        wait_until("the page says so", lambda: "has ended" in page.text("#status"))

    def assertNoErrors(self, page):
        """The browser's console has no error but those of requests that were meant to be refused."""
        meant = ("status of 400", "status of 413", "status of 422")
        errors = [entry["message"] for entry in page.driver.get_log("browser")
                  if entry["level"] == "SEVERE" and not any(words in entry["message"] for words in meant)]
        self.assertEqual(errors, [])


class Token(unittest.TestCase):
    def test_address_with_token(self):
        live = FomoLive("--token")
        try:
            page = Browser(live)
            try:
                self.assertNotIn("token", page.driver.current_url)
                page.driver.get(f"http://127.0.0.1:{live.port}/")  # the cookie is enough
                page.wait_for_frames()
                page.driver.delete_all_cookies()
                page.driver.get(f"http://127.0.0.1:{live.port}/")
                self.assertIn("token is missing or wrong", page.driver.page_source)
            finally:
                page.driver.quit()
        finally:
            live.clean_up()


def save_screenshot(path):
    live = FomoLive()
    try:
        page = Browser(live, height=1100)
        try:
            page.click("#overlay-guide")
            page.driver.execute_script("scrollTo(0, 0)")
            page.wait_for_frames(300)  # the graphs fill
            page.driver.save_screenshot(path)
        finally:
            page.driver.quit()
    finally:
        live.clean_up()


if __name__ == "__main__":
    load_gstreamer()
    if "--screenshot" in sys.argv:
        save_screenshot(sys.argv[-1])
        sys.exit(0)
    unittest.main(argv=sys.argv[:1], verbosity=2, warnings="ignore", failfast=True)
