"""What statements mean in the draws: limits, complements, verdicts."""

from __future__ import annotations

import numpy as np
import pytest

from excomm.audit.audit import audit_argument
from excomm.audit.clauses import ProbabilityWord
from excomm.audit.figures import Figures
from excomm.audit.held import Held
from excomm.audit.meaning import below
from excomm.audit.model import Finding
from excomm.audit.verdicts import verdict_of
from excomm.engine.run import Run
from excomm.errors import AnalysisError, UsageError


def finding(figures: Figures, text: str) -> Finding:
    (found,) = audit_argument(text, figures).assertions
    return found


def test_a_run_and_its_stored_folder_give_the_same_figures(run: Run, figures: Figures) -> None:
    here = Figures.from_run(run)
    assert here.options == figures.options
    for name, table in here.outcomes.items():
        np.testing.assert_array_equal(table, figures.outcomes[name])
    for name, table in here.parameters.items():
        np.testing.assert_array_equal(table, figures.parameters[name])
    assert here.grades == figures.grades


def test_an_event_has_the_probability_of_the_run(figures: Figures) -> None:
    found = finding(figures, "Intervention would lead to a nuclear exchange.")
    at = figures.place("intervention")
    assert found.probability == pytest.approx(figures.outcomes["general_exchange_probability"][at].mean())
    assert found.verdict == "contradicted"


def test_a_statement_and_its_negation_add_up_to_one(figures: Figures) -> None:
    for yes, no in (
        ("The shield would deter Southland.", "The shield would not deter Southland."),
        ("Allied casualties would be low.", "Allied casualties would not be low."),
        ("Southland's soldiers are poorly trained.", "Southland's soldiers are not poorly trained."),
    ):
        one, other = finding(figures, yes), finding(figures, no)
        assert one.probability is not None
        assert other.probability is not None
        assert one.links[0].target == other.links[0].target
        assert one.links[0].direction != other.links[0].direction
        assert one.probability + other.probability == pytest.approx(1.0)


def test_a_probability_word_changes_the_claim_not_the_probability(figures: Figures) -> None:
    plain = finding(figures, "A full nuclear exchange would follow.")
    doubted = finding(figures, "A full nuclear exchange is unlikely.")
    assert plain.probability == doubted.probability
    assert (plain.verdict, doubted.verdict) == ("contradicted", "supported")
    assert doubted.text_range == (0.08, 0.35)
    assert doubted.words == "weaker"  # the model gives less than the word says


def test_what_the_model_does_not_cover_has_no_number(figures: Figures) -> None:
    found = finding(figures, "Calls for diplomacy at the United Nations would grow.")
    assert found.verdict == "not modelled"
    assert found.probability is None
    assert found.links == ()
    assert found.because


def test_a_statement_about_the_run_rests_on_a_driver(figures: Figures) -> None:
    found = finding(figures, "Southland's soldiers are poorly trained conscripts.")
    assert [one.parameter for one in found.depends_on] == ["ground.adversary.quality"]
    assert found.depends_on[0].source


@pytest.mark.parametrize(
    ("probability", "verdict"), [(0.9, "supported"), (0.5, "undecided"), (0.1, "contradicted")]
)
def test_a_plain_statement_claims_that_it_is_likely(probability: float, verdict: str) -> None:
    held = Held(
        "x",
        None,
        None,
        probability,
        probability - 0.08,
        probability + 0.08,
        True,
        None,
        None,
        "",
        "",
        "",
        None,
    )
    assert verdict_of(held, None) == verdict


def test_could_is_refuted_only_by_what_is_negligible() -> None:
    word = ProbabilityWord("could", "possible", 0.2, 0.5, 0.8, "lay", (0, 5))

    def verdict(p: float, high: float) -> str:
        return verdict_of(Held("x", None, None, p, 0.0, high, True, None, None, "", "", "", None), word)

    assert verdict(0.06, 0.2) == "supported"
    assert verdict(0.02, 0.05) == "undecided"
    assert verdict(0.0001, 0.001) == "contradicted"


def test_a_figure_is_borne_out_within_rounding_and_refuted_beyond() -> None:
    third = ProbabilityWord("one in three", "figure", 0.23, 1 / 3, 0.45, "figure", (0, 12))
    under = ProbabilityWord("under one in ten", "figure-under", 0.0, 0.05, 0.1, "figure", (0, 16))

    def verdict(word: ProbabilityWord, low: float, p: float, high: float) -> str:
        return verdict_of(Held("x", None, None, p, low, high, True, None, None, "", "", "", None), word)

    assert verdict(third, 0.1, 0.3, 0.6) == "supported"
    assert verdict(third, 0.1, 0.2, 0.6) == "undecided"
    assert verdict(third, 0.01, 0.05, 0.1) == "contradicted"
    assert verdict(third, 0.6, 0.7, 0.8) == "contradicted"
    assert verdict(under, 0.0, 0.05, 0.2) == "supported"
    assert verdict(under, 0.2, 0.3, 0.4) == "contradicted"
    assert under.says_unlikely
    assert not third.says_unlikely


def test_a_figure_asks_how_likely_not_how_much_more_likely(figures: Figures) -> None:
    plain = finding(figures, "The danger of nuclear use under intervention would grow.")
    found = finding(figures, "The risk of nuclear use under intervention would be under one in ten.")
    assert found.word is not None
    assert (found.word.low, found.word.high) == (0.0, 0.1)
    assert "than under" in plain.statement
    assert "than under" not in found.statement


def test_below_is_the_exact_law_where_it_is_known() -> None:
    """Exponential (gamma with mean = standard deviation) and normal, closed form."""
    mean = np.array([2.0])
    assert below(mean, mean**2, 3.0, signed=False)[0] == pytest.approx(1 - np.exp(-1.5), rel=1e-9)
    assert below(np.array([0.0]), np.array([4.0]), 2.0, signed=True)[0] == pytest.approx(
        0.841344746, rel=1e-8
    )
    np.testing.assert_array_equal(below(np.array([1.0, 3.0]), np.zeros(2), 2.0, signed=False), [1.0, 0.0])


def test_bad_arguments_are_refused(figures: Figures) -> None:
    with pytest.raises(UsageError, match="empty"):
        audit_argument("  \n", figures)
    with pytest.raises(UsageError, match="scale"):
        audit_argument("It is a bluff.", figures, scale="loud")
    with pytest.raises(AnalysisError, match="no option"):
        figures.place("blockade")


def test_every_event_reads_as_a_clause() -> None:
    from excomm.audit.meaning import _happening
    from excomm.quantities import OUTCOMES

    for outcome in OUTCOMES.values():
        if outcome.kind == "probability":
            words = _happening(outcome.id)
            assert not words.startswith("Probability"), outcome.id
            assert words[0].islower(), outcome.id


@pytest.mark.parametrize("opening", ["", "It is almost certain that "])
def test_a_risk_that_is_said_to_grow_is_a_change_with_a_word_and_without(
    figures: Figures, opening: str
) -> None:
    found = finding(
        figures, f"{opening}direct intervention would raise the risk of a nuclear strike by Southland."
    )
    assert found.value is not None
    assert "than under" in found.statement


def test_a_word_of_how_likely_it_is_makes_an_event_of_it(figures: Figures) -> None:
    found = finding(figures, "With direct intervention nuclear use by Southland is very unlikely.")
    assert "than under" not in found.statement
    assert found.word is not None
