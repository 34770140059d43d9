"""The page of an audit in a browser: nothing is asked for, nothing is cut, findings stand beside the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import excomm
from excomm.audit.page import write_page

pytestmark = pytest.mark.browser

TEXT = """The strait can wait

League casualties would be low. Southland's soldiers are poorly trained conscripts, and a full nuclear exchange is very
unlikely. The shield would save the lives of civilians. Calls for diplomacy at the United Nations would grow.

The League should intervene directly, because the threats are bluffs.
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = excomm.assess("strait", draws=64, replicates=8, store=False, brief=False)
    path = tmp_path_factory.mktemp("audit") / "audit.html"
    write_page(excomm.audit_text(TEXT, "strait", run=run), path)
    return path


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1280, 900, "light"), (390, 844, "light"), (1280, 900, "dark")]
)
def test_the_page_fits_and_is_quiet(chromium: Any, page: Path, width: int, height: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    shown = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(page.as_uri())
    assert said == []
    assert asked == [page.as_uri()]
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    text = shown.locator(".text p").nth(0).bounding_box()
    finding = shown.locator("#finding-1").bounding_box()
    if width > 800:
        assert finding["x"] > text["x"] + text["width"]
        assert abs(finding["y"] - text["y"]) < 40
    else:
        assert finding["y"] > text["y"] + text["height"] - 1
    # Each later sentence stands beside, or right above, its own finding.
    sentence = shown.locator("mark").nth(1).bounding_box()
    second = shown.locator("#finding-2").bounding_box()
    if width > 800:
        assert abs(second["y"] - sentence["y"]) < 40
    else:
        assert 0 < second["y"] - sentence["y"] - sentence["height"] < 60
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    shown.locator("sup a").first.click()
    assert shown.evaluate("location.hash").startswith("#finding-")
    context.close()
