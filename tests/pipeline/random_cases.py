"""Random valid cases: every list, posture, option, prior and weight drawn from what the case file allows."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

from excomm.case.load import defaults
from excomm.case.model import Parameter
from excomm.quantities import OUTCOMES

__all__ = ["write_case"]

FRAMEWORKS = ("alliance", "coalition", "one-state")
PURPOSES = ("reassure", "deter", "roll-back")


def _prior(dice: random.Random, parameter: Parameter) -> str:
    """A prior within the parameter's bounds, of a random family and width."""
    low, high = parameter.bounds
    near = max(abs(parameter.prior.p05), abs(parameter.prior.p95), 1e-6)
    left = max(low, parameter.prior.p05 - 2.0 * near * dice.random())
    right = min(high, parameter.prior.p95 + 3.0 * near * dice.random())
    a, b = sorted((dice.uniform(left, right), dice.uniform(left, right)))
    if b - a < 1e-6 * max(abs(a), abs(b), 1e-9):
        a, b = left, max(right, left + 1e-6)
    unit = parameter.unit
    family = dice.randrange(4)
    if family == 0:
        return f"{a:.6g} {unit}"
    if family == 1:
        return f"uniform({a:.6g}, {b:.6g}) {unit}"
    if family == 2:
        return f"triangular({a:.6g}, {(a + b) / 2:.6g}, {b:.6g}) {unit}"
    return f"choice({a:.6g}: 0.3, {b:.6g}: 0.7) {unit}"


def _ladder(dice: random.Random, side: str, count: int) -> list[dict[str, Any]]:
    """Postures from lowest to highest; the second of the adversary's is the start."""
    names = ("aid", "shield", "presence", "engaged")
    if side == "adversary":
        names = ("front", "air", "horizontal", "strikes_forces", "strikes_territory")
    postures = []
    for place in range(count):
        share = place / (count - 1)
        entry: dict[str, Any] = {
            "id": f"{side[:2]}-{place}",
            "name": f"Step {place}",
            "rung": min(place * 5 // count, 9),
        }
        for order, name in enumerate(names):
            if name in ("aid", "front", "air"):
                entry[name] = round(0.3 + share * dice.uniform(0.5, 1.2), 3)
            else:
                # Later attributes come in on higher steps only.
                entry[name] = round(
                    max(0.0, min(1.0, (share - 0.2 * order + 0.2) * dice.uniform(0.0, 1.5))), 3
                )
        if side == "adversary" and place == 1:
            entry["start"] = True
        postures.append(entry | {"source": "judgement"})
    return postures


def _options(
    dice: random.Random, count: int, ladder: list[dict[str, Any]], known: dict[str, Parameter]
) -> list[Any]:
    ids = [step["id"] for step in ladder]
    options = []
    for place in range(count):
        start = dice.randrange(len(ids)) if place else 1
        ceiling = dice.randrange(start, len(ids))
        trigger = dice.choice(("now", "on-ceasefire")) if place else "now"
        options.append(
            {
                "id": f"option-{place}",
                "name": f"Option {place}",
                **({"reference": True} if place == 0 else {}),
                "description": "Drawn at random.",
                "purpose": dice.choice(PURPOSES),
                "trigger": trigger,
                "posture": dice.choice(("none", "air-only", "rear", "line")) if place else "none",
                "rules_of_engagement": dice.choice(("none", "self-defence", "air-defence", "combat"))
                if place
                else "none",
                "framework": dice.choice(FRAMEWORKS),
                "start": ids[start],
                "ceiling": ids[ceiling],
                "floor": {"posture": ids[dice.randrange(start + 1)], "weeks": dice.randrange(0, 53)},
                "exit": "none",
                "set": _parameters(dice, known, dice.uniform(0.0, 0.15)) if place else {},
            }
        )
    return options


def _parameters(dice: random.Random, known: dict[str, Parameter], share: float) -> dict[str, Any]:
    chosen = [name for name in known if dice.random() < share]
    return {name: {"prior": _prior(dice, known[name]), "source": "judgement"} for name in chosen}


def _weights(dice: random.Random) -> dict[str, float]:
    names = dice.sample(sorted(OUTCOMES), dice.randrange(2, 7))
    return {name: round(dice.choice((-1, 1)) * dice.uniform(0.05, 1.0), 3) for name in names}


def write_case(folder: Path, seed: int, *, options: int = 4, alliance: int = 4, adversary: int = 5) -> Path:
    """Write a random valid case into `folder`; the same seed gives the same case."""
    dice = random.Random(seed)
    known = dict(defaults())
    ladder = _ladder(dice, "alliance", alliance)
    actors = [
        {"id": "hosts", "name": "Hosts", "role": "host", "description": "drawn"},
        {"id": "friends", "name": "Friends", "role": "alliance", "description": "drawn"},
        {"id": "rivals", "name": "Rivals", "role": "adversary", "description": "drawn"},
    ]
    for role in ("patron", "neighbour", "ally", "third-party"):
        if dice.random() < 0.5:
            actors.append({"id": f"some-{role}", "name": role.title(), "role": role, "description": "drawn"})
    content = {
        "format": 1,
        "id": "random",
        "title": "A random crisis",
        "question": "Does it run?",
        "as_of": f"20{dice.randrange(20, 60)}-0{dice.randrange(1, 10)}-1{dice.randrange(10)}",
        "horizon": "52 weeks",
        "summary": "Drawn at random.",
        "first_mover": dice.choice(("alliance", "adversary")),
        "actors": actors,
        "postures": {"alliance": ladder, "adversary": _ladder(dice, "adversary", adversary)},
        "calendar": [],
        "parameters": _parameters(dice, known, dice.uniform(0.0, 0.6)),
        "propositions": [],
        "acceptance": {"policy": "none", "by": "nobody"},
        "perspectives": [
            {"actor": actor["id"], "source": "judgement", "weights": _weights(dice)} for actor in actors[:3]
        ],
        "options": _options(dice, options, ladder, known),
        "plausibility": [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    # The date is no text in a case file.
    (folder / "case.yaml").write_text(
        text.replace(f"'{content['as_of']}'", str(content["as_of"])), encoding="utf-8"
    )
    if dice.random() < 0.8:
        rows = ["id,name,population_m,gdp_bn,active_forces,defence_share,border,support,source"]
        for place in range(dice.randrange(1, 20)):
            rows.append(
                f"m{place},Member {place},{dice.uniform(0.1, 300):.1f},{dice.uniform(1, 20000):.0f},"
                f"{dice.randrange(0, 1_500_000)},{dice.uniform(0.001, 0.2):.3f},{dice.randrange(2)},"
                f"{dice.uniform(0.02, 0.98):.2f},drawn"
            )
        (folder / "members.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
