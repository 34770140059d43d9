"""Tests of extensive-form files."""
