"""The ledger keeps what was written, and the record is scored by its definitions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from excomm.errors import AnalysisError, InputError, UsageError
from excomm.hindcast.ledger import ForecastLedger, ForecastMade, Question, Resolution
from excomm.hindcast.ledger_entries import entry_text
from excomm.hindcast.question_files import add_forecasts, import_crowd, import_questions, read_forecasts
from excomm.hindcast.reliability import corp, murphy, pool
from excomm.hindcast.track_record import calibration, score_ledger

RULE = "Yes if the ministry's page says so on the closing day."


def ask(book: ForecastLedger, name: str, **more: object) -> None:
    book.ask(Question(name, f"Will {name} happen?", RULE, date(2025, 6, 30), **more))  # type: ignore[arg-type]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[ForecastLedger]:
    with ForecastLedger(tmp_path / "forecasts.db") as opened:
        yield opened


def test_the_chain_holds_and_finds_a_changed_entry(book: ForecastLedger) -> None:
    ask(book, "a")
    book.forecast(ForecastMade("a", "me", date(2025, 1, 1), 0.2))
    book.resolve(Resolution("a", 0.0, date(2025, 7, 1), "page"))
    head = book.verify()
    assert head == book.head() != "0" * 64
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        book._db.execute("UPDATE entries SET body = '{}' WHERE seq = 2")
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        book._db.execute("DELETE FROM entries WHERE seq = 2")
    # Someone with the file can drop the triggers; the chain still tells.
    book._db.execute("DROP TRIGGER no_update")
    book._db.execute("UPDATE entries SET body = replace(body, '0.2', '0.02') WHERE seq = 2")
    with pytest.raises(AnalysisError, match="entry 2"):
        book.verify()


def test_a_removed_entry_breaks_the_chain(book: ForecastLedger) -> None:
    for name in "abc":
        ask(book, name)
    book._db.execute("DROP TRIGGER no_delete")
    book._db.execute("DELETE FROM entries WHERE seq = 2")
    with pytest.raises(AnalysisError, match="entry 3"):
        book.verify()


def test_rules_are_fixed_in_advance(book: ForecastLedger) -> None:
    ask(book, "a")
    ask(book, "a")  # the same again is no entry
    assert len(book.entries()) == 1
    with pytest.raises(UsageError, match="another rule "):
        book.ask(Question("a", "Will a happen?", "Yes if I say so.", date(2025, 6, 30)))
    with pytest.raises(UsageError, match="no resolution rule"):
        book.ask(Question("b", "Will b happen?", " ", date(2025, 6, 30)))


def test_no_forecast_after_the_fact(book: ForecastLedger) -> None:
    ask(book, "a")
    with pytest.raises(UsageError, match="after the question closed"):
        book.forecast(ForecastMade("a", "me", date(2025, 7, 1), 0.5))
    book.resolve(Resolution("a", 1.0, date(2025, 3, 1), "page"))
    with pytest.raises(UsageError, match="outcome was known"):
        book.forecast(ForecastMade("a", "me", date(2025, 3, 1), 0.99))
    with pytest.raises(UsageError, match="no question"):
        book.forecast(ForecastMade("z", "me", date(2025, 1, 1), 0.5))
    with pytest.raises(UsageError, match="not a probability"):
        book.forecast(ForecastMade("a", "me", date(2025, 1, 1), 1.2))


def test_a_batch_is_written_whole_or_not_at_all(book: ForecastLedger) -> None:
    def add_both() -> None:
        with book.batch():
            ask(book, "a")
            book.forecast(ForecastMade("a", "me", date(2025, 1, 1), 7.0))

    with pytest.raises(UsageError):
        add_both()
    assert book.entries() == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like one" * 20)
    with pytest.raises(InputError, match="not a ledger"):
        ForecastLedger(path)


def test_scores_against_base_rate_and_crowd(book: ForecastLedger) -> None:
    """The sharp forecaster beats the base rate of .5 by a skill of 1 - .04/.25; void questions do not count."""
    for place in range(20):
        name = f"q{place}"
        ask(book, name, base_rate=0.5)
        came = float(place % 2)
        book.forecast(ForecastMade(name, "sharp", date(2025, 1, 1), 0.5))
        book.forecast(ForecastMade(name, "sharp", date(2025, 2, 1), 0.8 if came else 0.2))
        book.forecast(ForecastMade(name, "crowd", date(2025, 2, 1), 0.9 if came else 0.1))
        book.resolve(Resolution(name, None if place >= 16 else came, date(2025, 7, 1), "page"))
    record = score_ledger(book)
    sharp = next(one for one in record.forecasters if one.forecaster == "sharp")
    assert sharp.binary == 16
    assert sharp.brier == pytest.approx(0.04)
    assert sharp.log == pytest.approx(-np.log(0.8))
    assert sharp.against["base rate"]["skill"] == pytest.approx(1 - 0.04 / 0.25)
    assert sharp.against["crowd"]["difference"] == pytest.approx(0.03)
    assert record.void_rate == pytest.approx(4 / 20)
    early = score_ledger(book, lead=100)
    assert next(one for one in early.forecasters if one.forecaster == "sharp").brier == pytest.approx(0.04)
    early = score_ledger(book, lead=160)
    assert next(one for one in early.forecasters if one.forecaster == "sharp").brier == pytest.approx(0.25)
    found = calibration(book, "sharp")
    assert found is not None
    assert found[0].miscalibration == pytest.approx(0.04)


def test_a_quantity_is_scored_by_its_quantiles(book: ForecastLedger) -> None:
    ask(book, "amount", kind="quantity", unit="km2")
    book.forecast(ForecastMade("amount", "me", date(2025, 1, 1), None, {0.05: 10, 0.5: 20, 0.95: 30}))
    book.resolve(Resolution("amount", 20.0, date(2025, 7, 1), "map"))
    (mine,) = score_ledger(book).forecasters
    assert mine.quantity == 1
    assert mine.crps is not None
    assert 0 < mine.crps < 2
    with pytest.raises(UsageError, match="quantiles"):
        book.forecast(ForecastMade("amount", "me", date(2025, 1, 1), None, {0.05: 30, 0.5: 20, 0.95: 10}))


def test_murphy_has_its_published_values() -> None:
    p = [0.1] * 10 + [0.8] * 5
    y = [1] + [0] * 9 + [1] * 4 + [0]
    found = murphy(p, y)
    assert found.brier == pytest.approx(0.1133333, abs=1e-7)
    assert found.reliability == pytest.approx(0.0, abs=1e-12)
    assert found.resolution == pytest.approx(0.1088889, abs=1e-7)
    assert found.uncertainty == pytest.approx(0.2222222, abs=1e-7)


def test_murphy_takes_tenths_where_every_forecast_differs() -> None:
    """A group for every forecast would call a calibrated forecaster as unreliable as a guess."""
    rng = np.random.default_rng(8)
    p = rng.uniform(size=4000)
    y = (rng.uniform(size=4000) < p).astype(float)
    found = murphy(p, y)
    assert len(found.groups) == 10
    assert found.reliability < 0.005
    assert found.reliability - found.resolution + found.uncertainty + found.within == pytest.approx(
        found.brier
    )
    assert abs(found.within) < 0.005


def test_a_reliability_diagram_is_told_in_blocks() -> None:
    found = corp([0.1, 0.2, 0.3, 0.8], [0.0, 1.0, 0.0, 1.0])
    assert found.blocks() == [(0.1, 0.1, 0.0, 1), (0.2, 0.3, 0.5, 2), (0.8, 0.8, 1.0, 1)]


def test_a_question_without_a_forecast_in_time_is_counted_as_such(book: ForecastLedger) -> None:
    ask(book, "late")
    book.forecast(ForecastMade("late", "me", date(2025, 6, 1), 0.9))
    book.resolve(Resolution("late", 1.0, date(2025, 6, 1), "page"))
    found = score_ledger(book)
    assert (found.resolved, found.unforecast, found.forecasters) == (1, 1, ())


def test_without_a_base_rate_a_pool_is_not_extremised(book: ForecastLedger) -> None:
    ask(book, "a")
    for who in ("ann", "ben"):
        book.forecast(ForecastMade("a", who, date(2025, 1, 1), 0.02))
    book.resolve(Resolution("a", 0.0, date(2025, 6, 30), "page"))
    (pooled,) = [one for one in score_ledger(book, exponent=2.5).forecasters if one.forecaster == "pool"]
    assert pooled.brier == pytest.approx(0.02**2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60))
@settings(max_examples=80, deadline=None)
def test_corp_adds_up_and_is_never_negative(pairs: list[tuple[float, bool]]) -> None:
    p, y = [a for a, _ in pairs], [float(b) for _, b in pairs]
    found = corp(p, y)
    assert found.miscalibration - found.discrimination + found.uncertainty == pytest.approx(
        found.brier, abs=1e-9
    )
    assert found.miscalibration >= -1e-9
    assert found.discrimination >= -1e-9
    fitted = [point[1] for point in found.points]
    assert fitted == sorted(fitted)


def test_pooling_has_its_published_values() -> None:
    four = [0.0140, 0.0221, 0.0039, 0.0040]
    assert pool(four) == pytest.approx(0.0083576, abs=5e-7)
    assert pool(four, exponent=2.5) == pytest.approx(6.52e-6, rel=2e-3)
    # Relative to a base rate of 1 %, the same exponent moves a little instead of a thousandfold.
    assert 0.005 < pool(four, exponent=2.5, base_rate=0.01) < 0.0084
    assert pool([0.2, 0.2], weights=[1, 5], base_rate=0.3) == pytest.approx(0.2)


def test_forecasts_of_a_file_are_added_once(book: ForecastLedger, tmp_path: Path) -> None:
    item = {
        "id": "strait/ceasefire",
        "text": "Ceasefire by June?",
        "rule": RULE,
        "closes": "2025-06-01",
        "probability": 0.1,
    }
    area = {
        **item,
        "id": "strait/area",
        "kind": "quantity",
        "unit": "km2",
        "quantiles": {"0.05": 1, "0.5": 2, "0.95": 4},
    }
    del area["probability"]
    path = tmp_path / "mine.json"
    content = {"case": "strait", "as_of": "2025-01-01", "forecasts": [item, area]}
    path.write_text(json.dumps(content))
    found = add_forecasts(book, read_forecasts(path), "mine", str(path))
    assert (found.questions, found.forecasts) == (2, 2)
    again = add_forecasts(book, read_forecasts(path), "mine", str(path))
    assert (again.questions, again.forecasts) == (0, 0)
    other = {**content, "forecasts": [{**item, "rule": "Yes if I say so."}]}
    with pytest.raises(UsageError, match="another rule "):
        add_forecasts(book, other, "mine", str(path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "another kind"),
        ('{"case": "\\ud800", "as_of": "2025-01-01", "forecasts": []}', "another kind"),
        ('{"case": "a", "as_of": "2025-01-01", "forecasts": {}}', "another kind"),
        ('{"case": "a", "as_of": "2025-01-01", "forecasts": [], "left_out": 7}', "another kind"),
        ('{"case": "a", "as_of": "2025-01-01", "forecasts": [7]}', "is no forecast"),
        ("[]", "another kind"),
        ("{}", "“as_of” is missing"),
        ('{"case": "a", "as_of": "2025-01-01", "forecasts": [{"closes": "2025-06-01"}]}', "“id” is missing"),
    ],
)
def test_a_file_that_holds_no_forecasts_is_refused(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(content)
    with pytest.raises(InputError, match=fault) as caught:
        read_forecasts(path)
    assert caught.value.file == str(path)
    assert caught.value.next_step
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_forecasts(tmp_path)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("id", 7),
            ("text", 7),
            ("text", " "),
            ("rule", None),
            ("closes", 7),
            ("closes", "soon"),
            ("unit", 7),
        ),
        *(("probability", "0.2"), ("probability", True), ("base_rate", "x"), ("base_rate_source", [])),
        *(("quantiles", [1, 2]), ("quantiles", {"a": 1}), ("quantiles", {"0.5": "x"})),
        *(("quantiles", {"0.5": 10**400}), ("probability", float("nan"))),
    ],
)
def test_a_value_of_another_kind_is_refused_where_it_stands(tmp_path: Path, key: str, value: object) -> None:
    good = {"id": "a", "text": "Rain?", "rule": RULE, "closes": "2025-06-01", "probability": 0.1}
    path = tmp_path / "mine.json"
    content = {"case": "strait", "as_of": "2025-01-01", "forecasts": [good, {**good, "id": "b", key: value}]}
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        read_forecasts(path)
    assert (caught.value.file, caught.value.path) == (str(path), f"forecasts[1].{key}")
    assert caught.value.expected
    assert caught.value.next_step


def test_a_later_forecast_joins_the_question_that_is_there(book: ForecastLedger) -> None:
    item = {"id": "a", "text": "Rain?", "rule": RULE, "closes": "2025-06-01", "probability": 0.1}
    first = {"case": "strait", "as_of": "2025-01-01", "forecasts": [item]}
    later = {**first, "as_of": "2025-02-01", "forecasts": [{**item, "probability": 0.3, "base_rate": 0.2}]}
    for content, counts in ((first, (1, 1)), (later, (0, 1)), (later, (0, 0))):
        found = add_forecasts(book, content, "mine", "file")
        assert (found.questions, found.forecasts) == counts
    assert book.question("a").opens == date(2025, 1, 1)
    assert [(f.made, f.probability) for f in book.forecasts()] == [
        (date(2025, 1, 1), 0.1),
        (date(2025, 2, 1), 0.3),
    ]
    changes = {"text": "Snow?", "rule": "No.", "closes": "2025-06-02", "kind": "quantity", "unit": "mm"}
    for key, value in changes.items():
        with pytest.raises(
            UsageError, match=rf"another {key} \(there .*, here '{value}'\)".replace("?", r"\?")
        ):
            add_forecasts(book, {**later, "forecasts": [{**item, key: value}]}, "mine", "file")


def test_an_entry_that_holds_a_number_as_text_is_still_shown(book: ForecastLedger) -> None:
    book.ask(Question("a", 7, RULE, date(2025, 6, 30)))  # type: ignore[arg-type]
    [entry] = book.entries()
    assert entry_text(entry, book.question("a")).startswith("7. Closes 2025-06-30.")


@pytest.mark.real_data
def test_public_questions_come_in_with_their_traps(book: ForecastLedger, real_data: Path) -> None:
    crowd = import_crowd(book, [real_data / "forecasts"])
    assert (crowd.questions, crowd.resolutions) == (29, 19)
    asked = import_questions(book, [real_data / "forecasts"])
    # Rows repeat over due dates: one question each; a market price of a later day is no outcome.
    assert asked.questions == 86
    assert asked.resolutions == 45
    assert import_questions(book, [real_data / "forecasts"]).questions == 0
    strict, all_of_them = score_ledger(book), score_ledger(book, unverified=True)
    assert all_of_them.forecasters[0].binary == strict.forecasters[0].binary + 19
    book.verify()
