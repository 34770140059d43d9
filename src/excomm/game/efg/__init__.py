"""Extensive-form games from Gambit's files: reading, solving, fitting and drawing."""
