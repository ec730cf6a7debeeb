"""What ``import geoinv`` offers: the functions of the commands, each loaded when first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import geoinv


@pytest.mark.parametrize("name", geoinv.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(geoinv, name)
    assert name == "__version__" or (callable(found) and found.__doc__)
    assert name in dir(geoinv)


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = geoinv.nonsense


def test_importing_costs_nothing() -> None:
    program = (
        "import sys, geoinv; from geoinv.cli import main; main._register()\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"numpy", "pandas", "geopandas", "shapely", "rasterio", "scipy", "cv2", "trimesh", "open3d", "fastapi"}
    assert not heavy & set(loaded)
