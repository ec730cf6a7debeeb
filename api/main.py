"""Serves the example's release: ``uvicorn --app-dir api main:app``, or ``fastapi run api/main.py``."""

from pathlib import Path

from geoinv.api.server import create_app

app = create_app(Path(__file__).parent / "public")
