"""Drawing of a game tree as SVG, with the probabilities of a solution."""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from excomm.errors import UsageError
from excomm.game.efg.solver import TreeSolution
from excomm.game.efg.tree import CHANCE, TERMINAL, GameTree

MOST_LEAVES = 1500
ROW, COLUMN, MARGIN = 34, 190, 40  # pixels between leaves, between moves, and around the tree
PAYOFF_ROOM = 150  # pixels for payoffs at the right
# Colours that people with colour-blindness tell apart (Okabe and Ito); shape and text repeat what they say.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:12px;fill:#222}.small{font-size:11px;fill:#555}"
    ".edge{stroke:#777;fill:none}.set{stroke-dasharray:4 4;fill:none;stroke-width:1.5}"
    "@media (prefers-color-scheme:dark){text{fill:#eee}.small{fill:#bbb}.edge{stroke:#aaa}}"
)


def draw_tree(solution: TreeSolution) -> str:
    """The tree from left to right: circles are players' moves, squares chance, dashed lines information sets.

    Each branch carries its action and probability, thicker where it is likelier; each end its payoffs.
    """
    tree = solution.tree
    across, down = _places(tree)
    width = int(across.max()) + MARGIN + PAYOFF_ROOM
    height = int(down.max()) + 2 * MARGIN
    title = escape(tree.title or "Game tree")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{_attribute(tree.title)}">',
        f"<title>{title}</title><style>{STYLE}</style>",
        f'<text x="{MARGIN}" y="22">{title} · lambda {solution.lam:g}</text>',
        *_sets(tree, across, down),
        *_edges(solution, across, down),
        *_nodes(tree, across, down),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _places(tree: GameTree) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Horizontal and vertical place of each node: leaves in rows, a parent midway between its outer children."""
    leaves = np.flatnonzero(tree.mover == TERMINAL)
    if leaves.size > MOST_LEAVES:
        raise UsageError(
            f"the game has {leaves.size} ends", expected=f"at most {MOST_LEAVES} ends for a drawing"
        )
    down = np.zeros(tree.nodes)
    down[leaves] = MARGIN + ROW * (0.5 + np.arange(leaves.size))
    low, high = np.full(tree.nodes, np.inf), np.full(tree.nodes, -np.inf)
    for node in range(tree.nodes - 1, -1, -1):
        if tree.mover[node] != TERMINAL:
            down[node] = 0.5 * (low[node] + high[node])
        above = tree.parent[node]
        if above >= 0:
            low[above], high[above] = min(low[above], down[node]), max(high[above], down[node])
    return MARGIN + COLUMN * tree.depth.astype(float), down


def _colour(player: int) -> str:
    return COLOURS[player % len(COLOURS)]


def _edges(solution: TreeSolution, across: NDArray[np.float64], down: NDArray[np.float64]) -> list[str]:
    tree = solution.tree
    lines = []
    for node in range(1, tree.nodes):
        above = int(tree.parent[node])
        action = int(tree.action[node])
        probability = float(tree.chance[node]) if action < 0 else float(solution.probabilities[action])
        bend = 0.45 * COLUMN
        lines.append(
            f'<path class="edge" stroke-width="{0.8 + 3.2 * probability:.2f}" '
            f'd="M{across[above]:.1f} {down[above]:.1f} '
            f"C{across[above] + bend:.1f} {down[above]:.1f} {across[above] + 30:.1f} {down[node]:.1f} "
            f'{across[above] + bend + 15:.1f} {down[node]:.1f} L{across[node]:.1f} {down[node]:.1f}"/>'
        )
        label = tree.branch_labels[node] or f"({int(tree.branch[node]) + 1})"
        label = label if len(label) <= 14 else label[:13] + "…"
        lines.append(
            f'<text x="{across[node] - 10:.1f}" y="{down[node] - 5:.1f}" text-anchor="end">{escape(label)} '
            f"{probability:.3f}</text>"
        )
    return lines


def _sets(tree: GameTree, across: NDArray[np.float64], down: NDArray[np.float64]) -> list[str]:
    lines = []
    for place, each in enumerate(tree.information_sets):
        members = np.flatnonzero(tree.information_set == place)
        if members.size < 2:
            continue
        ordered = members[np.argsort(down[members])]
        path = " ".join(
            f"{'M' if not at else 'L'}{across[n]:.1f} {down[n]:.1f}" for at, n in enumerate(ordered)
        )
        lines.append(f'<path class="set" stroke="{_colour(each.player)}" d="{path}"/>')
    return lines


def _nodes(tree: GameTree, across: NDArray[np.float64], down: NDArray[np.float64]) -> list[str]:
    lines = []
    for node in range(tree.nodes):
        x, y = across[node], down[node]
        payoff = ", ".join(f"{value:g}" for value in tree.payoff[node])
        if tree.mover[node] == TERMINAL:
            lines.append(f'<text x="{x + 6:.1f}" y="{y + 4:.1f}">{escape(payoff)}</text>')
            continue
        if tree.mover[node] == CHANCE:
            lines.append(f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="#666"/>')
            name = "chance"
        else:
            player = int(tree.mover[node])
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{_colour(player)}"/>')
            each = tree.information_sets[int(tree.information_set[node])]
            name = tree.players[player] or f"player {player + 1}"
            name += f": {each.label}" if each.label else ""
        paid = f" [{payoff}]" if tree.outcome[node] >= 0 else ""
        lines.append(
            f'<text class="small" x="{x - 8:.1f}" y="{y + 20:.1f}">{escape(name[:24] + paid)}</text>'
        )
    return lines
