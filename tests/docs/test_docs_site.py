"""The documentation builds without a warning, leaves nothing out and links to nothing that is not there."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from markdown_blocks import PROJECT

import excomm
from excomm import errors
from excomm.case import defaults
from excomm.case.units_table import TABLE
from excomm.quantities import OUTCOMES, SERIES
from excomm.world.parameters import BLOCKS

SUBMODEL_PAGES = {
    "ground": ("ground", "attrition", "morale"),
    "front": ("front", "airpower"),
    "air-and-power": ("air", "shield", "power"),
    "civil-harm": ("civil",),
    "coalition-and-deployment": ("coalition", "deployment", "aid"),
    "escalation": ("escalation",),
    "nuclear": ("nuclear",),
    "neighbours": ("neighbour", "patron", "energy", "economy", "home"),
    "diplomacy": ("diplomacy", "credibility"),
    "moves": ("game", "utility", "perception", "resolve"),
}
SECTIONS = (
    "Assumptions",
    "Equations",
    "Parameters",
    "Limits",
    "Validation",
    "Sources",
    "What would change our mind",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as HTML, from a build in which a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(PROJECT / "docs"), str(folder / "html")],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


class Page(HTMLParser):
    """Ids, links, loaded resources and words of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.resources: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if stated.get("id"):
            self.ids.add(str(stated["id"]))
        if tag == "a" and stated.get("href"):
            self.links.append(str(stated["href"]))
        elif tag in ("script", "img", "iframe") and stated.get("src"):
            self.resources.append(str(stated["src"]))
        elif tag == "link" and stated.get("href") and stated.get("rel") != "canonical":
            self.resources.append(str(stated["href"]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Page]:
    """Path below the site -> page."""
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="session")
def text(pages: dict[str, Page]) -> dict[str, str]:
    """Page without `.html` -> its words, spaces made single."""
    return {
        name.removesuffix(".html"): " ".join(" ".join(page.words).split()) for name, page in pages.items()
    }


def registered() -> Iterator[tuple[str, Any]]:
    import typer.main

    from excomm.cli import app

    waiting = [("", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        children = getattr(command, "commands", {})
        waiting += [(f"{name} {child}".strip(), one) for child, one in children.items()]
        if name and (not children or command.invoke_without_command):
            yield name, command


def test_every_page_is_in_the_contents(text: dict[str, str], pages: dict[str, Page]) -> None:
    linked = {unquote(urlsplit(link).path) for link in pages["index.html"].links}
    for source in (PROJECT / "docs").rglob("*.md"):
        name = source.relative_to(PROJECT / "docs").with_suffix("").as_posix()
        assert name in text
        assert name == "index" or f"{name}.html" in linked, f"{name} is not in the contents"


def test_every_command_and_option_is_in_the_reference(text: dict[str, str]) -> None:
    found = dict(registered())
    assert {"assess", "check", "cases", "new", "parameters", "runs", "doctor"} <= set(found)
    for name, command in found.items():
        assert re.search(rf"excomm {name} (\[OPTIONS\]|[A-Z\[])", text["reference/commands"]), name
        section = text["reference/commands"].split(f"excomm {name} ¶")[1].split("¶")[0]
        for parameter in command.params:
            if parameter.name == "help":
                continue
            told = " ".join((parameter.help or "").split()).replace("`", "")
            assert told in section.replace("` ", ""), f"excomm {name}: {parameter.name}"
            if parameter.param_type_name == "option":
                assert told, f"excomm {name}: {parameter.opts[0]} has no help"
                assert all(option in section for option in parameter.opts)


def test_every_outcome_and_series_is_in_the_reference(text: dict[str, str]) -> None:
    page = text["reference/outcomes"]
    for entry in (*OUTCOMES.values(), *SERIES.values()):
        assert f" {entry.id} " in page
        assert f"{entry.label}. {entry.definition}" in page, entry.id
        assert entry.unit in page


def test_every_parameter_is_in_the_reference_and_on_a_page_that_explains_it(text: dict[str, str]) -> None:
    for parameter in defaults().values():
        for name in ("reference/parameters", *(f"explanation/{page}" for page in SUBMODEL_PAGES)):
            explains = parameter.submodel in SUBMODEL_PAGES.get(name.removeprefix("explanation/"), ())
            if explains or name.startswith("reference"):
                assert f" {parameter.id} " in text[name], f"{parameter.id} is not on {name}"
                row = text[name].split(f" {parameter.id} ", 1)[1]
                assert parameter.text in row[:1200], f"{parameter.id}: its prior is not on {name}"
    named = {block for named_blocks in SUBMODEL_PAGES.values() for block in named_blocks}
    assert named == {parameter.submodel for parameter in defaults().values()}
    assert set(BLOCKS) <= named


@pytest.mark.parametrize("page", SUBMODEL_PAGES)
def test_a_page_on_a_submodel_has_what_an_expert_looks_for(page: str) -> None:
    source = (PROJECT / "docs" / "explanation" / f"{page}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", source, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == list(SECTIONS)
    assert (
        len(
            re.findall(
                r"^- ", source.split("## Findings to hold it against")[1].split("\n## ")[0], re.MULTILINE
            )
        )
        >= 3
    )


def test_every_error_and_unit_is_in_the_reference(text: dict[str, str]) -> None:
    kinds = [thing for thing in vars(errors).values() if isinstance(thing, type)]
    kinds = [kind for kind in kinds if issubclass(kind, errors.ExCommError)]
    assert len(kinds) > 8
    for kind in kinds:
        assert kind.__name__ in text["reference/exit-codes"]
    for unit in TABLE:
        assert unit in text["reference/parameters"]


def test_every_public_name_is_in_the_reference(text: dict[str, str]) -> None:
    for name in excomm.__all__:
        if not name.startswith("__"):
            assert f"excomm.{name}" in text["reference/python"]
    for field in excomm.Run.__dataclass_fields__:
        assert f" {field} " in text["reference/python"]
    assert " table() -> Table " in text["reference/python"]


def test_every_environment_variable_is_in_the_reference(text: dict[str, str]) -> None:
    read = set()
    for path in [*(PROJECT / "src").rglob("*.py"), *(PROJECT / "tests").rglob("*.py")]:
        read |= set(re.findall(r'environ[^"\n]*"(EXCOMM_[A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert "EXCOMM_CACHE" in read
    assert set(re.findall(r"EXCOMM_[A-Z_]+", text["reference/environment"])) == read


def test_links_lead_somewhere(site: Path, pages: dict[str, Page]) -> None:
    broken = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(html.unescape(link))
            if parts.scheme in ("http", "https", "mailto"):
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            place = target.resolve().relative_to(site.resolve()).as_posix()
            if not target.exists() or (
                parts.fragment and place in pages and unquote(parts.fragment) not in pages[place].ids
            ):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_links_of_the_readme_lead_somewhere() -> None:
    source = (PROJECT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", source)
    assert len(links) > 5
    assert [link for link in links if not link.startswith("http") and not (PROJECT / link).exists()] == []


def test_pages_load_nothing_from_a_network(pages: dict[str, Page]) -> None:
    assert [url for page in pages.values() for url in page.resources if urlsplit(url).netloc] == []


def test_equations_are_marked_up(site: Path) -> None:
    for page in SUBMODEL_PAGES:
        source = (site / "explanation" / f"{page}.html").read_text(encoding="utf-8")
        assert source.count("<math ") > 2
        assert "math-unconverted" not in source
