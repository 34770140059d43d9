"""An argument's assertions held against a run: what it says, what the model says, whether the conclusion survives."""
