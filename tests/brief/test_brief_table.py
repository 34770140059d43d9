"""The options table says what the run found: numbers, intervals, places on shared scales, grades."""

from __future__ import annotations

import re

import numpy as np
import pytest

from excomm.brief.figures import Figures
from excomm.brief.outline import Brief
from excomm.brief.strips import MARGIN, WIDTH, Scale, linear_scale, log_scale, with_distribution
from excomm.brief.words import chance, share_text
from excomm.engine.run import Run
from excomm.engine.wording import frequency_base, row_wording, signed
from excomm.quantities import OUTCOMES, Outcome


def number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-").replace("+", "").rstrip("%"))


def rows(brief: Brief) -> dict[str, object]:
    return {row.id: row for group in brief.table.groups for row in group.rows}


def test_every_amount_is_the_mean_of_the_run(brief: Brief, run: Run) -> None:
    for group in brief.table.groups:
        for row in group.rows:
            outcome = OUTCOMES[row.id]
            for cell in row.cells:
                if cell.text.main == "–":
                    assert outcome.paired
                    continue
                found = run.summary.sel(outcome=row.id, option=cell.option)
                mean, p05, p95 = (float(found[name]) for name in ("mean", "p05", "p95"))
                shown = number(cell.text.main.replace("<", ""))
                if outcome.kind == "probability" and outcome.rare:
                    shown /= number(cell.text.unit.removeprefix("in "))
                elif outcome.kind in ("probability", "share"):
                    shown /= 100
                allowed = max(
                    abs(p95 - p05) * 0.06, abs(mean) * 0.05, 0.006 if outcome.kind != "amount" else 0
                )
                if cell.text.main.startswith("<"):  # too small for the last digit of its row, and not nil
                    assert 0 < mean < shown / 2, (row.id, cell.option)
                else:
                    assert shown == pytest.approx(mean, abs=allowed + 1e-12), (row.id, cell.option)
                assert cell.grade == found["grade"].item()


def test_strips_of_a_row_share_one_scale(brief: Brief, run: Run) -> None:
    for group in brief.table.groups:
        for row in group.rows:
            cells = [cell for cell in row.cells if cell.strip]
            means = [float(run.summary["mean"].sel(outcome=row.id, option=cell.option)) for cell in cells]
            places = [cell.strip.value for cell in cells if cell.strip]
            assert np.array_equal(np.argsort(means, kind="stable"), np.argsort(places, kind="stable")) or len(
                set(places)
            ) < len(places)
            assert all(MARGIN <= place <= WIDTH - MARGIN for place in places)
            ticks = {
                cell.strip.reference for cell in cells if cell.strip and cell.strip.reference is not None
            }
            assert len(ticks) <= 1


def test_rare_events_are_counted_in_cases(brief: Brief) -> None:
    for group in brief.table.groups:
        for row in group.rows:
            if OUTCOMES[row.id].kind == "probability" and OUTCOMES[row.id].rare:
                assert row.unit.startswith("in ")
                assert "log scale" in row.scale_text
                assert all("%" not in cell.text.main for cell in row.cells)


def test_differences_are_paired_and_only_of_other_options(brief: Brief, figures: Figures) -> None:
    for group in brief.table.groups:
        for row in group.rows:
            for option, cell in zip(figures.options, row.cells, strict=True):
                if option.is_reference or OUTCOMES[row.id].paired:
                    assert cell.change is None
                    continue
                assert cell.change is not None
                change = figures.change(row.id, option)
                assert (cell.higher == "") == change.is_nil
                if not change.is_nil and number(cell.change.main.replace("<", "")):
                    assert np.sign(number(cell.change.main)) == np.sign(change.mean)


def test_the_headline_holds_headline_outcomes_only(brief: Brief) -> None:
    shown = [row.id for group in brief.table.headline for row in group.rows]
    assert shown == [name for name, outcome in OUTCOMES.items() if outcome.headline]


# Words and scales ---------------------------------------------------------------------------------------------------


def test_numbers_read_as_people_say_them() -> None:
    killed, clash, share = (
        OUTCOMES["killed_host"],
        OUTCOMES["clash_probability"],
        OUTCOMES["ceasefire_probability"],
    )

    def told(outcome: Outcome, *cell: float, error: float = 0.0) -> str:
        mean, p05, p95 = cell
        return str(row_wording(outcome, [(mean, p05, p95, error)]).say(mean, p05, p95))

    assert told(killed, 41_234, 9_000, 68_000) == "41,000 people (9,000 to 68,000)"
    assert told(clash, 0.0032, 0.0005, 0.02) == "3.2 in 1,000 (0.5 to 20)"
    assert told(clash, 0.0032, 0.00001, 0.02) == "3.2 in 1,000 (<0.1 to 20)"
    assert told(clash, 0.0032, 0.0004, 0.02, error=0.001) == "3 in 1,000 (<1 to 20)"
    assert told(share, 0.23, 0.0, 0.71) == "23% (0 to 71%)"
    assert told(killed, 0, 0, 0) == "0 people"
    changes = row_wording(share, [(-0.10, -0.2, 0.05, 0.0)], changes=True)
    assert str(changes.say_change(-0.10, -0.2, 0.05)) == "−10 points (−20 to +5)"


def test_words_of_probability_come_with_numbers() -> None:
    assert chance(0.68) == "likely (68%)"
    assert chance(0.16) == "very unlikely (16%)"
    assert share_text(0.001) == "under 1%"
    assert share_text(0.0) == "0%"
    assert signed("3") == "+3"
    assert signed("−3") == "−3"
    assert signed("0") == "0"


@pytest.mark.parametrize(
    ("probabilities", "base"),
    [
        ((0.02, 0.9), 100),
        ((0.003, 0.004, 0.02), 1_000),
        ((0.0, 0.00001), 100_000),
        ((0.0,), 100),
        ((1e-9,), 1_000_000),
    ],
)
def test_a_row_is_counted_in_one_number_of_cases(probabilities: tuple[float, ...], base: int) -> None:
    assert frequency_base(probabilities) == base


def test_scales_are_round_and_hold_their_values() -> None:
    assert linear_scale([120, 470]) == Scale(0, 500)
    assert linear_scale([-3_100, 800]) == Scale(-4_000, 800)
    assert str(linear_scale([1, 2]).low) == "0.0"
    assert linear_scale([0.2], whole=True) == Scale(0, 1)
    assert linear_scale([0, 0]) == Scale(0, 1)
    scale = log_scale([0.0003, 0.04])
    assert (scale.low, scale.high, scale.is_log) == (pytest.approx(1e-4), pytest.approx(0.1), True)
    assert scale.place(scale.low) == MARGIN
    assert scale.place(scale.high) == WIDTH - MARGIN
    middle = scale.place(float(np.sqrt(scale.low * scale.high)))
    assert middle == pytest.approx(WIDTH / 2)
    assert scale.strip(0.001, 0, 0.01).cut_low
    assert not scale.strip(0.001, 0.0005, 0.01).cut_low


def test_outlines_show_where_the_draws_lie() -> None:
    """Two heaps of draws give two humps, at their places on the strip; a constant gives none."""
    scale = linear_scale([0.0, 10.0])
    heaps = np.repeat([2.0, 8.0], 100) + np.tile(np.linspace(-0.2, 0.2, 100), 2)
    strip = with_distribution(scale.strip(5.0, 2.0, 8.0), scale, heaps, np.zeros(200))
    points = [tuple(map(float, pair)) for pair in re.findall(r"L([\d.]+),([\d.]+)", strip.outline)]
    heights = {x: 8 - y for x, y in points}
    tops = sorted(sorted(heights, key=lambda x: -heights[x])[:2])
    assert tops == pytest.approx([scale.place(2.0), scale.place(8.0)], abs=4)
    assert min(heights[x] for x in heights if 55 < x < 77) < 0.5
    # One history is as wide as its chance: the valley between the heaps fills up.
    filled = with_distribution(scale.strip(5.0, 2.0, 8.0), scale, heaps, np.full(200, 9.0))
    assert all(
        float(y) < 5 for x, y in re.findall(r"L([\d.]+),([\d.]+)", filled.outline) if 55 < float(x) < 77
    )
    assert with_distribution(strip, scale, np.full(9, 3.0), np.zeros(9)).outline == strip.outline
    rare = log_scale([1e-4, 1e-2])
    assert with_distribution(
        rare.strip(1e-3, 1e-4, 1e-2), rare, np.geomspace(1e-4, 1e-2, 50), np.zeros(50)
    ).outline
