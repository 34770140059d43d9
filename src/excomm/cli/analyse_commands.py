"""Commands that ask single questions: of a stored run, of two cases that disagree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from excomm.cli.arguments import listed, name_run, tell

if TYPE_CHECKING:
    from excomm.analysis.disagreement import Disagreement
    from excomm.brief.charts.look import Chart
    from excomm.case.model import Case

__all__ = ["analyse", "disagree", "sensitivity"]

_OUT = Path("runs")


def _collections(text: str | None) -> dict[str, float] | None:
    """`PARAMETER=ERROR,…` as numbers."""
    from excomm.errors import UsageError

    if text is None:
        return None
    found = {}
    for part in listed(text) or ():
        name, _, error = part.partition("=")
        try:
            found[name.strip()] = float(error)
        except ValueError:
            raise UsageError(
                f"{part!r} states no collection",
                path="--collect",
                expected="PARAMETER=ERROR, the standard error in the parameter's unit",
                next_step="For example front.initial_gain=10.",
            ) from None
    return found


def _check_chart(file: Path | None) -> None:
    """A chart that cannot be written is found out before the work."""
    from excomm.errors import UsageError
    from excomm.storage import check_place

    if file is None:
        return
    if file.suffix not in (".svg", ".json"):
        raise UsageError(
            f"{file.name} has no known ending",
            path="--chart",
            expected="a file that ends in .svg or .json",
            next_step=f"Write --chart {file.stem}.svg.",
        )
    check_place(file, "--chart")


def _draw(charts: Sequence[Chart], file: Path) -> None:
    """The first chart as SVG with fixed colours, or as a Vega-Lite specification."""
    from excomm.errors import UsageError
    from excomm.storage import write_whole

    if not charts:
        raise UsageError(
            "this answer has no chart",
            path="--chart",
            expected="an answer with one",
            next_step="Leave --chart out.",
        )
    spec = charts[0].titled()
    if file.suffix == ".json":
        write_whole(file, json.dumps(spec, ensure_ascii=False, allow_nan=False))
        return
    import vl_convert

    write_whole(file, vl_convert.vegalite_to_svg({**spec, "background": "white"}))


def analyse(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder or id of a stored run.")],
    analysis: Annotated[
        str,
        typer.Argument(
            metavar="ANALYSIS",
            help="compare, drivers, weights, risk, robustness, discovery, tipping, information or stability.",
        ),
    ],
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Outcome, for compare, drivers, risk, discovery.")
    ] = None,
    option: Annotated[str | None, typer.Option("--option", help="Option that is looked at.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Option it is held against.")] = None,
    perspective: Annotated[
        str | None, typer.Option("--perspective", metavar="ACTOR", help="Whose value weights count.")
    ] = None,
    parameters: Annotated[
        str | None, typer.Option("--parameters", help="For tipping: parameters, separated by commas.")
    ] = None,
    line: Annotated[
        float | None, typer.Option("--line", help="For risk and discovery: the highest risk that you accept.")
    ] = None,
    requirement: Annotated[
        float | None,
        typer.Option("--requirement", help="For robustness: the value that is just good enough."),
    ] = None,
    better: Annotated[
        str | None,
        typer.Option("--better", help="For compare: higher or lower, where the case leaves it open."),
    ] = None,
    collect: Annotated[
        str | None,
        typer.Option(
            "--collect", metavar="PARAMETER=ERROR", help="For information: measurements, separated by commas."
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Draw the first chart: .svg, or .json for Vega-Lite."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = _OUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Ask one question of a stored run: what decides it, and how far does that hold?

    compare, drivers, weights, risk, robustness, discovery, tipping, information, stability.
    """
    from excomm.analysis.answers import ask
    from excomm.pipeline.stored import find_run, read_study

    _check_chart(chart)
    folder = find_run(run, out)
    study = read_study(folder)
    answer = ask(
        study,
        analysis,
        outcome=outcome,
        option=option,
        against=against,
        perspective=perspective,
        parameters=listed(parameters),
        line=line,
        requirement=requirement,
        better=better,
        collect=_collections(collect),
    )
    if chart is not None:
        from excomm.brief.charts.answers import charts_of

        _draw(charts_of(study, answer), chart)
    if as_json:
        typer.echo(json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False))
        return
    name_run(study, folder)
    tell([answer.question])
    tell(f"  - {sentence}" for sentence in answer.sentences)
    tell(f"  Note: {_ended(note)}" for note in answer.notes)


def _ended(note: str) -> str:
    return note if note.endswith((".", "?", "!")) else f"{note}."


def _pair(text: str | None, option: str) -> tuple[str, str] | None:
    from excomm.errors import UsageError

    if text is None:
        return None
    names = listed(text) or []
    if len(names) != 2:
        raise UsageError(
            f"{text!r} names {len(names)}",
            path=option,
            expected="two names, separated by a comma",
            next_step="",
        )
    return names[0], names[1]


def disagree(
    case_a: Annotated[str, typer.Argument(metavar="CASE_A", help="Id of a shipped case, or a case folder.")],
    case_b: Annotated[str, typer.Argument(metavar="CASE_B", help="The other case; it may be the same.")],
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Outcome to explain; the one furthest apart by default.")
    ] = None,
    option: Annotated[str | None, typer.Option("--option", help="Option under which to explain it.")] = None,
    codings: Annotated[
        str | None, typer.Option("--codings", metavar="A,B", help="Readings of the record: narrow or broad.")
    ] = None,
    perspectives: Annotated[
        str | None,
        typer.Option(
            "--perspectives", metavar="A,B", help="Explain values instead, as these two actors weigh."
        ),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the uncertain parameters.")] = 64,
    replicates: Annotated[int, typer.Option("--replicates", help="Random replicates of each draw.")] = 8,
    seed: Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same answer.")] = 0,
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE", help="Draw it: .svg, or .json for Vega-Lite.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Say how far apart two files are, and which of their settings explain it.

    Settings are exchanged group by group on the same draws and the same chance; each group gets its average effect.
    """
    from excomm.case import load
    from excomm.pipeline.disagree import disagree as compare

    _check_chart(chart)
    found = compare(
        load(case_a),
        load(case_b),
        outcome=outcome,
        option=option,
        codings=_pair(codings, "--codings") or ("narrow", "narrow"),
        perspectives=_pair(perspectives, "--perspectives"),
        draws=draws,
        replicates=replicates,
        seed=seed,
    )
    if chart is not None:
        from excomm.brief.charts.bars import disagreement_chart

        _draw([disagreement_chart(found.why)] if found.why else [], chart)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False))
        return
    tell([found.sentence])
    for divided in (found.why, found.record):
        if divided is not None:
            tell(_parts(divided))
    if found.settings:
        one, two = found.sides
        tell(["", f"The settings that differ, with {one} before the bar and {two} behind it:"])
        tell(f"  {each.group}: {each.name}: {each.first} | {each.second}" for each in found.settings)


def _parts(divided: Disagreement) -> Iterator[str]:
    """A distance and what each group of settings adds to it, the largest part first."""
    from excomm.analysis.samples import Z90
    from excomm.analysis.wording import number
    from excomm.engine.wording import plain_unit, signed

    unit = plain_unit(divided.unit)
    yield ""
    yield (
        f"What each group adds to {divided.conclusion} on the way from {divided.sides[0]} to {divided.sides[1]}"
        f"{f', {unit}' if unit else ''} (± half of the 90% interval):"
    )
    parts = sorted(
        zip(divided.groups, divided.effect, divided.error, strict=True), key=lambda part: -abs(part[1])
    )
    for name, effect, error in parts:
        size = signed(number(float(effect), float(error) or None))
        yield f"  {size:>10} ± {number(Z90 * float(error), float(error) or None):<8} {name}"


def sensitivity(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id of a shipped case, or a case folder.")],
    outcome: Annotated[
        str, typer.Option("--outcome", help="Outcome whose variance is divided.")
    ] = "area_change",
    option: Annotated[str | None, typer.Option("--option", help="Option; the reference by default.")] = None,
    base: Annotated[
        int,
        typer.Option("--base", help="Draws of each block: a power of 2 from 64; with --slopes, all draws."),
    ] = 64,
    replicates: Annotated[
        int | None, typer.Option("--replicates", help="Random replicates of each draw; 8 by default.")
    ] = None,
    slopes: Annotated[
        bool, typer.Option("--slopes", help="Say instead what a small step in each parameter does.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same answer.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False,
) -> None:
    """Say which submodels, and how much chance, drive an outcome: Sobol indices from runs designed for them.

    Alone: what knowing the submodel would remove of the variance; in all: what would stay if all others were known.
    With --slopes: derivatives in every parameter along the mean path of the weeks, postures held.
    """
    from excomm.case import load

    if slopes:
        _slopes(load(case), outcome, option, base, replicates, seed, as_json)
        return
    from excomm.pipeline.sensitivity import sensitivity as divide

    found = divide(
        load(case),
        outcome=outcome,
        option=option,
        base=base,
        replicates=8 if replicates is None else replicates,
        seed=seed,
    )
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False))
        return
    tell(found.sentences)
    typer.echo("")
    width = max(len(name) for name in ("group", *found.indices.groups))
    typer.echo(f"  {'group':<{width}} {'alone':>20} {'in all':>20}")
    for at in found.indices.order:
        cells = [
            "{:.0%} ({:.0%} to {:.0%})".format(
                # Below 0 is an error of estimation: no group explains less than nothing.
                *(max(getattr(found.indices, f"{kind}{end}")[at], 0.0) for end in ("", "_low", "_high"))
            )
            for kind in ("first", "total")
        ]
        typer.echo(f"  {found.indices.groups[at]:<{width}} {cells[0]:>20} {cells[1]:>20}")


def _slopes(
    case: Case, outcome: str, option: str | None, draws: int, replicates: int | None, seed: int, as_json: bool
) -> None:
    """`sensitivity --slopes`: a table of effects per standard deviation, the largest first."""
    from excomm.analysis.wording import number
    from excomm.errors import UsageError
    from excomm.pipeline.slopes import CHECKED
    from excomm.pipeline.slopes import slopes as differentiate

    if replicates is not None:
        raise UsageError(
            "slopes follow the mean path, without chance",
            path="--replicates",
            expected="no replicates with --slopes",
            next_step="Leave --replicates out.",
        )
    found = differentiate(case, outcome=outcome, option=option, draws=draws, seed=seed)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False))
        return
    tell(found.sentences)
    if not found.moved:
        return
    effects = found.effects
    for at in effects.order[:CHECKED]:
        name = effects.parameters[at]
        if name not in found.moved:
            break
        mean, low, high = (number(float(each[at])) for each in (effects.mean, effects.low, effects.high))
        share = f"{effects.linear[at]:.0%} to {min(effects.bound[at], 1.0):.0%}"
        way = f"{number(found.moved[name])} from its 5% to its 95% point, {number(found.straight[name])} by the slope"
        tell([f"  {name}: {mean} ({low} to {high}) per standard deviation; {share} of the variance; {way}."])
