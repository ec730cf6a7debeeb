"""What judges our files: other people's validators where there are any, and our own reading of the standard else."""

from __future__ import annotations

import json
import struct
import subprocess
from collections import Counter
from pathlib import Path

_GLTF = Path(__file__).parent / "static" / "gltf-validator" / "gltf_validator.dart.js.gz"
_ASK = """
const source = require('zlib').gunzipSync(require('fs').readFileSync(process.argv[1])).toString();
const loaded = new (require('module'))('gltf_validator.dart.js');
loaded._compile(source, 'gltf_validator.dart.js');
const validator = loaded.exports;
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => validator.validateBytes(new Uint8Array(Buffer.concat(chunks)), {maxIssues: 50})
  .then((report) => console.log(JSON.stringify(report.issues)))
  .catch((error) => console.log(JSON.stringify({failed: String(error)}))));
"""


def gltf_issues(data: bytes) -> list[dict]:
    """Errors, warnings and infos of Khronos' validator for a GLB file."""
    import playwright

    node = Path(playwright.__file__).parent / "driver" / "node"
    run = subprocess.run([node, "-e", _ASK, str(_GLTF)], input=data, capture_output=True, check=True, timeout=120)
    report = json.loads(run.stdout)
    if "failed" in report:
        return [{"severity": 0, "code": "UNREADABLE", "message": report["failed"]}]
    return report["messages"]


def glb_parts(data: bytes) -> dict[str, dict]:
    """What a GLB says of each part, with evidence looked up where it is shared."""
    size = struct.unpack("<I", data[12:16])[0]
    document = json.loads(data[20 : 20 + size])
    shared = document["scenes"][0].get("extras", {}).get("evidence", [])
    found = {}
    for node in document.get("nodes", ()):
        evidence = {name: shared[number] for name, number in node["extras"]["evidence"].items()}
        found[node["name"]] = {"labels": [], "sources": [], "drawn": [], **node["extras"], "evidence": evidence}
    return found


_GEOMETRY = {
    "oneOf": [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "lod", "boundaries"],
            "properties": {
                "type": {"const": "Solid"},
                "lod": {"type": "string", "pattern": "^[0-3](\\.[0-3])?$"},
                "boundaries": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/shell"}},
                "semantics": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["surfaces", "values"],
                    "properties": {
                        "surfaces": {"type": "array", "items": {"$ref": "#/$defs/semantic"}},
                        "values": {"type": "array", "items": {"type": "array", "items": {"type": ["integer", "null"]}}},
                    },
                },
            },
        },
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "lod", "boundaries"],
            "properties": {
                "type": {"enum": ["MultiSurface", "CompositeSurface"]},
                "lod": {"type": "string", "pattern": "^[0-3](\\.[0-3])?$"},
                "boundaries": {"$ref": "#/$defs/shell"},
            },
        },
    ]
}
_SEMANTICS = ["GroundSurface", "RoofSurface", "WallSurface", "FloorSurface", "CeilingSurface", "InteriorWallSurface"]
_TOP = ["Building", "OtherConstruction", "Road", "TINRelief"]
_BELOW = [
    "BuildingStorey",
    "BuildingRoom",
    "BuildingFurniture",
    "BuildingInstallation",
    "BuildingConstructiveElement",
    "OtherConstruction",
]
#: What of CityJSON 2.0 we use, written down from the specification's text: its authors' own schema is in no package
#: to be had, and `make check-external` runs their validator where it is installed.
_CITYJSON = {
    "$defs": {
        "shell": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/surface"}},
        "surface": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/ring"}},
        "ring": {"type": "array", "minItems": 3, "items": {"type": "integer", "minimum": 0}},
        "semantic": {"type": "object", "required": ["type"], "properties": {"type": {"enum": _SEMANTICS}}},
        "three": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
    },
    "type": "object",
    "required": ["type", "version", "transform", "CityObjects", "vertices"],
    "propertyNames": {
        "anyOf": [
            {"enum": ["type", "version", "extensions", "transform", "metadata", "CityObjects", "vertices"]},
            {"pattern": "^\\+[a-z]\\w*$"},
        ]
    },
    "properties": {
        "type": {"const": "CityJSON"},
        "version": {"const": "2.0"},
        "extensions": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["url", "version"],
                "properties": {"url": {"type": "string"}, "version": {"type": "string", "pattern": "^\\d+\\.\\d+$"}},
            },
        },
        "transform": {
            "type": "object",
            "additionalProperties": False,
            "required": ["scale", "translate"],
            "properties": {"scale": {"$ref": "#/$defs/three"}, "translate": {"$ref": "#/$defs/three"}},
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "title": {"type": "string"},
                "geographicalExtent": {"type": "array", "minItems": 6, "maxItems": 6, "items": {"type": "number"}},
            },
        },
        "vertices": {
            "type": "array",
            "items": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "integer"}},
        },
        "CityObjects": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type"],
                "properties": {
                    "type": {"enum": sorted({*_TOP, *_BELOW})},
                    "attributes": {"type": "object"},
                    "parents": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                    "children": {"type": "array", "items": {"type": "string"}},
                    "geometry": {"type": "array", "items": _GEOMETRY},
                },
                "if": {"properties": {"type": {"enum": _TOP}}},
                "else": {"required": ["parents"]},
            },
        },
    },
}


def cityjson_faults(document: dict, extension: dict) -> list[str]:
    """What is wrong with a CityJSON file of ours: schema, references, extension, shells."""
    import jsonschema

    checker = jsonschema.Draft202012Validator(_CITYJSON)
    faults = [f"schema: {error.json_path}: {error.message[:120]}" for error in checker.iter_errors(document)]
    if faults:
        return faults
    objects, count = document["CityObjects"], len(document["vertices"])
    if len({tuple(corner) for corner in document["vertices"]}) != count:
        faults.append("vertices: some are there twice")
    used: set[int] = set()
    for name, one in objects.items():
        faults += [
            f"{name}: parent {other} does not know it"
            for other in one.get("parents", ())
            if name not in objects.get(other, {}).get("children", ())
        ]
        faults += [
            f"{name}: child {other} does not know it"
            for other in one.get("children", ())
            if name not in objects.get(other, {}).get("parents", ())
        ]
        for key, value in one["attributes"].items():
            if key.startswith("+"):
                rule = extension["extraAttributes"].get(one["type"], {}).get(key)
                if rule is None or not jsonschema.Draft202012Validator(rule).is_valid(value):
                    faults.append(f"{name}: {key} is not as its extension says")
        for geometry in one["geometry"]:
            shells = geometry["boundaries"] if geometry["type"] == "Solid" else [geometry["boundaries"]]
            numbers = [n for shell in shells for surface in shell for ring in surface for n in ring]
            used |= set(numbers)
            if max(numbers) >= count:
                faults.append(f"{name}: names a vertex that is not there")
                continue
            values = geometry.get("semantics", {}).get("values")
            if values is not None and [len(v) for v in values] != [len(shell) for shell in shells]:
                faults.append(f"{name}: not every surface has its meaning")
            if geometry["type"] == "Solid":
                faults += _shell_faults(name, shells, document["vertices"])
    faults += [
        f"root: {key} is in no extension"
        for key in document
        if key.startswith("+") and key not in extension["extraRootProperties"]
    ]
    if len(used) != count:
        faults.append("vertices: some are not used")
    return faults


def _shell_faults(name: str, shells: list, vertices: list) -> list[str]:
    """Every edge is run along as often one way as the other, and the outer shell encloses something."""
    faults = []
    for number, shell in enumerate(shells):
        edges = Counter(
            (a, b) for surface in shell for ring in surface for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
        )
        if any(edges[a, b] != edges[b, a] for a, b in edges):
            faults.append(f"{name}: a shell is open")
        volume = 0
        for surface in shell:
            a, b, c = (vertices[n] for n in surface[0])
            volume += (
                a[0] * (b[1] * c[2] - b[2] * c[1])
                - a[1] * (b[0] * c[2] - b[2] * c[0])
                + a[2] * (b[0] * c[1] - b[1] * c[0])
            )
        if (volume > 0) != (number == 0):
            faults.append(f"{name}: a shell is inside out")
    return faults


def ifc_faults(data: bytes) -> list[str]:
    """What ifcopenshell's validator says, with the schema's EXPRESS rules."""
    import ifcopenshell
    import ifcopenshell.validate

    log = ifcopenshell.validate.json_logger()
    ifcopenshell.validate.validate(ifcopenshell.file.from_string(data.decode()), log, express_rules=True)
    return [str(one) for one in log.statements]


def usd_faults(path: Path) -> list[str]:
    """What all of USD's own validators say."""
    from pxr import Usd, UsdValidation

    context = UsdValidation.ValidationContext(UsdValidation.ValidationRegistry().GetOrLoadAllValidators())
    return [error.GetErrorAsString() for error in context.Validate(Usd.Stage.Open(str(path)))]
