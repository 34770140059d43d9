"""The simulation written plainly in NumPy: the same formulas, one array operation after the other.

It shares no code with the engine's weekly step: sides are written out, weeks are a Python loop, arrays have shape
(options, draws, replicates) in single precision. Parameters, policies, noise and the force of each option are
given, so that the two can be held against each other and timed on the same work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plain_submodels as sub

Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Inputs:
    """What a simulation is made from; NumPy arrays throughout.

    values: id -> (options, draws). setting and origin: as the engine holds them. policy: tables of the moves.
    """

    values: Mapping[str, np.ndarray[Any, Any]]
    setting: Any
    origin: Any
    policy: Any
    weeks: int
    reference: int


def simulate(inputs: Inputs, noise: Any, kept: int = 0) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Outcomes (options, draws, replicates) and weekly series of the first `kept` replicates."""
    columns = {name: np.asarray(v, dtype=np.float32)[..., None] for name, v in inputs.values.items()}
    p = columns.__getitem__
    setting, origin, weeks = inputs.setting, inputs.origin, inputs.weeks
    tables, bound = setting.postures, setting.commitments
    start_week = float(setting.week_of_year)
    shape = (origin.force_realised.shape[0], *noise.aid_cut.shape)
    sides = ("host", "adversary")
    chance = {side: sub.chance(noise, p, side) for side in sides}
    zero = np.zeros(shape, dtype=np.float32)
    one = zero + np.float32(1.0)
    form = p("attrition.form")
    power_opponent = sum(
        np.where(form == k, np.float32(a), np.float32(0)) for k, (a, _) in enumerate(sub.FORMS)
    )
    power_own = sum(np.where(form == k, np.float32(b), np.float32(0)) for k, (_, b) in enumerate(sub.FORMS))
    levels_a, levels_r = len(tables.aid), len(tables.front)

    # Values at the outset
    skill0 = {}
    for side in sides:
        learning = 1.0 / p(f"ground.{side}.training_weeks")
        joining = p(f"ground.{side}.recruits") / p(f"ground.{side}.strength")
        skill0[side] = (learning + joining * p(f"ground.{side}.recruit_skill")) / (learning + joining)
    share0 = p("front.initial_gain") / p("front.max_gain")
    yield0 = {
        "host": np.clip(share0, 0, np.float32(0.95)),
        "adversary": np.clip(-share0, 0, np.float32(0.95)),
    }
    adaptive = p("front.form") > 0.5

    def settled(committed: Any) -> Floats:
        ratio = (p("airpower.host") + p("airpower.allied") * committed) ** 2
        return (ratio - 1.0) / (ratio + 1.0)

    control0 = settled(np.float32(0))
    usual_gain = np.maximum(np.abs(p("front.initial_gain")), np.float32(0.1) * p("front.max_gain"))
    role0 = np.clip(p("front.initial_gain") / usual_gain, -1, 1)
    dark0 = {side: sub.dark(p, side, p(f"power.{side}.capacity"), start_week) for side in sides}
    outset = {}
    for side in sides:
        supply = 1.0 - p(f"power.{side}.logistics_effect") * dark0[side]
        outset[side] = p(f"ground.{side}.strength") * p(f"ground.{side}.quality") * supply
    outset["adversary"] = outset["adversary"] + (
        p("patron.troops_present") * p("patron.quality") * p("ground.adversary.quality")
    )
    usual_loss = {
        side: np.maximum(p(f"ground.{side}.casualties"), np.float32(1e-3)) / p(f"ground.{side}.strength")
        for side in sides
    }

    s: dict[str, Any] = {}
    for side in sides:
        s |= {
            f"strength.{side}": one * p(f"ground.{side}.strength"), f"recovering.{side}": zero,
            f"pool.{side}": one * p(f"ground.{side}.pool"), f"killed.{side}": zero, f"wounded.{side}": zero,
            f"morale.{side}": one, f"losses4.{side}": one * (4.0 * usual_loss[side]), f"rout.{side}": zero,
            f"interceptors.{side}": one * p(f"air.{side}.interceptors"),
            f"power.{side}": one * p(f"power.{side}.capacity"), f"civilian.{side}": zero,
            f"skill.{side}": one * skill0[side], f"yield.{side}": one * yield0[side], f"press.{side}": one,
        }  # fmt: skip
    for name in ("allied_killed", "allied_wounded", "troops", "troops_peak", "area", "front_noise", "ceasefire",
                 "ceasefire_start", "incident", "deliberate", "inadvertent", "general", "neighbour", "withdrawal",
                 "clash", "territory_strike", "clashed", "struck", "leaked", "unserved", "displaced",
                 "allied_interceptors", "cost", "rung_max", "horizontal_weeks", "below", "signal", "settled",
                 "settlement", "victory_host", "victory_adversary", "regime_host", "regime_adversary", "energy",
                 "refugees", "warnings", "executed", "ignored", "noisy_a", "noisy_r", "noise_deliberate",
                 "noise_inadvertent"):  # fmt: skip
        s[name] = zero
    s |= {"support": one, "aid": one, "materiel": one, "control": one * control0}
    s["gain_memory"] = one * p("front.initial_gain")
    s["ceasefire_first"] = zero + np.float32(weeks)

    resolved_r = noise.type_adversary[None] < inputs.policy.prior
    aid_cut = (noise.aid_cut[None] < p("aid.cut_probability")).astype(np.float32)
    alliance = np.zeros(shape, dtype=np.int32) + bound.start
    adversary = np.zeros(shape, dtype=np.int32) + setting.adversary_start
    highest = adversary
    belief_r = one * inputs.policy.prior
    warned = np.zeros(shape, dtype=np.int32)
    points, borders = inputs.policy.points, inputs.policy.fronts - 1
    has_force = (origin.force_realised > 0) & (bound.on_ceasefire == 0)

    def fighting_alliance(a: Any, r: Any) -> Any:
        a, r = np.clip(a, 0, levels_a - 1), np.clip(r, 0, levels_r - 1)
        engages = (tables.engaged[a] > 0) & (p("deployment.engaged_share") > 0)
        struck = (tables.strikes_forces[r] > 0) & (tables.presence[a] > 0)
        return (has_force & (engages | struck)) | (tables.strikes_territory[r] > 0)

    def strikes_home(r: Any) -> Any:
        return tables.strikes_territory[np.clip(r, 0, levels_r - 1)] > 0

    s["clash"] = s["clashed"] = one * fighting_alliance(alliance, adversary)
    air = {side: sub.Air(p, side, other) for side, other in zip(sides, sides[::-1], strict=True)}
    series: dict[str, list[Floats]] = {}
    area_at: dict[int, Floats] = {}

    def probabilities(table: Floats, e: int) -> Floats:
        """Of each column, between the two nearest points of the belief grid; by posture, front and warning."""
        bin_now = sum((s["area"] > inputs.policy.limits[e, k]).astype(np.int32) for k in range(borders))
        state = ((alliance * levels_r + adversary) * (borders + 1) + bin_now) * 2 + warned
        root = np.sqrt(belief_r)
        place = root / (root + np.sqrt(1.0 - belief_r)) * (points - 1)
        low = np.minimum(place.astype(np.int32), points - 2)
        part = (place - low)[..., None]
        row = (state * points + low)[..., None]
        below, above = (np.take_along_axis(table, at, axis=2).astype(np.float32) for at in (row, row + 1))
        return below + part * (above - below)

    def count_entries(lower: Floats, rise: Floats, step_a: int, step_r: int) -> None:
        up, down = (alliance + step_a, adversary + step_r), (alliance - step_a, adversary - step_r)
        enters = rise * fighting_alliance(*up) + lower * fighting_alliance(*down)
        hits = rise * strikes_home(up[1]) + lower * strikes_home(down[1])
        s["clash"] = s["clash"] + (1.0 - s["clashed"]) * enters
        s["territory_strike"] = s["territory_strike"] + (1.0 - s["struck"]) * hits

    def note_passages() -> None:
        s["clashed"] = np.maximum(s["clashed"], fighting_alliance(alliance, adversary) * np.float32(1))
        s["struck"] = np.maximum(s["struck"], strikes_home(adversary) * np.float32(1))

    for week_index in range(-(-weeks // 4) * 4):
        if week_index % 4 == 0:
            e = week_index // 4
            # Incidents pull the adversary up; then both sides move and learn.
            pulled = s["incident"].astype(np.int32)
            adversary = np.minimum(adversary + pulled, levels_r - 1)
            s["executed"] = s["executed"] + warned * pulled
            warned = warned * (1 - pulled)
            home = strikes_home(adversary) * np.float32(1)
            s["territory_strike"] = s["territory_strike"] + (1.0 - s["struck"]) * home
            s["struck"] = np.maximum(s["struck"], home)
            s["incident"] = zero
            highest = np.maximum(highest, adversary)

            read = probabilities(inputs.policy.alliance[e], e)
            lower, rise = read[..., 0], read[..., 1]
            down, up = noise.move_alliance[e] < lower, noise.move_alliance[e] >= 1.0 - rise
            count_entries(lower, rise, 1, 0)
            warned = np.where(down | ((alliance == 0) & ~up), 0, warned)
            alliance = alliance - down + up
            odd = up & (rise < np.float32(0.05) * np.maximum(lower, 1.0 - lower - rise))
            s["noisy_a"] = np.where(down, zero, np.maximum(s["noisy_a"], odd))
            s["below"] = np.maximum(s["below"], (alliance < bound.start) * np.float32(1))
            note_passages()

            read = probabilities(inputs.policy.adversary[e], e)
            own = np.where(resolved_r[..., None], read[..., 3:], read[..., :3])
            lower, rise, warn = (own[..., k] for k in range(3))
            uniform = noise.move_adversary[e]
            down, up = uniform < lower, uniform >= 1.0 - rise
            loud = ~down & ~up & (uniform < lower + warn)
            count_entries(lower, rise, 0, 1)
            chances = []
            for first in (0, 3):
                each = [read[..., first + k] for k in range(3)]
                rest = 1.0 - each[0] - each[1] - each[2]
                chances.append(np.where(down, each[0], np.where(up, each[1], np.where(loud, each[2], rest))))
            joint = belief_r * chances[1]
            belief_r = joint / np.maximum(joint + (1.0 - belief_r) * chances[0], np.float32(1e-12))
            belief_r = np.clip(belief_r, np.float32(0), np.float32(1))
            adversary = adversary - down + up
            most = np.maximum(np.maximum(lower, warn), 1.0 - lower - rise - warn)
            odd = up & (rise < np.float32(0.05) * most)
            s["noisy_r"] = np.where(down, zero, np.maximum(s["noisy_r"], odd))
            s["executed"] = s["executed"] + warned * up
            s["ignored"] = s["ignored"] + warned * ~up
            s["warnings"] = s["warnings"] + loud
            warned = loud.astype(np.int32)
            highest = np.maximum(highest, adversary)
            note_passages()

            held = {
                name: getattr(tables, name)[alliance] for name in ("aid", "shield", "presence", "engaged")
            }
            held |= {name: getattr(tables, name)[adversary]
                     for name in ("front", "air", "horizontal", "strikes_forces", "strikes_territory")}  # fmt: skip
            rung = np.maximum(tables.alliance_rung[alliance], tables.adversary_rung[adversary])
            talks = (adversary == 0).astype(np.float32)

        week = np.float32(week_index + 1)
        n = {
            name: getattr(noise.weekly, name)[week_index]
            for name in ("front", "energy", "agreement", "relapse", "incident")
        }
        fighting = 1.0 - s["ceasefire"]
        year, season = week / np.float32(sub.WEEKS_PER_YEAR), np.float32(start_week) + week

        # Aid, allied troops, patron
        cut = np.where(week >= p("aid.review_week"), aid_cut * p("aid.cut_size"), np.float32(0))
        wanted = held["aid"] * p("aid.level") * (1.0 - cut)
        aid = s["aid"] + (wanted - s["aid"]) / np.maximum(p("aid.lag"), np.float32(1))
        elapsed = np.where(bound.on_ceasefire > 0, (week - s["ceasefire_start"]) * s["ceasefire"], week)
        elapsed = elapsed - p("deployment.approval_delay")
        arrived = sub.ramp(elapsed, p("deployment.midpoint"), p("deployment.spread"))
        rotated = np.clip((elapsed - np.float32(26)) / np.float32(26), 0, 1)
        size = origin.force_realised + rotated * (origin.force_sustained - origin.force_realised)
        landed = np.minimum(size * arrived, p("deployment.lift") * np.maximum(elapsed, np.float32(0)))
        troops = landed * held["presence"] * s["support"]
        engaged = troops * p("deployment.engaged_share") * held["engaged"] * fighting
        stabilising = troops / np.maximum(origin.force_realised, np.float32(1))
        fights = (engaged > 0).astype(np.float32)
        surge = sub.ramp(week, p("patron.surge_midpoint"), 4.0)
        answer = 1.0 + p("patron.escalation_response") * held["engaged"] * (origin.force_realised > 0)
        patron = p("patron.troops_present") + p("patron.troops_surge") * surge * answer

        # Air war, electricity, civilians
        shield = held["shield"] * np.clip(week / np.maximum(p("shield.delay"), np.float32(1)), 0, 1)
        struck = {}
        for k, side in enumerate(sides):
            d = 1 - k
            mine, theirs = chance[side], chance[sides[d]]
            tempo = fighting if side == "host" else fighting * held["air"]
            struck[sides[d]] = air[side].week(
                (week - np.float32(0.5)) / np.float32(sub.WEEKS_PER_YEAR),
                tempo, shield if side == "adversary" else None, s[f"interceptors.{sides[d]}"],
                mine.drone[week_index], mine.missile[week_index],
                theirs.intercept_drone[week_index], theirs.intercept_missile[week_index],
                (theirs.failure[week_index] < p(f"air.{sides[d]}.failure")).astype(np.float32),
            )  # fmt: skip
        dark, power, civilians = {}, {}, {}
        for side in sides:
            leaked_drones, leaked_missiles, spent = struck[side][2], struck[side][3], struck[side][4]
            aided = p("aid.interceptors") * aid if side == "host" else np.float32(0)
            stock = s[f"interceptors.{side}"] + p(f"air.{side}.interceptor_production") + aided - spent
            s[f"interceptors.{side}"] = np.maximum(stock, np.float32(0))
            now, full, safe = (
                s[f"power.{side}"],
                p(f"power.{side}.full_capacity"),
                p(f"power.{side}.protected"),
            )
            exposed = np.clip((now - safe) / np.maximum(full - safe, np.float32(1e-3)), 0, 1)
            damage = (
                p(f"power.{side}.damage_missile") * leaked_missiles
                + p(f"power.{side}.damage_drone") * leaked_drones
            )
            gone = np.minimum(exposed * damage, np.maximum(now - safe, np.float32(0)))
            pace = np.minimum(p(f"power.{side}.repair") * (aid if side == "host" else one), np.float32(1))
            power[side] = np.maximum(now - gone + pace * np.maximum(full - now, np.float32(0)), np.float32(0))
            dark[side] = sub.dark(p, side, power[side], season)
            civilians[side] = (
                p(f"civil.{side}.deaths_drone") * leaked_drones
                + p(f"civil.{side}.deaths_missile") * leaked_missiles
                + p(f"civil.{side}.front_deaths") * (held["front"] * fighting)
            )

        # Ground war
        tempo = held["front"] * fighting
        strength = {side: s[f"strength.{side}"] for side in sides}
        effective = {}
        for side in sides:
            supply = 1.0 - p(f"power.{side}.logistics_effect") * dark[side]
            materiel = (
                np.exp(p("aid.elasticity") * np.log(np.maximum(aid, np.float32(0.02))))
                if side == "host"
                else 1.0 + p("patron.materiel_share") * (s["materiel"] - 1.0)
            )
            effective[side] = (
                strength[side] * p(f"ground.{side}.quality") * s[f"morale.{side}"] * supply * materiel
                * s[f"skill.{side}"] / skill0[side]
            )  # fmt: skip
        freed = np.minimum(
            p("deployment.relief") * (troops - engaged), p("deployment.relief_limit") * strength["host"]
        )
        abroad = engaged * p("deployment.quality") * p("deployment.structural") + freed
        effective["host"] = effective["host"] + abroad * p("ground.host.quality")
        effective["adversary"] = effective["adversary"] + (
            patron * p("patron.quality") * p("ground.adversary.quality")
        )
        ratio = {side: effective[side] / outset[side] for side in sides}
        committed = held["engaged"] * p("deployment.engaged_share") * arrived * (origin.force_realised > 0)
        s["control"] = s["control"] + (settled(committed) - s["control"]) / np.maximum(p("airpower.lag"), 1)
        gained = s["control"] - control0
        shift = np.clip(s["gain_memory"] / usual_gain, -1, 1) - role0
        favour = np.exp(
            p("airpower.attrition_effect") * gained + np.log(p("attrition.attacker_factor")) * shift
        )
        give = {
            side: s[f"press.{other}"] * (1.0 - s[f"yield.{side}"]) / (1.0 - yield0[side])
            for side, other in zip(sides, sides[::-1], strict=True)
        }
        contact = np.where(adaptive, give["host"] * give["adversary"], np.float32(1))
        sd = p("attrition.intensity_sd")
        rate, exchange = {}, {}
        bombs = {
            "host": np.exp(p("air.host.glide_growth") * year) * np.clip(1.0 + gained, 0, 1),
            "adversary": held["air"]
            * np.exp(p("air.adversary.glide_growth") * year)
            * np.clip(1.0 - gained, 0, 1),
        }
        for side, other in zip(sides, sides[::-1], strict=True):
            shared = strength["host"] / (strength["host"] + engaged) if side == "host" else np.float32(1)
            intensity = np.exp(sd * chance[side].intensity[week_index] - 0.5 * sd**2)
            bombed = 1.0 + p(f"air.{other}.glide_share") * (bombs[other] - 1.0)
            exchange[side] = bombed * (intensity / favour if side == "host" else intensity * favour)
            faced = np.maximum(ratio[other], np.float32(1e-6))
            own = np.maximum(strength[side] / p(f"ground.{side}.strength"), np.float32(1e-6))
            scale = np.exp(power_opponent * np.log(faced) + power_own * np.log(own))
            expected = p(f"ground.{side}.casualties") * tempo * scale * shared / strength[side]
            expected = np.minimum(expected, np.float32(0.25))
            rate[side] = np.minimum(expected * contact * exchange[side], np.float32(0.25))

        fraction = dict(zip(sides, sub.week_of_losses(rate, power_opponent, power_own), strict=True))
        lost, killed, four = {}, {}, {}
        for side in sides:
            lost[side] = strength[side] * fraction[side]
            killed[side] = lost[side] * p(f"ground.{side}.killed_share")
            wounded = lost[side] - killed[side]
            back = s[f"recovering.{side}"] / np.float32(10)
            extra = p(f"ground.{side}.surge") * (fights if side == "adversary" else np.float32(0))
            called = np.minimum(p(f"ground.{side}.recruits") + extra, s[f"pool.{side}"])
            s[f"strength.{side}"] = np.maximum(strength[side] - lost[side] + back + called, np.float32(1))
            s[f"recovering.{side}"] = (
                s[f"recovering.{side}"] - back + p(f"ground.{side}.return_share") * wounded
            )
            s[f"pool.{side}"] = s[f"pool.{side}"] - called
            s[f"killed.{side}"] = s[f"killed.{side}"] + killed[side]
            s[f"wounded.{side}"] = s[f"wounded.{side}"] + wounded
            s[f"civilian.{side}"] = s[f"civilian.{side}"] + civilians[side]
            joining = np.minimum(called / strength[side], np.float32(1))
            mixed = s[f"skill.{side}"] + joining * (p(f"ground.{side}.recruit_skill") - s[f"skill.{side}"])
            s[f"skill.{side}"] = mixed + (1.0 - mixed) / p(f"ground.{side}.training_weeks")
            four[side] = 0.75 * s[f"losses4.{side}"] + 0.25 * 4.0 * fraction[side]
            s[f"losses4.{side}"] = four[side]
            level = p("front.break_level") + p("front.break_slope") * (four[side] - 0.10)
            broken = (chance[side].broken[week_index] < 1.0 / (1.0 + np.exp(-level)) * fighting).astype(
                np.float32
            )
            s[f"rout.{side}"] = np.maximum(np.float32(0.6) * s[f"rout.{side}"], broken)
            weekly, usual = four[side] / 4, usual_loss[side]
            pressed = p("front.adaptation") * (1.0 - s[f"yield.{side}"]) * (weekly - usual) / (1.0 - usual)
            s[f"yield.{side}"] = np.clip(s[f"yield.{side}"] + pressed, 0, 1)
            accepted = p("front.prosecution_threshold") * usual
            eager = 1.0 + p("front.prosecution_effect") * (accepted - weekly) / accepted
            s[f"press.{side}"] = np.clip(s[f"press.{side}"] * eager, np.float32(0.05), 1)
        combat = (
            p("deployment.combat_casualties")
            / 1000.0
            * tempo
            * ratio["adversary"]
            * exchange["host"]
            * contact
        )
        rear = p("deployment.rear_casualties") / 1000.0 * held["strikes_forces"]
        allied_lost = np.minimum(engaged * combat + (troops - engaged) * rear, np.float32(0.25) * troops)
        allied_killed = allied_lost * p("deployment.killed_share")
        falling = p("coalition.dead_effect") / 100.0 * allied_killed / 100.0
        s["support"] = np.clip(s["support"] - falling * origin.abandonment, 0, 1)

        # Front and morale
        log_ratio = np.log(np.maximum(ratio["adversary"], np.float32(1e-6))) - np.log(
            np.maximum(ratio["host"], np.float32(1e-6))
        )
        memory = p("front.noise_memory")
        s["front_noise"] = (
            memory * s["front_noise"] + np.sqrt(1.0 - memory**2) * p("front.noise_sd") * n["front"]
        )
        largest = p("front.max_gain")
        anchor = np.arctanh(np.clip(p("front.initial_gain") / largest, np.float32(-0.95), np.float32(0.95)))
        drift = largest * np.tanh(
            p("front.sensitivity") * (log_ratio - p("airpower.drift_effect") * gained) + anchor
        )
        epstein = largest * (s["yield.host"] * s["press.adversary"] - s["yield.adversary"] * s["press.host"])
        collapse = p("front.break_factor") * largest * (s["rout.host"] - s["rout.adversary"])
        gain = tempo * (np.where(adaptive, epstein, drift) + s["front_noise"] + collapse)
        area = np.minimum(s["area"] - gain, p("front.occupied_area"))
        gain = s["area"] - area
        s["area"] = area
        s["gain_memory"] = 0.75 * s["gain_memory"] + 0.25 * gain
        for sign, side in ((-1.0, "host"), (1.0, "adversary")):
            change = (
                p("morale.recovery") * (1.0 - s[f"morale.{side}"])
                - p("morale.loss_effect") * (fraction[side] / usual_loss[side] - 1.0)
                - p("morale.dark_effect") * (dark[side] - dark0[side])
                + p("morale.success_effect") * sign * (gain - p("front.initial_gain") * tempo) / largest
            )
            if side == "host":
                change = change + p("morale.aid_effect") * (aid - 1.0)
            s[f"morale.{side}"] = np.clip(s[f"morale.{side}"] + change, np.float32(0.3), np.float32(1.2))
            s[f"power.{side}"] = power[side]

        # Home fronts
        alarm = np.minimum(
            np.maximum(
                fights * held["engaged"], held["strikes_forces"] * np.minimum(stabilising, np.float32(1))
            )
            + held["strikes_territory"],
            np.float32(1),
        )
        asked = p("energy.pressure_effect") * held["horizontal"] + p("energy.clash_effect") * alarm
        jump = np.sqrt(1.0 - p("energy.memory") ** 2) * p("energy.sd") * n["energy"]
        s["energy"] = asked + p("energy.memory") * (s["energy"] - asked) + jump
        weary = {}
        for sign, side in ((1.0, "host"), (-1.0, "adversary")):
            _, felt = sub.home(
                p, side, year, dark[side] - dark0[side], s["energy"], s[f"killed.{side}"], sign * area
            )
            weary[side] = 1.0 - felt

        # Incidents, rare events, neighbours
        open_share = 1.0 - s["ceasefire"] * (1.0 - p("escalation.ceasefire_share"))
        present = np.minimum(stabilising, np.float32(1))
        encounters = open_share * (
            (
                p("escalation.encounters_base") + p("shield.encounters") * shield
                + p("deployment.encounters") * stabilising
            )
            * np.exp(p("coalition.entrapment") * present)
        )  # fmt: skip
        incident_hazard = sub.hazard(encounters * p("escalation.lethal") * p("escalation.escalates"))
        incident = (n["incident"] < incident_hazard).astype(np.float32)
        soil = held["strikes_territory"]
        clash = np.maximum(fights * held["engaged"], held["strikes_forces"] * present)
        regained = np.maximum(area, np.float32(0)) / p("front.occupied_area") + s["rout.adversary"]
        stakes = (
            p("nuclear.territory_effect") * regained
            + p("nuclear.regime_effect") * np.clip(weary["adversary"], 0, 1)
            + p("nuclear.clash_effect") * clash + p("nuclear.strikes_effect") * soil
        )  # fmt: skip
        worth = stakes - np.minimum(p("nuclear.restraint"), np.float32(1)) * (1.0 - np.exp(-stakes))
        chance_now = p("nuclear.baseline") * (1.0 - p("nuclear.accident_share"))
        odds = chance_now / (1.0 - chance_now) * np.exp(worth)
        chosen = odds / (1.0 + odds) * open_share
        shown = p("nuclear.signal_ratio") * chosen / (1.0 + (p("nuclear.signal_ratio") - 1.0) * chosen)
        rungs = rung - tables.adversary_rung[setting.adversary_start]
        alarms = p("nuclear.baseline") * p("nuclear.accident_share") * p("escalation.tension_factor") ** rungs
        fog = p("escalation.clash_nuclear") * np.minimum(clash + soil + incident_hazard, np.float32(2))
        slipped = np.minimum(alarms + fog, np.float32(0.5))
        reply = p("nuclear.reply_nuclear") + (1.0 - p("nuclear.reply_nuclear")) * np.minimum(
            soil, np.float32(1)
        )
        exchange = reply + (1.0 - reply) * p("nuclear.reply_conventional") * p("nuclear.second_use")
        general = (chosen + (1.0 - chosen) * slipped) * (exchange * p("nuclear.general"))
        drawn_in = sub.hazard(
            p("neighbour.baseline")
            * np.exp(
                p("neighbour.pressure_effect") * (held["horizontal"] * fighting)
                + p("neighbour.presence_effect") * present
                + p("neighbour.clash_effect") * alarm
            )
        )
        leaves = fighting * sub.hazard(
            p("diplomacy.withdrawal") * np.exp(np.clip(p("diplomacy.withdrawal_effect") * -log_ratio, -5, 5))
        )
        wanted_materiel = 1.0 + p("patron.materiel_response") * 0.5 * (present + fights * held["engaged"])
        s["materiel"] = s["materiel"] + (wanted_materiel - s["materiel"]) / np.maximum(
            p("patron.materiel_lag"), np.float32(1)
        )
        flight = p("neighbour.refugees_dark") * np.maximum(dark["host"] - dark0["host"], np.float32(0))
        flight = flight + p("neighbour.refugees_area") * np.maximum(gain, np.float32(0))
        s["refugees"] = s["refugees"] + np.where(
            s["ceasefire"] > 0, -p("neighbour.return_share") * s["refugees"], flight
        )
        safe = 1.0 - (s["deliberate"] + s["inadvertent"])
        s["deliberate"] = s["deliberate"] + safe * chosen
        s["inadvertent"] = s["inadvertent"] + safe * (1.0 - chosen) * slipped
        noisy = np.maximum(s["noisy_a"], s["noisy_r"])
        s["noise_deliberate"] = s["noise_deliberate"] + noisy * safe * chosen
        s["noise_inadvertent"] = s["noise_inadvertent"] + noisy * safe * (1.0 - chosen) * slipped
        for name, hazard in (("general", general), ("neighbour", drawn_in), ("withdrawal", leaves),
                             ("signal", shown)):  # fmt: skip
            s[name] = s[name] + (1.0 - s[name]) * hazard
        s["clash"] = s["clash"] + (1.0 - s["clashed"]) * incident_hazard
        s["clashed"] = np.maximum(s["clashed"], incident)
        s["incident"] = np.maximum(s["incident"], incident)

        # Endings
        still = np.abs(s["gain_memory"]) / np.maximum(np.abs(p("front.initial_gain")), np.float32(1))
        stalemate = np.float32(np.tanh(1.0)) - np.tanh(still)
        fear = p("diplomacy.fear_effect") * p("diplomacy.commitment_problem") * origin.guarantee
        vowed = np.maximum(bound.on_ceasefire * held["presence"], present)
        room = p("diplomacy.burden_effect") * (weary["host"] + weary["adversary"]) + fear * vowed
        pace = p("diplomacy.talks_ratio") ** talks * np.exp(
            p("diplomacy.stalemate_effect") * stalemate
            + p("diplomacy.liberation_effect") * np.maximum(area, np.float32(0)) / p("front.occupied_area")
            + room
            + np.log(p("diplomacy.mediation_ratio")) * p("diplomacy.mediation_rise") * alarm
        )
        push = np.exp(np.clip(p("diplomacy.victory_effect") * log_ratio, -5, 5))
        rates = {
            "agreement": np.minimum(
                p("diplomacy.ceasefire") * p("diplomacy.agreement_ratio") * pace, np.float32(np.log(10.0))
            ),
            "victory_adversary": p("diplomacy.victory") * push,
            "victory_host": p("diplomacy.victory") / push,
        }
        for side in sides:
            rates[f"regime_{side}"] = p("diplomacy.regime") * np.exp(
                p("diplomacy.regime_effect") * weary[side]
            )
        total = sum(rates.values())
        shares = sub.hazard(total) / np.maximum(total, np.float32(1e-30))
        agreement = rates["agreement"] * shares
        agree = fighting * (n["agreement"] < agreement)
        odds = p("diplomacy.settlement_share") / (1.0 - p("diplomacy.settlement_share")) * np.exp(room)
        settles = agree * (n["agreement"] < agreement * (odds / (1.0 + odds)))
        rate = p("diplomacy.relapse") * (1.0 + (p("diplomacy.relapse_ratio") - 1.0) * present)
        rate = rate * (1.0 + (p("diplomacy.settlement_ratio") - 1.0) * s["settled"])
        relapse = sub.hazard(rate * np.exp(-fear * present))
        others = ("victory_host", "victory_adversary", "regime_host", "regime_adversary")
        gone = sum(s[name] for name in others)
        free = np.maximum(1.0 - gone, np.float32(0)) * (s["ceasefire_first"] >= week) * fighting
        s["settlement"] = s["settlement"] + free * settles
        for name in others:
            s[name] = s[name] + free * (1.0 - agree) * (rates[name] * shares) / np.maximum(
                1.0 - agreement, np.float32(1e-6)
            )
        s["settled"] = np.where(agree > 0, settles, s["settled"])
        s["ceasefire"] = s["ceasefire"] + agree - s["ceasefire"] * (n["relapse"] < relapse)
        s["ceasefire_start"] = np.where(agree > 0, week, s["ceasefire_start"])
        s["ceasefire_first"] = np.where(
            agree > 0, np.minimum(s["ceasefire_first"], week), s["ceasefire_first"]
        )

        # Accounts
        hit = struck["host"]
        cost = p("aid.cost") * aid + p("shield.cost") * shield + p("deployment.cost") * troops / 1000.0
        s |= {
            "aid": aid, "troops": troops, "troops_peak": np.maximum(s["troops_peak"], troops),
            "allied_killed": s["allied_killed"] + allied_killed,
            "allied_wounded": s["allied_wounded"] + allied_lost - allied_killed,
            "leaked": s["leaked"] + hit[2] + hit[3], "unserved": s["unserved"] + dark["host"],
            "displaced": s["displaced"]
            + p("civil.host.displaced_unserved") * np.maximum(dark["host"] - dark0["host"], np.float32(0)),
            "allied_interceptors": s["allied_interceptors"] + hit[5], "cost": s["cost"] + cost,
            "rung_max": np.maximum(s["rung_max"], rung),
            "horizontal_weeks": s["horizontal_weeks"] + held["horizontal"],
        }  # fmt: skip
        if week_index + 1 in (12, 26, 52):
            area_at[week_index + 1] = area
        if kept:
            now = {
                "area_change": area, "front_gain": gain, "losses_host": lost["host"],
                "losses_adversary": lost["adversary"], "killed_alliance": allied_killed,
                "civilian_deaths_host": civilians["host"], "drones_launched": hit[0], "missiles_launched": hit[1],
                "drones_leaked": hit[2], "missiles_leaked": hit[3], "power_host": power["host"],
                "unserved_host": dark["host"], "interceptors_host": s["interceptors.host"],
                "troops_alliance": troops, "ceasefire": s["ceasefire"], "morale_host": s["morale.host"],
                "alliance_posture": alliance, "adversary_posture": adversary, "warning": warned,
                "belief_adversary": belief_r,
            }  # fmt: skip
            for name, values in now.items():
                series.setdefault(name, []).append(
                    np.broadcast_to(values, shape)[..., :kept].astype(np.float32)
                )

    # Outcomes
    usual = highest[inputs.reference][None]
    sends = origin.force_realised > 0
    fear = p("diplomacy.fear_effect") * p("diplomacy.commitment_problem") * origin.guarantee
    held_by = p("diplomacy.relapse") * (1.0 + (p("diplomacy.relapse_ratio") - 1.0) * sends)
    lasting = 1.0 - sub.hazard(held_by * np.exp(-fear))
    end = {
        side: sub.home(
            p, side, np.float32(weeks / sub.WEEKS_PER_YEAR),
            sub.dark(p, side, s[f"power.{side}"], start_week + weeks) - dark0[side],
            s["energy"], s[f"killed.{side}"], sign * s["area"],
        )
        for sign, side in ((1.0, "host"), (-1.0, "adversary"))
    }  # fmt: skip
    promised = bound.start / max(levels_a - 1, 1)
    credit = p("credibility.kept_effect") * promised * (1.0 - 2.0 * s["below"]) - p(
        "credibility.drain_effect"
    ) * (s["troops_peak"] / np.maximum(origin.force_pool, np.float32(1)))
    found = {
        "killed_host": s["killed.host"], "wounded_host": s["wounded.host"],
        "killed_adversary": s["killed.adversary"], "wounded_adversary": s["wounded.adversary"],
        "killed_alliance": s["allied_killed"], "wounded_alliance": s["allied_wounded"],
        "deaths_per_1000_deployed": 1000.0 * s["allied_killed"] / np.maximum(s["troops_peak"], np.float32(1)),
        "deaths_civilian_host": s["civilian.host"], "deaths_civilian_adversary": s["civilian.adversary"],
        "displaced_host": s["displaced"], "area_change": s["area"],
        **{f"regained_share_{by}": np.maximum(area_at[min(by, weeks)], 0) / p("front.occupied_area")
           for by in (12, 26, 52)},
        "power_capacity_host": s["power.host"], "unserved_energy_host": s["unserved"] / weeks,
        "leakers_host": s["leaked"], "interceptors_left": s["interceptors.host"],
        "interceptors_spent_alliance": s["allied_interceptors"],
        "troops_requested": p("deployment.size_requested"), "troops_realised": s["troops_peak"],
        "troops_sustained": origin.force_sustained,
        "coalition_members": origin.members * (sends | (tables.shield[bound.start] > 0)),
        "coalition_gap": origin.members_gap * sends, "consensus_probability": origin.consensus,
        "largest_contribution": origin.largest_share * sends, "energy_price": np.exp(s["energy"]),
        "output_host": end["host"][0], "output_adversary": end["adversary"][0], "refugees_host": s["refugees"],
        "home_support_host": end["host"][1], "home_support_adversary": end["adversary"][1],
        "nuclear_signal_probability": s["signal"], "settlement_probability": s["settlement"],
        "victory_host_probability": s["victory_host"],
        "victory_adversary_probability": s["victory_adversary"],
        "regime_change_host_probability": s["regime_host"],
        "regime_change_adversary_probability": s["regime_adversary"],
        "cost_alliance": s["cost"], "rung_max": s["rung_max"], "clash_probability": s["clash"],
        "territory_strike_probability": s["territory_strike"],
        "nuclear_use_probability": s["deliberate"] + s["inadvertent"],
        "nuclear_deliberate_probability": s["deliberate"] - s["noise_deliberate"],
        "nuclear_inadvertent_probability": s["inadvertent"] - s["noise_inadvertent"],
        "nuclear_noise_probability": s["noise_deliberate"] + s["noise_inadvertent"],
        "warnings": s["warnings"], "warnings_ignored": s["ignored"], "warnings_executed": s["executed"],
        "general_exchange_probability": s["general"], "neighbour_probability": s["neighbour"],
        "horizontal_weeks": s["horizontal_weeks"], "deterred": highest < usual, "provoked": highest > usual,
        "ceasefire_probability": s["ceasefire_first"] < weeks, "ceasefire_weeks": s["ceasefire_first"],
        "ceasefire_holds_26": lasting**26, "ceasefire_holds_52": lasting**52,
        "withdrawal_probability": s["withdrawal"], "belief_adversary_resolve": belief_r,
        "credibility_elsewhere": credit, "morale_host": s["morale.host"],
    }  # fmt: skip
    outcomes = {name: np.broadcast_to(value, shape).astype(np.float32) for name, value in found.items()}
    return outcomes, {name: np.stack(values) for name, values in series.items()}
