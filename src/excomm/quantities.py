"""Names, units and definitions of everything that ExComm reports: outcomes of a run and weekly series.

The engine fills exactly these, the documentation lists exactly these, and value weights may name only these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["GROUPS", "OUTCOMES", "SERIES", "Outcome", "Series"]

Kind = Literal["amount", "share", "probability"]

GROUPS: Mapping[str, str] = {
    "people": "The dead and wounded of all sides",
    "territory": "Territory",
    "air": "Air war, power and stocks",
    "force": "The force and who sends it",
    "escalation": "Escalation",
    "diplomacy": "Ceasefire, settlement and other endings",
    "home": "Home fronts and the world around",
    "belief": "Resolve, credibility, morale",
}


@dataclass(frozen=True)
class Outcome:
    """One reported result of an option.

    kind: `probability` outcomes are probabilities within a replicate (from hazards) or event indicators, so
    that the mean over replicates is the probability of the draw. submodels: rooms of the world that drive it;
    they decide the grade. rare: shown in natural frequencies and on a logarithmic scale. whole: what it is a part of.
    """

    id: str
    label: str
    unit: str
    group: str
    kind: Kind
    submodels: tuple[str, ...]
    definition: str
    rare: bool = False
    headline: bool = False
    paired: bool = False
    whole: str = ""

    @property
    def name(self) -> str:
        """What it is called where it stands alone; the label of a part says "…" for the row above it."""
        return f"{self.whole}{self.label.removeprefix('… of it').removeprefix('… of them')}"

    @property
    def phrase(self) -> str:
        """The name within a sentence."""
        text = self.name[:1].lower() + self.name[1:]
        return f"the {text}" if text.startswith("change ") else text

    @property
    def is_risk(self) -> bool:
        """Whether it is a rare event of escalation; of a ceasefire or a victory one speaks as a probability."""
        return self.kind == "probability" and self.group == "escalation" and self.rare


@dataclass(frozen=True)
class Series:
    """One weekly series of a run, reported as quantiles over all draws and replicates."""

    id: str
    label: str
    unit: str
    definition: str


def _outcomes(*entries: Outcome) -> dict[str, Outcome]:
    table = {entry.id: entry for entry in entries}
    assert len(table) == len(entries)
    return table


_COALITION = (
    Outcome("coalition_gap", "Members that could go either way", "members", "force", "amount",
            ("coalition",),
            "Expected members in the largest coalition that would hold together less those in the smallest; 0 "
            "where only one coalition is stable."),
    Outcome("consensus_probability", "Nobody objects", "probability", "force", "probability",
            ("coalition",),
            "Probability that no member objects to the scope of the option; it binds where the framework is the "
            "alliance."),
    Outcome("largest_contribution", "Share of the largest contributor", "share", "force", "share",
            ("coalition",),
            "Share of the realised force that its largest contributor sends."),
)  # fmt: skip
_SIGNAL = (
    Outcome("nuclear_signal_probability", "Nuclear signal", "probability", "escalation", "probability",
            ("nuclear",),
            "Probability of an explicit nuclear signal (a test, a visible alert, a demonstration) or of "
            "deliberate use itself.", rare=True),
)  # fmt: skip
_CEASEFIRE = (
    Outcome("ceasefire_probability", "Ceasefire by the horizon", "probability", "diplomacy", "probability",
            ("diplomacy",),
            "Probability that a ceasefire is agreed by the horizon, whether or not it holds.", headline=True),
    Outcome("ceasefire_weeks", "Weeks to a ceasefire", "weeks", "diplomacy", "amount", ("diplomacy",),
            "Weeks from the information date to the first ceasefire, the horizon where there is none."),
    Outcome("ceasefire_holds_26", "Ceasefire holds 6 months", "probability", "diplomacy", "probability",
            ("diplomacy",),
            "Probability that a ceasefire agreed under this option holds for 26 weeks."),
    Outcome("ceasefire_holds_52", "Ceasefire holds 12 months", "probability", "diplomacy", "probability",
            ("diplomacy",),
            "Probability that a ceasefire agreed under this option holds for 52 weeks.", headline=True),
)  # fmt: skip
_ENDINGS = (
    Outcome("settlement_probability", "Settlement", "probability", "diplomacy", "probability",
            ("diplomacy",),
            "Probability that the war ends in an agreement that settles what it is about, before any other "
            "ending; part of the ceasefires.", rare=True),
    Outcome("victory_host_probability", "Host wins", "probability", "diplomacy", "probability",
            ("diplomacy", "ground"),
            "Probability that the adversary's resistance collapses for good before any other ending.", rare=True),
    Outcome("victory_adversary_probability", "Adversary wins", "probability", "diplomacy", "probability",
            ("diplomacy", "ground"),
            "Probability that the host's resistance collapses for good before any other ending.", rare=True),
    Outcome("regime_change_host_probability", "Leadership of the host falls", "probability", "diplomacy",
            "probability", ("diplomacy", "home"),
            "Probability that the leadership of the host falls and the war with it, before any other ending.",
            rare=True),
    Outcome("regime_change_adversary_probability", "Leadership of the adversary falls", "probability", "diplomacy",
            "probability", ("diplomacy", "home"),
            "Probability that the leadership of the adversary falls and the war with it, before any other ending.",
            rare=True),
)  # fmt: skip
_HOME = (
    Outcome("home_support_host", "Support for the war, host", "index", "home", "amount",
            ("home", "ground"),
            "Support for the war among the people of the host at the horizon; 1 at the information date."),
    Outcome("home_support_adversary", "Support for the war, adversary", "index", "home", "amount",
            ("home", "ground"),
            "Support for the war among the people of the adversary at the horizon; 1 at the information date."),
    Outcome("output_host", "Output of the economy, host", "index", "home", "amount",
            ("economy", "power"),
            "Output of the host's economy at the horizon; 1 at the information date."),
    Outcome("output_adversary", "Output of the economy, adversary", "index", "home", "amount",
            ("economy", "energy"),
            "Output of the adversary's economy at the horizon; 1 at the information date."),
    Outcome("energy_price", "Price of energy", "index", "home", "amount",
            ("energy",),
            "Price of energy at the horizon; 1 at the information date."),
    Outcome("refugees_host", "New refugees abroad, host", "thousand people", "home", "amount",
            ("neighbour", "front", "power"),
            "People of the host who have left it since the information date, less those who have returned."),
)  # fmt: skip


def _regained(weeks: int) -> Outcome:
    return Outcome(
        f"regained_share_{weeks}", f"Occupied area regained by week {weeks}", "share", "territory", "share",
        ("ground", "front"),
        f"Net gain of the host in the first {weeks} weeks over the area occupied at the information date; 0 where the "
        "host has lost land.",
    )  # fmt: skip


def _part_of_nuclear_use(name: str, label: str, definition: str) -> Outcome:
    return Outcome(
        name,
        label,
        "probability",
        "escalation",
        "probability",
        ("nuclear", "game"),
        definition,
        rare=True,
        whole="Nuclear use," if label.startswith("…") else "",
    )


def _count_of_warnings(name: str, label: str, definition: str) -> Outcome:
    whole = "Warnings" if label.startswith("…") else ""
    return Outcome(name, label, "warnings", "escalation", "amount", ("game",), definition, whole=whole)


OUTCOMES: Mapping[str, Outcome] = _outcomes(
    Outcome(
        "killed_host",
        "Host soldiers killed",
        "people",
        "people",
        "amount",
        ("ground",),
        "Soldiers of the host killed from the information date to the horizon.",
        headline=True,
    ),
    Outcome(
        "wounded_host",
        "Host soldiers wounded",
        "people",
        "people",
        "amount",
        ("ground",),
        "Soldiers of the host wounded or missing, each time counted, to the horizon.",
    ),
    Outcome(
        "killed_adversary",
        "Adversary soldiers killed",
        "people",
        "people",
        "amount",
        ("ground",),
        "Soldiers of the adversary killed to the horizon, its patron's troops included.",
        headline=True,
    ),
    Outcome(
        "wounded_adversary",
        "Adversary soldiers wounded",
        "people",
        "people",
        "amount",
        ("ground",),
        "Soldiers of the adversary wounded or missing to the horizon, its patron's troops included.",
    ),
    Outcome(
        "killed_alliance",
        "Allied soldiers killed",
        "people",
        "people",
        "amount",
        ("ground", "deployment"),
        "Soldiers of the alliance killed in and around the theatre to the horizon.",
        headline=True,
    ),
    Outcome(
        "wounded_alliance",
        "Allied soldiers wounded",
        "people",
        "people",
        "amount",
        ("ground", "deployment"),
        "Soldiers of the alliance wounded in and around the theatre to the horizon.",
    ),
    Outcome(
        "deaths_per_1000_deployed",
        "Allied dead per 1,000 deployed",
        "deaths per 1,000",
        "people",
        "amount",
        ("ground", "deployment"),
        "Allied soldiers killed per 1,000 of the largest number in theatre; zero where nobody is deployed.",
    ),
    Outcome(
        "deaths_civilian_host",
        "Civilian dead, host",
        "people",
        "people",
        "amount",
        ("air", "civil"),
        "Civilians of the host killed by strikes and near the front to the horizon.",
        headline=True,
    ),
    Outcome(
        "deaths_civilian_adversary",
        "Civilian dead, adversary",
        "people",
        "people",
        "amount",
        ("air", "civil"),
        "Civilians of the adversary killed by strikes and near the front to the horizon.",
        headline=True,
    ),
    Outcome(
        "displaced_host",
        "Newly displaced, host",
        "thousand people",
        "people",
        "amount",
        ("civil",),
        "People of the host newly displaced by loss of power to the horizon; flight from the front is not counted.",
    ),
    Outcome(
        "area_change",
        "Change in host-controlled area",
        "km2",
        "territory",
        "amount",
        ("ground", "front"),
        "Change of the area that the host controls, information date to horizon; negative is loss.",
        headline=True,
    ),
    *(_regained(weeks) for weeks in (12, 26, 52)),
    Outcome(
        "power_capacity_host",
        "Power capacity left, host",
        "GW",
        "air",
        "amount",
        ("air", "power"),
        "Generating capacity that the host can use at the horizon.",
        headline=True,
    ),
    Outcome(
        "unserved_energy_host",
        "Demand not served, host",
        "share",
        "air",
        "share",
        ("air", "power"),
        "Share of the host's electricity demand that cannot be met, mean over the weeks.",
    ),
    Outcome(
        "leakers_host",
        "Drones and missiles that get through",
        "weapons",
        "air",
        "amount",
        ("air",),
        "Long-range drones and missiles launched at the host that are neither shot down nor lost, in all.",
    ),
    Outcome(
        "interceptors_left",
        "Interceptors left, host",
        "interceptors",
        "air",
        "amount",
        ("air", "aid"),
        "Interceptors against missiles in the host's stock at the horizon.",
    ),
    Outcome(
        "interceptors_spent_alliance",
        "Interceptors spent, alliance",
        "interceptors",
        "air",
        "amount",
        ("air", "shield"),
        "Interceptors that the alliance fires itself to the horizon; missing elsewhere.",
    ),
    Outcome(
        "troops_requested",
        "Troops requested",
        "troops",
        "force",
        "amount",
        ("deployment",),
        "Size of the force that the option asks for.",
    ),
    Outcome(
        "troops_realised",
        "Troops realised",
        "troops",
        "force",
        "amount",
        ("deployment", "coalition"),
        "Largest number of allied troops in theatre up to the horizon.",
        headline=True,
    ),
    Outcome(
        "troops_sustained",
        "Troops sustained",
        "troops",
        "force",
        "amount",
        ("deployment", "coalition"),
        "Number that the contributors can keep in theatre by rotation.",
    ),
    Outcome(
        "coalition_members",
        "Members that take part",
        "members",
        "force",
        "amount",
        ("coalition",),
        "Expected number of alliance members that contribute troops or aircraft.",
    ),
    *_COALITION,
    Outcome(
        "cost_alliance",
        "Cost to the alliance",
        "bn USD",
        "force",
        "amount",
        ("aid", "deployment"),
        "Aid, deployment and interceptors paid by the alliance to the horizon, prices of the case.",
        headline=True,
    ),
    Outcome(
        "rung_max",
        "Highest rung",
        "rung",
        "escalation",
        "amount",
        ("game",),
        "Highest rung of the escalation ladder reached to the horizon, from the postures of both sides.",
    ),
    Outcome(
        "clash_probability",
        "Direct clash",
        "probability",
        "escalation",
        "probability",
        ("game", "escalation"),
        "Probability that alliance and adversary forces fight each other: strikes on alliance forces, allied "
        "ground combat, or a lethal incident that escalates.",
        rare=True,
        headline=True,
    ),
    Outcome(
        "territory_strike_probability",
        "Strikes on alliance territory",
        "probability",
        "escalation",
        "probability",
        ("game", "escalation"),
        "Probability that the adversary strikes alliance territory openly.",
        rare=True,
        headline=True,
    ),
    *_SIGNAL,
    Outcome(
        "nuclear_use_probability",
        "Nuclear use",
        "probability",
        "escalation",
        "probability",
        ("nuclear",),
        "Probability that a nuclear weapon is used in the theatre or against the alliance, deliberately or "
        "after escalation that nobody wanted.",
        rare=True,
        headline=True,
    ),
    _part_of_nuclear_use(
        "nuclear_deliberate_probability",
        "… of it deliberate",
        "Probability of deliberate nuclear use: the part of nuclear use that follows from a decision.",
    ),
    _part_of_nuclear_use(
        "nuclear_inadvertent_probability",
        "… of it inadvertent",
        "Probability of nuclear use through incidents, false alarm or loss of control.",
    ),
    _part_of_nuclear_use(
        "nuclear_noise_probability",
        "… of it choice noise",
        "Probability of nuclear use while a side stands in a posture that it raised to by an improbable move (less "
        "than a twentieth as probable as its most probable one): an artefact of noisy choice, counted apart.",
    ),
    Outcome(
        "general_exchange_probability",
        "General nuclear exchange",
        "probability",
        "escalation",
        "probability",
        ("nuclear",),
        "Probability of a general nuclear exchange between the alliance and the adversary.",
        rare=True,
        headline=True,
    ),
    Outcome(
        "neighbour_probability",
        "A neighbour drawn in",
        "probability",
        "escalation",
        "probability",
        ("neighbour",),
        "Probability that a state now outside the fighting is drawn into it.",
        rare=True,
        headline=True,
    ),
    Outcome(
        "horizontal_weeks",
        "Weeks of horizontal pressure",
        "weeks",
        "escalation",
        "amount",
        ("game",),
        "Weeks of sabotage, proxies and cyber attacks, each counted with its intensity (1 is full).",
    ),
    _count_of_warnings(
        "warnings",
        "Warnings by the adversary",
        "Threats by the adversary to raise its posture unless the alliance steps down, to the horizon.",
    ),
    _count_of_warnings(
        "warnings_ignored",
        "… of them without consequence",
        "Warnings that the alliance did not heed and the adversary did not carry out, to the horizon.",
    ),
    _count_of_warnings(
        "warnings_executed",
        "… of them carried out",
        "Warnings that the alliance did not heed and the adversary carried out, to the horizon.",
    ),
    Outcome(
        "deterred",
        "Deterred",
        "probability",
        "escalation",
        "probability",
        ("game",),
        "Probability that the adversary's highest posture stays below what it is under the reference option "
        "in the same draw and replicate.",
        headline=True,
        paired=True,
    ),
    Outcome(
        "provoked",
        "Provoked",
        "probability",
        "escalation",
        "probability",
        ("game",),
        "Probability that the adversary's highest posture exceeds what it is under the reference option in "
        "the same draw and replicate.",
        headline=True,
        paired=True,
    ),
    *_CEASEFIRE,
    Outcome(
        "withdrawal_probability",
        "Adversary withdraws without combat",
        "probability",
        "diplomacy",
        "probability",
        ("diplomacy",),
        "Probability that the adversary withdraws from key areas without being driven out.",
        rare=True,
    ),
    *_ENDINGS,
    *_HOME,
    Outcome(
        "belief_adversary_resolve",
        "Alliance's belief in adversary resolve",
        "probability",
        "belief",
        "share",
        ("game",),
        "Probability that the alliance assigns at the horizon to the adversary being resolved on this issue.",
    ),
    Outcome(
        "credibility_elsewhere",
        "Credibility elsewhere",
        "index",
        "belief",
        "amount",
        ("credibility",),
        "Change of the alliance's credibility in other theatres: commitments kept against forces and stocks "
        "tied down. In standard deviations of the judgement; the sign is uncertain.",
    ),
    Outcome(
        "morale_host",
        "Host morale",
        "index",
        "belief",
        "amount",
        ("morale",),
        "Morale of the host's forces at the horizon; 1 at the information date.",
        headline=True,
    ),
)


def _series(*entries: Series) -> dict[str, Series]:
    return {entry.id: entry for entry in entries}


SERIES: Mapping[str, Series] = _series(
    Series("area_change", "Change in host-controlled area", "km2", "Since the information date."),
    Series("front_gain", "Adversary's weekly gain", "km2/week", "Area gained by the adversary in the week."),
    Series("losses_host", "Host losses", "people/week", "Killed, wounded and missing of the host."),
    Series("losses_adversary", "Adversary losses", "people/week", "Killed, wounded and missing."),
    Series("killed_alliance", "Allied dead", "people", "Killed since the information date."),
    Series("civilian_deaths_host", "Civilian dead, host", "people/week", "Civilians killed in the week."),
    Series("drones_launched", "Drones launched at the host", "weapons/week", "One-way drones in the week."),
    Series("missiles_launched", "Missiles launched at the host", "weapons/week", "Cruise and ballistic."),
    Series("drones_leaked", "Drones that get through", "weapons/week", "Against the host, in the week."),
    Series("missiles_leaked", "Missiles that get through", "weapons/week", "Against the host, in the week."),
    Series("power_host", "Power capacity, host", "GW", "Capacity that can be used."),
    Series("unserved_host", "Demand not served, host", "share", "Share of the week's demand."),
    Series("interceptors_host", "Interceptors, host", "interceptors", "Stock at the end of the week."),
    Series("troops_alliance", "Allied troops in theatre", "troops", "At the end of the week."),
    Series("alliance_posture", "Alliance posture", "level", "0 is the lowest of the case's postures."),
    Series("adversary_posture", "Adversary posture", "level", "0 is the lowest of the case's postures."),
    Series(
        "warning", "Warning outstanding", "share", "Share of replicates in which a warning is outstanding."
    ),
    Series(
        "belief_adversary", "Belief in the adversary's resolve", "probability", "As the alliance sees it."
    ),
    Series("ceasefire", "Ceasefire in force", "share", "Share of replicates in which a ceasefire holds."),
    Series("morale_host", "Host morale", "index", "1 at the information date."),
)
