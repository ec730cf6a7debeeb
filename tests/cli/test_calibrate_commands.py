"""Calibration is asked for in stretches of seeds; what is none is refused in one sentence, before anything is run."""

from __future__ import annotations


def test_what_is_no_stretch_of_seeds_is_refused(geoinv):
    ran = geoinv("calibrate", "--worlds", "1", "--also", "1119-1080")
    assert ran.status == 2
    assert "1080-1119" in ran.err
    assert "Traceback" not in ran.err
