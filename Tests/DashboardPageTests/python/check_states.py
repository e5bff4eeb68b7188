"""The page in states that a real night rarely reaches, served by a stand-in for the server.

python check_states.py PAGE_FOLDER VENDOR_FOLDER
"""

import json
import re
import sys
import unittest
import urllib.request

import stand_in
from browser import Keys, PageTest

VIEWS = {
    "tonight": "",
    "results": "?view=results&pipeline=digits",
    "stability": "?view=stability&pipeline=digits",
    "quality": "?view=quality&pipeline=digits",
    "quality by device": "?view=quality&pipeline=digits&by=device",
    "runs": "?view=runs&pipeline=pumps",
    "a night": "?view=runs&pipeline=pumps&batch=2026-11-20",
    "an item": "?view=item&pipeline=digits&batch=2026-11-20&id=device-05/rec-00004.wav",
}


class StandInTest(PageTest):
    def setUp(self):
        super().setUp()
        self.tell(reset=True)

    def tell(self, **words):
        request = urllib.request.Request(f"{self.base}stand-in", json.dumps(words).encode(), method="POST")
        urllib.request.urlopen(request).close()


class EveryViewTest(StandInTest):
    def test_every_view_is_accessible_and_quiet(self):
        for name, query in VIEWS.items():
            for scheme in ("light", "dark"):
                with self.subTest(view=name, scheme=scheme):
                    self.colours(scheme)
                    self.open(query)
                    self.assertAccessible()

    def test_every_view_fits_a_phone(self):
        self.size(360, 740)
        for name, query in VIEWS.items():
            with self.subTest(view=name):
                self.open(query)
                self.assertFitsWidth()
                self.assertAccessible()
                tabs = {tab.location["y"] for tab in self.all(".tabs a")}
                self.assertEqual(len(tabs), 1, "the tabs are on one line")

    def test_nothing_comes_from_elsewhere(self):
        self.open(VIEWS["results"])
        self.assertNothingFetchedFromElsewhere()

    def test_every_chart_has_a_table(self):
        for name in ("results", "stability", "quality"):
            self.open(VIEWS[name])
            charts = self.all(".chart")
            self.assertGreater(len(charts), 2)
            for chart in charts:
                self.assertGreater(len(chart.find_elements("css selector", ".as-table tbody tr")), 0, chart.text)
                self.assertRegex(
                    chart.find_element("css selector", ".provenance").text, "[Nn]ight.*2026.*digits@.*recordings"
                )

    def test_a_view_can_be_left_while_it_is_being_drawn(self):
        # A clock that moves 20 ms per reading: a chart that is drawn in pieces takes one frame per mark.
        clock = "let time = Date.now(); Date.now = () => (time += 20)"
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": clock})
        self.addCleanup(self.driver.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", added)
        for name in ("results", "quality", "stability"):
            self.open(VIEWS[name])
            self.click("Runs", "header")
            self.settle()
            # Everything pending has been drawn; errors are in the console.
            frames = "let n = 30; const next = () => (n-- ? requestAnimationFrame(next) : arguments[0]()); next()"
            self.driver.execute_async_script(frames)

    def test_the_theme_is_the_viewers_choice(self):
        self.open()
        ground = lambda: self.script("return getComputedStyle(document.body.parentElement).backgroundColor")
        light = ground()
        self.click("☾", "header")
        self.assertNotEqual(ground(), light)
        self.open()
        self.assertEqual(self.script("return document.documentElement.dataset.theme"), "dark")
        self.script("localStorage.clear()")


class TonightTest(StandInTest):
    def test_the_failed_night_is_the_loudest(self):
        self.open()
        self.assertEqual(self.one("h1").text, "1 of 3 pipelines has a problem: pumps.")
        self.assertEqual(self.driver.title, "(1!) Tonight · Nocturne")
        first = self.all("article")[0]
        self.assertIn("Last night's results are missing: infer failed (its settings are wrong).", first.text)
        sizes = [
            float(self.script("return getComputedStyle(arguments[0]).fontSize", line)[:-2])
            for line in self.all(".sentence")
        ]
        self.assertGreater(sizes[0], max(sizes[1:]))

    def test_old_results_are_called_old(self):
        self.open()
        pumps = self.all("article")[0].text
        self.assertIn(
            "Not current. Shown are the results of 18 November. They are 2 nights older than they should be.", pumps
        )
        self.assertIn("Night\nWed, 18 Nov 2026\nnot current", pumps)
        self.open("?view=results&pipeline=pumps")
        self.assertIn("Shown are the results of 18 November.", self.text(".notice"))

    def test_a_night_that_never_began_is_led_to(self):
        self.tell(scenario="missing")
        self.open()
        self.assertEqual(self.one("h1").text, "digits has a problem.")
        card = self.one("article").text
        self.assertIn("Last night's results are missing: the run did not begin.", card)
        self.assertIn("They are 1 night older than they should be.", card)
        self.click("Why")
        self.sees("Night of Fri, 20 Nov 2026")
        self.sees("Missing", ".state-line")
        self.assertEqual(self.all("#lineage"), [], "nothing was made")
        self.open(VIEWS["results"])
        self.assertIn("the run did not begin", self.text(".notice"))
        self.click("What happened")
        self.sees("Night of Fri, 20 Nov 2026")

    def test_the_last_nights_stand_beside_the_newest(self):
        self.open()
        self.until(lambda: len(self.all("article .strip")) == 3, "every pipeline has its last nights")
        first = self.all("article")[0].find_elements("css selector", ".strip a")
        marks = [mark.get_attribute("aria-label") for mark in first]
        self.assertEqual(len(marks), 7)
        self.assertEqual(marks[-3:], ["18 Nov: Complete", "19 Nov: Missing", "20 Nov: Failed"])

    def test_all_is_well(self):
        self.tell(scenario="green")
        self.open()
        self.assertEqual(self.one("h1").text, "All is well: the results are here.")
        self.assertNotIn("Not current", self.text())
        self.assertIn("Next due\nin 20 hours\nSun 22 Nov, 06:00", self.text("article"))

    def test_many_pipelines(self):
        self.tell(extra=8)
        self.open()
        self.until(lambda: len(self.all("article .strip")) == 11, "every pipeline has its last nights")
        self.assertEqual(len(self.all("article")), 11)
        self.assertIn("1 of 11 pipelines", self.one("h1").text)

    def test_nothing_has_run_yet(self):
        self.tell(scenario="empty")
        for name in ("tonight", "results", "stability", "quality", "runs"):
            self.open(VIEWS[name])
            self.assertIn("The database has no pipelines yet", self.text(".empty"), name)


class TroubleTest(StandInTest):
    foreseen = ("Failed to load resource",)

    def setUp(self):
        super().setUp()
        self.foreseen = ("Failed to load resource", "net::ERR")

    def test_an_error_says_what_and_offers_a_way_on(self):
        self.tell(status=500)
        self.open(VIEWS["stability"])
        self.assertIn("Something is wrong", self.text(".notice"))
        self.assertIn("the stand-in was set to fail", self.text(".notice"))
        self.tell(status=None)
        self.click("Try again")
        self.until(lambda: len(self.all(".strip li")) == 30, "the nights are there")

    def test_loading_is_shown(self):
        self.tell(delay=2)
        self.driver.get(self.base)
        self.until(lambda: self.all(".loading"), "something is loading")
        self.assertEqual(self.one(".loading").get_attribute("role"), "status")
        self.tell(delay=0)
        self.settle()
        self.assertEqual(len(self.all("article")), 3)

    def test_the_database_goes_away_and_comes_back(self):
        self.open(VIEWS["results"])
        self.tell(database="lost")
        self.sees("The database is unavailable", ".banners")
        self.assertIn("this page recovers by itself", self.text(".banners"))
        self.assertGreater(len(self.all(".chart")), 2, "what was there stays")
        self.tell(database="back")
        self.until(lambda: not self.all(".banner"), "the banner is gone")

    def test_a_page_opened_while_the_database_is_away_recovers(self):
        self.tell(database="lost")
        self.driver.get(self.base)
        self.sees("The database is unavailable", ".banners")
        self.tell(database="back")
        self.sees("1 of 3 pipelines has a problem", "h1")
        self.until(lambda: not self.all(".banner"), "the banner is gone")

    def test_the_database_comes_back_while_the_stream_is_down(self):
        self.open()
        self.tell(database="lost")
        self.sees("The database is unavailable", ".banners")
        self.tell(events=False)
        self.sees("Connection to the server lost", ".banners")
        # A new stream starts with the current state; earlier announcements are not repeated.
        self.tell(database="back")
        self.tell(events=True)
        self.sees("Live", "header")
        self.until(lambda: not self.all(".banner"), "the banner is gone")

    def test_results_that_cannot_be_refreshed_become_unknown(self):
        self.tell(scenario="green")
        self.open()
        self.tell(database="lost")
        self.sees("The database is unavailable", ".banners")
        self.assertRegex(self.text(".banners"), r"Showing data as of 09:12\.$")
        self.pass_time(hours=24)
        self.sees("Status unknown: digits.", "h1")
        self.assertRegex(self.text(".banners"), r"Showing data as of Sat,? 21 Nov,? 09:12\.$")
        words = self.one("article").text
        for said in (
            "Unknown: results were due on Sun",
            "09:12: Last night's results are complete.",
            "perhaps not current",
            "Was due",
        ):
            self.assertIn(said, words)
        self.assertNotIn("OK", words)
        self.assertAccessible()
        self.tell(database="back")
        self.sees("All is well", "h1")
        self.until(lambda: not self.all(".banner"), "the banner is gone")
        self.assertIn("Next due", self.one("article").text)

    def test_charts_that_cannot_be_refreshed_stop_being_current(self):
        self.open(VIEWS["results"])
        self.assertEqual(self.all(".notice"), [])
        self.tell(database="lost")
        self.sees("The database is unavailable", ".banners")
        self.pass_time(hours=24)
        self.sees("Unknown: results were due on Sun", ".notice")

    def pass_time(self, hours):
        self.script(
            "const [span, clock] = [arguments[0] * 3_600_000, Date.now]; Date.now = () => clock() + span", hours
        )

    def test_the_connection_breaks_and_comes_back(self):
        self.open()
        self.sees("Live", "header")
        self.tell(events=False)
        self.sees("Connection to the server lost; reconnecting.", ".banners")
        self.assertRegex(self.text(".banners"), r"Showing data as of \d\d:\d\d")
        self.sees("Not live", "header")
        self.tell(events=True)
        self.until(lambda: not self.all(".banner"), "the banner is gone")
        self.sees("Live", "header")

    def test_what_does_not_exist_says_so(self):
        for query, words in {
            "?view=results&pipeline=unheard": "There is no pipeline “unheard”",
            "?view=runs&pipeline=digits&batch=1999-01-01": "nothing is known of digits/1999-01-01",
            "?view=item&pipeline=digits&batch=2026-11-20&id=none": "there is no item 'none'",
        }.items():
            self.open(query)
            self.sees(words)

    def test_without_batch_folders_the_item_says_what_is_missing(self):
        self.tell(root=False)
        self.open(VIEWS["an item"])
        self.sees("this server was started without --root")
        self.assertEqual(self.all("audio"), [])
        self.open(VIEWS["a night"])
        self.sees("Start the server with --root to compare versions")

    def test_only_engineers_may_listen(self):
        self.open(VIEWS["an item"])
        self.one(".play")
        self.tell(role="viewer")
        self.open(VIEWS["an item"])
        self.sees("Playing a recording needs the role “engineer”.")
        self.assertEqual(self.all("audio, .play"), [])

    def test_a_recording_that_cannot_be_played_says_why(self):
        self.open(VIEWS["an item"])
        self.tell(status=403)
        self.click("▶ Play")
        self.sees("Your role does not allow this", ".notice")
        self.tell(status=None)
        self.click("▶ Play")
        self.until(lambda: self.all("audio"), "it is there at the second try")
        self.assertEqual(self.all(".notice"), [])

    def test_signing_in(self):
        self.tell(signed_out=True)
        self.driver.get(self.base + "?view=runs&pipeline=digits")
        self.sees("Your access token", "form")
        self.assertAccessible()
        field = self.one("#token")
        self.assertEqual(self.driver.switch_to.active_element, field)
        field.send_keys("wrong\n")
        self.sees("Unknown token", "form")
        field.clear()
        field.send_keys("let-me-in\n")
        self.sees("Every night")


class DifferenceTest(StandInTest):
    def test_which_recordings_have_another_result(self):
        self.open(VIEWS["a night"])
        self.sees("What differs between two versions")
        self.sees("61 recordings with another result")
        self.sees("2 recordings only in the second")
        self.click("Recordings with another result")
        row = self.all(".versions[open] .data tbody tr")[0].text
        for words in ("device-03/rec-00001.wav", "nine", "score 0.610", "five", "score 0.720"):
            self.assertIn(words, row)
        self.sees("The first 3 of 61", ".versions[open]")


class EarlierRunTest(StandInTest):
    def test_a_night_names_the_versions_that_its_results_are_of(self):
        self.open("?view=runs&pipeline=digits&batch=2026-11-05")
        night = "[aria-labelledby=night]"
        captions = {table.get_attribute("textContent"): table for table in self.all(f"{night} .data")}
        stages = next(table for text, table in captions.items() if "The stages of this night" in text)
        rows = [row.text for row in stages.find_elements("css selector", "tbody tr")]
        self.assertEqual(len(rows), 7, "of two stages there are two rows")
        self.assertIn("v2 (pinned to v1)", rows[1])
        self.assertRegex(rows[2], r"^clean\s+In the results\s+v1\s")
        self.assertRegex(rows[5], r"^infer\s+In the results\s+v1\s")
        self.assertIn("Pinned: the version that later stages use was chosen by hand.", self.text(night))
        self.assertAccessible()
        self.size(360, 740)
        self.assertFitsWidth()

    def test_memory_is_shown_against_its_limit(self):
        self.open(VIEWS["stability"])
        self.assertRegex(self.text(), r"The highest is \d\d% of the limit \(8\.6 GB\)\.")


class LongListTest(StandInTest):
    def test_nights_and_alerts_that_are_cut_say_so(self):
        self.open(VIEWS["stability"])
        self.assertRegex(self.text(), r"% of the nights are complete")
        self.assertIn("4 alerts in these nights", self.text())
        self.assertNotIn("Earlier nights", self.text())
        self.tell(most_alerts=3)
        self.open(VIEWS["stability"])
        self.assertIn("The newest 3 alerts in these nights. There are older ones: choose fewer nights.", self.text())
        self.tell(most_batches=3)
        self.open(VIEWS["stability"])
        self.assertRegex(self.text(), r"% of the newest nights are complete 3 of 3\n")
        for view in ("results", "stability", "quality", "runs"):
            self.open(VIEWS[view])
            self.sees("Showing the newest 3 of these nights, from 18 Nov 2026 on. Recordings and exports cover all of them.")
        # The charts show the listed nights, and say so.
        self.open(VIEWS["results"])
        self.until(
            lambda: re.search(r"3 nights, 18\s?–\s?20 Nov 2026", self.text(".provenance")),
            "charts are of three nights",
        )
        heads = self.all(".chart")[1].find_elements("css selector", "thead th")
        self.assertEqual([head.get_attribute("textContent") for head in heads], ["Label", "18 Nov", "19 Nov", "20 Nov"])
        self.click("Earlier nights")
        self.sees("Showing the newest 3 of these nights, from 15 Nov 2026 on")
        self.click("Newest nights")
        self.sees("from 18 Nov 2026 on")


class TrialTest(StandInTest):
    """Batches without a date are not nights, although as text they may be newer than all of them."""

    def setUp(self):
        super().setUp()
        self.tell(scenario="green", trials=True)

    def test_charts_are_of_nights_alone(self):
        self.open(VIEWS["results"])
        self.assertEqual(self.all(".chart h2")[0].text, "Labels in the night of 20 Nov")
        self.assertNotIn("trial", self.text(".data"))
        for view in ("results", "stability", "quality"):
            self.open(VIEWS[view])
            tables = "".join(table.get_attribute("textContent") for table in self.all(".as-table"))
            self.assertIn("20 Nov", tables)
            for name in ("trial", "again"):
                self.assertNotIn(name, tables)
        self.open(VIEWS["quality by device"])
        self.assertIn("Night of Fri, 20 Nov 2026", self.text(".provenance"))

    def test_without_a_schedule_neither(self):
        self.tell(trials="unscheduled")
        self.open(VIEWS["results"])
        self.sees("Labels in the night of 20 Nov")
        self.assertEqual(self.labelled("To night").get_attribute("value"), "2026-11-20")

    def test_runs_lists_them_separately(self):
        self.open("?view=runs&pipeline=digits")
        nights, others = self.all(".panel")
        self.assertNotIn("trial", nights.text)
        self.assertIn("Other batches", others.text)
        names = [row.text for row in others.find_elements("css selector", "tbody th")]
        self.assertEqual(names, ["trial", "2026-11-19-again"])
        self.click("trial", ".panel:last-child")
        self.sees("Night of trial")
        self.click("Its results")
        self.sees("Labels in the night of trial")
        self.assertEqual(self.labelled("From night").get_attribute("value"), "trial")


class LiveTest(StandInTest):
    def test_a_new_version_arrives_without_a_reload(self):
        self.open()
        self.script("window.mark = 'the same page'")
        self.tell(
            scenario="green", announce=[{"event": "results", "data": {"pipeline": "pumps", "batch": "2026-11-20"}}]
        )
        self.sees("All is well", "h1")
        self.assertEqual(self.text(".updates"), "Updated: pumps, Fri, 20 Nov 2026")
        self.assertEqual(self.one(".updates").get_attribute("role"), "status")
        self.assertEqual(self.script("return window.mark"), "the same page")


class KeyboardTest(StandInTest):
    def test_the_heading_has_the_focus_after_a_change_of_view(self):
        self.open()
        self.click("Stability", "header")
        self.settle()
        self.until(lambda: self.driver.switch_to.active_element.text == "Stability", "the heading has the focus")
        self.assertEqual([tab.text for tab in self.all("[aria-current=page]")], ["Stability"])

    def test_the_content_can_be_skipped_to(self):
        self.open()
        self.script("document.querySelector('.skip').focus(); document.querySelector('.skip').click()")
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("id"), "main")


class KeysAloneTest(StandInTest):
    """Every view, operated by the keyboard alone."""

    def test_every_control_is_reached_and_seen(self):
        for name in ("tonight", "results", "quality", "a night", "an item"):
            with self.subTest(view=name):
                self.open(VIEWS[name])
                self.until(lambda: name != "tonight" or self.all("article .strip"), "all is there")
                self.script("document.querySelector('.skip').focus()")
                met = []
                for control in self.walk():
                    outline = self.script("return getComputedStyle(arguments[0]).outlineStyle", control)
                    self.assertNotEqual(outline, "none", control.get_attribute("outerHTML")[:200])
                    met.append(control)
                controls = self.all("main a, main button, main select, main input:not([type=hidden]), main summary")
                missed = [control for control in controls if control.is_displayed() and control not in met]
                self.assertEqual([control.get_attribute("outerHTML")[:200] for control in missed], [])

    def test_from_tonight_to_the_cause(self):
        self.open()
        self.script("document.querySelector('article .onward a:last-child').focus()")
        self.press(Keys.ENTER)
        self.until(
            lambda: self.driver.switch_to.active_element.text == "Night of Fri, 20 Nov 2026", "the night has the focus"
        )
        self.script("document.querySelector('.versions summary').focus()")
        self.press(Keys.SPACE)
        self.sees("held back", ".versions")


class AddressTest(StandInTest):
    def test_back_leads_back(self):
        self.open("?view=results&pipeline=digits")
        self.choose(self.labelled("Label"), "nine")
        self.sees("label: nine", ".chips")
        self.driver.back()
        self.until(lambda: not self.all(".chips"), "the filter is gone")
        self.assertNotIn("label", self.driver.current_url)

    def test_pages_of_recordings(self):
        self.open("?view=results&pipeline=digits")
        first = self.all(".data tbody th")[0].text
        self.click("Next page")
        self.until(
            lambda: self.all(".data tbody th") and self.all(".data tbody th")[0].text != first, "there is another page"
        )
        self.assertIn("cursor=", self.driver.current_url)
        self.click("First page")
        self.until(
            lambda: self.all(".data tbody th") and self.all(".data tbody th")[0].text == first, "it is the first page"
        )

    def test_a_search_continues_past_empty_pages(self):
        self.tell(empty_pages=3)
        self.open("?view=results&pipeline=digits")
        self.assertEqual(len(self.all(".data tbody tr")), 25)
        self.assertNotIn("No recording", self.text())
        self.assertNotIn("cursor=", self.driver.current_url)

    def test_a_long_search_says_so_and_can_be_continued(self):
        self.tell(empty_pages=1000, delay=0.4)
        self.driver.get(self.base + "?view=results&pipeline=digits")
        self.sees("Still searching …")
        self.sees("No recording found yet")
        self.assertNotIn("No recording matches", self.text())
        self.tell(empty_pages=1)
        self.click("Continue searching")
        self.until(lambda: "cursor=" in self.driver.current_url, "the search goes on where it was")
        self.sees("No more recordings match.")
        self.click("First page")
        self.until(lambda: self.all(".data tbody th"), "there are recordings")


if __name__ == "__main__":
    server = stand_in.serve(sys.argv[1], sys.argv[2])
    PageTest.base = f"http://127.0.0.1:{server.server_address[1]}/"
    unittest.main(argv=["check_states.py", *sys.argv[3:]], verbosity=2)
