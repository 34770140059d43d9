"""Implications and reactions, read off the simulated behaviour option by option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from excomm.brief.figures import Figures
from excomm.brief.palette import Mark, mark_of
from excomm.brief.table import say, say_change
from excomm.brief.words import chance, listed, share_text, upper_first
from excomm.case.model import Option
from excomm.engine.wording import Spoken

__all__ = ["Finding", "Point", "implications", "points", "reactions"]


@dataclass(frozen=True)
class Point:
    """What a finding says of one option, or of several for which it is the same."""

    marks: tuple[Mark, ...]
    name: str
    text: str


@dataclass(frozen=True)
class Finding:
    """A question, what holds for all options, what differs between them, and how far the model goes."""

    id: str
    title: str
    lead: str
    points: tuple[Point, ...]
    note: str = ""


def points(figures: Figures, options: Sequence[Option], text: Callable[[Option], str]) -> tuple[Point, ...]:
    """One point an option; options of which the same is said share a point."""
    told: dict[str, list[Option]] = {}
    for option in options:
        told.setdefault(text(option), []).append(option)
    return tuple(
        Point(
            tuple(mark_of(figures.case, option.id) for option in same),
            listed([option.name for option in same]),
            said,
        )
        for said, same in told.items()
    )


def _range(spoken: Spoken) -> str:
    """A spoken number with its interval in words: "2.4 in 100 (0 to 10)"."""
    return str(spoken)


def _contrast(figures: Figures, outcome: str) -> str:
    """Smallest and largest mean over the options: "2.3 in 100 (Current aid) to 2.5 in 100 (Intervention)"."""
    ranked = sorted(figures.options, key=lambda option: figures.cell(outcome, option).mean)
    ends = [say(figures, outcome, option) for option in (ranked[0], ranked[-1])]
    texts = [end.amount for end in ends]
    if texts[0] == texts[1]:
        return f"about {texts[0]} under every option"
    return f"{texts[0]} ({ranked[0].name}) to {texts[1]} ({ranked[-1].name})"


def _shift(figures: Figures, outcome: str, option: Option) -> str:
    change = figures.change(outcome, option)
    if change.is_nil:
        return f"as under {figures.reference.name}"
    told = say_change(figures, outcome, option)
    return f"{told} against {figures.reference.name}"


def _escalation(figures: Figures) -> Finding:
    adversary = figures.actor("adversary", "the adversary")

    def text(option: Option) -> str:
        deterred = figures.cell("deterred", option).mean
        provoked = figures.cell("provoked", option).mean
        same = max(1.0 - deterred - provoked, 0.0)
        return (
            f"{adversary} stays lower in {share_text(deterred)} of histories (deterred), goes higher in "
            f"{share_text(provoked)} (provoked) and as high in {share_text(same)}. "
            f"Direct clash: {_range(say(figures, 'clash_probability', option))}. "
            f"Strikes on alliance territory: {_range(say(figures, 'territory_strike_probability', option))}."
        )

    base = figures.reference
    lead = (
        f"Each option is held against {base.name} in the same draws and the same chance events, so that the only "
        f"difference is the option. Under {base.name} itself a direct clash comes in "
        f"{_range(say(figures, 'clash_probability', base))} and strikes on alliance territory in "
        f"{_range(say(figures, 'territory_strike_probability', base))} histories."
    )
    return Finding(
        "escalation", "Escalation: deterred and provoked", lead, points(figures, figures.others, text)
    )


def _nuclear(figures: Figures) -> Finding:
    def text(option: Option) -> str:
        whole = figures.cell("nuclear_use_probability", option).mean
        deliberate = figures.cell("nuclear_deliberate_probability", option).mean
        inadvertent = figures.cell("nuclear_inadvertent_probability", option).mean
        noise = figures.cell("nuclear_noise_probability", option).mean
        total = deliberate + inadvertent + noise
        if whole <= 0 or total <= 0:
            return "no nuclear use in the model."
        draws = figures.draws("nuclear_use_probability")[figures.run.options.index(option.id)]
        above = float((draws > 0.01).mean())
        return (
            f"about {_range(say(figures, 'nuclear_use_probability', option))}; {share_text(deliberate / total)} of it "
            f"deliberate, {share_text(inadvertent / total)} inadvertent, {share_text(noise / total)} met in postures "
            f"that a side took by an improbable move (choice noise). A general exchange: about "
            f"{_range(say(figures, 'general_exchange_probability', option))}. It is {chance(above)} that nuclear "
            f"use is likelier than 1 in 100."
        )

    return Finding(
        "nuclear",
        "Nuclear risk: deliberate and inadvertent",
        "Probabilities by the horizon, summed from weekly hazards rather than counted from rare events. Ranges "
        "cover what is not known about the hazards; all of them rest on judgement. The general exchange is part "
        "of nuclear use, not added to it.",
        points(figures, figures.options, text),
        "No nuclear weapon has been used in such a crisis since 1945: these figures cannot be checked against events.",
    )


def _security(figures: Figures) -> Finding:
    def text(option: Option) -> str:
        return (
            f"a neighbour is drawn in: {_range(say(figures, 'neighbour_probability', option))}; horizontal pressure "
            f"(sabotage, proxies, cyber attacks) for {_range(say(figures, 'horizontal_weeks', option))}; "
            f"interceptors that the alliance fires itself and will miss elsewhere: "
            f"{_range(say(figures, 'interceptors_spent_alliance', option))}; cost to the alliance "
            f"{_range(say(figures, 'cost_alliance', option))}."
        )

    neighbours = [actor.name for actor in figures.case.in_role("neighbour")]
    lead = f"Neighbours in the case: {listed(neighbours)}. " if neighbours else ""
    lead += (
        f"On average a neighbour is drawn in: {_contrast(figures, 'neighbour_probability')}. Horizontal pressure lasts "
        f"{_contrast(figures, 'horizontal_weeks')}."
    )
    return Finding("security", "Wider security", lead, points(figures, figures.options, text))


def _credibility(figures: Figures) -> Finding:
    adversary = figures.actor("adversary", "the adversary")

    def text(option: Option) -> str:
        draws = figures.draws("credibility_elsewhere")[figures.run.options.index(option.id)]
        gains = float((draws > 0).mean() + 0.5 * (draws == 0).mean())
        return (
            f"credibility elsewhere {_range(say(figures, 'credibility_elsewhere', option))} standard deviations; a "
            f"gain is {chance(gains)}. At the horizon the chance that {adversary} is resolved on this issue is seen at "
            f"{_range(say(figures, 'belief_adversary_resolve', option))}. Host morale "
            f"{_range(say(figures, 'morale_host', option))} (1 at the information date)."
        )

    return Finding(
        "credibility",
        "Strategic weight and credibility elsewhere",
        "Keeping a commitment adds to credibility in other theatres; forces and stocks tied down take from it. "
        "Which of the two is larger is disputed among scholars, and the sign is left open here. On average: "
        f"{_contrast(figures, 'credibility_elsewhere')}, in standard deviations of that judgement.",
        points(figures, figures.options, text),
    )


def implications(figures: Figures) -> tuple[Finding, ...]:
    """What follows beyond the theatre."""
    return (_escalation(figures), _nuclear(figures), _security(figures), _credibility(figures))


# Reactions --------------------------------------------------------------------------------------------------------


def _allies(figures: Figures) -> Finding:
    alliance = figures.actor("alliance", "the alliance")
    members = figures.case.members

    def text(option: Option) -> str:
        requested = figures.cell("troops_requested", option)
        joining = figures.cell("coalition_members", option)
        if requested.mean <= 0 and joining.mean <= 0:
            return "asks for no troops and no aircraft of members; the debate is about aid alone."
        parts = []
        if joining.mean > 0:
            of_all = f" of {len(members)}" if members else ""
            told = say(figures, "coalition_members", option)
            span = f" ({told.interval})" if told.interval else ""
            parts.append(f"{told.main}{span}{of_all} members take part")
        if requested.mean > 0:
            realised = figures.cell("troops_realised", option)
            parts.append(
                f"{say(figures, 'troops_requested', option)} requested, {say(figures, 'troops_realised', option)} "
                f"in theatre at the most, {say(figures, 'troops_sustained', option)} that rotation can sustain"
            )
            short = realised.mean / requested.mean
            parts.append(f"on average {share_text(short)} of the request comes about")
        return "; ".join(parts) + "."

    lead = (
        f"Members of {alliance} join where public support, nearness and the number already in outweigh the risk of "
        "the scope. A wider scope therefore costs participants: what is requested and what comes differ."
    )
    if members:
        ranked = [
            f"{each.name} ({each.support:.0%})" for each in sorted(members, key=lambda each: -each.support)
        ]
        told = (
            f"is highest in {listed(ranked[:3])} and lowest in {listed(ranked[-3:])}"
            if len(ranked) > 6
            else f"runs from high to low: {listed(ranked)}"
        )
        lead += f" Public support for sending troops, as the case states it, {told}."
    return Finding("allies", "Allies and the debate over scope", lead, points(figures, figures.options, text))


def _deeds(figures: Figures) -> Finding:
    adversary = figures.actor("adversary", "the adversary")
    postures = figures.case.postures["adversary"]
    weekly = figures.weekly("adversary_posture")

    def posture(level: float) -> str:
        return postures[min(max(round(level), 0), len(postures) - 1)].name

    def text(option: Option) -> str:
        place = figures.run.options.index(option.id)
        low, middle, high = (weekly[place, -1, at] for at in (0, 2, 4))
        end = f"at the horizon stands at “{posture(middle)}” (90% between “{posture(low)}” and “{posture(high)}”)"
        if posture(low) == posture(high):
            end = f"at the horizon stands at “{posture(middle)}” in nearly all histories"
        return (
            f"{end}; highest rung {_range(say(figures, 'rung_max', option))}; under horizontal pressure for "
            f"{_range(say(figures, 'horizontal_weeks', option))}, "
            f"{'the reference' if option.is_reference else _shift(figures, 'horizontal_weeks', option)}."
        )

    names = [f"“{each.name}”" for each in postures]
    return Finding(
        "deeds",
        "The adversary in deeds",
        f"{adversary} moves every four weeks between {listed(names)}, or warns, by the policy that the game gives "
        f"it; nobody else can lower its posture.",
        points(figures, figures.options, text),
    )


def _words(figures: Figures) -> Finding | None:
    """How often its public warnings were followed by the act, from the record of the case."""
    from excomm.beliefs.record import posterior, read_record

    actors = figures.case.in_role("adversary")
    path = figures.case.record_path
    if not actors or path is None or not path.exists():
        return None
    record = read_record(path).as_known(figures.case.as_of).by(actor=actors[0].id)
    if not len(record):
        return None
    rows = []
    for counts in record.table("broad"):
        decided = counts.executed + counts.not_executed
        told = (
            f"{counts.warnings} warning{'s' if counts.warnings != 1 else ''}; line crossed in {counts.crossed}, "
            f"respected in {counts.respected}, untested in {counts.untested}; carried out "
            f"{counts.executed} of {decided} times once put to the test."
        )
        rows.append(Point((), f"On {counts.issue}", told))
    tested = []
    for coding in ("narrow", "broad"):
        found = posterior(record, None, coding, actor=actors[0].id)
        low, high = found.interval()
        tested.append(f"{coding} reading {chance(found.mean)}, 90% interval {low:.0%} to {high:.0%}")
    return Finding(
        "words",
        "The adversary in words",
        f"The record of the case holds {len(record)} public warnings of {actors[0].name} up to the information date. "
        f"That a warning is carried out once its line is crossed: {'; '.join(tested)}. Lines that were respected "
        "say nothing about bluff, and both readings of disputed entries are kept.",
        tuple(rows),
    )


def _neighbours(figures: Figures) -> Finding:
    patrons = [actor.name for actor in figures.case.in_role("patron")]
    neighbours = [actor.name for actor in figures.case.in_role("neighbour")]

    def text(option: Option) -> str:
        if option.id == figures.reference.id:
            return f"drawn in with probability {_range(say(figures, 'neighbour_probability', option))}."
        return (
            f"drawn in with probability {_range(say(figures, 'neighbour_probability', option))}: "
            f"{_shift(figures, 'neighbour_probability', option)}."
        )

    who = upper_first(listed(neighbours)) or "Neighbours"
    lead = f"{who}: pressure, spill-over and the adversary's own moves may draw them in."
    if patrons:
        lead += f" {listed(patrons)} supports the adversary and answers allied combat with more troops."
    return Finding("neighbours", "Neighbours", lead, points(figures, figures.options, text))


def _nations(figures: Figures) -> Finding:
    def text(option: Option) -> str:
        told = (
            f"a ceasefire by the horizon is {chance(figures.cell('ceasefire_probability', option).mean)}; one that "
            f"is agreed still holds after 12 months: {chance(figures.cell('ceasefire_holds_52', option).mean)}"
        )
        if option.trigger == "on-ceasefire":
            return f"{told}. The force itself waits for that agreement, and with it for whatever mandate it brings."
        if option.rules_of_engagement == "combat":
            return f"{told}. The force fights at the host's request, without waiting for a mandate."
        return f"{told}."

    third = [actor.name for actor in figures.case.in_role("third-party")]
    about = f" Third parties in the case: {listed(third)}." if third else ""
    return Finding(
        "nations",
        "United Nations and third parties",
        "A mandate needs an agreement to uphold: what the model can say is whether it lasts and how likely "
        f"one is by the horizon, {_contrast(figures, 'ceasefire_probability')}.{about}",
        points(figures, figures.options, text),
        "Votes in the United Nations are not simulated; read this as the ground on which they would be cast.",
    )


def reactions(figures: Figures) -> tuple[Finding, ...]:
    """How others behave under each option, in the simulation and in the record."""
    words = _words(figures)
    return (
        _allies(figures),
        _deeds(figures),
        *([words] if words else []),
        _nations(figures),
        _neighbours(figures),
    )
