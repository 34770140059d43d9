"""The crisis game of a case at the command line: read, drawn, checked against the simulation, written as a tree."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from excomm.case import load
from excomm.cli import main
from excomm.errors import UsageError
from excomm.game.crisis import build_game
from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import solve_tree
from excomm.game.equilibrium import solve_settings
from excomm.game.solve import read_policy, solve
from excomm.pipeline import crisis_games


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """JSON and drawing of the intervention's game."""
    drawing = tmp_path_factory.mktemp("game") / "course.svg"
    found = crisis_games.read_case_game("strait", "intervention")
    from excomm.game.drawing import draw_course

    case = load("strait")
    names = [tuple(p.name for p in case.postures[side]) for side in ("alliance", "adversary")]
    drawing.write_text(draw_course(found.reading, "A & B", (names[0], names[1])))
    return found.to_json(), drawing.read_text()


def test_json_has_the_shape_of_the_reference(shown: tuple[dict, str]) -> None:
    answer = json.loads(json.dumps(shown[0], allow_nan=False))
    assert {"option", "lambda", "residual", "turned", "ambiguity", "moves"} <= set(answer)
    assert answer["option"] == "intervention"
    assert answer["residual"] <= 1e-8
    kinds = {(move["actor"], move["type"]) for move in answer["moves"]}
    assert kinds == {("alliance", "any"), ("adversary", "bluffing"), ("adversary", "resolved")}
    for move in answer["moves"]:
        assert {"actor", "type", "posture", "belief", "probabilities"} <= set(move)
        assert set(move["probabilities"]) <= {"lower", "hold", "raise", "warn"}
        assert sum(move["probabilities"].values()) == pytest.approx(1.0)
    names = {posture.id for posture in load("strait").postures["adversary"]}
    assert {move["posture"] for move in answer["moves"] if move["actor"] == "adversary"} == names


def test_the_drawing_is_svg_and_shows_every_posture(shown: tuple[dict, str]) -> None:
    root = ElementTree.fromstring(shown[1])
    told = " ".join(element.text or "" for element in root.iter())
    for posture in load("strait").postures["adversary"]:
        assert posture.name in told
    assert "A & B" in told


def test_a_case_is_the_default_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["game", "no-such-case"])
    assert left.value.code == 2
    assert "no-such-case" in capsys.readouterr().err


def test_the_exported_tree_has_the_equilibrium_of_the_game() -> None:
    """One epoch of a draw: alliance, both types of the adversary; the tree solver shares no code with the other."""
    tree = solve_tree(parse_efg(crisis_games.export_option("strait", "air-shield", epochs=1, number=3)), 1.0)
    case = load("strait")
    crisis = crisis_games._crisis(case, ("air-shield",), seed=0, fronts=1)
    block = crisis.block(np.arange(16))
    game = build_game(block, [0], beliefs=41).take(np.array([3]))
    from dataclasses import replace

    solution = solve(replace(game, steps=game.steps[:2]), solve_settings())
    states = block.states(0)
    prior = float(crisis.draws.values["resolve.adversary"][0, 3])
    start = int(states.number(case.posture_index("alliance", "presence"), 1, 0, 0))
    shown = tree.to_json()["information_sets"]
    first = next(each for each in shown if each["label"].startswith("epoch 1: alliance"))
    expected = read_policy(solution, 0, 0, start, 0, 0.0, prior)
    legal = np.flatnonzero(game.steps[0].legal[start])
    assert [a["probability"] for a in first["actions"]] == pytest.approx(expected[legal].tolist(), abs=1e-6)
    compared = 0
    for each in shown:
        # Without later moves a type replies to payoffs alone, whatever is believed.
        if not each["label"].startswith("epoch 1: adversary"):
            continue
        kind = int("resolved" in each["label"])
        place = each["label"].rpartition(": ")[2].split(" / ")
        a = [p.name for p in case.postures["alliance"]].index(place[0])
        r = [p.name for p in case.postures["adversary"]].index(place[1])
        state = int(states.number(a, r, 0, 0))
        legal = np.flatnonzero(game.steps[1].legal[state])
        expected = solution.strategies[1][0, state, kind, 0, 0][legal]
        assert [x["probability"] for x in each["actions"]] == pytest.approx(expected.tolist(), abs=1e-6)
        compared += 1
    assert compared == 4


@pytest.mark.long
def test_two_epochs_of_signalling_agree_with_the_tree() -> None:
    tree = solve_tree(parse_efg(crisis_games.export_option("strait", "current-aid", epochs=2, number=1)), 1.0)
    case = load("strait")
    crisis = crisis_games._crisis(case, ("current-aid",), seed=0, fronts=1)
    block = crisis.block(np.arange(16))
    game = build_game(block, [0], beliefs=81).take(np.array([1]))
    from dataclasses import replace

    solution = solve(replace(game, steps=game.steps[:4]), solve_settings())
    states = block.states(0)
    prior = float(crisis.draws.values["resolve.adversary"][0, 1])
    start = int(states.number(case.posture_index("alliance", "aid"), 1, 0, 0))
    first = next(s for s in tree.to_json()["information_sets"] if s["label"].startswith("epoch 1: alliance"))
    expected = read_policy(solution, 0, 0, start, 0, 0.0, prior)
    legal = np.flatnonzero(game.steps[0].legal[start])
    assert [a["probability"] for a in first["actions"]] == pytest.approx(expected[legal].tolist(), abs=1e-5)
    postures = [p.name for p in case.postures["adversary"]]
    for each in tree.to_json()["information_sets"]:
        if each["label"].startswith("epoch 1: adversary") and each["label"].count("/") == 1:
            kind = int("resolved" in each["label"])
            aid, r = each["label"].rpartition(": ")[2].split(" / ")
            a = [p.name for p in case.postures["alliance"]].index(aid)
            state = int(states.number(a, postures.index(r), 0, 0))
            legal = np.flatnonzero(game.steps[1].legal[state])
            expected = read_policy(solution, 1, 0, state, kind, 0.0, prior)[legal]
            assert [x["probability"] for x in each["actions"]] == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize(("epochs", "number"), [(0, 0), (4, 0), (1, 16)])
def test_an_export_out_of_range_is_refused(epochs: int, number: int) -> None:
    with pytest.raises(UsageError, match="out of range"):
        crisis_games.export_option("strait", epochs=epochs, number=number)


def test_the_game_foresees_what_the_simulation_does() -> None:
    """Shares of postures under the same policies, 16 draws of 16 replicates; bounds as stated in the docs."""
    (check,) = crisis_games.check_case("strait", "current-aid")
    assert check.simulated.sum(axis=1) == pytest.approx(1.0)
    assert check.foreseen.sum(axis=1) == pytest.approx(1.0)
    assert check.mean < 0.03
    assert check.largest < 0.1 + 4 * check.error
    assert check.warnings_simulated == pytest.approx(check.warnings_foreseen, abs=0.04)
