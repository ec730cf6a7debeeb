"""Serves the example's release: ``uvicorn --app-dir api main:app``."""

from pathlib import Path

from geoinv.api.server import create_app

app = create_app(Path(__file__).parent / "public")
