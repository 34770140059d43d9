"""Five seeds of the flagship case agree, or their briefs say that they do not."""

from __future__ import annotations

import pytest

from excomm.analysis.answers import ask
from excomm.analysis.answers.settled import findings_of
from excomm.analysis.stability import compare_seeds
from excomm.analysis.study import study_of
from excomm.analysis.values import leading_pair, values_of
from excomm.pipeline.assess import assess


@pytest.mark.long
def test_seeds_agree_or_the_brief_says_that_they_do_not() -> None:
    """Weight regions, three leading drivers and tipping points of the pair that leads with seed 1."""
    studies = [
        study_of(assess("ukraine-2024", draws=256, replicates=16, seed=seed, store=False, brief=False))
        for seed in range(1, 6)
    ]
    pair = leading_pair(values_of(studies[0]), studies[0])
    held = compare_seeds([findings_of(study, *pair) for study in studies])
    said = [ask(study, "stability", option=pair[0], against=pair[1]).results["repeats"] for study in studies]
    assert held.agrees or all(not one.settled for one in said), (
        held.sentence,
        [one.sentence for one in said],
    )
