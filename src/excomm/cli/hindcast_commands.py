"""Commands about what can be checked against public series: `hindcast` and `calibrate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from excomm.hindcast.rolling import Hindcast

__all__ = ["calibrate", "hindcast"]

_LEFT_OUT = ("battles", "strategic-choice")


def hindcast(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="air-leaks, personnel, territory, crisis-violence, threats, battles, coalition, war-duration, "
            "strategic-choice, ardennes, or case CASE: the whole model from the information date of a case.",
        ),
    ],
    more: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Further files or folders, as with --data."),
    ] = None,
    *,
    data: Annotated[
        list[Path], typer.Option("--data", help="File or folder of the series; may be given several times.")
    ],
    train_until: Annotated[
        str | None,
        typer.Option(help="Last day to learn from; for a case its information date, which is the default."),
    ] = None,
    test_until: Annotated[
        str | None, typer.Option(help="Last day to score (default: the end of the series).")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Also write the figure (.png, .svg, .html or .json).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap and of sampled forecasts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Forecast a public series step by step, each step blind to what follows, and score it."""
    from excomm.hindcast.targets import TARGETS, run_hindcast

    if plot is not None:
        from excomm.hindcast.plot import check_chart

        check_chart(plot)
    if train_until is None and target in _LEFT_OUT:
        train_until = TARGETS[target].usual  # without effect: cases are left out in turn
    if target == "case":
        from excomm.errors import UsageError
        from excomm.pipeline.case_hindcast import hindcast_case

        if not more:
            raise UsageError(
                "no case is named",
                path="CASE",
                expected="excomm hindcast case CASE",
                next_step="See `excomm cases`.",
            )
        found = hindcast_case(str(more[0]), [*data, *more[1:]], train_until, test_until, seed=seed)
    elif train_until is None:
        from excomm.errors import UsageError

        raise UsageError(
            "no end of the training is given",
            path="--train-until",
            expected="a day, such as 2024-06-30",
            next_step="Add --train-until DATE.",
        )
    else:
        found = run_hindcast(target, [*data, *(more or [])], train_until, test_until, seed=seed)
    if plot is not None:
        from excomm.hindcast.plot import save_chart

        save_chart(found, plot)
        print(f"figure: {plot}", file=sys.stderr)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return
    _print_hindcast(found)


def _print_hindcast(found: Hindcast) -> None:
    typer.echo(
        f"{found.target} [{found.unit}]: learnt from {found.train[0].date()} on, "
        f"scored {found.test[0].date()} to {found.test[1].date()} ({found.test[2]} forecasts)"
    )
    for line in found.scores:
        typer.echo(f"\n{line.series}, {line.horizon} ahead, {line.score} (n {line.n}): {line.model:.4g}")
        for name, theirs in line.baselines.items():
            gap = line.difference[name]
            typer.echo(
                f"  {line.verdict(name):6}  {name} {theirs:.4g}; "
                f"difference {gap['mean']:+.3g} (90% {gap['p05']:+.3g} to {gap['p95']:+.3g})"
            )
    typer.echo("")
    seen = set()
    for line in found.scores:
        if line.coverage90 is not None and (line.series, line.horizon) not in seen:
            seen.add((line.series, line.horizon))
            typer.echo(
                f"{line.series}, {line.horizon} ahead: 50% intervals cover {line.coverage50:.0%}, "
                f"90% intervals cover {line.coverage90:.0%}"
            )
    for item in found.breaks:
        typer.echo(
            f"break in {item.series} on {item.date.date()} (noticed {item.noticed.date()}): {item.message}"
        )
    for text in found.warnings:
        typer.echo(f"warning: {text}", err=True)


def calibrate(
    target: Annotated[
        str,
        typer.Argument(metavar="TARGET", help="air-leaks, launches, personnel, territory or threats."),
    ],
    more: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Further files or folders, as with --data."),
    ] = None,
    *,
    data: Annotated[
        list[Path], typer.Option("--data", help="File or folder of the series; may be given several times.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="YAML file of the posteriors.")],
    train_until: Annotated[
        str | None, typer.Option(help="Last day to learn from (default: the end of the series).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sampler.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Fit a submodel to a public series and write the posterior with its diagnostics."""
    from excomm.calibrate.posterior import write_fits
    from excomm.calibrate.targets import run_calibration
    from excomm.hindcast.targets import parse_day
    from excomm.storage import check_place

    check_place(out, "--out", makes_folders=True)
    paths = [*data, *(more or [])]
    until = parse_day(train_until, "--train-until") if train_until else None
    fits = run_calibration(target, paths, until, seed=seed)
    write_fits(out, target, fits, [path.name for path in paths], train_until)
    print(f"posterior: {out}", file=sys.stderr)
    if as_json:
        content = {"target": target, "train_until": train_until, "fits": [fit.to_json() for fit in fits]}
        problems = [text for fit in fits for text in fit.problems()]
        typer.echo(json.dumps({**content, "warnings": problems}, ensure_ascii=False, indent=2))
        return
    for fit in fits:
        typer.echo(f"\n{fit.group} ({fit.n} observations to {fit.last}; {fit.method})")
        for one in fit.parameters:
            quality = (
                "" if one.rhat is None else f"; R-hat {one.rhat:.3f}, {one.effective:.0f} effective draws"
            )
            typer.echo(f"  {one.name}: {one.p50:.3g} ({one.p05:.3g} to {one.p95:.3g}) {one.unit}{quality}")
        for text in fit.problems():
            typer.echo(f"warning: {text}", err=True)
