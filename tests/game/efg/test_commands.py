"""The commands on game files."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from excomm.cli.game_commands import app
from excomm.errors import UsageError
from excomm.game.efg.drawing import draw_tree
from excomm.game.efg.reader import parse_efg, read_efg
from excomm.game.efg.solver import solve_tree

from .conftest import GAMES

runner = CliRunner()


def test_solve_prints_the_contract() -> None:
    answer = runner.invoke(app, ["solve", str(GAMES / "signal.efg"), "--lambda", "2", "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert found["lambda"] == 2.0
    assert found["residual"] < 1e-9
    assert found["turned"] is False
    assert [(each["player"], each["number"]) for each in found["information_sets"]] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 1),
    ]
    reply = found["information_sets"][-1]
    assert reply["label"] == "reply"
    assert [action["label"] for action in reply["actions"]] == ["resist", "concede"]
    assert reply["actions"][0]["probability"] == pytest.approx(0.674452, abs=1e-6)


def test_solve_prints_for_people_too() -> None:
    answer = runner.invoke(app, ["solve", str(GAMES / "coordination.efg"), "--lambda", "4"])
    assert answer.exit_code == 0
    assert "left 0.978752" in answer.stdout
    assert "symmetry" in answer.stdout


def test_fit_prints_estimate_and_interval(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("67.456 60.544 46.848 81.152\n".replace(" ", ","))
    arguments = ["fit", str(GAMES / "asymmetric-pennies.efg"), "--counts", str(counts)]
    found = json.loads(runner.invoke(app, [*arguments, "--json"]).stdout)
    assert found["lambda"] == pytest.approx(1.8456097, abs=1e-6)
    assert found["lower"] < found["lambda"] < found["upper"]
    assert "95% interval" in runner.invoke(app, arguments).stdout


def test_draw_writes_an_svg(tmp_path: Path) -> None:
    target = tmp_path / "tree.svg"
    answer = runner.invoke(app, ["draw", str(GAMES / "signal.efg"), "--lambda", "2", "-o", str(target)])
    assert answer.exit_code == 0, answer.output
    root = ElementTree.parse(target).getroot()
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "resist 0.674" in texts
    assert "S 0.400" in texts
    assert texts.count("0.2, -1") == 1


def test_drawing_escapes_names_and_refuses_giants() -> None:
    hostile = parse_efg(
        'EFG 2 R "<a> & \\"b\\"" { "<p>" }\np "" 1 1 "" { "<x>" "&" } 0\nt "" 1 "" { 1 }\nt "" 1\n'
    )
    ElementTree.fromstring(draw_tree(solve_tree(hostile, 1.0)))
    wide = parse_efg(
        'EFG 2 R "" { "A" }\np "" 1 1 "" { ' + '"a" ' * 1600 + '} 0\nt "" 1 "" { 1 }\n' + 't "" 1\n' * 1599
    )
    with pytest.raises(UsageError, match="1600 ends"):
        draw_tree(solve_tree(wide, 0.0))


@pytest.mark.parametrize("lam", ["-1", "nan", "inf"])
def test_lambda_must_be_a_number_of_at_least_0(lam: str) -> None:
    answer = runner.invoke(app, ["solve", str(GAMES / "signal.efg"), "--lambda", lam])
    assert isinstance(answer.exception, UsageError)


@pytest.mark.parametrize("path", sorted(GAMES.glob("*.efg")), ids=lambda path: path.stem)
def test_every_game_can_be_drawn(path: Path) -> None:
    ElementTree.fromstring(draw_tree(solve_tree(read_efg(path), 1.0)))
