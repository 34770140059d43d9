"""Constructs of the file format, and what malformed files say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from excomm.errors import GameFileError
from excomm.game.efg import reader
from excomm.game.efg.reader import parse_efg, read_efg
from excomm.game.efg.solver import solve_tree

HEAD = 'EFG 2 R "x" { "A" "B" }\n'
LEAF = 't "" 1 "" { 1 0 }\n'


def test_unnamed_things_numbers_and_quotes() -> None:
    tree = parse_efg(
        'EFG 2 D "A \\"quoted\\" title" { "A" "" }\n"A comment\nover two lines"\n'
        'c "" 1 "" { "" .25 "" 75e-2 } 0 # a remark\n'
        'p "" 2 7 { "" "" "" } -4 "paid" { 1/3, -1/3 }\n'
        't "" 5 "" { +1. , .5 }\nt "" 5\nt "" 6 { 1e-3 -2E+2 }\n'
        'p "" 1 1 "set" { "l" "r" } 0\nt "" 0\nt "" 5 "named later" { 1 1/2 }\n'
    )
    assert tree.title == 'A "quoted" title'
    assert tree.comment == "A comment\nover two lines"
    assert tree.players == ("A", "")
    assert tree.chance[[1, 5]].tolist() == [0.25, 0.75]
    assert tree.payoff[1] == pytest.approx([1 / 3, -1 / 3])
    assert tree.payoff[4].tolist() == [0.001, -200.0]
    assert tree.payoff[2].tolist() == tree.payoff[7].tolist() == [1.0, 0.5]
    assert [each.player for each in tree.information_sets] == [0, 1]
    assert tree.information_sets[1].number == 7


def test_rounded_chance_is_made_to_add_up() -> None:
    tree = parse_efg(HEAD + 'c "" 1 "" { "a" .333333 "b" .333333 "c" .333333 } 0\n' + LEAF + 't "" 1\n' * 2)
    assert tree.chance[1:].sum() == pytest.approx(1.0, abs=1e-15)


def test_game_without_decisions() -> None:
    solution = solve_tree(parse_efg(HEAD + LEAF), 1.0)
    assert solution.payoffs.tolist() == [1.0, 0.0]
    assert solution.to_json()["information_sets"] == []


def test_information_sets_come_by_player_then_by_first_visit() -> None:
    tree = parse_efg(
        HEAD + 'p "" 2 9 "" { "l" "r" } 0\np "" 1 5 "" { "l" "r" } 0\n' + LEAF + 't "" 1\n'
        'p "" 1 2 "" { "l" "r" } 0\n' + 't "" 1\n' * 2
    )
    assert [(each.player, each.number) for each in tree.information_sets] == [(0, 5), (0, 2), (1, 9)]


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "EFG 2 R"),
        ("NFG 1 R", 1, "EFG 2 R"),
        ('EFG 3 R "x" { "A" }', 1, "version 2"),
        ('EFG 2 X "x" { "A" }', 1, "R or D"),
        ("EFG 2 R x", 1, "title"),
        ('EFG 2 R "x" { A }', 1, "player's name"),
        ('EFG 2 R "x { "A" }', 1, "title|players|name"),
        (HEAD, 2, "begins with c, p or t"),
        (HEAD + 'q "" 1', 2, "begins with c, p or t"),
        (HEAD + 'p "" 3 1 "" { "l" "r" } 0\n', 2, "player from 1 to 2"),
        (HEAD + 'p "" 1 1 "" 0\n', 2, "actions in braces"),
        (HEAD + 'p "" 1 1 "" { } 0\n', 2, "at least one action"),
        (HEAD + 'p "" 1 1 "" { "l" "r" } 0\n' + LEAF, 4, "1 branch has no node"),
        (HEAD + 'p "" 1 1 "" { "l" "r" } 0\n' + LEAF + 't "" 2\n', 4, "payoffs in braces"),
        (HEAD + 't "" 1 "" { 1 2 3 }\n', 2, "one for each of the 2 players"),
        (HEAD + 't "" 1 "" { 1 x }\n', 2, "a payoff"),
        (HEAD + 't "" 1 "" { 1 1/0 }\n', 2, "a number such as"),
        (HEAD + 't "" 1 "" { 1 1e99999 }\n', 2, "a number such as"),
        (HEAD + LEAF + LEAF, 3, "end of the file"),
        (HEAD + 'c "" 1 "" { "a" .5 "b" .6 } 0\n', 2, "add up to 1"),
        (HEAD + 'c "" 1 "" { "a" -.5 "b" 1.5 } 0\n', 2, "at least 0"),
        (HEAD + 'c "" 1 "" { "a" "b" } 0\n', 2, "probability"),
        (HEAD + 'p "" 1 1 "" { "l" "r" } 0\n' + LEAF + 'p "" 1 1 "" { "l" } 0\n', 4, "same actions"),
        (HEAD + 'p "" 1 1 "" { "l" "r" } 0\n' + LEAF + 't "" 1 "" { 5 5 }\n', 4, "same payoffs"),
        (HEAD + 't "name 1 "" { 1 0 }\n', 2, "number of the outcome|quotes"),
    ],
)
def test_malformed_files_name_the_line_and_what_was_expected(
    tmp_path: Path, text: str, line: int, expected: str
) -> None:
    path = tmp_path / "bad.efg"
    path.write_text(text)
    with pytest.raises(GameFileError, match=expected) as caught:
        read_efg(path)
    assert caught.value.file == str(path)
    assert caught.value.line == line
    assert caught.value.expected


def test_absent_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(GameFileError, match="cannot be read"):
        read_efg(tmp_path / "absent.efg")
    old = tmp_path / "latin.efg"
    old.write_bytes('EFG 2 R "Müller" { "A" }\nt "" 1 "" { 1 }\n'.encode("latin-1"))
    assert read_efg(old).title == "Müller"


def test_deep_games_need_no_recursion() -> None:
    depth = 1200
    moves = "".join(f'p "" 1 {n} "" {{ "on" "stop" }} 0\n' for n in range(1, depth + 1))
    tree = parse_efg(HEAD + moves + LEAF + 't "" 1\n' * depth)
    assert tree.depth.max() == depth


def test_very_deep_and_very_large_games_are_refused_or_read() -> None:
    deep = 7_000
    tree = parse_efg(HEAD + 'p "" 1 1 "" { "on" "stop" } 0\n' * deep + LEAF + 't "" 1\n' * deep)
    assert tree.nodes == 2 * deep + 1
    with pytest.raises(GameFileError, match="too large"):
        solve_tree(tree, 1.0)


def test_a_limit_to_the_number_of_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_NODES", 50)
    with pytest.raises(GameFileError, match="more than 50 nodes"):
        parse_efg(HEAD + 'p "" 1 1 "" { "on" "stop" } 0\n' * 51)


def test_nodes_stand_in_preorder() -> None:
    tree = parse_efg(
        HEAD + 'p "" 1 1 "" { "l" "r" } 0\np "" 2 1 "" { "l" "r" } 0\n' + LEAF + 't "" 1\n' + 't "" 1\n'
    )
    assert np.array_equal(tree.parent, [-1, 0, 1, 1, 0])
    assert np.array_equal(tree.branch, [-1, 0, 0, 1, 1])
