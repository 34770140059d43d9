"""The text of a small complete case and of its defaults."""

DEFAULTS = """\
ground.host.strength:
  meaning: Soldiers of the host in contact with the adversary
  unit: troops
  bounds: [0, 10000000]
  prior: 30000 to 60000
  source: judgement
  grade: C
ground.pace:
  meaning: Area that the adversary gains in a week
  unit: km2/week
  bounds: [-1000, 1000]
  prior: 10 to 40 km2/week
  source: a survey of maps
  grade: B
patron.troops_present:
  meaning: Troops of the patron in the theatre
  unit: troops
  bounds: [0, 1000000]
  prior: 0
  source: judgement
  grade: C
deployment.size_requested:
  meaning: Size of the force that the option asks for
  unit: troops
  bounds: [0, 2000000]
  prior: 0
  source: judgement
  grade: C
coalition.share_that_sends:
  meaning: Share of members that take part
  unit: share
  prior: 0.2 to 0.6
  source: judgement
  grade: C
nuclear.baseline:
  meaning: Probability of deliberate use in a week without pressure
  unit: probability/week
  prior: 0.1 to 1 per cent per year
  source: judgement
  grade: C
"""

CASE = """\
format: 1
id: small
title: A small case
question: Which option costs fewer lives?
as_of: 2031-03-01
horizon: 52 weeks
summary: Two states fight.
first_mover: alliance
actors:
  - {id: northland, name: Northland, role: host}
  - {id: league, name: the League, role: alliance}
  - {id: southland, name: Southland, role: adversary}
  - {id: eastmark, name: Eastmark, role: patron}
postures:
  alliance:
    - {id: aid, name: Aid, rung: 0, aid: 1, shield: 0, presence: 0, engaged: 0, source: judgement}
    - {id: line, name: Line, rung: 3, aid: 1, shield: 0, presence: 1, engaged: 1, source: judgement}
  adversary:
    - {id: war, name: War, rung: 0, front: 1, air: 1, horizontal: 0, start: true,
       strikes_forces: 0, strikes_territory: 0, source: judgement}
    - {id: strikes, name: Strikes, rung: 4, front: 1, air: 1, horizontal: 1,
       strikes_forces: 1, strikes_territory: 0, source: judgement}
calendar:
  - {date: 2031-05-02, event: Election, effect: aid_review, source: law}
parameters:
  ground.host.strength: {prior: 40000 to 60000 troops, source: judgement}
  patron.troops_present:
    when: {proposition: foreign-troops, true: 10000 to 15000 troops, false: 0 troops}
    source: judgement
correlations:
  - {between: [ground.host.strength, ground.pace], rank: -0.5, source: judgement}
sources:
  - {id: harbour-times, name: Harbour Times, letter: C, kind: newspaper, interests: [league]}
propositions:
  - id: foreign-troops
    text: Eastmark has troops in Southland
    actor: eastmark
    event: [deploy]
    target: southland
    quantity: {above: 5000 troops}
    keywords: [eastmark]
    prior: 0.3
    source: judgement
    rivals: [{id: exercise, text: A joint exercise, prior: 0.2}]
    parameter: patron.troops_present
acceptance: {policy: none, by: case author}
perspectives:
  - {actor: northland, source: judgement, weights: {area_change: 0.5, killed_host: -0.5}}
options:
  - id: current-aid
    name: Current aid
    reference: true
    description: As now.
    purpose: reassure
    trigger: now
    posture: none
    rules_of_engagement: none
    framework: coalition
    start: aid
    ceiling: aid
    floor: {posture: aid, weeks: 0}
  - id: line-force
    name: A force at the line
    description: Troops.
    purpose: deter
    trigger: on-ceasefire
    posture: line
    rules_of_engagement: self-defence
    framework: alliance
    start: aid
    ceiling: line
    floor: {posture: aid, weeks: 26}
    exit: A peace.
    set:
      deployment.size_requested: {prior: 5000 to 20000 troops, source: judgement}
plausibility:
  - id: advance
    text: Weekly gain in the first 13 weeks
    quantity: front_gain
    statistic: mean
    weeks: [1, 13]
    band: 5 to 60 km2/week
    source: published maps
    informed: []
"""
