"""geoinv: what survivors said and drew, and what satellites saw, made into footprints, blueprints and maps that can be shown.

The public functions are those of the command surface; each is imported when first used, so that importing geoinv costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

#: Public name → module that defines it.
_PUBLIC = {
    "GeoinvError": "geoinv.errors",
}

__all__ = ["GeoinvError", "__version__"]

if TYPE_CHECKING:
    from geoinv.errors import GeoinvError


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'geoinv' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
