"""Open what we write in the programs people have: Blender, GDAL (as QGIS does), the CityJSON validator.

    python scripts/check_external.py [--blender-python PYTHON]

Writes the tutorial's cell block in every format into a folder of its own and opens each file, and the committed
example's models and tables. A program that is not installed is named with what installs it; the exit status is 1 if one
that is there could not open a file, or opened one without the status of every part where the format can hold it.
Outside CI: these are large. Blender may also be a Python's module (`pip install bpy`, best into an environment of its
own): name that Python.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from geoinv.files.blueprints import read_blueprint
from geoinv.models.formats import model_files

ROOT = Path(__file__).resolve().parent.parent

#: In Blender: import a file, and print how many meshes and corners there are.
_BLENDER = """
import bpy, numpy, sys
if not hasattr(numpy, "bool"):  # Debian's Blender 3.4 is older than its numpy, and its glTF reader still says this
    numpy.bool = bool
bpy.ops.wm.read_factory_settings(use_empty=True)
path = sys.argv[-1]
kind = path.rpartition(".")[2]
ops = bpy.ops
new = hasattr(ops.wm, "obj_import")
if kind == "glb":
    ops.import_scene.gltf(filepath=path)
elif kind == "obj":
    (ops.wm.obj_import if new else ops.import_scene.obj)(filepath=path)
elif kind == "stl":
    (ops.import_mesh.stl if hasattr(bpy.types, "IMPORT_MESH_OT_stl") else ops.wm.stl_import)(filepath=path)
elif kind == "usdz" and not bpy.app.build_options.usd:
    print("UNABLE this Blender was built without USD")
elif kind == "usdz":
    ops.wm.usd_import(filepath=path)
meshes = [o for o in bpy.data.objects if o.type == "MESH"]
known = sum(1 for o in meshes if "status" in o.keys())
print("VERSION", bpy.app.version_string)
print("OPENED", len(meshes), sum(len(o.data.vertices) for o in meshes), known)
"""

#: Formats in which Blender shows each part's status as a property of its object.
_WITH_STATUS = (".glb",)


def run(*words: str) -> tuple[int, str]:
    """Exit status and everything a program said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout + done.stderr


def in_blender(path: Path, *start: str) -> str | None:
    """What Blender made of a file, or ``None`` where it made nothing of it or lost what a part's status is.

    ``start`` runs a script in it: the program with its options unless said otherwise.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(_BLENDER)
        script.flush()
        before = start or ("blender", "--background", "--factory-startup", "--python")
        _, said = run(*before, script.name, "--", str(path))
    if unable := re.search(r"UNABLE (.*)", said):
        return f"not tried: {unable[1]}"
    found, version = re.search(r"OPENED (\d+) (\d+) (\d+)", said), re.search(r"VERSION (.*)", said)
    if found is None or version is None or found[1] == "0":
        return None
    if path.suffix in _WITH_STATUS and found[3] != found[1]:
        return None
    shown = f"{found[1]} meshes, {found[2]} corners" + (f", {found[3]} with their status" if found[3] != "0" else "")
    return f"{shown} (Blender {version[1].strip()})"


def in_gdal(path: Path) -> str | None:
    """What GDAL made of a file."""
    status, said = run("ogrinfo", "-ro", "-al", "-so", str(path))
    found = re.findall(r"Feature Count: (\d+)", said)
    return f"{' + '.join(found)} features" if status == 0 and found else None


def in_cjval(path: Path) -> str | None:
    """What CityJSON's own validator said."""
    status, said = run("cjval", str(path))
    return "valid" if status == 0 and "ERROR" not in said.upper().replace("0 ERROR", "") else None


_SCENES = ("model.glb", "model.obj", "model.stl", "model.usdz")
_TABLES = (
    "model.dxf",
    "footprints.gpkg",
    "footprints.geojson",
    "rooms.geojson",
    "incidents.geojson",
    "location.geojson",
)
PROGRAMS: dict[str, tuple[str, Callable[[Path], str | None], tuple[str, ...]]] = {
    "blender": ("apt-get install blender", in_blender, _SCENES),
    "ogrinfo": ("apt-get install gdal-bin", in_gdal, _TABLES),
    "cjval": ("cargo install cjval --features build-binary", in_cjval, ("model.city.json",)),
}


def opened_by(program: str, opened: Callable[[Path], str | None], files: Sequence[Path], below: Path) -> int:
    """Open every file in a program and say what it made of it; how many it could not open."""
    failed = 0
    for path in files:
        said = opened(path)
        failed += said is None
        print(f"{program}: {path.relative_to(below)}: {said or 'COULD NOT BE OPENED'}", flush=True)
    return failed


def main() -> int:
    """Open everything; say what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blender-python", help="a Python that has Blender as its module bpy")
    module = parser.parse_args().blender_python
    failed = 0
    page = (ROOT / "docs" / "tutorial-cell-block.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        code = "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
        subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)
        blueprint = read_blueprint(Path(folder, "tern-skerry.json"))
        for name, content in model_files(blueprint, ("glb", "cityjson", "ifc", "dxf", "obj", "stl", "usdz")).items():
            Path(folder, name).write_bytes(content)
        for program, (mend, opened, names) in PROGRAMS.items():
            fresh = [path for name in names if (path := Path(folder, name)).exists()]
            example = [path for name in names for path in sorted((ROOT / "models").glob(f"*/{name}"))]
            if shutil.which(program) is not None:
                failed += opened_by(program, opened, fresh, Path(folder))
                failed += opened_by(program, opened, example, ROOT)
            elif program != "blender" or module is None:
                print(f"{program}: not installed ({mend})")
            if program == "blender" and module is not None:
                failed += opened_by("bpy", lambda path: in_blender(path, module), fresh, Path(folder))
                failed += opened_by("bpy", lambda path: in_blender(path, module), example, ROOT)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
