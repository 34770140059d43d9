"""Every question to a study whose answers are known: numbers in the results, words in the sentences."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from excomm.analysis.answers import ANALYSES, Answer, ask
from excomm.analysis.study import Study, place_of
from excomm.analysis.values import all_values, leading_pair, values_of
from excomm.analysis.wording import frequency, percent
from excomm.errors import AnalysisError, TooFewDraws, UsageError
from planted import DRAWS, TIPS_AT, planted


@pytest.fixture(scope="module")
def study() -> Study:
    return planted()


def test_columns_leave_out_what_does_not_vary_and_keep_one_for_each_percentile(study: Study) -> None:
    """`wait` states drift twice as wide, with the same percentiles: one column tells it all."""
    keys = [column.key for column in study.columns()]
    assert keys == ["ground.size", "front.drift@stay", "front.idle", "attrition.form"]
    assert study.columns(("wait",))[1].stated.prior == "a wider prior"
    assert place_of(keys, "front.drift", path="-") == 1
    with pytest.raises(UsageError, match="no parameter that varies"):
        place_of(keys, "air.fixed", path="-")


def test_origins_lead_to_the_sentence(study: Study) -> None:
    assert study.origin("ground.size", "act").claims[0].quote == "It is so."
    assert study.origin("front.idle", "act").claims == ()


def test_values_are_those_of_the_perspective(study: Study) -> None:
    values = values_of(study)
    assert (values.actor, values.criteria, values.directions) == ("host", ("area_change",), ("higher",))
    area = study.outcomes["area_change"]
    low, high = np.quantile(area, [0.05, 0.95])
    assert values.scores == pytest.approx((area - low) / (high - low))
    assert [each.actor for each in all_values(study)] == ["host", "ally", "all"]


def test_compare_takes_differences_draw_by_draw(study: Study) -> None:
    answer = ask(study, "compare", outcome="area_change")
    act, wait = answer.results["differences"]
    assert act.mean == pytest.approx(-10 * TIPS_AT, abs=0.1)
    assert act.prob_better == pytest.approx(norm.sf(TIPS_AT), abs=0.01)
    assert (act.different, wait.different) == (True, False)
    assert answer.results["variance"][1].epistemic_share == 1.0
    grades = answer.results["grades"]["Act"]
    assert dict(zip(grades.groups, grades.share, strict=True))["parameters with data"] == pytest.approx(
        1, abs=0.02
    )
    assert (
        "The change in host-controlled area: it is very unlikely (16%) that Act comes out higher than Stay"
        in answer.sentences[0]
    )


def test_nothing_is_called_better_where_perspectives_differ(study: Study) -> None:
    assert ask(study, "compare", outcome="area_change").results["dominance"]
    other = planted()
    other.views[1].weights["area_change"] = -0.5  # type: ignore[index]
    answer = ask(other, "compare", outcome="area_change")
    assert answer.results["dominance"] == ()
    assert any("do not agree" in note for note in answer.notes)
    assert ask(other, "compare", outcome="area_change", better="lower").results["dominance"]


def test_drivers_are_found_with_swing_and_tail(study: Study) -> None:
    answer = ask(study, "drivers", outcome="area_change", option="act")
    assert answer.results["shares"].leading() == ("ground.size",)
    moved = answer.results["swings"]
    assert moved.parameters == ("ground.size",)
    assert moved.swing[0] == pytest.approx(20 * norm.ppf(0.95), rel=0.03)
    assert answer.results["tail"].parameters[answer.results["tail"].order[0]] == "ground.size"
    assert dict(zip(answer.results["submodels"].parameters, answer.results["submodels"].fair, strict=True))[
        "ground"
    ] == pytest.approx(1, abs=0.02)


def test_rare_risks_are_driven_on_their_logarithm(study: Study) -> None:
    answer = ask(study, "drivers", outcome="nuclear_use_probability", option="act")
    assert answer.results["shares"].share[1] == pytest.approx(1, abs=0.02)
    assert "the logarithm of nuclear use" in answer.question
    told = " ".join(answer.sentences)
    low, high = np.exp(answer.results["swings"].at_low[0]), np.exp(answer.results["swings"].at_high[0])
    assert f"the geometric mean moves most with front.drift (from {frequency(low)} at " in told
    assert f" to {frequency(high)} at " in told


def test_both_tails_are_looked_at_where_it_is_open_which_is_worse(study: Study) -> None:
    assert "other_tail" not in ask(study, "drivers", outcome="area_change", option="act").results
    other = planted()
    other.views[1].weights["area_change"] = -0.5  # type: ignore[index]
    answer = ask(other, "drivers", outcome="area_change", option="act")
    ends = [answer.results[name] for name in ("tail", "other_tail")]
    assert [each.region for each in ends] == ["the highest tenth", "the lowest tenth"]
    place = ends[0].parameters.index("ground.size")
    assert (ends[0].effect[place], ends[1].effect[place]) == (
        pytest.approx(1, abs=0.02),
        pytest.approx(0, abs=0.02),
    )


def test_questions_on_two_options_are_about_the_same_two(study: Study) -> None:
    """By themselves: the two that come first most often, for all three."""
    values = values_of(study)
    first, second = leading_pair(values, study)
    for analysis in ("tipping", "discovery", "stability"):
        answer = ask(study, analysis)
        assert study.names[first] in answer.question
        assert study.names[second] in answer.question
        assert study.names[first] in ask(study, analysis, against=first).question


def test_a_difference_is_driven_by_what_both_options_set(study: Study) -> None:
    answer = ask(study, "drivers", outcome="area_change", option="act", against="wait")
    shares = dict(zip(answer.results["shares"].parameters, answer.results["shares"].share, strict=True))
    assert shares["ground.size"] == pytest.approx(100 / 116, abs=0.03)
    assert shares["front.drift@act"] == pytest.approx(16 / 116, abs=0.03)


def test_weights_know_the_regions(study: Study) -> None:
    answer = ask(study, "weights", perspective="ally")
    shares = {region.option: region.share for region in answer.results["regions"]}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["Act"] == 0  # it costs most and, on average, loses land
    assert answer.results["perspectives"][0].perspective == "the Ally"


def test_risk_is_held_against_a_line(study: Study) -> None:
    held = ask(study, "risk", line=1e-3).results["risk"]
    assert held.above.tolist() == pytest.approx([0, 0.5, 0], abs=0.01)
    with pytest.raises(UsageError, match="is no probability"):
        ask(study, "risk", outcome="area_change")
    with pytest.raises(UsageError, match="risk line of 2"):
        ask(study, "risk", line=2.0)


def test_what_nobody_fears_is_not_called_a_risk(study: Study) -> None:
    from dataclasses import replace

    assert ask(study, "risk").question == "Is the risk of nuclear use above the line?"
    peace = np.broadcast_to([[0.2], [0.4], [0.6]], (3, DRAWS))
    wider = replace(study, outcomes=study.outcomes | {"ceasefire_probability": peace}, _kept={})
    answer = ask(wider, "risk", outcome="ceasefire_probability", line=0.3)
    assert answer.question == "Is the probability of “Ceasefire by the horizon” above the line?"
    assert answer.results["risk"].above.tolist() == [0, 1, 1]
    assert answer.sentences[0].startswith("Ceasefire by the horizon: is the probability above ")
    assert "mean 40" in answer.sentences[0]
    assert not any("risk" in text for text in answer.sentences)
    with pytest.raises(UsageError) as refused:
        ask(study, "risk", outcome="area_change")
    risks, _, others = str(refused.value.expected).partition(") or another probability")
    assert "nuclear_use_probability" in risks
    assert "victory" not in risks
    assert "settlement" not in risks
    assert "ceasefire_probability" in others


def test_robustness_has_regret_and_room_for_error(study: Study) -> None:
    answer = ask(study, "robustness", requirement=0.0)
    found = answer.results["robustness"]
    assert found.regret.min() == 0
    gap = answer.results["info_gap"]
    at = int(np.argmin(np.abs(gap.requirements)))
    assert np.isinf(gap.horizon[0, at])  # what does not vary tolerates any error
    values = values_of(study).scores
    slope = 4 / (
        np.quantile(study.outcomes["area_change"], 0.95) - np.quantile(study.outcomes["area_change"], 0.05)
    )
    assert gap.horizon[2, at] == pytest.approx(values[2].mean() / slope, rel=0.05)


def test_discovery_finds_where_the_option_falls_behind(study: Study) -> None:
    box = ask(study, "discovery", option="act", against="stay").results["boxes"].boxes[0]
    assert [limit.parameter for limit in box.limits] == ["ground.size"]
    assert box.limits[0].high == pytest.approx(TIPS_AT, abs=0.1)
    overall = float((study.outcomes["area_change"][1] < study.outcomes["area_change"][0]).mean())
    assert (
        f"Overall the rate is {percent(overall)}."
        in ask(study, "discovery", option="act", against="stay").notes[0]
    )
    risky = ask(study, "discovery", outcome="nuclear_use_probability", option="act", line=0.01).results[
        "boxes"
    ]
    assert risky.boxes[0].limits[0].parameter == "front.drift"
    assert risky.boxes[0].limits[0].low == pytest.approx(1.0, abs=0.1)
    never = ask(study, "discovery", outcome="nuclear_use_probability", option="stay", line=0.01)
    assert never.results == {}
    assert "0 of 512 draws" in never.sentences[0]


def test_tipping_turns_where_it_was_planted(study: Study) -> None:
    answer = ask(study, "tipping", option="act", against="stay")
    point = answer.results["points"][0]
    assert point.parameter == "ground.size"
    assert point.value == pytest.approx(TIPS_AT, abs=0.05)
    assert point.repeated == 1.0
    named = ask(study, "tipping", option="act", against="stay", parameters=["front.idle", "ground.size"])
    assert [each.value is None for each in named.results["points"]] == [True, False]
    assert named.results["map"].parameters == ("front.idle", "ground.size")


def test_information_has_its_closed_form(study: Study) -> None:
    """Host: stay 0, act N(-10, 10), wait N(0, 4), independent: perfect knowledge of size alone is worth 10 I(1)."""
    answer = ask(study, "information", collect={"ground.size": 1.0})
    area = study.outcomes["area_change"]
    scale = np.quantile(area, 0.95) - np.quantile(area, 0.05)
    single = {each.name: each for each in answer.results["parameters"]}
    wanted = 10 * (norm.pdf(TIPS_AT) - TIPS_AT * norm.sf(TIPS_AT)) / scale
    assert single["ground.size"].value == pytest.approx(wanted, rel=0.12)
    assert single["front.idle"].value == 0
    # A measurement as wide as the prior leaves the posterior mean half of the variance.
    spread = 10 * np.sqrt(0.5)
    half = spread * norm.pdf(10 / spread) - 10 * norm.sf(10 / spread)
    assert answer.results["collections"][0].value == pytest.approx(half / scale, rel=0.25)
    (report,) = answer.results["reports"]
    assert report.prior == pytest.approx(0.5, abs=0.01)


def test_settled_findings_are_called_settled(study: Study) -> None:
    found = ask(study, "stability", option="act", against="stay").results["repeats"]
    assert found.drivers == ("ground.size",)
    assert found.same_drivers > 0.94
    assert found.tipping == (("ground.size", True, 1.0),)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_every_answer_has_a_sentence_and_plain_json(study: Study, analysis: str) -> None:
    answer = ask(study, analysis)
    assert isinstance(answer, Answer)
    assert answer.question.endswith("?")
    assert answer.sentences
    assert all(sentence[-1] in ".!" for sentence in answer.sentences)
    shape = json.loads(json.dumps(answer.to_json(), allow_nan=False))
    assert shape["analysis"] == analysis
    assert [item["id"] for item in shape["options"]] == list(study.options)


def test_what_does_not_fit_is_refused(study: Study) -> None:
    with pytest.raises(UsageError, match="is no analysis"):
        ask(study, "divination")
    with pytest.raises(UsageError, match="takes no --line"):
        ask(study, "weights", line=0.1)
    with pytest.raises(UsageError, match="is no outcome"):
        ask(study, "drivers", outcome="glory")
    with pytest.raises(UsageError, match="is no option"):
        ask(study, "compare", option="invade")
    with pytest.raises(UsageError, match="is no perspective"):
        ask(study, "weights", perspective="mars")
    with pytest.raises(UsageError, match="with itself"):
        ask(study, "tipping", option="act", against="act")
    for requirement in (-0.1, 7.0):
        with pytest.raises(UsageError, match=r"from 0 \(the worst"):
            ask(study, "robustness", requirement=requirement)


def test_too_few_draws_are_a_matter_of_how_the_run_was_made(study: Study) -> None:
    """It ends a command with 2 and a page with a message, and leaves out one answer among several."""
    from dataclasses import replace

    def cut(draws: int) -> Study:
        tables = {
            name: {key: values[:, :draws] for key, values in getattr(study, name).items()}
            for name in ("outcomes", "parameters", "noise")
        }
        held = tuple(replace(each, truth=each.truth[:draws]) for each in study.propositions)
        return replace(study, propositions=held, _kept={}, **tables)

    for analysis, draws, fewest in (
        ("drivers", 49, 50), ("tipping", 49, 50), ("information", 49, 50),
    ):  # fmt: skip
        with pytest.raises(TooFewDraws, match=f"^RUN: {draws} draws are too few .* at least {fewest} draws"):
            ask(cut(draws), analysis)
    with pytest.raises(TooFewDraws, match="12 draws are too few for 3 curve terms"):
        cut(12).prepared()
    assert "12 draws are too few for 3 curve terms" in ask(cut(12), "robustness").notes
    assert TooFewDraws.exit_code == UsageError.exit_code == 2
    assert issubclass(TooFewDraws, AnalysisError)


def test_a_run_of_one_option_is_not_weighed(study: Study) -> None:
    from dataclasses import replace

    alone = replace(
        study,
        options=("stay",),
        outcomes={name: values[:1] for name, values in study.outcomes.items()},
        parameters={name: values[:1] for name, values in study.parameters.items()},
        _kept={},
    )
    with pytest.raises(UsageError, match="one option"):
        ask(alone, "weights")
    assert all_values(alone) == ()
    assert len(alone.outcomes["area_change"][0]) == DRAWS
