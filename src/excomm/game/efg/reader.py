"""Reader of Gambit's extensive-form files (`.efg`, format version 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from excomm.errors import GameFileError
from excomm.game.efg.tokens import Kind, Token, number, tokens
from excomm.game.efg.tree import CHANCE, TERMINAL, GameTree, InformationSet

LARGEST_FILE = 64_000_000  # bytes
MOST_NODES = 300_000
PROBABILITY_SLACK = Fraction(1, 10_000)  # chance probabilities are often rounded, as in .333 .333 .333


def read_efg(path: str | Path) -> GameTree:
    """Read a file. Raises `GameFileError` with file, line and what was expected."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise GameFileError(
                f"the file is larger than {LARGEST_FILE // 1_000_000} MB",
                file=str(path),
                expected="a smaller game",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise GameFileError(
            f"the file cannot be read: {error.strerror or error}",
            file=str(path),
            expected="a readable .efg file",
        ) from error
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        source = raw.decode("latin-1")
    return parse_efg(source, file=str(path))


def parse_efg(source: str, *, file: str = "<text>") -> GameTree:
    """Read a game from text."""
    return _Parser(source, file).game()


@dataclass
class _Set:
    player: int
    number: int
    label: str
    actions: tuple[str, ...]
    chances: tuple[Fraction, ...]
    line: int


@dataclass
class _Outcome:
    label: str
    payoffs: tuple[Fraction, ...] | None
    line: int


@dataclass
class _Node:
    label: str
    parent: int
    branch: int
    line: int
    set_key: tuple[int, int] | None = None
    outcome: int = 0


@dataclass
class _Parser:
    source: str
    file: str
    players: tuple[str, ...] = ()
    sets: dict[tuple[int, int], _Set] = field(default_factory=dict)
    outcomes: dict[int, _Outcome] = field(default_factory=dict)
    nodes: list[_Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stream: Iterator[Token] = tokens(self.source, self.file)
        self.now = next(self.stream)

    # --- words -----------------------------------------------------------------------------------------------

    def refuse(self, what: str, expected: str, line: int | None = None) -> GameFileError:
        return GameFileError(what, file=self.file, line=line or self.now.line, expected=expected)

    def found(self) -> str:
        """How a message names the present word."""
        if self.at("end"):
            return "the file ends"
        return f"found {self.now.text[:40]!r}"

    def at(self, kind: Kind) -> bool:
        """Is the present word of this kind?"""
        return self.now.kind == kind

    def advance(self) -> Token:
        token = self.now
        if token.kind != "end":
            self.now = next(self.stream)
        return token

    def take(self, kind: str, expected: str) -> Token:
        if self.now.kind != kind:
            raise self.refuse(self.found(), expected)
        return self.advance()

    def take_whole(self, expected: str) -> int:
        token = self.take("number", expected)
        try:
            return int(token.text)
        except ValueError:
            raise self.refuse(f"found {token.text[:40]!r}", expected, token.line) from None

    # --- file ------------------------------------------------------------------------------------------------

    def game(self) -> GameTree:
        self.head()
        title = self.take("text", "the title of the game in quotes").text
        self.take("open", "the names of the players in braces")
        names = []
        while self.at("text"):
            names.append(self.advance().text)
        self.take("close", "a player's name in quotes, or } after the last")
        self.players = tuple(names)
        comment = self.advance().text if self.at("text") else ""
        self.tree()
        return self.build(title, comment)

    def head(self) -> None:
        if self.now.text != "EFG":
            raise self.refuse(self.found(), 'a file that begins with: EFG 2 R "title" { "player" … }')
        self.advance()
        version = self.take("number", "the format version, 2")
        if version.text != "2":
            raise self.refuse(
                f"format version {version.text[:20]} is not supported", "version 2", version.line
            )
        if self.now.text not in ("R", "D"):
            raise self.refuse(self.found(), "the number type, R or D, after EFG 2")
        self.advance()

    def tree(self) -> None:
        """Read the nodes. A stack holds the open branches, so depth costs no recursion."""
        open_branches: list[tuple[int, int]] = [(-1, -1)]
        while open_branches:
            parent, branch = open_branches.pop()
            if len(self.nodes) >= MOST_NODES:
                raise self.refuse(f"the game has more than {MOST_NODES:,} nodes", "a smaller game")
            here = len(self.nodes)
            branches = self.node(parent, branch, missing=len(open_branches) + 1)
            open_branches.extend((here, place) for place in reversed(range(branches)))
        if not self.at("end"):
            raise self.refuse(
                f"{self.found()} after the end of the tree",
                "the end of the file: every branch has its node already",
            )

    def node(self, parent: int, branch: int, missing: int) -> int:
        """Read one node; returns its number of branches."""
        kind = self.now
        if kind.kind != "word" or kind.text not in ("c", "p", "t"):
            plural = "branch has" if missing == 1 else "branches have"
            raise self.refuse(
                self.found(), f"a node that begins with c, p or t: {missing} {plural} no node yet"
            )
        self.advance()
        label = self.take("text", "the node's name in quotes").text
        node = _Node(label, parent, branch, kind.line)
        self.nodes.append(node)
        branches = 0
        if kind.text == "t":
            self.outcome(node)
            return 0
        player = CHANCE
        if kind.text == "p":
            player = self.take_whole("the number of the player who moves") - 1
            if not 0 <= player < len(self.players):
                raise self.refuse(
                    f"player {player + 1} does not exist",
                    f"a player from 1 to {len(self.players)}",
                    kind.line,
                )
        branches = self.information_set(node, player)
        self.outcome(node)
        return branches

    def information_set(self, node: _Node, player: int) -> int:
        line = self.now.line
        number_ = self.take_whole("the number of the information set")
        key = (player, number_)
        label = self.advance().text if self.at("text") else ""
        actions: list[str] = []
        chances: list[Fraction] = []
        if self.at("open"):
            self.advance()
            while self.at("text"):
                actions.append(self.advance().text)
                if player == CHANCE:
                    token = self.take("number", "the probability of the chance action")
                    chances.append(number(token, self.file))
            self.take("close", "an action in quotes, or } after the last")
            if not actions:
                raise self.refuse("an information set has no actions", "at least one action in braces", line)
            self.check_chances(chances, line)
        known = self.sets.get(key)
        if known is None:
            if not actions:
                raise self.refuse(
                    f"information set {number_} appears first without its actions",
                    "its actions in braces",
                    line,
                )
            known = _Set(player, number_, label, tuple(actions), tuple(chances), line)
            self.sets[key] = known
        elif actions and len(actions) != len(known.actions):
            raise self.refuse(
                f"information set {number_} has {len(actions)} actions here, {len(known.actions)} in line {known.line}",
                "the same actions at every node of an information set",
                line,
            )
        elif chances and chances != list(known.chances):
            raise self.refuse(
                f"chance information set {number_} has other probabilities than in line {known.line}",
                "the same probabilities at every node of an information set",
                line,
            )
        node.set_key = key
        return len(known.actions)

    def check_chances(self, chances: list[Fraction], line: int) -> None:
        if any(chance < 0 for chance in chances):
            raise self.refuse("a chance probability is negative", "probabilities of at least 0", line)
        if chances and abs(sum(chances, Fraction(0)) - 1) > PROBABILITY_SLACK:
            raise self.refuse(
                f"the chance probabilities add up to {float(sum(chances)):.6g}",
                "probabilities that add up to 1",
                line,
            )

    def outcome(self, node: _Node) -> None:
        """Outcome number, then its name and payoffs where they are given; 0 stands for no outcome."""
        if not self.at("number"):
            raise self.refuse(self.found(), "the number of the outcome (0 for none)")
        line = self.now.line
        node.outcome = self.take_whole("the number of the outcome, a whole number")
        label = self.advance().text if self.at("text") else ""
        payoffs: tuple[Fraction, ...] | None = None
        if self.at("open"):
            self.advance()
            found = []
            while self.at("number"):
                found.append(number(self.advance(), self.file))
            self.take("close", "a payoff, or } after the last")
            if len(found) != len(self.players):
                raise self.refuse(
                    f"{len(found)} payoffs are given",
                    f"one for each of the {len(self.players)} players",
                    line,
                )
            payoffs = tuple(found)
        if node.outcome == 0:
            if payoffs is not None and any(payoffs):
                raise self.refuse(
                    "outcome 0 has payoffs", "a number other than 0 for an outcome with payoffs", line
                )
            return
        known = self.outcomes.get(node.outcome)
        if known is None:
            self.outcomes[node.outcome] = _Outcome(label, payoffs, line)
        elif known.payoffs is None:
            known.payoffs, known.label = payoffs, known.label or label
        elif payoffs is not None and payoffs != known.payoffs:
            raise self.refuse(
                f"outcome {node.outcome} has other payoffs than in line {known.line}",
                "the same payoffs wherever an outcome appears, or none after the first time",
                line,
            )

    # --- arrays ----------------------------------------------------------------------------------------------

    def build(self, title: str, comment: str) -> GameTree:
        outcome_keys = {key: place for place, key in enumerate(self.outcomes)}
        for key, outcome in self.outcomes.items():
            if outcome.payoffs is None:
                raise self.refuse(
                    f"outcome {key} has no payoffs anywhere", "its payoffs in braces", outcome.line
                )
        set_keys = {
            key: place
            for place, key in enumerate(sorted((k for k in self.sets if k[0] != CHANCE), key=lambda k: k[0]))
        }
        information_sets = []
        first = 0
        for set_key in set_keys:
            each = self.sets[set_key]
            information_sets.append(InformationSet(each.player, each.number, each.label, each.actions, first))
            first += len(each.actions)
        payoffs = np.zeros((len(self.outcomes) + 1, len(self.players)))
        for number_, place in outcome_keys.items():
            known = self.outcomes[number_]
            payoffs[place] = [self.finite(value, known.line) for value in known.payoffs or ()]
        odds = {key: _normal(each.chances) for key, each in self.sets.items() if each.chances}
        above = [self.nodes[node.parent].set_key if node.parent >= 0 else None for node in self.nodes]
        chance = [
            float(odds[key][node.branch]) if key in odds else 1.0
            for node, key in zip(self.nodes, above, strict=True)
        ]
        labels = [
            "" if key is None else self.sets[key].actions[node.branch]
            for node, key in zip(self.nodes, above, strict=True)
        ]
        places = np.array([outcome_keys.get(node.outcome, -1) for node in self.nodes], dtype=int)
        return GameTree(
            title=title,
            comment=comment,
            players=self.players,
            parent=np.array([node.parent for node in self.nodes], dtype=int),
            branch=np.array([node.branch for node in self.nodes], dtype=int),
            mover=np.array(
                [TERMINAL if node.set_key is None else node.set_key[0] for node in self.nodes], dtype=int
            ),
            information_set=np.array(
                [set_keys.get(node.set_key or (CHANCE, 0), -1) for node in self.nodes], dtype=int
            ),
            chance=np.array(chance),
            payoff=payoffs[places],
            outcome=places,
            outcomes=tuple(each.label for each in self.outcomes.values()),
            node_labels=tuple(node.label for node in self.nodes),
            branch_labels=tuple(labels),
            information_sets=tuple(information_sets),
        )

    def finite(self, value: Fraction, line: int) -> float:
        try:
            return float(value)
        except OverflowError:
            raise self.refuse("a payoff is too large", "payoffs below 1e300", line) from None


def _normal(chances: tuple[Fraction, ...]) -> list[Fraction]:
    total = sum(chances, Fraction(0))
    return [chance / total for chance in chances]
