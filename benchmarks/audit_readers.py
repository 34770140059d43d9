"""Found, right and opposite links of the audit's readers: `python benchmarks/audit_readers.py [--readers rules both]`.

Each set of hand-marked editorials, each combination of readers, with 95 % Wilson intervals. Where no language model is
at hand, its requests can be answered apart: `--requests FOLDER for-4 …` writes them to files, `--answers FOLDER
for-4 …` turns the answers (`for-4.1.answer.json` beside `for-4.1.request.json`) into cassettes for the tests.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from scipy.stats import binomtest
from tests.audit import scoring

from excomm.audit.lexicon import lexicon_of
from excomm.audit.model_reader import read_by_model, requests_for
from excomm.case import load
from excomm.evidence.language_model import Settings, key_of
from excomm.evidence.model import canonical_json

SETS = {
    "development": scoring.DEVELOPMENT,
    "first": scoring.HELD_BACK,
    "second": scoring.NEGATED,
    "third": scoring.BY_ANOTHER_HAND,
    "fourth": scoring.AFTER_THE_WIDENING,
    "fifth": scoring.AFTER_THE_SECOND_READER,
    "sixth": scoring.FRESH,
    "seventh": scoring.FRESH_TOO,
    "eighth": scoring.AFTER_THE_ENCODER,
    "ninth": scoring.IN_PLAIN_PROSE,
    "tenth": scoring.AFTER_MORE_HANDS,
    "eleventh": scoring.AFTER_MORE_HANDS_TOO,
    "twelfth": scoring.WITH_OPTIONS,
    "thirteenth": scoring.WITH_OPTIONS_TOO,
    "fourteenth": scoring.IN_CONTEXT,
    "fifteenth": scoring.IN_CONTEXT_TOO,
}


def wilson(count: int, total: int) -> str:
    """A share with its 95 % interval, for a table."""
    if not total:
        return "–"
    interval = binomtest(count, total).proportion_ci(0.95, "wilson")
    return f"{count}/{total} {count / total:.0%} [{interval.low:.0%}, {interval.high:.0%}]"


def table(readers: list[str], sets: list[str], *, errors: bool) -> None:
    """Print the scores of each set with each combination of readers."""
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    for name in sets:
        texts = SETS[name]
        answered = all((scoring.CASSETTES / f"{each}.jsonl").is_file() for each in texts)
        old = [
            each for each in texts if answered and not scoring.is_current(each, case, lexicon)
        ]  # worded differently since
        print(
            f"{name} set"
            + (f" (answers to an earlier wording of the request: {', '.join(old)})" if old else "")
        )
        for chosen in readers:
            if not answered and ("model" in chosen or chosen == "all"):
                continue
            one = scoring.score(texts, chosen)
            print(
                f"  {chosen:<12} found {wilson(one.found, one.marks):<24} right {wilson(one.right, one.found):<24}"
                f" target {wilson(one.about, one.found):<24} opposite {wilson(one.opposite, one.found):<22}"
                f" option {wilson(one.options, one.of_option):<24}"
                f" not marked {one.extra}/{one.findings}, of all findings right {one.fitting}, kind {one.kinds}"
            )
            if errors:
                print("".join(f"    missed: {quote}\n" for quote in one.missed), end="")
                print("".join(f"    wrong:  {quote}\n" for quote in one.wrong), end="")


def write_requests(names: list[str], folder: Path) -> None:
    """The messages of each request, as files that somebody can answer."""
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        text = (scoring.EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
        for part, request in enumerate(requests_for(text, case, lexicon, scoring.MODEL), start=1):
            path = folder / f"{name}.{part}.request.json"
            path.write_text(
                json.dumps(request["messages"], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
            print(path)


def keep_answers(names: list[str], folder: Path) -> None:
    """Answer files as cassettes, one line a request, with what the checks drop of them."""
    case = load("ukraine-2024")
    lexicon = lexicon_of(case)
    scoring.CASSETTES.mkdir(exist_ok=True)
    for name in names:
        text = (scoring.EDITORIALS / f"{name}.txt").read_text(encoding="utf-8")
        lines = []
        for part, request in enumerate(requests_for(text, case, lexicon, scoring.MODEL), start=1):
            answer = (folder / f"{name}.{part}.answer.json").read_text(encoding="utf-8").strip()
            lines.append(
                canonical_json({"key": key_of(request), "model": scoring.MODEL, "answer": answer}) + "\n"
            )
        path = scoring.CASSETTES / f"{name}.jsonl"
        path.write_text("".join(lines), encoding="utf-8")
        found = read_by_model(text, case, lexicon, Settings("replay", path, model=scoring.MODEL))
        print(f"{name}: {len(found.stated)} assertions", *found.dropped, sep="\n  ")


def main() -> None:
    """Read the arguments and do the one thing asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="editorials, for --requests and --answers")
    parser.add_argument("--readers", nargs="+", choices=scoring.READERS, default=list(scoring.READERS))
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--errors", action="store_true", help="list what was missed or linked wrongly")
    parser.add_argument(
        "--requests", type=Path, metavar="FOLDER", help="write the requests of the editorials"
    )
    parser.add_argument("--answers", type=Path, metavar="FOLDER", help="turn answer files into cassettes")
    asked = parser.parse_args()
    if asked.requests is not None:
        write_requests(asked.names, asked.requests)
    elif asked.answers is not None:
        keep_answers(asked.names, asked.answers)
    else:
        table(asked.readers, asked.sets, errors=asked.errors)


if __name__ == "__main__":
    main()
