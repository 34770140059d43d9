"""A case that a reader has changed, as an object and as a file."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from excomm.case import library, load
from excomm.case.amended_file import amended_text
from excomm.case.amendments import Setting, amend
from excomm.errors import CaseError, UsageError

CASES = [each.id for each in library()]


def first_parameters(name: str) -> list[Setting]:
    """A parameter of the case, one that only the defaults state, and one that an option states."""
    case = load(name)
    stated = "front.initial_gain"
    default = "front.noise_sd"
    everywhere = tuple(option.id for option in case.options)
    found = [
        Setting(parameter, everywhere, case.parameter(parameter).prior.median)
        for parameter in (stated, default)
        if all(parameter not in option.parameters for option in case.options)
    ]
    for option in case.options:
        for parameter in option.parameters:
            found.append(Setting(parameter, (option.id,), option.parameters[parameter].prior.median))
            return found
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_file_reads_as_the_case_that_was_amended(name: str, tmp_path: Path) -> None:
    case = load(name)
    settings = first_parameters(name)
    weights = {
        case.perspectives[0].actor: {key: value / 2 for key, value in case.perspectives[0].weights.items()}
    }
    folder = tmp_path / case.folder.name
    copytree(case.folder, folder)
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    changed = amended_text(text, case, settings, weights=weights)
    (folder / "case.yaml").write_text(changed, encoding="utf-8")
    again, expected = load(folder), amend(case, settings, weights=weights)
    for option in case.options:
        mine, theirs = again.parameters(option.id), expected.parameters(option.id)
        assert mine.keys() == theirs.keys()
        for key in mine:
            assert mine[key].prior.p05 == pytest.approx(theirs[key].prior.p05, rel=1e-5)
            assert mine[key].prior.p95 == pytest.approx(theirs[key].prior.p95, rel=1e-5)
    for mine_view, their_view in zip(again.perspectives, expected.perspectives, strict=True):
        assert dict(mine_view.weights) == pytest.approx(dict(their_view.weights), rel=1e-5)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in changed.splitlines() if line.lstrip().startswith("#")] == comments


def test_nothing_set_leaves_the_file_as_it_is() -> None:
    case = load("strait")
    text = (case.folder / "case.yaml").read_text(encoding="utf-8")
    assert amended_text(text, case) == text


def test_an_amended_case_draws_everything_else_alike() -> None:
    from excomm.beliefs.draws import draw

    case = load("strait")
    options = tuple(option.id for option in case.options)
    plain = draw(case, options=options, number=32, seed=3)
    fixed = draw(
        amend(case, [Setting("ground.host.casualties", options, 200.0)]), options=options, number=32, seed=3
    )
    for name, values in plain.values.items():
        if name == "ground.host.casualties":
            assert (fixed.values[name] == 200.0).all()
        else:
            assert (fixed.values[name] == values).all(), name


def test_what_cannot_be_is_refused() -> None:
    case = load("strait")
    with pytest.raises(UsageError, match="cannot be"):
        amend(case, [Setting("ground.host.casualties", ("current-aid",), -1.0)])
    with pytest.raises(CaseError, match="no parameter"):
        amend(case, [Setting("ground.nothing", ("current-aid",), 1.0)])
    with pytest.raises(CaseError, match="no option"):
        amend(case, [Setting("front.initial_gain", ("nothing",), 1.0)])
    with pytest.raises(CaseError, match="no perspective"):
        amend(case, weights={"nobody": {"area_change": 1.0}})
