"""The rules of the repository itself: sizes, what may lie where, what may be named, what may be loaded."""

from __future__ import annotations

import ast
import importlib
import importlib.resources
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import geoinv

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "geoinv"
DATA_FOLDERS = ("facilities", "imagery", "models", "api")

MOST_LINES_A_FILE = 800
MOST_LINES_A_FUNCTION = 60
MOST_BYTES = 25 * 1024 * 1024

#: What takes a tenth of a second or more to load.
HEAVY = frozenset(
    [
        "cv2",
        "fastapi",
        "folium",
        "geopandas",
        "numpy",
        "open3d",
        "pandas",
        "rasterio",
        "scipy",
        "shapely",
        "skimage",
        "trimesh",
    ]
)
#: What is part of another library's interface: its types come with it.
PART_OF = {
    "affine": "rasterio",
    "branca": "folium",
    "click": "typer",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
}

SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = sorted(module.name for module in pkgutil.walk_packages(geoinv.__path__, "geoinv."))


def tracked() -> list[Path]:
    """Return the files of the repository: those Git tracks, or all that lie there where there is no Git."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    else:
        hidden = {".venv", "build", "dist"}
        paths = [path for path in ROOT.rglob("*") if not hidden & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    """Yield each tracked text file with its text."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_source_file_is_longer_than_a_reader_can_hold() -> None:
    sources = [path for path in tracked() if path.suffix in (".py", ".sh", ".js", ".css", ".typ")]
    ours = [path for path in sources if "static" not in path.parts]
    long = {name_of(path): lines for path in ours if (lines := len(path.read_bytes().splitlines())) > MOST_LINES_A_FILE}
    assert not long


def test_no_function_is_longer_than_one_thought() -> None:
    long = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                lines = node.end_lineno - node.lineno + 1
                if lines > MOST_LINES_A_FUNCTION:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name}: {lines} lines")
    assert not long, "\n".join(long)


def imported_by(module: str) -> set[str]:
    """Return the modules of ours that one names in any import, also those for types alone and those made late."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    named: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            own = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= own & set(MODULES) or {node.module}
    return named & set(MODULES) - {module}


def test_imports_never_come_round_in_a_circle() -> None:
    try:
        TopologicalSorter({module: imported_by(module) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine() -> None:
    hosts = [r"pypi\.[o]rg", r"python[h]osted\.org", r"registry\.[n]pmjs", r"npmjs\.[c]om", r"deb\.[d]ebian\.org"]
    folders = [r"/w[o]rk/", r"/f[a]rm/", r"/t[m]p/", r"/r[o]ot/", r"/h[o]me/\w"]
    forbidden = re.compile("|".join([*hosts, *(rf"(?<![\w.}}]){folder}" for folder in folders)]))
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        if path.suffix != ".svg"
        for number, line in enumerate(text.splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_page_of_ours_is_made_to_fetch_from_a_delivery_network() -> None:
    hosts = r"(?:jsdelivr|unpkg|cdnjs|cloudflare|googleapis|gstatic|bootstrapcdn|tile\.openstreetmap|jquery\.com)"
    fetch = re.compile(rf"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'\s>]*{hosts}|url\(["']?(?:https?:)?//""")
    kinds = (".html", ".css", ".js", ".svg", ".jinja", ".j2")
    found = [
        f"{name_of(path)}: {match[0][:120]}"
        for path, text in texts()
        if path.suffix in kinds and (match := fetch.search(text))
    ]
    assert not found, "\n".join(found)


def test_the_repository_stays_small_enough_to_clone_anywhere() -> None:
    sizes = {name_of(path): path.stat().st_size for path in tracked()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    assert sum(sizes.values()) < MOST_BYTES, largest


def test_only_data_lies_in_the_data_folders() -> None:
    code = [path.relative_to(ROOT) for path in tracked() if path.suffix == ".py"]
    inside = [path for path in code if path.parts[0] in DATA_FOLDERS]
    strangers = [
        path.as_posix()
        for path in inside
        if path.as_posix() != "api/main.py" and not (path.parts[0] == "api" and path.name == "verify.py")
    ]
    assert not strangers


@pytest.mark.parametrize("folder", DATA_FOLDERS)
def test_each_data_folder_opens_with_a_picture_and_says_where_its_code_is(folder: str) -> None:
    readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert f"Data here; code in `geoinv/{folder}/`" in readme
    opening = readme[:600]
    picture = re.search(r"!\[[^\]]+\]\(([^)]+)\)", opening) or re.search(r'<img[^>]+src="([^"]+)"', opening)
    assert picture, f"{folder}/README.md does not open with a picture"
    assert (ROOT / folder / picture[1]).is_file()


@pytest.mark.parametrize("module_name", MODULES)
def test_every_public_module_lists_the_names_it_offers(module_name: str) -> None:
    if any(part.startswith("_") for part in module_name.split(".")):
        return
    module = importlib.import_module(module_name)
    assert module.__file__ is not None
    source = Path(module.__file__)
    if source.name == "__init__.py" and len(ast.parse(source.read_text(encoding="utf-8")).body) == 1:
        return  # a package that only says what it holds
    if source.name == "released_verify.py":
        return  # a program that every release carries, never a module
    assert hasattr(module, "__all__"), f"{module_name} has no __all__"
    assert len(set(module.__all__)) == len(module.__all__), f"{module_name}.__all__ names something twice"
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing, f"{module_name}.__all__ names what it does not have"


def test_every_library_that_is_imported_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["formats"], *extras["postgres"], *extras["seal"], *extras["cluster"]]
    asked = {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in lines}
    providers = packages_distributions()
    unasked = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported = [node.module]
            else:
                continue
            for top in {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names) - {"geoinv"}:
                # A library that is one compiled module is listed under no distribution: its own name then counts.
                names = {top, *providers.get(top, ())}
                given_by = {name.lower().replace("_", "-") for name in names} | {PART_OF.get(top)}
                if not given_by & asked:
                    unasked.add(f"{name_of(path)}: {top}")
    assert not unasked, "\n".join(sorted(unasked))


def loaded_by(statement: str) -> set[str]:
    """Return the names of all modules that a fresh Python has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_geoinv_loads_nothing_heavy() -> None:
    assert not HEAVY & loaded_by("import geoinv")


def test_the_command_line_starts_without_loading_what_its_commands_need() -> None:
    assert not HEAVY & loaded_by("import geoinv.cli.main")


def test_what_serves_a_release_never_loads_the_code_that_opens_a_case() -> None:
    loaded = loaded_by("import geoinv.api.server, geoinv.api.routes, geoinv.api.embeds, geoinv.api.releases")
    assert not sorted(name for name in loaded if name.startswith("geoinv.case"))


def test_the_web_assets_and_fonts_come_with_the_package_and_their_licences() -> None:
    static = importlib.resources.files("geoinv.api") / "static"
    for asset in ("leaflet/leaflet.js", "leaflet/leaflet.css", "leaflet/LICENSE", "fonts/OFL.txt", "fonts.css"):
        assert (static / asset).is_file(), asset
    for font in ("Regular.otf", "Bold.otf", "Regular.woff2", "Bold.woff2"):
        assert (static / "fonts" / f"GeoinvSans-{font}").is_file(), font
    told = (static / "README.md").read_text(encoding="utf-8")
    for folder in (entry for entry in static.iterdir() if entry.is_dir()):
        assert f"({folder.name}/" in told, f"static/README.md does not list {folder.name}"
