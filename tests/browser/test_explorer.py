"""The explorer in a browser: at once, silent, closed to the network, and usable as a new user would."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from explorer import BEYOND, Witness, serving

from excomm.web.catalogue import Catalogue
from excomm.web.exploration import surrogate_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(chromium: Any, strait_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("explorer")
    copytree(strait_runs, made / "runs")
    return made


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with serving(folder, "strait", "cuba-1962") as (address, _):
        yield address


@pytest.fixture
def witness(chromium: Any, base: str) -> Iterator[Witness]:
    made = Witness(chromium, base)
    yield made
    made.close()
    assert made.messages == []
    assert made.foreign == []


PAGES = {
    "home": "/",
    "explore": "/cases/strait/explore",
    "compare": "/cases/strait/compare",
    "evidence": "/cases/strait/evidence",
    "timeline": "/cases/strait/timeline",
    "audit": "/cases/strait/audit",
    "runs": "/cases/strait/runs",
    "run": "/runs/{run}",
    "number": "/runs/{run}/explain/killed_host/intervention",
    "jobs": "/jobs",
    "about": "/about",
    "without a run": "/cases/cuba-1962/explore",
}
# On a phone, only tables with a column for each option are wider than their box; the box says so and scrolls.
WIDE_TABLES = {"explore", "run", "runs"}


def unfitting(page: Any, name: str) -> list[str]:
    """What does not fit the window, each with what is wrong."""
    found = page.evaluate(BEYOND)
    wrong = [f"{name}: scrolls sideways by {found['page']}"] if found["page"] else []
    wrong += [f"{name}: beyond the window: {each}" for each in found["beyond"]]
    return wrong + ([] if name in WIDE_TABLES else [f"{name}: cut: {each}" for each in found["cut"]])


def broken_lines(page: Any) -> list[str]:
    """Rows of Compare whose entries do not stand beside each other, wide enough to read and named by their column."""
    wrong = []
    for body, columns in (("#settings", ["A", "B"]), ("#both tbody", ["A", "B", "B less A"])):
        for entries in [row.locator("td").all() for row in page.locator(f"{body} tr").all()[:2]]:
            boxes = [each.bounding_box() for each in entries]
            if [each.get_attribute("data-column") for each in entries] != columns:
                wrong.append(f"compare: {body} has other columns")
            if len({round(box["y"]) for box in boxes}) > 1 or min(box["width"] for box in boxes) < 80:
                wrong.append(f"compare: {body} is broken: {boxes}")
    return wrong


@pytest.fixture(scope="module")
def run_id(folder: Path) -> str:
    return next(path.name for path in (folder / "runs").iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_are_silent_fit_their_window_and_pass_axe(
    chromium: Any, base: str, run_id: str, width: int, scheme: str
) -> None:
    """Desktop and phone: no message, no request elsewhere, nothing beyond the window, no serious violation.

    What fits a phone is measured at 320 points too, the narrowest that the guidelines on accessible pages ask for.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    wrong: list[str] = []
    witness = Witness(chromium, base, width=width, scheme=scheme)
    for name, path in PAGES.items():
        page = witness.open(path.replace("{run}", run_id))
        page.wait_for_timeout(150)
        wrong += unfitting(page, name)
        if name == "compare" and width < 600:
            wrong += broken_lines(page)
        found = axe.run(page).response
        assert len(found["passes"]) > 20
        wrong += [
            f"{name}: {each['impact']} {each['id']}: {each['nodes'][0]['html'][:90]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        if width < 600:
            page.set_viewport_size({"width": 320, "height": 700})
            page.wait_for_timeout(500 if page.locator(".plot").count() else 50)
            wrong += unfitting(page, f"{name}, narrow") if name not in WIDE_TABLES else unfitting(page, name)
            page.set_viewport_size({"width": width, "height": 900})
    wrong += witness.messages + witness.foreign
    witness.close()
    assert wrong == []


def test_the_first_page_is_there_at_once(witness: Witness) -> None:
    """The bar of 1.5 s is for an idle machine and measured apart; this catches what is several times slower."""
    witness.open("/cases/strait/explore")
    page = witness.open("/cases/strait/explore")
    assert int(page.locator("#explore").get_attribute("data-ready")) < 6000


REPORT = (
    "source: Strait Wire\npublished: 2031-02-28\n\nEastmark has deployed about 3,000 troops to Southland."
)


def test_a_new_user_finds_the_way_from_slider_to_sentence_to_brief(witness: Witness) -> None:
    """Open, move a slider, ask why, read the sentence, take a report, reject its claim, see the change, download."""
    page = witness.open("/")
    page.get_by_role("link", name="Explore").first.click()
    page.locator("#explore[data-ready]").wait_for()
    page.locator("#confirm-on-release").uncheck()
    slider = page.locator("#levers input[type=range]").nth(1)
    slider.focus()
    page.keyboard.press("PageUp")
    page.locator("#status", has_text="Approximate").wait_for()
    page.locator("#numbers a.why").first.click()
    dialog = page.locator("#unfolded[open]")
    dialog.wait_for()
    dialog.locator(".grounds summary").first.click()
    assert "Eastmark" in " ".join(dialog.locator(".grounds blockquote").all_inner_texts())
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Evidence").click()
    before = page.locator("#belief-eastmark-troops").inner_text()
    page.locator("#text").fill(REPORT)
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("heading", name="4 reports").wait_for()
    held = page.locator("#belief-eastmark-troops").inner_text()
    assert held != before
    claim = page.locator("details.report[open] button[data-decide=reject]").first
    claim.click()
    page.locator("#decide .preview li").first.wait_for()
    preview = page.locator("#decide .preview").inner_text()
    assert "→" in preview
    page.get_by_role("button", name="Write it to the ledger").click()
    assert "why" in page.locator("#decide .refusal").inner_text()
    page.locator("#why").fill("the agency withdrew it")
    page.get_by_role("button", name="Write it to the ledger").click()
    page.wait_for_load_state("load")
    page.locator("#add .job", has_text="Written as line").wait_for()
    assert page.locator("#belief-eastmark-troops").inner_text() != held
    page.get_by_role("link", name="Explore").click()
    page.locator("#explore[data-ready]").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="download", exact=True).click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")


def test_an_editorial_is_audited_side_by_side(witness: Witness) -> None:
    page = witness.open("/cases/strait/audit")
    page.locator("#text").fill(
        "The League should send troops now. Southland is bluffing: it will not strike League territory. "
        "Casualties among League soldiers would be low."
    )
    page.get_by_role("button", name="Audit it").click()
    page.locator("#audit[data-audited]").wait_for(timeout=60_000)
    assert page.locator(".findings li").count() >= 2
    text, findings = page.locator(".argument-text").bounding_box(), page.locator(".findings").bounding_box()
    assert abs(text["y"] - findings["y"]) < 40
    assert findings["x"] > text["x"] + 200
    page.locator(".argument-text sup a").first.click()
    assert "#finding-1" in page.url


def test_the_date_slider_takes_back_what_was_not_known(witness: Witness) -> None:
    page = witness.open("/cases/strait/timeline")
    page.locator("#timeline[data-shown='2031-03-01']").wait_for()
    late = page.locator("#then-reports li").count()
    slider = page.locator("#day")
    slider.focus()
    page.keyboard.press("Home")
    page.locator("#timeline[data-shown]:not([data-shown='2031-03-01'])").wait_for()
    assert page.locator("#then-reports li").count() < late
    assert "as_of=" in page.url


def test_two_settings_stand_side_by_side_and_the_link_keeps_them(witness: Witness) -> None:
    page = witness.open("/cases/strait/compare")
    page.locator("#compare[data-ready]").wait_for()
    assert page.locator("#both tbody").inner_text().count("no change") >= 5
    lever = page.evaluate(
        "fetch('/cases/strait/explore.json').then((a) => a.json()).then((c) => c.levers[0])"
    )
    field = page.locator("#settings tr").first.locator("input").nth(1)
    field.fill(f"{lever['high']:.4g}" if lever["high"] >= 1 else f"{lever['high'] * 0.999:.6g}")
    page.wait_for_timeout(400)
    shown = page.locator("#both tbody").inner_text()
    assert "±" in shown
    again = witness.context.new_page()
    again.goto(page.url)
    again.locator("#compare[data-ready]").wait_for()
    assert again.locator("#both tbody").inner_text() == shown
    again.close()


def test_charts_follow_a_slider_at_once_and_the_link_restores_them(witness: Witness) -> None:
    page = witness.open("/cases/strait/explore")
    page.locator("#confirm-on-release").uncheck()
    before = page.locator("#numbers tbody").inner_text()
    slider = page.locator("#levers input[type=range]").first
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(15)
    page.wait_for_timeout(400)
    redraws = json.loads(page.locator("#explore").get_attribute("data-redraws"))
    assert len(redraws) >= 10
    # The bars of 100 and 200 ms are for an idle machine and measured apart; this catches what is many times slower.
    assert statistics.median(redraws) < 1000
    assert "approximate" in page.locator("#status").inner_text().lower()
    after = page.locator("#numbers tbody").inner_text()
    assert after != before
    assert "set." in page.url
    again = witness.page.context.new_page()
    again.goto(page.url)
    again.locator("#explore[data-ready]").wait_for()
    assert again.locator("#numbers tbody").inner_text() == after
    again.close()


def test_outside_the_range_the_approximation_is_refused(witness: Witness) -> None:
    page = witness.open("/cases/strait/explore")
    page.locator("#confirm-on-release").uncheck()
    field = page.locator("#levers input[type=number]").first
    field.fill("0.9")
    field.press("Tab")
    page.wait_for_timeout(300)
    assert "no approximation" in page.locator("#status").inner_text().lower()
    assert page.locator("#explore.is-refused").count() == 1
    page.locator("#reset").click()
    page.wait_for_timeout(300)
    assert page.locator("#explore.is-refused").count() == 0


def test_the_browser_computes_what_python_computes(witness: Witness, folder: Path) -> None:
    page = witness.open("/cases/strait/explore")
    catalogue = Catalogue(("strait",), folder / "runs")
    run = catalogue.latest("strait")
    assert run is not None
    surrogate = surrogate_of(run)
    settings = {
        lever.id: lever.low + share * (lever.high - lever.low)
        for lever, share in zip(surrogate.levers[:3], (0.7, 0.4, 0.6), strict=True)
    }
    expected = surrogate.predict(settings)
    found = page.evaluate(
        """(settings) => {
            const {refused, cells} = globalThis.excommSurrogate.predict(new Map(Object.entries(settings)));
            return {refused, cells: cells.map((row) => row.map((c) => ({change: c.change, error: c.error})))};
        }""",
        settings,
    )
    assert found["refused"] is None
    for row, outcome in enumerate(surrogate.outcomes):
        for column, option in enumerate(surrogate.options):
            mine, theirs = expected[outcome, option], found["cells"][row][column]
            scale = abs(mine.mean) + abs(mine.change) + 1e-12
            assert theirs["change"] == pytest.approx(mine.change, rel=1e-3, abs=1e-4 * scale)
            assert theirs["error"] == pytest.approx(mine.error, rel=1e-2, abs=1e-4 * scale)


def test_a_released_slider_is_confirmed_by_an_exact_run(witness: Witness) -> None:
    page = witness.open("/cases/strait/explore")
    slider = page.locator("#levers input[type=range]").first
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.locator("#explore[data-exact]").wait_for(timeout=90_000)
    assert "Exact: 64 draws" in page.locator("#status").inner_text()


def test_a_number_unfolds_with_the_keyboard(witness: Witness) -> None:
    page = witness.open("/cases/strait/explore")
    number = page.locator("#numbers a.why").first
    number.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#unfolded[open]")
    dialog.wait_for()
    assert "What drives it" in dialog.inner_text()
    page.keyboard.press("Escape")
    page.locator("#unfolded:not([open])").wait_for(state="attached")
    assert page.evaluate("document.activeElement.classList.contains('why')")
