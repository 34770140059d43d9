"""The tutorial of the explorer names what is on its pages, and what it says of the invented case is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_desk import belief, decide, evidence

import excomm.web

WEB = Path(excomm.web.__file__).parent
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "explorer.md"
BOLD = sorted(set(re.findall(r"\*\*([^*]+)\*\*", TUTORIAL.read_text(encoding="utf-8"))))


def test_the_tutorial_quotes_the_labels_of_the_whole_journey() -> None:
    assert len(BOLD) > 35


@pytest.mark.parametrize("label", BOLD)
def test_a_label_of_the_tutorial_stands_on_a_page(label: str) -> None:
    """As a whole: between the marks of an element, or as a string (up to a colon) that a script or template writes."""
    whole = re.compile(rf"""[>'"`]\s*{re.escape(label)}(?:\s*[<'"`]|:)""")
    sources = [*(WEB / "templates").glob("*.j2"), *(WEB / "static").glob("*.js")]
    assert any(whole.search(path.read_text(encoding="utf-8")) for path in sources)


def test_rejecting_the_denial_raises_the_probability_and_accepting_it_takes_that_back(
    client: Any, token: dict[str, str]
) -> None:
    before = evidence(client)
    [report] = [each for each in before["reports"] if each["source"] == "Ministry of Defence of Southland"]
    claim = next(each for each in report["claims"] if each["proposition"])
    assert decide(client, token, kind="reject", subject=claim["id"], why="an interest").status_code == 200
    assert belief(evidence(client)) > belief(before)
    assert decide(client, token, kind="accept", subject=claim["id"], why="after all").status_code == 200
    assert belief(evidence(client)) == pytest.approx(belief(before), abs=1e-12)
    lines = client.get("/cases/strait/ledger.jsonl").text.splitlines()
    assert sum(f'"subject":"claim:{claim["id"]}"' in line and "explorer" in line for line in lines) == 2
