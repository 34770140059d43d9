"""The page on what each option does holds the numbers of the runs that it speaks of."""

from __future__ import annotations

import re

import pytest
from markdown_blocks import PROJECT

from excomm.case import load
from excomm.pipeline.mechanisms import SHOWN, find_mechanisms
from excomm.quantities import OUTCOMES

PAGE = (PROJECT / "docs/explanation/options.md").read_text(encoding="utf-8")
CASE = load("ukraine-2024")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, flags=re.M | re.S))


def rows(option: str) -> dict[str, tuple[float, dict[str, float]]]:
    """Outcome -> (effect, submodel -> effect without it), as the page has them."""
    ids = {OUTCOMES[name].label: name for name in SHOWN}
    found = {}
    for label, effect, without in re.findall(
        r"^\| (.+?) \| ([+-]\S+) .*? \| (.+) \|$", SECTIONS[option], flags=re.M
    ):
        parts = {name: float(value) for name, value in re.findall(r"`(\w+)` ([+-]\S+?)(?:;|$)", without)}
        found[ids[label]] = (float(effect), parts)
    return found


def test_every_option_but_the_reference_has_its_table() -> None:
    for option in CASE.options:
        if option.is_reference:
            assert option.name not in SECTIONS
        else:
            assert set(rows(option.name)) == set(SHOWN)


@pytest.mark.long
def test_the_numbers_are_those_of_the_command() -> None:
    """Two submodels, which three of the five paragraphs turn on; all would take five minutes."""
    found = find_mechanisms(CASE, submodels=["aid", "deployment"])
    for option in CASE.options:
        if option.is_reference:
            continue
        place = found.options.index(option.id)
        for outcome, (effect, without) in rows(option.name).items():
            column = found.outcomes.index(outcome)
            scale = 100.0 if OUTCOMES[outcome].kind == "probability" else 1.0
            assert effect == pytest.approx(scale * found.effect[place, column], rel=0.006, abs=1e-4)
            for row, name in enumerate(found.submodels):
                if name in without:
                    left = scale * found.without[row, place, column]
                    assert without[name] == pytest.approx(left, rel=0.006, abs=1e-4)
