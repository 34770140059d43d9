"""Simulation of all options on common random numbers, and the runs that come of it."""
