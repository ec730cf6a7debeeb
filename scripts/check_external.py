"""Open what we write in the programs people have: Blender, GDAL (as QGIS does), the CityJSON validator.

    python scripts/check_external.py

Writes the tutorial's cell block in every format into a folder of its own and opens each file. A program that is not
installed is named with what installs it; the exit status is 1 if one that is there could not open a file. Outside CI:
these are large.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
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
print("OPENED", len(meshes), sum(len(o.data.vertices) for o in meshes), known)
"""


def run(*words: str) -> tuple[int, str]:
    """Exit status and everything a program said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout + done.stderr


def in_blender(path: Path) -> str | None:
    """What Blender made of a file, or ``None`` where it made nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(_BLENDER)
        script.flush()
        _, said = run("blender", "--background", "--factory-startup", "--python", script.name, "--", str(path))
    if unable := re.search(r"UNABLE (.*)", said):
        return f"not tried: {unable[1]}"
    found = re.search(r"OPENED (\d+) (\d+) (\d+)", said)
    if found is None or found[1] == "0":
        return None
    return f"{found[1]} meshes, {found[2]} corners" + (f", {found[3]} with their status" if found[3] != "0" else "")


def in_gdal(path: Path) -> str | None:
    """What GDAL made of a file."""
    status, said = run("ogrinfo", "-ro", "-al", "-so", str(path))
    found = re.findall(r"Feature Count: (\d+)", said)
    return f"{' + '.join(found)} features" if status == 0 and found else None


def in_cjval(path: Path) -> str | None:
    """What CityJSON's own validator said."""
    status, said = run("cjval", str(path))
    return "valid" if status == 0 and "ERROR" not in said.upper().replace("0 ERROR", "") else None


PROGRAMS: dict[str, tuple[str, Callable[[Path], str | None], tuple[str, ...]]] = {
    "blender": ("apt-get install blender", in_blender, ("model.glb", "model.obj", "model.stl", "model.usdz")),
    "ogrinfo": ("apt-get install gdal-bin", in_gdal, ("model.dxf",)),
    "cjval": ("cargo install cjval --features build-binary", in_cjval, ("model.city.json",)),
}


def main() -> int:
    """Open everything; say what happened."""
    failed = 0
    page = (ROOT / "docs" / "tutorial-cell-block.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        code = "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
        subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)
        blueprint = read_blueprint(Path(folder, "tern-skerry.json"))
        for name, content in model_files(blueprint, ("glb", "cityjson", "ifc", "dxf", "obj", "stl", "usdz")).items():
            Path(folder, name).write_bytes(content)
        for program, (mend, opened, files) in PROGRAMS.items():
            if shutil.which(program) is None:
                print(f"{program}: not installed ({mend})")
                continue
            for name in files:
                if not Path(folder, name).exists():
                    continue
                said = opened(Path(folder, name))
                failed += said is None
                print(f"{program}: {name}: {said or 'COULD NOT BE OPENED'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
