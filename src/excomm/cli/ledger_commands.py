"""Commands about the ledger: what is believed, why, and since when."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from excomm.cli.arguments import begun_whole, day_of, print_json
from excomm.cli.evidence_arguments import (
    AsOfOption,
    CaseOption,
    JsonOption,
    load_reports,
    profile_of,
    say_notes,
    timing_notes,
    with_progress,
)

if TYPE_CHECKING:
    from excomm.evidence.ledger import Ledger
    from excomm.evidence.ledger_state import LedgerState
    from excomm.evidence.model import Claim

__all__ = ["app"]

app = typer.Typer(help="The append-only record of reports, claims and decisions.", no_args_is_help=True)

LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="Ledger file (default: in your data folder).")
]
WhoOption = Annotated[str, typer.Option("--who", help="Who makes the change.")]
WhyOption = Annotated[str, typer.Option("--why", help="Why.")]
DayOption = Annotated[
    str | None, typer.Option("--date", metavar="DATE", help="Day from which it holds (default: today).")
]
DecidedForOption = Annotated[
    str | None,
    typer.Option(
        "--case", metavar="CASE", help="Case whose information date it holds from, in place of today."
    ),
]
PolicyOption = Annotated[
    str | None,
    typer.Option("--policy", help="none: only accepted claims count; linked: all that nobody rejected."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the interval's draws.")]


@app.command("add", short_help="Add reports with their claims.")
def add(
    paths: Annotated[
        list[str], typer.Argument(metavar="REPORT…", help="Files, folders, globs, addresses; - is stdin.")
    ],
    who: WhoOption,
    case: CaseOption = None,
    why: Annotated[str, typer.Option("--why", help="Why.")] = "read",
    ledger: LedgerOption = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch http and https addresses.")] = False,
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add reports with their claims. With --case, its propositions and sources are registered too."""
    from excomm.case import load
    from excomm.evidence import extract, profile_of_case

    collected = load_reports(paths, fetch=fetch, as_of=None)
    reports = collected.reports
    known = day_of(day, "--date")
    loaded = load(case) if case is not None else None
    notes = [*collected.notes, *timing_notes(reports, loaded, known)]
    say_notes(notes)
    rows: list[dict[str, Any]] = []
    with _open(ledger, makes=True) as opened:
        if loaded is not None:
            opened.define(
                loaded.propositions, loaded.sources, loaded.actors, who=who, why=f"case {loaded.id}"
            )
            profile = profile_of_case(loaded.actors, loaded.propositions)
        else:
            from excomm.evidence.ledger_state import fold

            profile = fold(opened).profile
        for report in with_progress(reports):
            claims = extract(report, profile)
            numbers = opened.add(report, claims, who=who, why=why, effective=known)
            linked = [claim for claim in claims if claim.proposition]
            rows.append({"report": report.id, "new": bool(numbers), "claims": [claim.id for claim in linked]})
            if not as_json:
                state = "added" if numbers else "was there already"
                typer.echo(f"{report.id}  {state}  {report.title or report.path or ''}")
                for claim in linked:
                    sign = {1: "+", -1: "−", None: "?"}[claim.polarity]
                    typer.echo(f"    {claim.id}  {sign} {claim.proposition}{_rival(claim)}  {claim.quote}")
    if as_json:
        print_json({"added": rows, "ledger": str(opened.path), "warnings": notes})
        return
    new = [row for row in rows if row["new"]]
    proposed = sum(len(row["claims"]) for row in new)
    what = f"{_count(len(new), 'new report')}, {_count(proposed, 'claim')} linked to propositions"
    typer.echo(f"{what}; ledger: {opened.path}")
    if proposed:
        said = f" --case {case}" if case is not None else ""
        typer.echo(f"No claim counts before `excomm ledger accept CLAIM…{said} --who YOU --why REASON`.")
    elif case is None:
        typer.echo("With --case CASE, claims are linked to the propositions of the case.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _sign(claim: Claim) -> str:
    return {1: "+", -1: "−", None: "?"}[claim.polarity] + _rival(claim)


def _standing(claim: Claim, state: LedgerState) -> str:
    """accepted, rejected or waiting: what somebody decided about a claim so far."""
    if claim.id in state.acceptance.accepted:
        return "accepted"
    return "rejected" if claim.id in state.acceptance.rejected else "waiting "


def _rival(claim: Claim) -> str:
    return f" / {claim.rival}" if claim.rival else ""


@app.command("accept")
def accept(
    claims: Annotated[list[str], typer.Argument(metavar="CLAIM…")],
    who: WhoOption,
    why: WhyOption,
    ledger: LedgerOption = None,
    day: DayOption = None,
    case: DecidedForOption = None,
) -> None:
    """Let claims count."""
    _record("accept", claims, who, why, ledger, day, case=case)


@app.command("reject", short_help="Keep claims from counting.")
def reject(
    claims: Annotated[list[str], typer.Argument(metavar="CLAIM…")],
    who: WhoOption,
    why: WhyOption,
    ledger: LedgerOption = None,
    day: DayOption = None,
    case: DecidedForOption = None,
) -> None:
    """Keep claims from counting, even under the policy `linked`."""
    _record("reject", claims, who, why, ledger, day, case=case)


@app.command("retract", short_help="Take back reports or claims.")
def retract(
    subjects: Annotated[list[str], typer.Argument(metavar="REPORT|CLAIM…")],
    who: WhoOption,
    why: WhyOption,
    ledger: LedgerOption = None,
    day: DayOption = None,
    case: DecidedForOption = None,
) -> None:
    """Take back reports or claims: from that day on, as if they had never been added."""
    _record("retract", subjects, who, why, ledger, day, case=case)


@app.command("correct")
def correct(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="Id of the report that was wrong.")],
    replacement: Annotated[str, typer.Argument(metavar="FILE", help="The corrected report.")],
    who: WhoOption,
    why: WhyOption,
    case: CaseOption = None,
    ledger: LedgerOption = None,
    day: DayOption = None,
) -> None:
    """Replace a report by its corrected version."""
    from excomm.evidence import extract
    from excomm.evidence.ledger_state import fold

    collected = load_reports([replacement], fetch=False, as_of=None)
    reports = collected.reports
    say_notes(collected.notes)
    with _open(ledger) as opened:
        profile = profile_of(case) if case else fold(opened).profile
        for each in reports:
            opened.add(each, extract(each, profile), who=who, why=why, effective=day_of(day, "--date"))
        number = opened.record(
            "correct",
            report if ":" in report else f"report:{report}",
            who=who,
            why=why,
            effective=day_of(day, "--date"),
            body={"replacement": [each.id for each in reports]},
        )
    typer.echo(f"{number}  {report} replaced by {', '.join(each.id for each in reports)}")


@app.command("regrade")
def regrade(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of the source.")],
    letter: Annotated[str, typer.Argument(metavar="LETTER", help="Its track record, A to F.")],
    who: WhoOption,
    why: WhyOption,
    ledger: LedgerOption = None,
    day: DayOption = None,
) -> None:
    """Give a source another letter."""
    from excomm.errors import UsageError

    grade = letter.strip().upper()
    if grade not in {"A", "B", "C", "D", "E", "F"}:
        raise UsageError(f"{letter} is no letter of a source", expected="A, B, C, D, E or F")
    _record("regrade", [f"source:{source.removeprefix('source:')}"], who, why, ledger, day, {"letter": grade})


@app.command("resolve", short_help="Settle a proposition.")
def resolve(
    proposition: Annotated[str, typer.Argument(metavar="PROPOSITION")],
    outcome: Annotated[str, typer.Argument(metavar="true|false")],
    who: WhoOption,
    why: WhyOption,
    ledger: LedgerOption = None,
    day: DayOption = None,
) -> None:
    """Settle a proposition; the record of the sources that spoke of it follows."""
    from excomm.errors import UsageError

    answers = {"true": True, "yes": True, "false": False, "no": False}
    if outcome.strip().lower() not in answers:
        raise UsageError(f"{outcome} is no outcome", expected="true or false")
    body = {"outcome": answers[outcome.strip().lower()]}
    named = f"proposition:{proposition.removeprefix('proposition:')}"
    with _open(ledger) as opened:
        earlier = [each for each in opened.updates() if each.kind == "resolve" and each.subject == named]
    if earlier and earlier[-1].body["outcome"] != body["outcome"]:
        last = earlier[-1]
        said = f"{str(last.body['outcome']).lower()} since {last.effective} ({last.who}: {last.why})"
        typer.echo(
            f"note: {proposition} was resolved as {said}; both stay in the ledger, the new one holds",
            err=True,
        )
    _record("resolve", [named], who, why, ledger, day, body)


def _record(
    kind: str,
    subjects: Sequence[str],
    who: str,
    why: str,
    ledger: Path | None,
    day: str | None,
    body: dict[str, Any] | None = None,
    *,
    case: str | None = None,
) -> None:
    from excomm.case import load

    loaded = load(case) if case is not None else None
    stated = day_of(day, "--date")
    with _open(ledger) as opened:
        named = [opened.find(subject) for subject in subjects]  # all of them or none
        holds = stated or (loaded.as_of if loaded is not None else datetime.now(UTC).date())
        for subject in named:
            number = opened.record(kind, subject, who=who, why=why, effective=holds, body=body)
            typer.echo(f"{number}  {kind}  {subject}  from {holds}")
    if stated is None and loaded is not None:
        typer.echo(f"{holds} is the information date of {loaded.id}; --date names another day.")


@app.command("show")
def show(
    proposition: Annotated[str | None, typer.Argument(metavar="[PROPOSITION]")] = None,
    ledger: LedgerOption = None,
    as_of: AsOfOption = None,
    policy: PolicyOption = None,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """What is believed, on which origins, and every change behind it."""
    with _open(ledger) as opened:
        state = _fold(opened, as_of, policy)
        found = state.assess(seed=seed, only=proposition)
        updates = [state.updates_of(each.proposition) for each in found]
        claims = {
            each.proposition: [claim for claim in state.claims if claim.proposition == each.proposition]
            for each in found
        }
    if as_json:
        shown = [
            {**each.to_json(), "updates": [update.to_json() for update in lines]}
            for each, lines in zip(found, updates, strict=True)
        ]
        for entry in shown:
            for origin in entry["origins"]:
                origin["log_lr"] = round(origin["log_lr"], 12)
        print_json({"as_of": as_of, "propositions": shown})
        return
    for each, lines in zip(found, updates, strict=True):
        typer.echo(f"\n{each.proposition}: {each.text}")
        typer.echo(
            f"  {each.admiralty}, {each.status}; {each.prior:.2f} before, {each.posterior:.2f} now "
            f"(90% interval {each.p05:.2f} to {each.p95:.2f})"
            + ("" if each.is_discriminating else f"; the interval straddles {each.threshold:g}")
        )
        for rival in each.rivals:
            typer.echo(f"  rival {rival.id}: {rival.prior:.2f} before, {rival.posterior:.2f} now")
        for origin in each.origins[:30]:
            typer.echo(
                f"  {origin.log_lr:+.2f}  {origin.letter}  {origin.label}  ({_count(len(origin.reports), 'report')}, "
                f"{origin.kind}, {origin.hypothesis}){''.join(f'; {note}' for note in origin.notes)}"
            )
        for note in each.notes:
            typer.echo(f"  note: {note}")
        for claim in claims[each.proposition]:
            typer.echo(f"  {claim.id}  {_standing(claim, state)}  {_sign(claim)}  {claim.quote}")
        for update in lines[-20:]:
            since = "always" if update.effective == date.min else update.effective.isoformat()
            what = f"{update.seq:>5}  {since:<10}  {update.kind:<11} {update.subject}"
            typer.echo(f"  {what}  {update.who}: {update.why}")
    if not found:
        typer.echo(
            f"No proposition yet in {opened.path}: `excomm ledger add REPORT… --case CASE` brings those of a case."
        )


@app.command("timeline")
def timeline(
    proposition: Annotated[str, typer.Argument(metavar="PROPOSITION")],
    ledger: LedgerOption = None,
    as_of: AsOfOption = None,
    policy: PolicyOption = None,
    points: Annotated[int, typer.Option("--points", min=2, max=1000, help="Most days to show.")] = 60,
    as_json: JsonOption = False,
) -> None:
    """How the probability of a proposition moved, day by day."""
    from excomm.evidence import ledger_state

    with _open(ledger) as opened:
        course = ledger_state.timeline(_fold(opened, as_of, policy), proposition, points=points)
    if as_json:
        print_json({"proposition": proposition, "timeline": course})
        return
    for entry in course:
        bar = "#" * round(40 * entry["posterior"])
        counts = f"{entry['claims']:>6} claims  {entry['origins']:>5} origins"
        typer.echo(f"{entry['date']}  {entry['posterior']:.3f}  {counts}  {bar}")


@app.command("diff")
def diff(
    before: Annotated[str, typer.Argument(metavar="FROM", help="Day (2031-03-01).")],
    after: Annotated[str, typer.Argument(metavar="TO", help="Day.")],
    ledger: LedgerOption = None,
    policy: PolicyOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed between two days, and through which claims."""
    from excomm.evidence.ledger_state import compare_states

    with _open(ledger) as opened:
        earlier, later = _fold(opened, before, policy), _fold(opened, after, policy)
        changes = compare_states(earlier.assess(), later.assess())
        quotes = {claim.id: claim.quote for state in (earlier, later) for claim in state.claims}
    for change in changes:
        change["quotes"] = {
            claim: quotes[claim] for claim in (*change["added"], *change["removed"]) if claim in quotes
        }
    if as_json:
        print_json({"from": before, "to": after, "changes": changes})
        return
    if not changes:
        typer.echo("Nothing changed.")
    for change in changes:
        start = "new" if change["before"] is None else f"{change['before']:.2f}"
        typer.echo(f"{change['proposition']}: {start} → {change['after']:.2f} ({change['status_after']})")
        for sign, key in (("+", "added"), ("−", "removed")):
            for claim in change[key][:20]:
                typer.echo(f"  {sign} {claim}  {quotes.get(claim, '')}")


@app.command("export")
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - is standard output.")] = "-",
    ledger: LedgerOption = None,
) -> None:
    """Write the whole ledger as JSON lines."""
    from excomm.storage import check_place, write_whole

    if file != "-":
        check_place(Path(file), "FILE")
    with _open(ledger) as opened:
        if file == "-":
            for line in opened.export():
                typer.echo(line)
        else:
            lines = list(opened.export())
            write_whole(Path(file), "".join(f"{line}\n" for line in lines))
            typer.echo(f"Wrote {file}: {len(lines)} lines, {opened.count('reports')} reports")


@app.command("import")
def import_lines(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines written by export.")],
    ledger: LedgerOption = None,
) -> None:
    """Take in exported lines; what is there already stays."""
    from excomm.errors import InputError
    from excomm.storage import existing_file

    existing_file(file, "JSON lines written by `excomm ledger export`")
    try:
        # Not splitlines(): it also breaks at characters that may stand inside a JSON text, such as U+2028.
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the file cannot be read", file=str(file), expected="UTF-8 JSON lines") from error
    if not any(line.strip() for line in lines):
        raise InputError(
            "the file is empty", file=str(file), expected="JSON lines written by `excomm ledger export`"
        )
    with _open(ledger, makes=True) as opened:
        taken = opened.load(lines, file=str(file))
        held = f"{opened.count('reports')} reports and {opened.count('updates')} updates"
        typer.echo(f"{taken} new entries; the ledger {opened.path} holds {held}")


def _file(path: Path | None, *, makes: bool) -> Path:
    """The ledger that a command is about: the one named, that of EXCOMM_LEDGER, or the one in the data folder.

    makes: the command may begin a ledger. All others refuse a file that is not there, because a mistyped name would
    otherwise look like a ledger without entries.
    """
    from excomm.storage import check_place, existing_file

    named = path or (Path(found) if (found := os.environ.get("EXCOMM_LEDGER")) else None)
    if named is None:
        from platformdirs import user_data_path

        own = user_data_path("excomm") / "ledger.sqlite"
        if makes:
            own.parent.mkdir(parents=True, exist_ok=True)
    else:
        own = named
    begin = "excomm ledger add REPORT… --case CASE --who YOU" + (f" --ledger {path}" if path else "")
    option = "--ledger" if path else "EXCOMM_LEDGER" if named else None
    if makes and not own.exists():
        return check_place(own, option)
    return existing_file(
        own,
        "a ledger file of ExComm",
        option=option,
        next_step=f"Begin one with `{begin}`.",
    )


@contextmanager
def _open(path: Path | None, *, makes: bool = False) -> Iterator[Ledger]:
    from excomm.evidence.ledger import Ledger

    file = _file(path, makes=makes)
    gc.disable()  # a short process that builds many small objects and frees none: the collector only costs
    try:
        with begun_whole(file), Ledger(file) as opened:
            yield opened
    finally:
        gc.enable()


def _fold(opened: Ledger, as_of: str | None, policy: str | None) -> LedgerState:
    from excomm.errors import UsageError
    from excomm.evidence.ledger_state import fold

    if policy not in {None, "none", "linked"}:
        raise UsageError(f"{policy} is no policy", expected="none or linked")
    return fold(opened, day_of(as_of, "--as-of"), policy=policy or "none")
