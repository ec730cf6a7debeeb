"""What geoinv needs on this machine: what is there, what is not, and the one line that mends it."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["Finding", "examine", "examine_case"]

#: Module → distribution that brings it.
_PACKAGES = {
    **{name: name for name in ("geopandas", "shapely", "pyogrio", "pyproj", "rasterio", "folium", "trimesh")},
    **{name: name for name in ("manifold3d", "embreex", "fastapi", "pydantic", "scipy", "typst", "openpyxl")},
    "defusedxml": "defusedxml",
    "skimage": "scikit-image",
    "cv2": "opencv-python-headless",
    "pypdfium2": "pypdfium2",
    "pyrage": "pyrage",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    name, fine, detail
        What it is, whether it is as it should be, and what was found.
    mend
        The line that mends it.
    optional
        Whether geoinv works without it.
    """

    name: str
    fine: bool
    detail: str
    mend: str = ""
    optional: bool = False


def _package(module: str, distribution: str) -> Finding:
    mend = f"pip install {distribution}"
    try:
        importlib.import_module(module)
        return Finding(distribution, fine=True, detail=version(distribution))
    except PackageNotFoundError:
        return Finding(distribution, fine=True, detail="installed")
    except ImportError as error:
        return Finding(distribution, fine=False, detail=str(error), mend=mend)


def _ray_engines() -> list[Finding]:
    from geoinv.errors import MissingToolError
    from geoinv.models.rays import ray_engine

    vertices, triangles = [[0.0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]]
    found = []
    for backend in ("open3d", "embreex"):
        try:
            ray_engine(vertices, triangles, backend=backend)  # type: ignore[arg-type]
            found.append(Finding(f"rays by {backend}", fine=True, detail="works", optional=True))
        except MissingToolError as error:
            found.append(Finding(f"rays by {backend}", fine=False, detail=error.what, mend=error.do, optional=True))
    if not any(finding.fine for finding in found):
        found.append(Finding("rays", fine=False, detail="neither engine works", mend="pip install embreex"))
    return found


def examine() -> list[Finding]:
    """Everything geoinv needs, and what it can use if it is there."""
    found = [_package(module, distribution) for module, distribution in _PACKAGES.items()]
    found += _ray_engines()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    found.append(
        Finding(
            "Chromium",
            fine=chromium is not None,
            detail=chromium or "not found (only the tests use it)",
            mend="apt install chromium",
            optional=True,
        )
    )
    return found


def examine_case(root: Path) -> list[Finding]:
    """Whether a case's folder is open to others on this machine; nothing where there is no case."""
    if os.name != "posix" or not (root / "case.toml").is_file():
        return []
    mode = stat.S_IMODE(root.stat().st_mode)
    # Whoever may not enter the folder can open nothing in it, whatever the files in it allow.
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        whom = "everybody" if mode & stat.S_IRWXO else "its group"
        mend = f"chmod 700 {root} (or leave it, if the group is your team)"
        return [Finding("case folder", fine=False, detail=f"open to {whom} on this machine", mend=mend, optional=True)]
    return [Finding("case folder", fine=True, detail="only its owner can enter it", optional=True)]
