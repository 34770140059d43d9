"""The page: closed to the network, escaped, complete, and linked within itself."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from brief_case import HOSTILE

from excomm.brief import write_brief
from excomm.brief.palette import INKS, MARKS
from excomm.engine.run import Run

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Collector(HTMLParser):
    """Tags, ids, links and text of a page; checks that tags nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.stack
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] != "style":
            self.text.append(data)


def parsed(page: str) -> Collector:
    collector = Collector()
    collector.feed(page)
    assert not collector.stack
    return collector


def test_the_sections_stand_in_the_order_of_the_reader(page: str) -> None:
    wanted = ["glance", "options", "details", "table", "implications", "reactions", "decides", "next",
              "plausibility", "limits", "appendix"]  # fmt: skip
    found = re.findall(r'<section id="([a-z]+)">', page)
    assert found == wanted


def test_every_link_leads_to_one_place_in_the_page(page: str) -> None:
    collector = parsed(page)
    assert len(collector.ids) == len(set(collector.ids))
    assert collector.links
    for link in collector.links:
        assert link.startswith("#")
        assert link[1:] in collector.ids


def test_the_policy_allows_one_style_sheet_and_nothing_else(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    styles = re.search(r"<style>(.*?)</style>", page, re.S)
    assert policy
    assert styles
    digest = base64.b64encode(hashlib.sha256(styles[1].encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in policy[1] or f"style-src 'sha256-{digest}'" in policy[1]
    assert policy[1].replace("&#39;", "'").startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    assert page.index("Content-Security-Policy") < page.index("<style>")


@pytest.mark.parametrize("which", ["page", "hostile_page"])
def test_nothing_runs_and_nothing_is_fetched(which: str, request: pytest.FixtureRequest) -> None:
    collector = parsed(request.getfixturevalue(which))
    assert not {"script", "img", "link", "iframe", "object", "embed", "form", "use", "image"} & set(
        collector.tags
    )
    for tag, name, value in collector.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"style", "src", "xlink:href", "action", "srcset"}, (tag, name, value)
        assert "://" not in value or name.startswith("xmlns") or HOSTILE in value, (tag, name, value)


def test_markup_in_names_and_reports_is_shown_as_text(hostile_page: str) -> None:
    assert "<script" not in hostile_page
    assert "example.invalid" in "".join(parsed(hostile_page).text)


def test_no_option_is_announced(page: str) -> None:
    text = " ".join(parsed(page).text).lower()
    assert "best option" not in text
    for word in ("we recommend", "recommended option", "should choose", "the winner"):
        assert word not in text


def test_the_dead_of_all_sides_stand_on_the_first_table(page: str) -> None:
    first = page[: page.index('<section id="options">')]
    for label in ("Host soldiers killed", "Adversary soldiers killed", "Allied soldiers killed",
                  "Civilian dead, host", "Civilian dead, adversary"):  # fmt: skip
        assert label in first


def test_every_outcome_and_every_parameter_has_its_place(page: str, run: Run) -> None:
    ids = set(parsed(page).ids)
    assert {f"outcome-{name}" for name in run.summary["outcome"].values} <= ids
    assert {f"parameter-{name}" for name in run.case.parameters()} <= ids
    assert {f"option-{name}" for name in run.options} <= ids


def test_the_page_is_small_and_the_same_each_time(run: Run, page: str, tmp_path: Path) -> None:
    write_brief(run, tmp_path / "brief.html")
    assert (tmp_path / "brief.html").read_text(encoding="utf-8") == page
    assert len(page.encode()) < 3_000_000


def test_tables_scroll_in_boxes_that_the_keyboard_reaches(page: str) -> None:
    assert page.count("<table") > 5
    for found in re.finditer(r"<table", page):
        before = page[: found.start()].rstrip()
        assert before.endswith(">")
        assert re.search(r'<div class="scroll" tabindex="0" role="region" aria-label="[^"]+">$', before)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_keep_their_contrast_in_light_and_dark() -> None:
    paper = INKS["paper"]
    for ink in [mark.ink for mark in MARKS] + [INKS["ink"], INKS["quiet"]]:
        least = 3.0 if ink.name.startswith("option") else 4.5
        assert _contrast(ink.light, paper.light) >= least, ink
        assert _contrast(ink.dark, paper.dark) >= least, ink


def test_no_two_options_share_a_shape_or_colour() -> None:
    assert len({mark.shape for mark in MARKS}) == len(MARKS)
    assert len({mark.symbol for mark in MARKS}) == len(MARKS)
    assert len({mark.ink.light for mark in MARKS}) == len({mark.ink.dark for mark in MARKS}) == len(MARKS)
