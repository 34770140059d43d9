"""Scores and speed of the evidence room: `python benchmarks/evidence.py [--stories 1000] [--quick]`.

Gold scores come with 90 % bootstrap intervals over documents and with plain baselines. Speed is processor time on one
core; the ledger is timed by the clock.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.evidence.propagation import compare
from tests.evidence.scoring import (
    SLOTS,
    Row,
    b_cubed,
    bootstrap,
    gold_documents,
    kind_f1,
    linking,
    load_rows,
    origin_score,
    rows_of,
    slot_f1,
)
from tests.evidence.story import SOURCES, TROOPS, World

from excomm.evidence import Claim, Ledger, Profile, Report, extract, fold, timeline
from excomm.evidence.reading import read_bytes

LANGUAGES = (None, "en", "uk", "ru")


def plain_reader(report: Report, profile: Profile) -> list[Claim]:
    """Baseline: every sentence is a claim; a number is exact; one keyword a status; the first outlet is the source."""
    from excomm.evidence.extraction.quantities import quantities
    from excomm.evidence.extraction.sentences import sentences
    from excomm.evidence.lexicon import fold as fold_text
    from excomm.evidence.lexicon import lexicon
    from excomm.evidence.model import Attribution, Quantity

    words, claims = lexicon(report.language), []
    for start, end in sentences(report.text, words):
        quote = report.text[start:end]
        folded = fold_text(quote)
        numbers = tuple(
            Quantity(
                each.high or each.low, each.high or each.low, each.unit, "", "exact", each.start, each.end
            )
            for each in quantities(quote, folded, words, start)
        )
        said = words.find("say", folded)
        proposition = next(
            (
                each.id
                for each in profile.propositions
                if any(str(word).lower() in folded for word in each.keywords)
            ),
            None,
        )
        claims.append(
            Claim(
                report.id,
                start,
                end,
                quote,
                "claim",
                quantities=numbers,
                quantity=numbers[0] if numbers else None,
                status="confirmed" if words.find("confirmed", folded) else None,
                attribution=(Attribution("official", None, True),) if said else (),
                proposition=proposition,
                polarity=1 if proposition else None,
            )
        )
    return claims


def line(
    name: str, value: float, rows: list[Row] | None = None, score: object = None, base: float | None = None
) -> None:
    spread = ""
    if rows is not None and callable(score):
        low, high = bootstrap(rows, score)
        spread = f"  [{low:.2f}, {high:.2f}]"
    print(f"  {name:<28}{value:6.3f}{spread:<16}" + ("" if base is None else f"  baseline {base:.3f}"))


def gold(split: str, hand: str = "first", languages: tuple[str | None, ...] = LANGUAGES) -> None:
    for language in languages:
        rows = load_rows(split, language, hand)
        documents = [each for each in gold_documents(split, hand) if language in {None, each["language"]}]
        plain = rows_of(documents, plain_reader)
        print(
            f"gold of the {hand} hand, {split} split, {language or 'all'}: "
            f"{len(documents)} documents, {len(rows)} sentences"
        )
        line("kind, macro-F1", kind_f1(rows), rows, kind_f1, kind_f1(plain))
        for slot in SLOTS[:-1] if hand in {"third", "fourth"} else SLOTS:  # events are not marked there

            def score(part: list[Row], slot: str = slot) -> float:
                return slot_f1(part, slot)

            line(f"{slot}, F1", score(rows), rows, score, score(plain))
        precision, coverage = linking(rows)
        base = linking(plain)
        line("links, precision", precision, rows, lambda part: linking(part)[0], base[0])
        line("links, coverage", coverage, rows, lambda part: linking(part)[1], base[1])
        alone = {each["id"]: each["id"] for each in documents}
        truth = {each["id"]: each["origin"] for each in documents}
        line("origins, B-cubed F1", origin_score(documents), base=b_cubed(truth, alone))


def speed() -> None:
    profile = World().profile
    text = " ".join(row.gold["t"] for row in load_rows("dev", "en")[:12])
    reports = [
        Report(text=f"{text} Item {number}.", source="Wire", published=date(2031, 3, 1))
        for number in range(60)
    ]
    extract(reports[0], profile)
    started = time.process_time()
    for report in reports:
        extract(report, profile)
    rate = len(reports) / (time.process_time() - started)
    print(f"speed\n  reports a second, plain text {rate:8.1f}  ({len(text)} characters, 13 sentences each)")
    page = (
        "<!doctype html><html><head><title>T</title></head><body>"
        + "<nav><a href='/'>Home</a></nav>" * 40
        + "".join(f"<p>{sentence}</p>" for sentence in re.split(r"(?<=\.) ", text))
        + "<div class='share'><a>Share</a></div><footer>All rights reserved</footer></body></html>"
    ).encode()
    started = time.process_time()
    for number in range(60):
        for report in read_bytes(page + f"<!-- {number} -->".encode(), "page.html"):
            extract(report, profile)
    print(f"  pages a second, HTML         {60 / (time.process_time() - started):8.1f}")


def load(count: int) -> None:
    """A ledger with `count` reports: adding, folding, show and timeline."""
    random_, world = random.Random(0), World()
    texts = [
        "Eastmark has probably deployed troops in Southland.",
        "Eastmark has deployed 3,000 troops in Southland, two officials said.",
        "There are no Eastmark troops in Southland, the Foreign Ministry of Eastmark said.",
        "Eastmark soldiers are stationed in Southland, according to the Harbour Times.",
    ]
    names = [source.name for source in SOURCES] + [f"Paper {number}" for number in range(40)]
    vocabulary = [
        "".join(random_.choices("abcdefghiklmnoprstu", k=random_.randint(3, 9))) for _ in range(3000)
    ]
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.sqlite") as ledger:
        ledger.define([TROOPS], SOURCES, who="benchmark", why="load")
        started = time.perf_counter()
        for _ in range(count):
            rest = " ".join(random_.choices(vocabulary, k=25)).capitalize()
            day = date(2031, 1, 1) + timedelta(days=random_.randrange(365))
            report = Report(
                text=f"{random_.choice(texts)} {rest}.", source=random_.choice(names), published=day
            )
            ledger.add(report, extract(report, world.profile), who="benchmark", why="load")
        rate = count / (time.perf_counter() - started)
        print(f"ledger with {count} reports\n  added a second               {rate:8.1f}")
        started, processor = time.perf_counter(), time.process_time()
        found = fold(ledger, policy="linked").assess()[0]
        print(
            f"  show [s]                     {time.perf_counter() - started:8.2f}  "
            f"(processor {time.process_time() - processor:.2f}; {len(found.origins)} origins)"
        )
        started, processor = time.perf_counter(), time.process_time()
        timeline(fold(ledger, policy="linked"), TROOPS.id)
        spent = time.process_time() - processor
        print(f"  timeline [s]                 {time.perf_counter() - started:8.2f}  (processor {spent:.2f})")


def stories(count: int) -> None:
    found = compare(count, 2031)
    print(f"stories with known truth: {count}")
    for name, value in found.brier.items():
        print(f"  {name:<28} Brier {value:.3f}  calibration error {found.calibration[name]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=100)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="gold scores only")
    arguments = parser.parse_args()
    gold("test")
    gold("check", "second", ("en",))
    gold("check", "fourth", ("en",))
    if arguments.quick:
        return
    speed()
    stories(arguments.stories)
    load(arguments.reports)


if __name__ == "__main__":
    main()
