"""Directives that compute the reference numbers of the pages on submodels from the shipped defaults.

`past-forces`, `coalition-fit`, `public-estimates`, `nuclear-situations`, `neighbour-situations`,
`incident-situations`, `ending-situations` and `kahn-ladder`. Numbers are 5 %, 50 % and 95 % points over 512 draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from docutils import nodes
from generated import Generated, table
from sphinx.application import Sphinx

DRAWS, WEEKS = 512, 52


@cache
def parameters() -> Any:
    """Parameters of the world from the default priors, each in equal steps, in random order."""
    import numpy as np

    from excomm.case import defaults
    from excomm.world.parameters import declared_ids, pack

    random, known = np.random.default_rng(0), defaults()
    values = {
        name: np.asarray(known[name].prior.ppf((random.permutation(DRAWS) + 0.5) / DRAWS))[None, :]
        for name in declared_ids()
    }
    return pack(values)


def spread(values: Any, form: str = "{:.2g}", factor: float = 1.0) -> str:
    """Median and 90 % range of an array."""
    import numpy as np

    low, middle, high = np.quantile(np.asarray(values, dtype=float) * factor, (0.05, 0.5, 0.95))
    return f"{form.format(middle)} ({form.format(low)} to {form.format(high)})"


def in_a_year(weekly: Any) -> Any:
    """Probability within 52 weeks of a constant weekly probability."""
    import numpy as np

    return -np.expm1(WEEKS * np.log1p(-np.minimum(np.asarray(weekly, dtype=float), 1 - 1e-9)))


class PastForces(Generated):
    """Allied forces of the past beside what the defaults say of them."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.calibrate.past_forces import compare

        rows = []
        for one in compare(DRAWS):
            came = "–" if one.force.troops is None else f"{one.force.troops:,.0f}"
            low, middle, high = one.troops
            model = "–" if one.force.troops is None else f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
            few, usual, many = one.members
            rows.append(
                (
                    f"{one.force.name}, {one.force.year}",
                    came,
                    model,
                    f"{one.force.members} of {len(one.force.alliance)}",
                    f"{usual:.0f} ({few:.0f} to {many:.0f})",
                    one.force.source,
                )
            )
        headings = ("Force", "Troops", "Model", "Members", "Model", "Source")
        return [table(headings, rows, (18, 10, 20, 10, 14, 28))]


class CoalitionFit(Generated):
    """Parameters of the threshold game after the past forces."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.calibrate.past_forces import fit
        from excomm.case import defaults

        known = defaults()
        rows: list[Sequence[Any]] = []
        for name, (low, middle, high) in fit().items():
            if known[name].grade == "B":
                rows.append(
                    (nodes.literal("", name), f"{middle:.2g} ({low:.2g} to {high:.2g})", known[name].text)
                )
        return [table(("Parameter", "Fit: median, 90 % range", "Default"), rows, (30, 35, 35))]


# Public estimates: what, probability, span in years. Definitions differ; the table says which.
ESTIMATES = (
    ("Full-scale nuclear war in the rest of 2022 (Metaculus Pro, March 2022)", 0.0035, 0.77),
    ("Nuclear test by Russia in the rest of 2022 (the same)", 0.07, 0.77),
    ("Any nuclear war, a year (Rodriguez 2019, pooled)", 0.011, 1.0),
    ("Nuclear war between the United States and Russia, a year (the same)", 0.0038, 1.0),
    ("Nuclear catastrophe by 2045, experts (Forecasting Research Institute 2024)", 0.05, 21.0),
    ("Nuclear catastrophe by 2045, superforecasters (the same)", 0.01, 21.0),
    ("Nuclear catastrophe by 2100, experts (XPT 2022)", 0.08, 78.0),
    ("Major nuclear war within 25 years (PS21 survey, 2015)", 0.068, 25.0),
)


class PublicEstimates(Generated):
    """Public estimates on one span, and the pool of those that concern nuclear use."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.calibrate.public_estimates import over_span, pool

        yearly = [over_span(probability, span, to=1.0) for _, probability, span in ESTIMATES]
        rows = [
            (
                what,
                f"{probability:.2%} in {span:g} years",
                f"{value:.2%}",
                f"{over_span(value, 52, to=1):.1e}",
            )
            for (what, probability, span), value in zip(ESTIMATES, yearly, strict=True)
        ]
        found = pool(
            [value for (what, _, _), value in zip(ESTIMATES, yearly, strict=True) if "test" not in what]
        )
        rows.append(
            (
                f"Pool of the {found.number} on use or war (mean of log-odds; range of one more estimate like them)",
                "",
                f"{found.probability:.2%} ({found.low:.2%} to {found.high:.2%})",
                f"{over_span(found.probability, 52, to=1):.1e}",
            )
        )
        return [table(("Estimate", "As published", "A year", "A week"), rows, (50, 18, 18, 14))]


NUCLEAR: Mapping[str, Mapping[str, float]] = {
    "as at the information date": {},
    "one rung up, no combat": {"rungs": 1.0},
    "a tenth of the occupied land lost": {"regained": 0.1},
    "combat between alliance and adversary": {"clash": 1.0, "rungs": 3.0},
    "the same, half of the land lost": {"clash": 1.0, "rungs": 3.0, "regained": 0.5},
    "strikes on alliance territory": {"clash": 1.0, "strikes": 1.0, "rungs": 4.0},
}


class NuclearSituations(Generated):
    """Probabilities in a year if a situation lasted, from the defaults."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.world import incidents, nuclear

        p = parameters()
        rows = []
        for name, stated in NUCLEAR.items():
            gain = nuclear.gain_of_use(
                p.nuclear, regained=stated.get("regained", 0.0), regime=0.0, clash=stated.get("clash", 0.0),
                strikes_territory=stated.get("strikes", 0.0),
            )  # fmt: skip
            chosen = nuclear.use_probability(p.nuclear, gain)
            slipped = incidents.inadvertent_hazard(
                p.escalation, p.nuclear, rungs=stated.get("rungs", 0.0), clash=stated.get("clash", 0.0),
                strikes_territory=stated.get("strikes", 0.0), incident=0.0,
            )  # fmt: skip
            general = nuclear.general_given_use(p.nuclear, strikes_territory=stated.get("strikes", 0.0))
            rows.append(
                (
                    name,
                    spread(in_a_year(nuclear.signal_probability(p.nuclear, chosen)), factor=100),
                    spread(in_a_year(chosen), factor=100),
                    spread(in_a_year(slipped), factor=100),
                    spread(in_a_year((chosen + (1 - chosen) * slipped) * general), factor=100),
                )
            )
        headings = (
            "If this lasted a year",
            "Signal, %",
            "Deliberate use, %",
            "Inadvertent use, %",
            "General exchange, %",
        )
        return [table(headings, rows, (28, 18, 18, 18, 18))]


class NeighbourSituations(Generated):
    """Probability in a year that a neighbour is drawn in, from the defaults."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.world.neighbours import neighbour_hazard

        p = parameters()
        rows = []
        for name, pressure, presence, clash in (
            ("as at the information date, no pressure", 0.0, 0.0, 0.0),
            ("sabotage and proxies in full", 1.0, 0.0, 0.0),
            ("an allied force in theatre", 1.0, 1.0, 0.0),
            ("combat between alliance and adversary", 1.0, 1.0, 1.0),
        ):
            hazard = neighbour_hazard(p.neighbour, horizontal=pressure, presence=presence, clash=clash)
            rows.append((name, spread(in_a_year(hazard), factor=100)))
        return [table(("If this lasted a year", "A neighbour drawn in, %"), rows, (60, 40))]


class IncidentSituations(Generated):
    """Lethal and escalating incidents a year, from the defaults."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.world.incidents import incident_hazard

        p = parameters()
        rows = []
        for name, extra in (("no option", 0.0), ("twenty encounters a week more", 20.0)):
            weekly = p.escalation.encounters_base + extra
            lethal = 1 - (1 - p.escalation.lethal) ** (WEEKS * weekly)
            rows.append(
                (
                    name,
                    spread(weekly, "{:.0f}"),
                    spread(lethal, factor=100),
                    spread(in_a_year(incident_hazard(p.escalation, weekly)), factor=100),
                )
            )
        headings = ("Situation", "Encounters a week", "Lethal in a year, %", "Escalated in a year, %")
        return [table(headings, rows, (28, 24, 24, 24))]


class EndingSituations(Generated):
    """How a war ends within a year, from the defaults, in three situations that last."""

    def content_nodes(self) -> list[nodes.Node]:
        import numpy as np

        from excomm.world import diplomacy

        p = parameters()
        rows = []
        for name, talks, ratio, guaranteed in (
            ("as at the information date", 0.0, 0.0, 0.0),
            ("talks", 1.0, 0.0, 0.0),
            ("talks and a force that can fight", 1.0, 0.0, 0.5),
            ("the adversary half as strong again", 0.0, float(np.log(1.5)), 0.0),
        ):
            room = diplomacy.bargaining_room(p.diplomacy, burden=0.0, guaranteed=guaranteed)
            rate = diplomacy.agreement_hazard(
                p.diplomacy, talks=talks, stalemate=0.0, regained=0.0, room=room
            )
            ends = diplomacy.endings(
                p.diplomacy, agreement=rate, log_ratio=ratio, loss_host=0.0, loss_adversary=0.0
            )
            weekly = {
                field: np.asarray(getattr(ends, field), dtype=float) for field in ends.__dataclass_fields__
            }
            total = sum(weekly.values())
            share = in_a_year(total) / total
            settled = diplomacy.settlement_share(p.diplomacy, room)
            breaks = diplomacy.relapse_hazard(
                p.diplomacy, presence=float(guaranteed > 0), guaranteed=guaranteed, settled=0.0
            )
            rows.append(
                (
                    name,
                    spread(weekly["agreement"] * share, factor=100),
                    spread(weekly["agreement"] * share * np.asarray(settled), factor=100),
                    spread(weekly["victory_host"] * share, factor=100),
                    spread(weekly["victory_adversary"] * share, factor=100),
                    spread((weekly["regime_host"] + weekly["regime_adversary"]) * share, factor=100),
                    spread((1 - np.asarray(breaks, dtype=float)) ** WEEKS, "{:.0f}", factor=100),
                )
            )
        headings = (
            "If this lasted a year", "Agreement, %", "Settlement, %", "Host wins, %", "Adversary wins, %",
            "A leadership falls, %", "A ceasefire holds a year, %",
        )  # fmt: skip
        return [table(headings, rows, (22, 13, 13, 13, 13, 13, 13))]


class KahnLadder(Generated):
    """Rungs of ExComm beside Kahn's."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.world.ladder import KAHN, RUNGS, group_of

        rows = []
        for rung in RUNGS:
            first, last = rung.kahn
            groups = dict.fromkeys(group_of(number) for number in range(first, last + 1))
            labels = f"{KAHN[first - 1]} … {KAHN[last - 1]}"
            rows.append((str(rung.number), rung.label, f"{first} to {last}: {labels}", ", ".join(groups)))
        return [table(("Rung", "Meaning here", "Kahn's rungs", "Kahn's group"), rows, (8, 32, 36, 24))]


def setup(app: Sphinx) -> Mapping[str, Any]:
    for name, directive in (
        ("past-forces", PastForces),
        ("coalition-fit", CoalitionFit),
        ("public-estimates", PublicEstimates),
        ("nuclear-situations", NuclearSituations),
        ("neighbour-situations", NeighbourSituations),
        ("incident-situations", IncidentSituations),
        ("ending-situations", EndingSituations),
        ("kahn-ladder", KahnLadder),
    ):
        app.add_directive(name, directive)
    return {"parallel_read_safe": True}
