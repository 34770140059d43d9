"""Closed forms of deterrence and bargaining theory, through the tree solver."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.game.efg.equations import TreeEquations
from excomm.game.efg.reader import parse_efg
from excomm.game.efg.solver import TreeSolution, solve_tree


def outcome_chances(solution: TreeSolution) -> dict[str, float]:
    """Probability of each outcome by its name; names may repeat."""
    _, direct = TreeEquations(solution.tree).outcome_weights(solution.log_probabilities)
    found: dict[str, float] = {}
    for name, chance in zip(solution.tree.outcomes, direct, strict=True):
        found[name] = found.get(name, 0.0) + float(chance)
    return found


def constant_sum(lam: float) -> TreeSolution:
    """Constant sum 2: all cells (1, 1) but the second row, first column, (0, 2)."""
    cells = [(1, 1), (1, 1), (0, 2), (1, 1)]
    ends = [f't "" {place} "" {{ {own} {other} }}' for place, (own, other) in enumerate(cells, start=1)]
    column = 'p "" 2 1 "" { "1" "2" } 0'
    lines = [
        'EFG 2 R "constant sum" { "A" "B" }',
        'p "" 1 1 "" { "1" "2" } 0',
        column,
        *ends[:2],
        column,
        *ends[2:],
    ]
    return solve_tree(parse_efg("\n".join(lines)), lam)


@pytest.mark.parametrize(
    ("lam", "row", "column"), [(1.0, 0.643, 0.5883), (2.0, 0.7727, 0.6117), (3.0, 0.8595, 0.6038)]
)
def test_constant_sum_game(lam: float, row: float, column: float) -> None:
    """Published with Gambit's tests; also p = s(lambda q), q = s(lambda (1 - p)), s the logistic function."""
    p, q = constant_sum(lam).probabilities[[0, 2]]
    assert (p, q) == pytest.approx((row, column), abs=6e-5)
    assert p == pytest.approx(1 / (1 + np.exp(-lam * q)), abs=1e-12)
    assert q == pytest.approx(1 / (1 + np.exp(-lam * (1 - p))), abs=1e-12)


@pytest.mark.parametrize("lam", [0.7, 5.0, 40.0])
def test_deterrence_threshold(lam: float) -> None:
    """Zagare and Kilgour: a challenge pays unless the defender is hard with (win - SQ) / (win - war), here .25."""

    def challenge(hard: float) -> float:
        text = (
            'EFG 2 R "threshold" { "challenger" "defender" }\n'
            f'c "" 1 "" {{ "hard" {hard:.17f} "soft" {1 - hard:.17f} }} 0\n'
            'p "" 1 1 "" { "challenge" "keep" } 0\nt "" 1 "war" { -3 -1 }\nt "" 2 "status quo" { 0 1 }\n'
            'p "" 1 1 "" { "challenge" "keep" } 0\nt "" 3 "win" { 1 -1 }\nt "" 2\n'
        )
        return float(solve_tree(parse_efg(text), lam).probabilities[0])

    assert challenge(0.25) == pytest.approx(0.5, abs=1e-12)
    assert challenge(0.24) > 0.5 > challenge(0.26)


@pytest.mark.parametrize("lam", [0.7, 5.0, 40.0])
def test_brinkmanship_threshold(lam: float) -> None:
    """Powell: a state that gets 1, s or d bids a risk of disaster up to (1 - s) / (1 - d), here .2."""

    def bid(risk: float) -> float:
        text = (
            'EFG 2 R "brink" { "state" }\np "" 1 1 "" { "bid" "submit" } 0\n'
            f'c "" 1 "" {{ "disaster" {risk:.17f} "prevail" {1 - risk:.17f} }} 0\n'
            't "" 1 "disaster" { -4 }\nt "" 2 "prevail" { 1 }\nt "" 3 "submit" { 0 }\n'
        )
        return float(solve_tree(parse_efg(text), lam).probabilities[0])

    assert bid(0.2) == pytest.approx(0.5, abs=1e-12)
    assert bid(0.19) > 0.5 > bid(0.21)


@pytest.mark.parametrize("first", [0, 1])
def test_the_side_that_bears_more_risk_prevails(first: int) -> None:
    """Powell, complete information: bids of .05, .10 ... in turn; a bears up to .3, b up to .2; b quits at once."""
    disaster = (-(1 / 0.3 - 1), -4.0)  # (1 - 0) / (1 - d) = .3 and .2
    lines = ['EFG 2 R "brinkmanship" { "a" "b" }']
    last = 8

    def grow(step: int) -> None:
        mover = (first + step) % 2
        prevails = "b" if mover == 0 else "a"
        if step == last:
            lines.append(f't "" {3 + mover} "{prevails} prevails" {{ {mover} {1 - mover} }}')
            return
        risk = 0.05 * (step + 1)
        lines.append(f'p "" {mover + 1} {step + 1} "" {{ "bid" "quit" }} 0')
        lines.append(f'c "" {step + 1} "" {{ "disaster" {risk:.2f} "none" {1 - risk:.2f} }} 0')
        lines.append(f't "" 1 "disaster" {{ {disaster[0]!r} {disaster[1]!r} }}')
        grow(step + 1)
        lines.append(f't "" {3 + mover} "{prevails} prevails" {{ {mover} {1 - mover} }}')

    grow(0)
    chances = outcome_chances(solve_tree(parse_efg("\n".join(lines)), 150.0))
    assert chances["a prevails"] > 0.94
    assert chances.get("b prevails", 0.0) < 1e-3


def attrition(rate_a: float, rate_b: float, lam: float, rounds: int = 3) -> TreeSolution:
    """Fearon 1994: in turn a and b hold or quit; quitting in round t costs the audience rate x t, war comes at the end.

    Each is resolved (war worth .2) or not (-.8) with equal chance; the prize is 1.
    """
    lines = ['EFG 2 R "audience costs" { "a" "b" }', 'c "" 1 "" { "rr" 1/4 "rs" 1/4 "sr" 1/4 "ss" 1/4 } 0']
    sets: dict[tuple[int, str, int], int] = {}
    ends = 0

    def end(name: str, own: float, other: float) -> None:
        nonlocal ends
        ends += 1
        lines.append(f't "" {ends} "{name}" {{ {own:.12f} {other:.12f} }}')

    def grow(kinds: str, move: int) -> None:
        worth = [0.2 if kind == "r" else -0.8 for kind in kinds]
        if move == 2 * rounds:
            end("war", worth[0], worth[1])
            return
        mover, t = move % 2, move // 2 + 1
        number = sets.setdefault((mover, kinds[mover], move), len(sets) + 1)
        lines.append(f'p "" {mover + 1} {number} "{kinds[mover]}{t}" {{ "hold" "quit" }} 0')
        grow(kinds, move + 1)
        cost = (rate_a, rate_b)[mover] * t
        end("ab"[mover] + " quits", -cost if mover == 0 else 1.0, -cost if mover == 1 else 1.0)

    for kinds in ("rr", "rs", "sr", "ss"):
        grow(kinds, 0)
    return solve_tree(parse_efg("\n".join(lines)), lam)


@pytest.mark.parametrize("lam", [2.0, 6.0])
def test_the_state_with_the_higher_audience_rate_backs_down_less(lam: float) -> None:
    even = outcome_chances(attrition(0.1, 0.1, lam))
    higher = outcome_chances(attrition(0.25, 0.1, lam))
    assert higher["a quits"] < even["a quits"]
    assert higher["b quits"] > even["b quits"]


def test_beyond_a_horizon_no_state_quits() -> None:
    """A cost of .5 x t exceeds that of war, .8, in round 2: there even the unresolved hold."""
    solution = attrition(0.5, 0.5, 60.0)
    for place, each in enumerate(solution.tree.information_sets):
        if each.label[1] in "23":
            assert solution.of_set(place)[0] > 0.999


def test_bargaining_before_war_trades_risk_for_return() -> None:
    """Fearon 1995: p = .5, own cost .1, the other's uniform up to .4: demand p + (.4 - .1) / 2 = .65, war .375."""
    power, own_cost, most, kinds = 0.5, 0.1, 0.4, 40
    demands = (0.45, 0.55, 0.65, 0.75, 0.85)
    costs = most * (np.arange(kinds) + 0.5) / kinds
    lines = ['EFG 2 R "bargaining" { "A" "B" }']
    lines.append('c "" 1 "" { ' + " ".join(f'"{kind}" 1/{kinds}' for kind in range(kinds)) + " } 0")
    ends = 0
    for kind, cost in enumerate(costs):
        lines.append('p "" 1 1 "" { ' + " ".join(f'"{demand}"' for demand in demands) + " } 0")
        for place, demand in enumerate(demands):
            lines.append(f'p "" 2 {kind * len(demands) + place + 1} "" {{ "accept" "fight" }} 0')
            lines.append(f't "" {ends + 1} "peace" {{ {demand} {1 - demand:.12f} }}')
            lines.append(f't "" {ends + 2} "war" {{ {power - own_cost} {1 - power - cost:.12f} }}')
            ends += 2
    solution = solve_tree(parse_efg("\n".join(lines)), 300.0)
    asked = solution.of_set(0)
    assert int(np.argmax(asked)) == 2
    assert asked[2] > 0.99
    assert outcome_chances(solution)["war"] == pytest.approx(0.375, abs=0.005)
