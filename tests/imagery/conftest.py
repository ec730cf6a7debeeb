"""A simulated scene on disk, once a session, and a way to make more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.imagery.ocean import PLAN, painted, write


@pytest.fixture(scope="session")
def scene_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("scene") / "ocean.tif", painted(PLAN))


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, pixels: np.ndarray, **options: object) -> Path:
        return write(tmp_path / name, pixels, **options)

    return make
