"""A blueprint as IFC4 (ISO 16739-1:2018): storeys, spaces, walls, doors, and a property set of evidence on each.

Shapes are triangulated face sets, walls with their openings already cut. Needs ifcopenshell (LGPL), an optional extra.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import trimesh

from geoinv import __version__
from geoinv.errors import MissingToolError
from geoinv.models.exchange import Shaped, one_line
from geoinv.models.solids_style import STATUS_RGB
from geoinv.records.evidence import Status
from geoinv.records.places import Frame

__all__ = ["PROPERTY_SET", "ifc_bytes"]

#: Name of the property set that every part has.
PROPERTY_SET = "Geoinv_Evidence"
_IDS = uuid.UUID("7d4b52a0-5a0e-4f0e-9d5c-2f3f6f0c1a11")

#: Entity and its PredefinedType by kind, or by kind and role; a part of a type that has no fitting one says what it is
#: in ObjectType.
_ENTITIES: dict[str, tuple[str, str | None]] = {
    "wall": ("IfcWall", "USERDEFINED"),
    "opening door": ("IfcDoor", "DOOR"),
    "opening hatch": ("IfcDoor", "USERDEFINED"),
    "opening window": ("IfcWindow", "WINDOW"),
    "roof": ("IfcRoof", "USERDEFINED"),
    "stair": ("IfcStair", "USERDEFINED"),
    "fixture": ("IfcFurniture", "USERDEFINED"),
    "fixture latrine": ("IfcSanitaryTerminal", "WCSEAT"),
    "fixture sink": ("IfcSanitaryTerminal", "SINK"),
    "fixture lamp": ("IfcLightFixture", "USERDEFINED"),
    "perimeter wall": ("IfcWall", "USERDEFINED"),
    "coping": ("IfcCovering", "USERDEFINED"),
    "gate": ("IfcDoor", "GATE"),
    "path": ("IfcGeographicElement", "USERDEFINED"),
    "terrain": ("IfcGeographicElement", "TERRAIN"),
}
_ANYTHING = ("IfcBuildingElementProxy", "USERDEFINED")


def ifc_bytes(
    parts: Sequence[Shaped], spaces: Mapping[str, trimesh.Trimesh], frame: Frame, about: Mapping[str, Any]
) -> bytes:
    """Parts as an IFC4 file (STEP, ISO 10303-21).

    Buildings and storeys are spatial elements; their own solids are a slab and the storey's walls, which share their
    property sets. Rooms are spaces, with their air as shape.

    Parameters
    ----------
    parts
        From :func:`geoinv.models.exchange.shaped_parts`.
    spaces
        Each room's air (:func:`geoinv.models.solids_inside.build_spaces`).
    frame
        The facility's metres: its origin is the site's reference point.
    about
        The scene's metadata.

    Returns
    -------
    bytes
        The same for the same parts.

    Raises
    ------
    MissingToolError
        If ifcopenshell is not installed.
    """
    try:
        import ifcopenshell
        import ifcopenshell.guid
    except ImportError as error:
        raise MissingToolError(
            "writing IFC needs ifcopenshell, which is not installed", do="pip install 'geoinv[formats]'"
        ) from error
    writer = _Writer(ifcopenshell.file(schema="IFC4"), ifcopenshell.guid.compress, about)
    writer.project(frame)
    storeys = {part.id: part for part in parts if part.extras["kind"] == "storey"}
    for part in parts:
        writer.part(part, spaces.get(part.id), _storey_of(part, storeys))
    writer.relate()
    return writer.text()


def _storey_of(part: Shaped, storeys: Mapping[str, Shaped]) -> str | None:
    """The storey of the same building whose heights hold the part's lowest point best."""
    if part.parent is None:
        return None
    low = float(part.vertices[:, 2].min())
    same = [one for one in storeys.values() if one.parent == part.parent]
    below = [one for one in same if float(one.vertices[:, 2].min()) <= low + 0.5]
    best = max(below or same, key=lambda one: float(one.vertices[:, 2].min()), default=None)
    return best.id if best is not None else None


class _Writer:
    """The file while it grows."""

    def __init__(self, file: Any, compress: Any, about: Mapping[str, Any]) -> None:
        self.file, self.compress, self.about = file, compress, about
        self.title = str(about.get("title") or about.get("facility") or "model")
        self.styles: dict[Status, Any] = {}
        self.aggregated: dict[Any, list[Any]] = {}
        self.contained: dict[Any, list[Any]] = {}
        self.found: dict[str, Any] = {}

    def make(self, entity: str, *given: Any, **values: Any) -> Any:
        return self.file.create_entity(entity, *given, **values)

    def guid(self, name: str) -> str:
        """A GlobalId that is the same for the same facility and part."""
        found: str = self.compress(uuid.uuid5(_IDS, f"{self.about.get('facility')}\x1f{name}").hex)
        return found

    def project(self, frame: Frame) -> None:
        make = self.make
        origin = make("IfcCartesianPoint", Coordinates=(0.0, 0.0, 0.0))
        axes = make("IfcAxis2Placement3D", Location=origin)
        north = make("IfcDirection", DirectionRatios=(0.0, 1.0))
        context = make(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-6,
            WorldCoordinateSystem=axes,
            TrueNorth=north,
        )
        self.body = make(
            "IfcGeometricRepresentationSubContext",
            ContextIdentifier="Body",
            ContextType="Model",
            ParentContext=context,
            TargetView="MODEL_VIEW",
        )
        units = [
            make("IfcSIUnit", UnitType=kind, Name=name)
            for kind, name in (
                ("LENGTHUNIT", "METRE"),
                ("AREAUNIT", "SQUARE_METRE"),
                ("VOLUMEUNIT", "CUBIC_METRE"),
                ("PLANEANGLEUNIT", "RADIAN"),
            )
        ]
        self.placement = make("IfcLocalPlacement", RelativePlacement=axes)
        project = make(
            "IfcProject",
            GlobalId=self.guid("project"),
            Name=f"{self.title} (FICTIONAL)" if self.about.get("fictional") else self.title,
            RepresentationContexts=[context],
            UnitsInContext=make("IfcUnitAssignment", Units=units),
        )
        self.site = make(
            "IfcSite",
            GlobalId=self.guid("site"),
            Name=self.title,
            ObjectPlacement=self.placement,
            CompositionType="ELEMENT",
            RefLatitude=_degrees(frame.lat),
            RefLongitude=_degrees(frame.lon),
            RefElevation=0.0,
        )
        self.aggregated[project] = [self.site]

    def part(self, part: Shaped, space: trimesh.Trimesh | None, storey: str | None) -> None:
        kind = part.extras["kind"]
        if kind in ("building", "storey"):
            made = [self._spatial(part), self._own_solid(part)]
        elif kind == "room":
            made = [self._space(part, space, storey)]
        else:
            made = [self._element(part, part.id, *_entity_of(part))]
            home = self.found.get(storey or "", self.found.get(part.parent or "", self.site))
            self.contained.setdefault(home, []).append(made[0])
        self._evidence(part, made)

    def _spatial(self, part: Shaped) -> Any:
        common = {"GlobalId": self.guid(part.id), "Name": part.name, "ObjectPlacement": self.placement}
        common |= {"CompositionType": "ELEMENT"}
        if part.extras["kind"] == "building":
            made, home = self.make("IfcBuilding", **common), self.site
        else:
            low = float(part.vertices[:, 2].min())
            made = self.make("IfcBuildingStorey", Elevation=low, **common)
            home = self.found[part.parent or ""]
        self.aggregated.setdefault(home, []).append(made)
        self.found[part.id] = made
        return made

    def _own_solid(self, part: Shaped) -> Any:
        if part.extras["kind"] == "building":
            made = self._element(part, f"{part.id}\x1fslab", "IfcSlab", "BASESLAB")
        elif part.extras.get("interior", True):
            made = self._element(part, f"{part.id}\x1fwalls", "IfcWall", "USERDEFINED")
        else:  # a block of whose inside nothing is known is no wall
            made = self._element(part, f"{part.id}\x1fblock", *_ANYTHING)
        self.contained.setdefault(self.found[part.id], []).append(made)
        return made

    def _space(self, part: Shaped, space: trimesh.Trimesh | None, storey: str | None) -> Any:
        made = self.make(
            "IfcSpace",
            GlobalId=self.guid(part.id),
            Name=part.name,
            ObjectType=str(part.extras["role"]),
            ObjectPlacement=self.placement,
            Representation=self._body(part, space),
            CompositionType="ELEMENT",
            PredefinedType="INTERNAL",
        )
        self.aggregated.setdefault(self.found[storey or part.parent or ""], []).append(made)
        return made

    def _element(self, part: Shaped, name: str, entity: str, kind: str | None) -> Any:
        values: dict[str, Any] = {"GlobalId": self.guid(name), "Name": part.name, "PredefinedType": kind}
        if entity in ("IfcDoor", "IfcWindow"):
            values["OverallHeight"] = float(part.vertices[:, 2].max() - part.vertices[:, 2].min())
        values |= {"ObjectType": str(part.extras["role"]), "ObjectPlacement": self.placement}
        return self.make(entity, Representation=self._body(part, None), **values)

    def _body(self, part: Shaped, mesh: trimesh.Trimesh | None) -> Any:
        vertices, faces = (part.vertices, part.faces) if mesh is None else (mesh.vertices, mesh.faces)
        points = self.make("IfcCartesianPointList3D", CoordList=(vertices.round(6) + 0.0).tolist())
        item = self.make("IfcTriangulatedFaceSet", Coordinates=points, Closed=True, CoordIndex=(faces + 1).tolist())
        self.make("IfcStyledItem", Item=item, Styles=[self._style(Status(part.extras["status"]))])
        shape = self.make(
            "IfcShapeRepresentation",
            ContextOfItems=self.body,
            RepresentationIdentifier="Body",
            RepresentationType="Tessellation",
            Items=[item],
        )
        return self.make("IfcProductDefinitionShape", Representations=[shape])

    def _style(self, status: Status) -> Any:
        if status not in self.styles:
            red, green, blue = (value / 255 for value in STATUS_RGB[status])
            colour = self.make("IfcColourRgb", Red=red, Green=green, Blue=blue)
            shading = self.make("IfcSurfaceStyleShading", SurfaceColour=colour)
            self.styles[status] = self.make("IfcSurfaceStyle", Name=status.value, Side="BOTH", Styles=[shading])
        return self.styles[status]

    def _evidence(self, part: Shaped, owners: list[Any]) -> None:
        extras, text = part.extras, "IfcText"
        properties = [self._single("Id", "IfcIdentifier", part.id)]
        properties += [
            self._single(name.capitalize(), "IfcLabel", str(extras[name])[:255])
            for name in ("kind", "role", "status", "placed", "hypothesis")
            if name in extras
        ]
        for name in ("labels", "sources", "drawn"):
            if extras[name]:
                values = [self.make(text, one) for one in extras[name]]
                properties.append(self.make("IfcPropertyListValue", Name=name.capitalize(), ListValues=values))
        properties.append(self._single("Evidence", text, one_line(extras["evidence"])))
        given = self.make(
            "IfcPropertySet", GlobalId=self.guid(f"{part.id}\x1fset"), Name=PROPERTY_SET, HasProperties=properties
        )
        self.make(
            "IfcRelDefinesByProperties",
            GlobalId=self.guid(f"{part.id}\x1fdefines"),
            RelatedObjects=owners,
            RelatingPropertyDefinition=given,
        )

    def _single(self, name: str, kind: str, value: str) -> Any:
        return self.make("IfcPropertySingleValue", Name=name, NominalValue=self.make(kind, value))

    def relate(self) -> None:
        for whole, parts in self.aggregated.items():
            ident = self.guid(f"{whole.GlobalId}\x1faggregates")
            self.make("IfcRelAggregates", GlobalId=ident, RelatingObject=whole, RelatedObjects=parts)
        for home, parts in self.contained.items():
            self.make(
                "IfcRelContainedInSpatialStructure",
                GlobalId=self.guid(f"{home.GlobalId}\x1fcontains"),
                RelatingStructure=home,
                RelatedElements=parts,
            )

    def text(self) -> bytes:
        # The header names no hour and no machine: the same model is the same file.
        header = self.file.header
        header.file_name.name = "model.ifc"
        header.file_name.time_stamp = "1970-01-01T00:00:00"
        header.file_name.author = ("",)
        header.file_name.organization = ("",)
        header.file_name.preprocessor_version = "geoinv"
        header.file_name.originating_system = f"geoinv {__version__}"
        header.file_name.authorization = ""
        header.file_description.description = ("ViewDefinition [ReferenceView_V1.2]",)
        written: str = self.file.to_string()
        return written.encode()


def _entity_of(part: Shaped) -> tuple[str, str | None]:
    kind, role = part.extras["kind"], part.extras["role"]
    return _ENTITIES.get(f"{kind} {role}", _ENTITIES.get(kind, _ANYTHING))


def _degrees(angle: float) -> tuple[int, int, int, int]:
    """An angle as IFC keeps it: degrees, minutes, seconds, millionths of a second, all of one sign."""
    sign = int(math.copysign(1, angle))
    whole = round(abs(angle) * 3600 * 1_000_000)
    seconds, millionths = divmod(whole, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    degrees, minutes = divmod(minutes, 60)
    return sign * degrees, sign * minutes, sign * seconds, sign * millionths
