"""One published release of the fictional sample case, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geoinv.api.publish import publish
from geoinv.api.server import create_app
from tests.api.fake_case import FakeCase


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = publish(FakeCase(tmp_path_factory.mktemp("case"), languages=("en", "ko")), "public")
    assert isinstance(path, Path)
    return path


@pytest.fixture(scope="session")
def client(published: Path) -> Iterator[TestClient]:
    with TestClient(create_app(published), raise_server_exceptions=False) as made:
        yield made
