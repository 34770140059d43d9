"""The brief in a browser: silent, closed to the network, and fitting its window on desktop and phone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "brief"))

from brief_case import example_run, hostile_run

from excomm.brief import write_brief

pytestmark = pytest.mark.browser
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.fixture(scope="module", params=["plain", "hostile"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("brief") / f"{request.param}.html"
    write_brief(example_run() if request.param == "plain" else hostile_run(), path)
    return path.as_uri()


@pytest.fixture(params=list(WIDTHS))
def opened(
    request: pytest.FixtureRequest, chromium: Any, address: str
) -> Iterator[tuple[Any, list[str], list[str]]]:
    width, height = WIDTHS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
    page = context.new_page()
    messages: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda asked: requests.append(asked.url))
    page.goto(address)
    yield page, messages, requests
    context.close()


def test_no_message_and_no_request(opened: tuple[Any, list[str], list[str]], address: str) -> None:
    page, messages, requests = opened
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.wait_for_timeout(200)
    assert messages == []
    assert requests == [address]


def test_the_page_itself_never_scrolls_sideways(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, _ = opened
    for is_open in (False, True):
        page.evaluate(
            "(open) => { for (const each of document.querySelectorAll('details')) each.open = open }", is_open
        )
        sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert sizes[0] <= sizes[1]


def test_wide_things_scroll_in_their_boxes(opened: tuple[Any, list[str], list[str]]) -> None:
    page, _, _ = opened
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    outside = page.evaluate(
        """() => {
            const wide = [];
            for (const each of document.querySelectorAll('table, .chart svg')) {
                const box = each.closest('.scroll');
                if (!box) { wide.push(each.outerHTML.slice(0, 80)); continue; }
                const frame = box.getBoundingClientRect();
                if (frame.right > window.innerWidth + 1 || frame.left < -1) wide.push('box of ' + each.tagName);
                if (each.getBoundingClientRect().width > frame.width + 1
                    && getComputedStyle(box).overflowX !== 'auto') wide.push('cut ' + each.tagName);
            }
            return wide;
        }"""
    )
    assert outside == []


def test_the_first_screen_holds_the_start_of_the_table(chromium: Any, tmp_path: Path) -> None:
    """On a desktop the question, what is known, what decides and the first rows stand within 800 pixels."""
    write_brief(example_run(), tmp_path / "brief.html")
    address = (tmp_path / "brief.html").as_uri()
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address)
    bottom = page.evaluate(
        "document.querySelector('.outcomes tbody tr:nth-child(2)').getBoundingClientRect().bottom"
    )
    question = page.evaluate("document.querySelector('h1').getBoundingClientRect().top")
    context.close()
    assert 0 <= question < 100
    assert bottom < 800


def test_a_row_opens_its_differences(chromium: Any, address: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=True)
    page = context.new_page()
    page.goto(address)
    row = page.locator("#outcome-killed_adversary")
    assert row.locator(".change").first.is_hidden()
    row.locator("summary").click()
    assert row.locator(".change").first.is_visible()
    context.close()
