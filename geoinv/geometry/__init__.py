"""Frames, fits and their statistics, the sun."""
