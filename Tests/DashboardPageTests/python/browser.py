"""A real Chromium, as a viewer has it, and the assertions that apply to every page."""

import pathlib
import unittest

import axe_playwright_python
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Expected changes arrive at once or never; the rest allows for a busy machine.
PATIENCE = 120


def start(locale="en-GB", zone="Europe/Berlin"):
    options = webdriver.ChromeOptions()
    words = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars"
    for word in [*words.split(), "--autoplay-policy=no-user-gesture-required"]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.set_script_timeout(PATIENCE)
    driver.execute_cdp_cmd("Emulation.setLocaleOverride", {"locale": locale})
    driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
    return driver


class PageTest(unittest.TestCase):
    """One browser for the whole class. After each test its console contains nothing that the test did not expect."""

    base = ""
    foreseen = ()

    @classmethod
    def setUpClass(cls):
        cls.driver = start()
        cls.addClassCleanup(cls.driver.quit)

    def setUp(self):
        self.foreseen = ()
        self.size(1280, 800)
        self.colours("light")
        self.driver.get_log("browser")
        self.driver.get("about:blank")

    def tearDown(self):
        stray = [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if not any(word in entry["message"] for word in self.foreseen)
        ]
        self.assertEqual(stray, [], "the browser's console")

    def size(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def colours(self, scheme):
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def open(self, query=""):
        self.driver.get(self.base + query)
        self.settle()

    def settle(self):
        """Waits until nothing is loading and every chart is drawn."""
        self.until(
            lambda: self.script(
                "return !!document.querySelector('h1') && !document.querySelector('.loading')"
                " && [...document.querySelectorAll('.chart div.canvas')].every(place => place.querySelector('canvas'))"
            ),
            "the page is loaded",
        )

    def script(self, text, *words):
        return self.driver.execute_script(text, *words)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        self.assertEqual(len(found), 1, selector)
        return found[0]

    def text(self, selector="main"):
        return "\n".join(element.text for element in self.all(selector))

    def until(self, condition, words):
        try:
            WebDriverWait(self.driver, PATIENCE, 0.05, [StaleElementReferenceException]).until(lambda _: condition())
        except TimeoutException:
            self.fail(f"{PATIENCE} s passed without: {words}; the page says:\n{self.text('body')[:3000]}")

    def sees(self, words, selector="main"):
        self.until(lambda: words in self.text(selector), f"{selector} says “{words}”")

    def labelled(self, label, within="main"):
        """The control with a label."""
        for element in self.all(f"{within} label"):
            if element.text.split("\n")[0] == label:
                return element.find_element(By.CSS_SELECTOR, "input, select")
        self.fail(f"no control is labelled “{label}”")

    def click(self, words, within="main"):
        for element in self.all(f"{within} a, {within} button, {within} summary"):
            if element.text.strip().startswith(words) and element.is_displayed():
                element.click()
                return
        self.fail(f"nothing to click says “{words}”")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def walk(self, most=200):
        """The controls in the order of the Tab key, each while it has the focus, until that leaves the page."""
        for _ in range(most):
            self.press(Keys.TAB)
            control = self.driver.switch_to.active_element
            if control.tag_name == "body":
                break
            yield control

    def put(self, control, value):
        """Sets a control and fires the events of a finished input."""
        self.script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
            "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
            control,
            value,
        )

    def choose(self, control, value):
        options = [option.get_attribute("value") for option in control.find_elements(By.TAG_NAME, "option")]
        self.assertIn(value, options)
        self.put(control, value)

    def assertFitsWidth(self):
        width = self.script("return [document.documentElement.scrollWidth, innerWidth]")
        self.assertLessEqual(width[0], width[1], "the page scrolls sideways")

    def assertAccessible(self):
        """axe-core finds nothing serious or critical, as WCAG 2.2 AA has it."""
        if not self.script("return typeof axe === 'object'"):
            self.driver.execute_script(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
            ".then(result => done({tested: result.passes.length, found: result.violations}))"
        )
        grave = [
            f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found["found"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"][:3]
        ]
        self.assertEqual(grave, [])
        self.assertGreater(found["tested"], 10)

    def assertNothingFetchedFromElsewhere(self):
        names = self.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertGreater(len(names), 5)
        self.assertEqual([name for name in names if not name.startswith(self.base)], [])
