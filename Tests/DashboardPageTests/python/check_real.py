"""The page on the real server, with what the five tools made of the demo's nights.

    python check_real.py DASHBOARD NOCTURNE [IMAGES]

Runs in a folder where the nights of `digits` up to 2026-11-20 are stored, and two more are uploaded, not run.
With IMAGES, a folder, the documentation's screenshots are taken.
"""

import csv
import io
import json
import pathlib
import re
import signal
import subprocess
import sys
import unittest
import urllib.request

from browser import PATIENCE, PageTest

LAST, NEXT, BROKEN, NOTHING = "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"
STEPS = [("clean", "fetch"), ("featurize", "clean"), ("infer", "featurize")]
ITEM = "device-02/rec-00001.wav"


class Server:
    """The dashboard, on a port of its own that it keeps when it is started again."""

    def __init__(self, program):
        self.program, self.address = program, "127.0.0.1:0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [
                self.program,
                "--database",
                "sqlite:data/nocturne.db",
                "--root",
                "data",
                "--listen",
                self.address,
                "--audit-log",
                "audit.jsonl",
            ],
            stdout=subprocess.PIPE,
            stderr=open("dashboard.log", "ab"),
            text=True,
        )
        line = self.process.stdout.readline().strip()
        if not line.startswith("http"):
            raise SystemExit(f"the dashboard did not start: {line}\n{pathlib.Path('dashboard.log').read_text()}")
        self.url = line.rstrip("/") + "/"
        self.address = self.url.split("/")[2]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


class RealTest(PageTest):
    server = None
    nocturne = ""
    images = None

    def picture(self, name, height=800, width=1280):
        """A picture for the documentation."""
        if not self.images:
            return
        self.size(width, height)
        self.settle()
        self.script("scrollTo(0, 0)")
        pathlib.Path(self.images).mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(f"{self.images}/dashboard-{name}.png")

    def nightly(self, batch):
        return subprocess.run([self.nocturne, "nightly", "digits", batch], capture_output=True, text=True)

    def ending(self, batch, stage):
        return json.loads(pathlib.Path(f"data/digits/{batch}/.runs/{stage}.json").read_text())

    def api(self, path):
        with urllib.request.urlopen(f"{self.base}api/v1/{path}") as answer:
            return json.load(answer)


class TonightTest(RealTest):
    def test_the_night_in_one_line(self):
        self.open()
        self.assertEqual(self.one("h1").text, "All is well: the results are here.")
        card = self.one("article").text
        self.assertIn("digits\nSpoken digits from field devices", card)
        self.assertIn("Fri, 20 Nov 2026", card)
        self.assertIn("Recordings\n111\nof 122 received", card)
        self.assertIn("Rejected\n11", card)
        self.assertIn("Model\ndigits@1", card)
        self.assertNotIn("Not current", card)
        self.assertAccessible()
        self.assertNothingFetchedFromElsewhere()


class ResultsTest(RealTest):
    def test_what_was_heard(self):
        self.open("?view=results")
        titles = [chart.text for chart in self.all(".chart h2")]
        self.assertEqual(
            titles,
            [
                "Labels in the night of 20 Nov",
                "Share of each label, night by night",
                "How sure the model was",
                "Share of each label by device",
            ],
        )
        self.assertIn("Night of Fri, 20 Nov 2026 · digits@1 · 111 of 122 recordings", self.text(".provenance"))
        self.assertAccessible()
        self.picture("results", 1250)
        labels = self.api(f"labels?pipeline=digits&from={LAST}")["batches"][0]["labels"]
        self.all(".as-table summary")[0].click()
        rows = {
            row.find_element("css selector", "th").text: row.find_element("css selector", "td").text
            for row in self.all(".chart")[0].find_elements("css selector", "tbody tr")
        }
        self.assertEqual(rows, {row["label"]: str(row["items"]) for row in labels})

    def test_a_split_by_site(self):
        self.open("?view=results")
        self.choose(self.labelled("Split by"), "site")
        self.sees("Share of each label by site")
        self.settle()
        heads = [
            head.get_attribute("textContent")
            for head in self.all(".chart")[3].find_elements("css selector", "thead th")
        ]
        self.assertIn("gate", heads)

    def test_filters_meet_and_their_link_shows_somebody_else_the_same(self):
        label = self.api("predictions?pipeline=digits&device=device-02")["predictions"][0]["label"]
        # Of one night: what is searched over many may come in short pages.
        self.open(f"?view=results&from={LAST}")
        self.choose(self.labelled("Label"), label)
        self.put(self.labelled("Score from"), "0.2")
        self.put(self.labelled("Device"), "device-02")
        self.sees("device: device-02", ".chips")
        self.settle()
        listed = lambda: [cell.text for cell in self.all(".data tbody th")]
        seen = listed()
        about = f"pipeline=digits&from={LAST}&label={label}&min_score=0.2&device=device-02"
        rows = self.api(f"predictions?{about}")["predictions"]
        self.assertGreater(len(rows), 0)
        self.assertEqual(seen, [row["item"] for row in rows])
        link, first = self.driver.current_url, self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self.addCleanup(self.driver.switch_to.window, first)
        self.addCleanup(self.driver.close)
        self.driver.get(link)
        self.settle()
        self.until(lambda: listed() == seen, "the link shows the same recordings")
        self.assertEqual(self.labelled("Score from").get_attribute("value"), "0.2")

    def test_another_field(self):
        self.open("?view=results")
        self.choose(self.labelled("Other field"), "site")
        self.put(self.labelled("is"), "gate")
        self.click("Add filter")
        self.sees("site: gate", ".chips")
        self.settle()
        self.assertEqual({cell.text for cell in self.all(".data td[data-label=Site]")}, {"gate"})
        self.click("site: gate")
        self.until(lambda: not self.all(".chips"), "the filter is gone")

    def test_sorting(self):
        self.open("?view=results")
        for _ in range(2):
            self.click("Score", ".data thead")
            self.settle()
        self.assertIn("sort=score", self.driver.current_url)
        self.assertEqual(self.one("th[aria-sort]").get_attribute("aria-sort"), "ascending")
        scores = [float(cell.text) for cell in self.all(".data td[data-label=Score] .number")]
        self.assertEqual(scores, sorted(scores))
        self.assertLess(scores[0], scores[-1])

    def test_nothing_matches(self):
        self.open("?view=results&q=no-such-recording")
        self.assertIn("No recording matches", self.text(".empty"))

    def test_a_range_without_results(self):
        self.open("?view=results&from=2020-01-01&to=2020-01-02")
        self.assertIn("No results in these nights", self.text(".empty"))

    def test_exports_hold_what_is_filtered(self):
        self.open("?view=results&label=nine")
        links = {link.text: link.get_attribute("href") for link in self.all(".exports a")}
        with urllib.request.urlopen(links["CSV"]) as answer:
            rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")))
        with urllib.request.urlopen(links["JSON Lines"]) as answer:
            lines = [json.loads(line) for line in answer]
        self.assertGreater(len(rows), 3)
        self.assertEqual({row["label"] for row in rows}, {"nine"})
        self.assertEqual([row["item"] for row in rows], [line["item"] for line in lines])


class ItemTest(RealTest):
    def test_a_recording_from_its_bytes_to_its_row(self):
        self.open(f"?view=results&device=device-02&from={LAST}&sort=item")
        self.click(ITEM)
        self.sees("Where it comes from")
        self.settle()
        self.assertEqual(self.one("h1").text, ITEM)
        self.assertRegex(self.text(".heard"), r"^(zero|one|two|three|four|five|six|seven|eight|nine)")
        self.assertIn("snr_db", self.text(".ledger"))
        steps = [step.find_element("css selector", "strong").text for step in self.all(".lineage li")]
        self.assertEqual(steps, ["raw object", "fetch v1", "clean v1", "featurize v1", "infer v1", "store v1"])
        self.assertEqual(len(self.all(".drawing canvas")), 2)
        drawn = (
            "const {width, height} = arguments[0];"
            "return arguments[0].getContext('2d').getImageData(0, 0, width, height).data.some(value => value)"
        )
        for canvas in self.all(".drawing canvas"):
            self.until(lambda: self.script(drawn, canvas), "it is drawn")
        self.assertAccessible()
        self.picture("item", 1080)
        self.colours("dark")
        self.assertAccessible()
        self.picture("dark", 740, 640)

    def test_listening_is_noted(self):
        self.open(f"?view=item&pipeline=digits&batch={LAST}&id={ITEM}")
        self.sees("Every playback is recorded in the audit log")
        self.settle()
        noted = pathlib.Path("audit.jsonl").read_text() if pathlib.Path("audit.jsonl").exists() else ""
        self.assertNotIn("listen", noted, "looking at a recording is not listening to it")
        about = f"pipeline=digits&batch={LAST}&id={ITEM}"
        seconds = self.api(f"item/waveform?{about}")["seconds"]
        self.assertEqual(self.one(".play").text, f"▶ Play the recording, {seconds:.1f} secs")
        self.click("▶ Play")
        asked = self.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        for name in ("waveform", "spectrogram"):
            made = [address for address in asked if f"/item/{name}?" in address]
            self.assertTrue(made and all("stage=clean&version=v1" in address for address in made), made)
        sound = "document.querySelector('audio')"
        self.until(lambda: self.script(f"return {sound} && {sound}.ended"), "the recording was played")
        self.assertAlmostEqual(self.script(f"return {sound}.duration"), seconds, 2)
        self.script(f"{sound}.currentTime = {seconds / 2}")
        self.until(lambda: self.script(f"return !{sound}.seeking"), "it is wound back")
        self.assertAlmostEqual(self.script(f"return {sound}.currentTime"), seconds / 2, 1)
        self.assertEqual(pathlib.Path("audit.jsonl").read_text().count('"listen"'), 1)

    def test_a_rejected_recording_says_why(self):
        self.open("?view=quality&reason=truncated")
        self.settle()
        self.all(".data tbody th a")[0].click()
        self.sees("Rejected by clean: Cut short")
        self.assertEqual(self.all("audio, .play"), [])


class StabilityTest(RealTest):
    def test_how_steadily_the_nights_run(self):
        self.open("?view=stability")
        self.assertIn("100% of the nights are complete", self.text("h2"))
        self.assertEqual(len(self.all(".strip li")), 3)
        titles = [chart.text for chart in self.all(".chart h2")]
        # A night runs all stages at once, so later ones wait for their input.
        for title in ("Time per night", "Real-time factor", "Memory", "Waiting"):
            self.assertIn(title, titles)
        memory = next(chart for chart in self.all(".chart") if chart.text.startswith("Memory"))
        self.assertRegex(memory.text, r"The highest is [\d.]+% of the limit \([\d.]+ [GT]B\)\.")
        sealed = json.loads(pathlib.Path(f"data/digits/{LAST}/infer/current/batch.json").read_text())["run"]
        limit = self.api(f"batches/digits/{LAST}")["stages"][3]["memory_limit_bytes"]
        self.assertEqual(limit, sealed["memory_limit_bytes"])
        self.assertGreater(limit, sealed["peak_memory_bytes"])
        self.assertIn("No alerts in these nights", self.text(".empty"))
        self.assertAccessible()
        self.picture("stability", 1250)


class QualityTest(RealTest):
    def test_what_the_recordings_are_like(self):
        self.open("?view=quality")
        titles = [chart.text for chart in self.all(".chart h2")]
        for title in (
            "Rejected recordings by reason",
            "Missing fields that were filled in",
            "Signal-to-noise ratio",
            "Silence",
            "Clipped samples",
            "Bandwidth",
            "Length of recordings",
        ):
            self.assertIn(title, titles)
        self.assertAccessible()
        self.picture("quality", 1250)
        self.choose(self.labelled("Why"), "duplicate")
        self.until(
            lambda: {cell.text for cell in self.all(".data td[data-label=Why]")} == {"Sent twice"},
            "only duplicates are listed",
        )

    def test_figures_by_device(self):
        self.open("?view=quality&by=device")
        chart = next(chart for chart in self.all(".chart") if "Signal-to-noise ratio by device" in chart.text)
        names = [cell.get_attribute("textContent") for cell in chart.find_elements("css selector", "tbody th")]
        self.assertEqual(names[:2], ["device-01", "device-02"])


class RunsTest(RealTest):
    def test_every_night_and_one_in_full(self):
        self.open("?view=runs")
        self.assertEqual(len(self.all(".data tbody tr")), 3)
        self.click("20 Nov 2026")
        self.sees("Night of Fri, 20 Nov 2026")
        self.settle()
        self.until(
            lambda: self.driver.switch_to.active_element.text == "Night of Fri, 20 Nov 2026",
            "the night's heading has the focus",
        )
        self.assertIn("digits@1", self.text(".provenance"))
        self.assertIn("Rejected by fetch: Sent twice 1", self.text(".reasons"))
        steps = [step.text.split("\n")[:2] for step in self.all(".lineage li")]
        self.assertEqual(steps[0][0], "fetch v1")
        self.assertEqual(steps[1:4], [[f"{made} v1", f"from {of} v1"] for made, of in STEPS])
        self.assertIn("Each stage has one version of this night: nothing to compare.", self.text())
        self.click("Versions on disk")
        self.assertIn(
            "mel_bins", self.script("return [...document.querySelectorAll('pre')].map(text => text.textContent).join()")
        )
        self.assertAccessible()
        self.picture("runs", 900)

    def test_what_differs_between_two_versions(self):
        infer = pathlib.Path(self.nocturne).with_name("infer")
        again = [infer, "digits", "2026-11-18", "--set", "infer.max_batch_items=4"]
        done = subprocess.run(again, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.open("?view=runs&batch=2026-11-18")
        self.sees("What differs between two versions")
        self.sees("max_batch_items")
        differ = self.api("diff?pipeline=digits&batch=2026-11-18&stage=infer&a=v1&b=v2")
        self.sees(f"{differ['changed_items']} recordings with another result")


class NarrowTest(RealTest):
    def test_a_phone(self):
        self.size(360, 740)
        for view in ("tonight", "results", "stability", "quality", "runs"):
            with self.subTest(view=view):
                self.open(f"?view={view}")
                self.assertFitsWidth()
        self.open()
        self.picture("phone", 740, 360)


class TroubleTest(RealTest):
    def test_the_server_goes_away_and_comes_back(self):
        self.foreseen = ("Failed to load resource", "net::ERR")
        self.open()
        self.sees("Live", "header")
        self.assertIn(self.server.stop(), (0, 143))
        self.sees("Connection to the server lost; reconnecting.", ".banners")
        self.server.start()
        self.until(lambda: not self.all(".banner"), "the banner is gone")
        self.sees("Live", "header")

    def test_what_does_not_exist_says_so(self):
        self.foreseen = ("404",)
        self.open("?view=runs&pipeline=digits&batch=1999-01-01")
        self.sees("there is no batch '1999-01-01' of 'digits'")
        self.open("?view=results&pipeline=missing")
        self.sees("There is no pipeline “missing”")


class LiveTest(RealTest):
    """Runs last: the nights that it plays stay."""

    def test_1_results_arrive_while_store_runs(self):
        self.open("?view=runs")
        self.script("window.mark = 'the same page'")
        self.assertEqual(len(self.all(".data tbody tr")), 3)
        done = self.nightly(NEXT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sees("21 Nov 2026")
        self.sees("Updated: digits, Sat, 21 Nov 2026", ".updates")
        self.until(lambda: self.text(".data tbody tr:first-child").count("Complete") >= 1, "the night is complete")
        self.assertEqual(self.script("return window.mark"), "the same page")

    def test_2_a_second_run_that_is_held_back_changes_no_figure(self):
        self.open()
        before = self.api("pipelines")["pipelines"][0]["shown"]
        configuration = pathlib.Path("pipelines/digits/pipeline.toml")
        usual = configuration.read_text()
        self.addCleanup(configuration.write_text, usual)
        stricter = usual.replace("max_reject_ratio = 0.10", "min_seconds = 1.5\nmax_reject_ratio = 0.01")
        self.assertNotEqual(stricter, usual)
        configuration.write_text(stricter)
        done = self.nightly(NEXT)
        self.assertEqual(done.returncode, 10, done.stderr)
        self.sees("are those of an earlier run: the last one is held back, clean rejected too much.", ".sentence")
        shown = self.api("pipelines")["pipelines"][0]["shown"]
        for name in ("items", "rejected", "model", "audio_seconds", "finished_at"):
            self.assertEqual(shown[name], before[name], name)
        self.assertIn(f"Recordings\n{before['items']}\nof", self.text(".figures"))
        self.click("Why")
        self.sees("In the results", "[aria-labelledby=night]")
        self.sees("“clean” is held back", "[aria-labelledby=night]")
        self.sees("more than max_reject_ratio = 0.01", "[aria-labelledby=night]")
        self.sees("“featurize” did not finish because of “clean”", "[aria-labelledby=night]")
        stage = {row["stage"]: row for row in shown["stages"]}["clean"]
        self.assertEqual((stage["version"], stage["status"], stage["loaded"]["version"]), ("v2", "held_back", "v1"))
        self.assertNotEqual(stage["rejected"], stage["loaded"]["rejected"])
        reasons = self.api(f"rejections?pipeline=digits&from={NEXT}")["batches"]
        by_clean = [row["items"] for row in reasons if row["stage"] == "clean"]
        self.assertEqual(sum(by_clean), stage["loaded"]["rejected"])
        self.assertAccessible()

    def test_3_a_night_that_fails_is_the_loudest(self):
        self.open()
        self.script("window.mark = 'the same page'")
        configuration = pathlib.Path("pipelines/digits/pipeline.toml")
        configuration.write_text(configuration.read_text().replace("digits@production", "digits@99"))
        self.assertEqual(self.nightly(BROKEN).returncode, 78)
        self.sees("digits has a problem.", "h1")
        self.assertRegex(self.text(".sentence"), "missing: infer")
        self.assertIn("Not current.", self.text(".old"))
        self.assertIn("They are 1 night older than they should be.", self.text(".old"))
        self.assertIn("Sat, 21 Nov 2026\nnot current", self.text(".figures"))
        self.assertEqual(self.script("return window.mark"), "the same page")
        self.assertAccessible()
        self.picture("tonight-failed", 620)
        self.click("Why")
        self.sees("Night of Sun, 22 Nov 2026")
        self.sees("infer ended with exit code 78")
        self.sees("“infer” failed", "[aria-labelledby=night]")
        self.sees(self.ending(BROKEN, "infer")["message"], "[aria-labelledby=night]")
        self.assertAccessible()
        self.picture("why", 760)

    def test_4_a_first_listing_that_fails_says_so(self):
        self.open()
        self.assertEqual(self.nightly(NOTHING).returncode, 66)
        self.sees("are missing: fetch failed (its input is missing).", ".sentence")
        self.assertNotIn("the run did not begin", self.text(".sentence"))
        self.click("Why")
        self.sees("“fetch” failed", "[aria-labelledby=night]")
        message = self.ending(NOTHING, "fetch")["message"]
        self.assertIn(NOTHING, message)
        self.sees(message, "[aria-labelledby=night]")
        self.assertAccessible()


ORDER = [TonightTest, ResultsTest, ItemTest, StabilityTest, QualityTest, RunsTest, NarrowTest, TroubleTest, LiveTest]

if __name__ == "__main__":
    RealTest.server = Server(sys.argv[1])
    RealTest.nocturne = sys.argv[2]
    RealTest.images = sys.argv[3] if len(sys.argv) > 3 else None
    RealTest.base = RealTest.server.url
    try:
        load = unittest.defaultTestLoader.loadTestsFromTestCase
        result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(load(case) for case in ORDER))
    finally:
        RealTest.server.stop()
    sys.exit(not result.wasSuccessful())
