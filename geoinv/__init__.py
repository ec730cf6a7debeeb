"""geoinv: what survivors said and drew, and what satellites saw, made into footprints, blueprints and maps to be shown.

The public functions are those of the command surface; each is imported when first used, so that importing geoinv costs
nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

#: Public name → module that defines it, and its name there where that is another.
_PUBLIC = {
    "Case": ("geoinv.case.folder", "Case"),
    "GeoinvError": ("geoinv.errors", "GeoinvError"),
    "align": ("geoinv.imagery.align", "align"),
    "build": ("geoinv.case.build", "build"),
    "change": ("geoinv.imagery.change", "change"),
    "coregister": ("geoinv.imagery.coregister", "coregister"),
    "corroborate": ("geoinv.models.claims", "corroborate"),
    "decide": ("geoinv.case.decisions", "decide"),
    "detect": ("geoinv.imagery.site_marks", "suggestions"),
    "find": ("geoinv.facilities.names", "find"),
    "height": ("geoinv.imagery.height", "height"),
    "interior": ("geoinv.case.interior", "interior"),
    "locate": ("geoinv.facilities.locate", "locate"),
    "match": ("geoinv.facilities.match", "match"),
    "model": ("geoinv.models.formats", "model_files"),
    "open_scene": ("geoinv.imagery.scene", "open_scene"),
    "publish": ("geoinv.api.publish", "publish"),
    "register": ("geoinv.models.register", "register"),
    "regularize": ("geoinv.imagery.regularize", "regularize"),
    "segment": ("geoinv.imagery.segment", "segment"),
    "trace": ("geoinv.facilities.trace", "trace"),
    "verify": ("geoinv.case.check", "check_case"),
}

__all__ = [
    "Case",
    "GeoinvError",
    "__version__",
    "align",
    "build",
    "change",
    "coregister",
    "corroborate",
    "decide",
    "detect",
    "find",
    "height",
    "interior",
    "locate",
    "match",
    "model",
    "open_scene",
    "publish",
    "register",
    "regularize",
    "segment",
    "trace",
    "verify",
]

if TYPE_CHECKING:
    from geoinv.api.publish import publish
    from geoinv.case.build import build
    from geoinv.case.check import check_case as verify
    from geoinv.case.decisions import decide
    from geoinv.case.folder import Case
    from geoinv.case.interior import interior
    from geoinv.errors import GeoinvError
    from geoinv.facilities.locate import locate
    from geoinv.facilities.match import match
    from geoinv.facilities.names import find
    from geoinv.facilities.trace import trace
    from geoinv.imagery.align import align
    from geoinv.imagery.change import change
    from geoinv.imagery.coregister import coregister
    from geoinv.imagery.height import height
    from geoinv.imagery.regularize import regularize
    from geoinv.imagery.scene import open_scene
    from geoinv.imagery.segment import segment
    from geoinv.imagery.site_marks import suggestions as detect
    from geoinv.models.claims import corroborate
    from geoinv.models.formats import model_files as model
    from geoinv.models.register import register


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        module, attribute = _PUBLIC[name]
        return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'geoinv' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
