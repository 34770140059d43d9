"""Scores of the reading against the gold items: slot F1, macro-F1 of kinds, linking, B-cubed for origins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from excomm.evidence import Acceptance, Claim, Profile, Report, assess, extract, profile_of_case

from .story import Source, gold_documents, gold_report, gold_world

SLOTS = ("status", "quantity", "hedge", "attribution", "events")
KINDS = ("claim", "opinion", "forecast", "background")


@dataclass(frozen=True)
class Row:
    """One gold sentence with the claim that the reader made of it (None where it made none)."""

    document: dict[str, Any]
    gold: dict[str, Any]
    claim: Claim | None


def gold_profile() -> Profile:
    actors, propositions = gold_world()
    return profile_of_case(actors, propositions)


def rows_of(
    documents: Iterable[dict[str, Any]], reader: Callable[[Report, Profile], Any] = extract
) -> list[Row]:
    profile, rows = gold_profile(), []
    for document in documents:
        report = gold_report(document)
        claims, place = reader(report, profile), 0
        for sentence in document["sentences"]:
            start = report.text.index(sentence["t"], place)
            end = place = start + len(sentence["t"])
            overlaps = [(min(end, each.end) - max(start, each.start), each) for each in claims]
            best = max(overlaps, key=lambda pair: pair[0], default=(0, None))
            rows.append(Row(document, sentence, best[1] if best[0] > 0.5 * len(sentence["t"]) else None))
    return rows


def gold_slot(sentence: dict[str, Any], slot: str) -> set[Any]:
    if slot == "status":
        return {sentence["status"]} if sentence.get("status") else set()
    if slot == "hedge":
        return {str(sentence["hedge"])} if sentence.get("hedge") else set()
    if slot == "events":
        return set(sentence.get("events", ()))
    if slot == "attribution":
        return set(sentence.get("attribution", ()))
    found = set()
    for text in sentence.get("quantity", ()):
        bound, number, unit = text.split()
        numbers = tuple(float(part) for part in number.split("-"))
        found.add((bound, numbers, unit))
    return found


def read_slot(claim: Claim | None, slot: str) -> set[Any]:
    if claim is None:
        return set()
    if slot == "status":
        return {claim.status} if claim.status else set()
    if slot == "hedge":
        if claim.hedge is None:
            return set()
        if claim.hedge.category == "numeric":
            return {f"numeric {claim.hedge.low * 100:.0f}-{claim.hedge.high * 100:.0f}"}
        return {claim.hedge.category}
    if slot == "events":
        return set(claim.event_types)
    if slot == "attribution":
        return {link.kind + ("" if link.named else "?") for link in claim.attribution}
    found = set()
    for each in claim.quantities:
        low, high = each.low, each.high
        if each.bound == "about":
            assert low is not None
            assert high is not None
            numbers: tuple[float, ...] = (round((low + high) / 2, 6),)
        elif each.bound == "range":
            assert low is not None
            assert high is not None
            numbers = (low, high)
        else:
            value = low if each.bound == "atleast" else high
            assert value is not None
            numbers = (value,)
        found.add((each.bound, numbers, each.unit))
    return found


def f1(hits: int, wrong: int, missed: int) -> float:
    return 2 * hits / (2 * hits + wrong + missed) if hits else (1.0 if not wrong and not missed else 0.0)


def slot_f1(rows: list[Row], slot: str) -> float:
    hits = wrong = missed = 0
    for row in rows:
        gold, found = gold_slot(row.gold, slot), read_slot(row.claim, slot)
        hits, wrong, missed = hits + len(gold & found), wrong + len(found - gold), missed + len(gold - found)
    return f1(hits, wrong, missed)


def kind_f1(rows: list[Row]) -> float:
    scores = []
    for kind in KINDS:
        pairs = [(row.gold["kind"] == kind, row.claim is not None and row.claim.kind == kind) for row in rows]
        if any(gold for gold, _ in pairs):
            scores.append(
                f1(
                    sum(gold and found for gold, found in pairs),
                    sum(found and not gold for gold, found in pairs),
                    sum(gold and not found for gold, found in pairs),
                )
            )
    return float(np.mean(scores))


def linking(rows: list[Row]) -> tuple[float, float]:
    """Precision of the links made (proposition, rival, polarity all right), and share of gold links that were made."""
    made = right = wanted = 0
    signs = {"+": 1, "-": -1, None: None}
    for row in rows:
        gold, claim = row.gold.get("proposition"), row.claim
        wanted += gold is not None
        if claim is None or claim.proposition is None:
            continue
        made += 1
        same = claim.proposition == gold and claim.rival == row.gold.get("rival")
        right += same and (claim.rival is not None or claim.polarity == signs[row.gold.get("polarity")])
    return (right / made if made else 1.0), (right / wanted if wanted else 1.0)


def predicted_origins(documents: list[dict[str, Any]]) -> dict[str, str]:
    """Document id -> origin as the assessment groups them; a document without a link is its own origin."""
    actors, propositions = gold_world()
    reports = {gold_report(document).id: document["id"] for document in documents}
    items = [gold_report(document) for document in documents]
    profile = profile_of_case(actors, propositions)
    claims = [claim for item in items for claim in extract(item, profile)]
    names = sorted({document["source"] for document in documents} | {"Harbour Times", "Coast Wire"})
    sources = [Source(name.lower().replace(" ", "-"), name, "C") for name in names]
    found = assess(claims, items, propositions, sources, acceptance=Acceptance("linked"), as_of=None, seed=0)
    origin = {identity: identity for identity in reports.values()}
    for each in found:
        for group in each.origins:
            members = sorted(reports[report] for report in group.reports)
            for member in members:
                origin[member] = origin[members[0]]
    return origin


def b_cubed(gold: dict[str, str], found: dict[str, str]) -> float:
    """B-cubed F1 of two groupings of the same items."""
    precision, recall = [], []
    for item in gold:
        same_found = {other for other in gold if found[other] == found[item]}
        same_gold = {other for other in gold if gold[other] == gold[item]}
        both = len(same_found & same_gold)
        precision.append(both / len(same_found))
        recall.append(both / len(same_gold))
    left, right = float(np.mean(precision)), float(np.mean(recall))
    return 2 * left * right / (left + right)


def origin_score(documents: list[dict[str, Any]]) -> float:
    return b_cubed(
        {document["id"]: document["origin"] for document in documents}, predicted_origins(documents)
    )


def bootstrap(
    rows: list[Row], score: Callable[[list[Row]], float], *, draws: int = 400
) -> tuple[float, float]:
    """90 % interval over documents."""
    by_document: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_document[row.document["id"]].append(row)
    groups = list(by_document.values())
    random = np.random.default_rng(0)
    values = [
        score([row for place in random.integers(0, len(groups), len(groups)) for row in groups[place]])
        for _ in range(draws)
    ]
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


@lru_cache(maxsize=16)
def load_rows(split: str, language: str | None = None, hand: str = "first") -> list[Row]:
    return rows_of([each for each in gold_documents(split, hand) if language in {None, each["language"]}])
