"""The figure of a hindcast: intervals and outcomes where forecasts are numbers, scores where they are classes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from excomm.errors import UsageError
from excomm.hindcast.rolling import Hindcast
from excomm.storage import check_place, write_whole

__all__ = ["check_chart", "hindcast_chart", "save_chart"]

MODEL_COLOUR, OUTCOME_COLOUR, RIVAL_COLOUR = "#0072B2", "#000000", "#999999"  # Okabe and Ito's set
FORMATS = {".png", ".svg", ".html", ".json"}


def _interval_table(hindcast: Hindcast) -> pd.DataFrame:
    rows = []
    for one in hindcast.forecasts:
        if one.quantiles is None:
            continue
        low, lower, middle, upper, high = one.quantiles
        rows.append(
            {"panel": f"{one.series}, {one.horizon} ahead" if one.horizon > 1 else one.series,
             "date": one.target, "low": low, "lower": lower, "middle": middle, "upper": upper, "high": high,
             "observed": one.observed}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _difference_table(hindcast: Hindcast) -> pd.DataFrame:
    rows = []
    for line in hindcast.scores:
        for name, gap in line.difference.items():
            base = abs(line.baselines[name]) or 1.0
            label = (
                f"{line.series} {line.horizon}: {line.score}"
                if line.horizon > 1
                else f"{line.series}: {line.score}"
            )
            rows.append({"comparison": f"{label} against {name}",
                         **{key: 100 * value / base for key, value in gap.items()}})  # fmt: skip
    return pd.DataFrame(rows)


def _skill_chart(table: pd.DataFrame) -> Any:
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=RIVAL_COLOUR).encode(x="x:Q")
    y = alt.Y("comparison:N", title=None, sort=None, axis=alt.Axis(labelLimit=340))
    bars = (
        alt.Chart(table)
        .mark_rule(color=MODEL_COLOUR, strokeWidth=3)
        .encode(
            y=y,
            x=alt.X("p05:Q", title="score of the model minus the baseline's, % of the baseline's"),
            x2="p95:Q",
        )
    )
    points = alt.Chart(table).mark_point(filled=True, size=60, color=MODEL_COLOUR).encode(y=y, x="mean:Q")
    return alt.layer(zero, bars, points).properties(
        width=460,
        title=alt.TitleParams(
            "Left of the line the model is better; an interval across it is a tie",
            subtitle="Mean difference with its 90% paired-bootstrap interval",
            anchor="start",
        ),
    )


def hindcast_chart(hindcast: Hindcast) -> Any:
    """An Altair chart: forecasts against outcomes (if numbers), then differences to every baseline."""
    parts: list[Any] = []
    table = _interval_table(hindcast)
    if not table.empty and table["date"].nunique() > 3:
        for panel, rows in table.groupby("panel", sort=False):
            x = alt.X("date:T", title=None)
            base = alt.Chart(rows)
            # Attacks come at irregular times: bars one by one, not a band that invents what lies between.
            regular = rows["date"].drop_duplicates().diff().nunique() <= 6
            wide_mark = base.mark_area(opacity=0.2, color=MODEL_COLOUR)
            narrow_mark = base.mark_area(opacity=0.35, color=MODEL_COLOUR)
            if not regular:
                wide_mark = base.mark_rule(opacity=0.35, color=MODEL_COLOUR, strokeWidth=1)
                narrow_mark = base.mark_rule(opacity=0.8, color=MODEL_COLOUR, strokeWidth=2)
            wide = wide_mark.encode(x=x, y=alt.Y("low:Q", title=hindcast.unit), y2="high:Q")
            narrow = narrow_mark.encode(x=x, y="lower:Q", y2="upper:Q")
            line = (
                base.mark_line(color=MODEL_COLOUR, strokeWidth=1) if regular else base.mark_point(opacity=0)
            )
            middle = line.encode(x=x, y="middle:Q")
            dots = base.mark_circle(color=OUTCOME_COLOUR, size=14).encode(x=x, y="observed:Q")
            parts.append(
                alt.layer(wide, narrow, middle, dots).properties(
                    width=640,
                    height=170,
                    title=alt.TitleParams(
                        f"{panel}: what came (dots) and what had been forecast",
                        subtitle="Line: median; bands: 50% and 90% of the forecast"
                        if regular
                        else "Thick bars: 50% of the forecast; thin bars: 90%",
                        anchor="start",
                    ),
                )
            )
    parts.append(_skill_chart(_difference_table(hindcast)))
    return alt.vconcat(*parts).configure_view(stroke=None).configure(font="sans-serif")


def check_chart(path: Path) -> None:
    """Find out before the work whether a figure can be written to `path`. Raises UsageError."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"{path.name} has no known ending", path="--plot", expected=f"one of {', '.join(sorted(FORMATS))}",
            next_step=f"Write --plot {path.stem}.png.",
        )  # fmt: skip
    check_place(path, "--plot", makes_folders=True)


def save_chart(hindcast: Hindcast, path: Path) -> None:
    """Write the figure, whole or not at all; the ending of the file names its format. Raises UsageError."""
    check_chart(path)
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / f"figure{path.suffix.lower()}"
        hindcast_chart(hindcast).save(str(draft))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, draft.read_bytes())
