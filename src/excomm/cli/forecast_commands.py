"""The group `forecast`: questions, forecasts, resolutions and scores in an append-only ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from excomm.cli.arguments import begun_whole, day_of

if TYPE_CHECKING:
    from excomm.hindcast.ledger import ForecastLedger
    from excomm.hindcast.question_files import Imported

__all__ = ["app"]

app = typer.Typer(
    name="forecast",
    help="Keep forecasts with rules fixed in advance, resolve them, and score the record.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

LedgerFile = Annotated[Path, typer.Option("--ledger", metavar="FILE", help="The ledger (SQLite).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
Lead = Annotated[int, typer.Option(help="Take the forecasts that stood this many days before the decision.")]
Unverified = Annotated[bool, typer.Option("--unverified", help="Also count outcomes that nobody checked.")]
_PUBLIC = (
    "crowd probabilities by day (an index with the columns market_id, short_name, url, last, and a table market_id, "
    "date, p), or questions with resolutions (columns id, question, freeze, freeze_value, resolution_date, …)"
)
DEFAULT = Path("forecasts.db")


def _day_or_today(text: str | None, option: str) -> date:
    return datetime.now(UTC).date() if text is None else day_of(text, option)


def _say(as_json: bool, content: dict[str, Any], text: str) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2) if as_json else text)


@contextmanager
def _book(path: Path, *, makes: bool = False) -> Iterator[ForecastLedger]:
    """The ledger, open. makes: the command may begin one; all others refuse a file that is not there."""
    from excomm.hindcast.ledger import ForecastLedger
    from excomm.storage import check_place, existing_file

    if makes and not path.exists():
        check_place(path, "--ledger")
    else:
        existing_file(
            path,
            "a ledger of forecasts",
            option="--ledger",
            next_step="Begin one with `excomm forecast add`, or name another file with --ledger.",
        )
    with begun_whole(path), ForecastLedger(path) as book:
        yield book


def _quantiles(pairs: list[str]) -> dict[float, float]:
    from excomm.errors import UsageError

    try:
        return {float(level): float(value) for level, value in (pair.split("=") for pair in pairs)}
    except ValueError as error:
        raise UsageError(
            f"{' '.join(pairs)} are not quantiles",
            path="--quantile",
            expected="LEVEL=VALUE, three times or more, such as --quantile .05=10 --quantile .5=20 --quantile .95=40",
        ) from error


@app.command("add", short_help="Ask a question, forecast it, or both.")
def add(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Id of the question.")],
    text: Annotated[str | None, typer.Option(help="The question (new questions).")] = None,
    rule: Annotated[str | None, typer.Option(help="What decides it, and where that can be read.")] = None,
    closes: Annotated[str | None, typer.Option(help="Last day for forecasts, YYYY-MM-DD.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit, which makes it a question about a quantity.")
    ] = None,
    base_rate: Annotated[float | None, typer.Option(help="Rate of such events, 0 to 1.")] = None,
    base_rate_source: Annotated[str | None, typer.Option(help="Where the base rate comes from.")] = None,
    forecaster: Annotated[str, typer.Option(help="Who forecasts.")] = "me",
    probability: Annotated[float | None, typer.Option(help="Probability of yes, 0 to 1.")] = None,
    quantile: Annotated[list[str] | None, typer.Option(help="LEVEL=VALUE, several times.")] = None,
    made: Annotated[str | None, typer.Option(help="Day of the forecast (default: today).")] = None,
    ledger: LedgerFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Ask a question (with --text, --rule, --closes), forecast it (with --probability or --quantile), or both."""
    from excomm.errors import UsageError
    from excomm.hindcast.ledger import ForecastMade, Question

    with _book(ledger, makes=True) as book, book.batch():
        entries = []
        if text is not None or rule is not None or closes is not None:
            if text is None or rule is None or closes is None:
                raise UsageError(
                    f"question {question} is incomplete",
                    path="--text, --rule, --closes",
                    expected="all three: a question without a rule cannot be resolved",
                )
            kind = "quantity" if unit else "binary"
            day = day_of(closes, "--closes")
            entries.append(
                book.ask(Question(question, text, rule, day, kind, unit, base_rate, base_rate_source))
            )
        if probability is not None or quantile:
            levels = _quantiles(quantile) if quantile else None
            forecast = ForecastMade(question, forecaster, _day_or_today(made, "--made"), probability, levels)
            entries.append(book.forecast(forecast))
        if not entries:
            raise UsageError(
                "nothing to add",
                path=question,
                expected="--text, --rule and --closes for a question, --probability or --quantile for a forecast",
            )
        content = {"entries": [{"seq": e.seq, "kind": e.kind, "hash": e.hash} for e in entries]}
    lines = [f"{e.seq}: {e.kind} of {question} ({e.hash[:12]})" for e in entries]
    _say(as_json, content, "\n".join([*lines, f"ledger: {ledger}"]))


@app.command("from-run", short_help="Add what a run forecasts about events by its horizon.")
def from_run(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Id or folder of a stored run, or a JSON file of forecasts.")
    ],
    ledger: LedgerFile = DEFAULT,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the stored runs.")] = Path(
        "runs"
    ),
    as_json: AsJson = False,
) -> None:
    """Add what a run forecasts about events by its horizon, as questions with rules and probabilities."""
    from excomm.hindcast.question_files import add_forecasts, read_forecasts

    if Path(run).is_file():
        content, forecaster, source = read_forecasts(Path(run)), Path(run).stem, run
    else:
        from excomm.pipeline.run_forecasts import run_forecasts
        from excomm.pipeline.stored import find_run

        folder = find_run(run, out)
        content, forecaster, source = run_forecasts(folder), f"excomm/{folder.resolve().name}", str(folder)
    with _book(ledger, makes=True) as book:
        found = add_forecasts(book, content, forecaster, source)
    _report_import(found, ledger, as_json)


@app.command("import", short_help="Import crowd probabilities and resolved questions.")
def import_(
    data: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files of questions, or their folder.")
    ],
    ledger: LedgerFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Import crowd probabilities by day, and questions with resolutions."""
    from excomm.errors import InputError, ObservationError
    from excomm.hindcast.question_files import Imported, import_crowd, import_questions
    from excomm.storage import existing_file

    for path in data:
        if not path.is_dir() and not existing_file(path, _PUBLIC).stat().st_size:
            raise InputError("the file is empty", file=str(path), expected=_PUBLIC)
    parts, refused = [], []
    with _book(ledger, makes=True) as book:
        for reader in (import_crowd, import_questions):
            try:
                parts.append(reader(book, data))
            except ObservationError as error:
                refused.append(error)
        if not parts:
            for one in refused:
                if not one.message.startswith("no file holds"):
                    raise one
            raise InputError(
                "no such table",
                file=str(data[0]),
                expected=_PUBLIC,
                next_step="Name the folder that holds these tables; own forecasts enter by `excomm forecast add`.",
            )
    notes = tuple(note for part in parts for note in part.notes)
    total = Imported(
        sum(part.questions for part in parts),
        sum(part.forecasts for part in parts),
        sum(part.resolutions for part in parts),
        notes,
    )
    _report_import(total, ledger, as_json)


def _report_import(found: Imported, ledger: Path, as_json: bool) -> None:
    content = {
        "questions": found.questions,
        "forecasts": found.forecasts,
        "resolutions": found.resolutions,
        "warnings": list(found.notes),
    }
    _say(
        as_json,
        content,
        f"{found.questions} questions, {found.forecasts} forecasts and {found.resolutions} resolutions added; "
        f"ledger: {ledger}",
    )
    if not as_json:
        for note in found.notes:
            typer.echo(f"note: {note}", err=True)


@app.command("resolve", short_help="Resolve a question by its rule, or correct that.")
def resolve(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Id of the question.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="yes, no, void, or a number.")],
    source: Annotated[str, typer.Option(help="Where the outcome can be read.")],
    on: Annotated[str | None, typer.Option(help="Day on which it was known (default: today).")] = None,
    correct: Annotated[
        str | None, typer.Option("--correct", metavar="WHY", help="Why this replaces an earlier resolution.")
    ] = None,
    ledger: LedgerFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Resolve a question by its rule. A second resolution needs --correct and its reason; both stay in the ledger."""
    from excomm.errors import UsageError
    from excomm.hindcast.ledger import Resolution
    from excomm.hindcast.ledger_entries import outcome_text

    words: dict[str, float | None] = {"yes": 1.0, "no": 0.0, "void": None}
    try:
        value = words[outcome.lower()] if outcome.lower() in words else float(outcome)
    except ValueError as error:
        raise UsageError(
            f"{outcome!r} is not an outcome", path="OUTCOME", expected="yes, no, void, or a number"
        ) from error
    with _book(ledger) as book:
        asked = book.questions().get(question)
        entry = book.resolve(
            Resolution(question, value, _day_or_today(on, "--on"), source, correction=correct)
        )
    told = outcome_text(asked, value) if asked else outcome
    corrected = ", which corrects the earlier resolution" if correct else ""
    _say(
        as_json,
        {"seq": entry.seq, "hash": entry.hash},
        f"{entry.seq}: {question} resolved to {told}{corrected} ({entry.hash[:12]})",
    )


@app.command("score", short_help="Score each forecaster against base rate and crowd.")
def score(
    ledger: LedgerFile = DEFAULT,
    lead: Lead = 0,
    unverified: Unverified = False,
    exponent: Annotated[
        float, typer.Option(help="Exponent of the pool of forecasters, relative to the base rate.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Brier, log score and CRPS by forecaster, skill against the base rate and the crowd, void rate."""
    from excomm.hindcast.track_record import score_ledger

    with _book(ledger) as book:
        book.verify()
        record = score_ledger(book, lead=lead, unverified=unverified, exponent=exponent)
    lines = [
        f"{record.questions} questions, {record.resolved} resolved ({record.unverified} of them unverified), "
        f"{record.void} void (void rate {record.void_rate:.0%})"
    ]
    if record.corrected:
        lines.append(f"{record.corrected} resolved by a correction of an earlier resolution")
    if record.unforecast:
        lines.append(
            f"{record.unforecast} resolved questions have no forecast from before the day of their decision "
            "and do not count"
        )
    for one in record.forecasters:
        parts = [f"{one.forecaster}:"]
        if one.brier is not None:
            parts.append(f"Brier {one.brier:.4f}, log {one.log:.3f} (n {one.binary})")
        if one.crps is not None:
            parts.append(f"CRPS {one.crps:.4g} (n {one.quantity})")
        for name, gap in one.against.items():
            parts.append(
                f"against {name}: {gap['difference']:+.4f} ({gap['p05']:+.4f} to {gap['p95']:+.4f}, n {gap['n']:.0f})"
            )
        lines.append(" ".join(parts))
    _say(as_json, record.to_json(), "\n".join(lines))


@app.command("calibration", short_help="Show how reliable one forecaster's probabilities are.")
def calibration(
    forecaster: Annotated[str, typer.Argument(metavar="FORECASTER", help="Whose forecasts.")] = "me",
    ledger: LedgerFile = DEFAULT,
    lead: Lead = 0,
    unverified: Unverified = False,
    as_json: AsJson = False,
) -> None:
    """Reliability of one forecaster's probabilities: CORP diagram and decompositions."""
    from excomm.errors import UsageError
    from excomm.hindcast.track_record import calibration as calibrate

    with _book(ledger) as book:
        book.verify()
        found = calibrate(book, forecaster, lead=lead, unverified=unverified)
    if found is None:
        raise UsageError(
            f"{forecaster} has no resolved forecasts", path="FORECASTER",
            expected="a forecaster with resolved yes-or-no questions",
            next_step="Run `excomm forecast score` for the names.",
        )  # fmt: skip
    bare, terms, n = found
    content = {"forecaster": forecaster, "n": n, "corp": vars(bare), "murphy": vars(terms)}
    lines = [
        f"{forecaster}, {n} forecasts: Brier {bare.brier:.4f} = miscalibration {bare.miscalibration:.4f} "
        f"- discrimination {bare.discrimination:.4f} + uncertainty {bare.uncertainty:.4f}",
        f"Murphy, {len(terms.groups)} groups: Brier = reliability {terms.reliability:.4f} "
        f"- resolution {terms.resolution:.4f} + uncertainty {terms.uncertainty:.4f} "
        f"+ within groups {terms.within:.4f}",
        "reliability diagram (CORP): forecasts, recalibrated probability, number",
    ]
    lines += [
        f"{low:8.3f} to {high:.3f} {fitted:8.3f} {count:5d}" for low, high, fitted, count in bare.blocks()
    ]
    _say(as_json, content, "\n".join(lines))


@app.command("show")
def show(
    question: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="Only this question.")] = None,
    ledger: LedgerFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """List the entries, and check the chain of hashes."""
    from excomm.hindcast.ledger_entries import entry_text

    with _book(ledger) as book:
        head = book.verify()
        entries = [e for e in book.entries() if question in (None, e.subject)]
        if question is not None:
            book.question(question)
        questions = book.questions()
    rows = [
        {
            "seq": e.seq,
            "recorded": e.recorded,
            "kind": e.kind,
            "question": e.subject,
            **e.body,
            "hash": e.hash,
        }
        for e in entries
    ]
    lines = [
        f"{e.seq}  {e.recorded[:10]}  {e.subject}: {entry_text(e, questions[e.subject])}" for e in entries
    ]
    _say(as_json, {"head": head, "entries": rows}, "\n".join([*lines, f"chain intact; head {head}"]))
