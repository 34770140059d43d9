"""The course of a crisis game as a drawing: how probable each posture of both sides is, epoch by epoch."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from excomm.game.reading import OptionReading

__all__ = ["draw_course"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
BAR, GAP, HEIGHT, LEFT, TOP, LABELS = 36, 4, 160, 60, 60, 220
SMALLEST_TEXT = 0.06  # a share below this has no room for its number


def _panel(path: Floats, names: tuple[str, ...], title: str, top: int) -> list[str]:
    """Stacked bars, one an epoch, from the lowest posture at the bottom; darker is higher."""
    number = path.shape[1]
    shades = np.linspace(0.92, 0.25, number)
    parts = [f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{escape(title)}</text>']
    for epoch, shares in enumerate(path):
        x, base = LEFT + epoch * (BAR + GAP), float(top + HEIGHT)
        for level, share in enumerate(shares):
            tall = float(share) * HEIGHT
            base -= tall
            grey = round(255 * shades[level])
            parts.append(
                f'<rect x="{x}" y="{base:.2f}" width="{BAR}" height="{tall:.2f}" fill="rgb({grey},{grey},{grey})" '
                f'stroke="#555" stroke-width="0.5"><title>{escape(names[level])}: {share:.3f}</title></rect>'
            )
            if share >= SMALLEST_TEXT:
                ink = "#000" if shades[level] > 0.55 else "#fff"
                parts.append(
                    f'<text x="{x + BAR / 2}" y="{base + tall / 2 + 4:.2f}" text-anchor="middle" fill="{ink}" '
                    f'font-size="10">{100 * share:.0f}</text>'
                )
        parts.append(
            f'<text x="{x + BAR / 2}" y="{top + HEIGHT + 14}" text-anchor="middle" font-size="10">'
            f"{4 * (epoch + 1)}</text>"
        )
    right = LEFT + path.shape[0] * (BAR + GAP) + 12
    for place, level in enumerate(reversed(range(number))):
        grey = round(255 * shades[level])
        y = top + 12 + 20 * place
        parts.append(
            f'<rect x="{right}" y="{y - 10}" width="14" height="14" fill="rgb({grey},{grey},{grey})" stroke="#555"/>'
            f'<text x="{right + 20}" y="{y + 2}">{escape(names[level])}</text>'
        )
    return parts


def draw_course(reading: OptionReading, title: str, postures: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """SVG with two panels: postures of the alliance, postures of the adversary, in percent while the crisis lasts."""
    epochs = reading.adversary_path.shape[0]
    width = LEFT + epochs * (BAR + GAP) + LABELS
    lower = TOP + HEIGHT + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{lower + HEIGHT + 40}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
        *_panel(reading.alliance_path, postures[0], "Alliance, % by week", TOP),
        *_panel(reading.adversary_path, postures[1], "Adversary, % by week", lower),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
