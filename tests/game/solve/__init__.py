"""Tests of the dynamic solver."""
