# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the Python tests of several folders share."""
import shutil
import sys


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def open_browser(*arguments, width=1280, height=900, telephone=False):
    """Headless Chromium, as a driver of selenium. `arguments`: further ones of its command line. Skips the test without."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        skip("no selenium: apt-get install python3-selenium")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        skip("no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # Root has no sandbox in a container; /dev/shm is small there.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--window-size={width},{height}",
                     "--disable-background-networking", *arguments):
        options.add_argument(argument)
    if telephone:
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 2.0, "touch": True}})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(driver), options=options)
