"""The weekly dynamics of a crisis: one file a submodel, `step.py` composes them. A move is an input."""
