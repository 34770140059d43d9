"""Readers of public data series as published, with checks: gaps, level breaks, changes of definition."""
