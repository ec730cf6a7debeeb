"""Error rates are counted against truths the pipeline never saw, and the page says where we fall short."""

from __future__ import annotations

import pytest

from geoinv.records.claims import Claim, Finding
from geoinv.worlds.calibrate import _calibration, _share, _verdicts, blind_run, calibrate
from geoinv.worlds.calibrate_text import error_rates_page
from geoinv.worlds.known_claims import KnownClaim


def _pair(true, verdict, rate=0.9):
    claim = Claim(id="q", witness="w9", kind="adjacent", subject="a", object="b")
    return KnownClaim(claim, true, float(true)), Finding(claim="q", verdict=verdict, model_pass_rate=rate)


def test_wrong_verdicts_are_shares_of_what_was_wrong_or_right_to_say():
    pairs = [_pair(True, "consistent")] * 6 + [_pair(True, "inconsistent")] * 2 + [_pair(True, "undecidable")] * 2
    pairs += [_pair(False, "consistent")] + [_pair(False, "inconsistent")] * 9
    found = _verdicts(pairs)
    assert found["false_consistent"]["share"] == 0.1
    assert found["false_inconsistent"]["share"] == 0.2
    assert found["right_of_decided"] == _share(15, 18)
    assert found["decided"]["n"] == 20


def test_a_share_has_its_wilson_interval():
    # Worked by hand for 8 of 10 at z = 1.6449: centre 0.7361, half-width 0.1950.
    found = _share(8, 10)
    assert (found["share"], found["n"]) == (0.8, 10)
    assert found["low"] == pytest.approx(0.541, abs=2e-3)
    assert found["high"] == pytest.approx(0.931, abs=2e-3)
    assert _share(0, 0) == {"share": None, "n": 0}


def test_calibration_is_by_the_share_of_draws():
    rows = _calibration(
        [_pair(True, "consistent", 1.0), _pair(False, "consistent", 0.96), _pair(False, "undecidable", 0.2)]
    )
    assert rows[-1]["true"]["n"] == 2
    assert rows[-1]["true"]["share"] == 0.5
    assert rows[1]["true"]["share"] == 0.0


def test_a_blind_run_is_the_same_again_and_its_claims_are_right_and_wrong():
    first = blind_run(5, "easy")
    assert first.model is not None
    assert {one.true for one in first.claims} == {True, False}
    assert len(first.findings) == len(first.claims) >= 6
    report = calibrate([5], difficulties=("easy",))
    assert report["rates"]["all"]["worlds"] == 1
    # The same world again: the same verdicts.
    pairs = list(zip(first.claims, first.findings, strict=True))
    assert report["rates"]["all"]["claims"]["all"] == _verdicts(pairs)
    page = error_rates_page(report, "geoinv calibrate --worlds 1 --first 5")
    assert "*Simulated.*" in page
    assert "not measured" in page
