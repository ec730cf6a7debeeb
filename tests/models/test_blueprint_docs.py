"""What the blueprint's pages show is read, built and run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from geoinv.models.formats import FORMATS, model_files
from geoinv.models.soundness import sound
from geoinv.records.blueprint import Blueprint, Part


def fences(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_on_the_page_is_a_blueprint_and_can_be_built(repository: Path) -> None:
    (example,) = fences(repository / "docs" / "blueprint.md", "json")
    shown = Blueprint.read(json.loads(example))
    assert sound(shown) == (shown, ())
    files = model_files(shown, ["glb", "cityjson"])
    assert {"model.glb", "model-B.glb", "rivals.json", "model.city.json"} <= set(files)


def test_the_page_names_every_part_and_what_shapes_it_and_every_format(repository: Path) -> None:
    page = (repository / "docs" / "blueprint.md").read_text(encoding="utf-8")
    for kind in Part.__subclasses__():
        for field in set(kind.model_fields) - set(Part.model_fields):
            assert f"`{field}`" in page, f"{kind.__name__}.{field}"
    formats = re.search(r"--formats ([\w,]+)", page)
    assert formats and set(formats[1].split(",")) == set(FORMATS)


def test_the_tutorial_runs_as_it_stands(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = repository / "docs" / "tutorial-cell-block.md"
    names: dict[str, object] = {}
    for number, code in enumerate(fences(page, "python"), 1):
        exec(compile(code, f"{page.name}, block {number}", "exec"), names)
    assert (tmp_path / "model" / "model.glb").read_bytes()[:4] == b"glTF"
    assert Blueprint.read(json.loads((tmp_path / "tern-skerry.json").read_text())).facility == "tern-skerry"
