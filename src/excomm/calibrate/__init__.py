"""Fits of submodels to observations: posteriors as small YAML files, with their diagnostics."""
