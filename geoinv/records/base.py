"""What every record is: frozen, exact about its fields, and written the same way every time."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError, WithJsonSchema
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError

__all__ = ["OpenRecord", "Record", "Shape", "canonical_json", "derived_id", "new_id", "sha256_hex"]


class Record(BaseModel):
    """A frozen record with exactly its declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, ser_json_inf_nan="null")

    @classmethod
    def read(cls, data: Any, *, file: str | None = None, item: str | None = None) -> Self:
        """Validate plain data, turning pydantic's report into one sentence.

        Parameters
        ----------
        data
            Mapping as parsed from JSON or YAML.
        file, item
            Where the data came from, for the message.

        Raises
        ------
        FieldError
            Naming the first field that is missing or impossible.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or None
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            message = first["msg"][:1].lower() + first["msg"][1:]
            raise FieldError(
                f"{message}{more}", do="correct that field and add the file again", file=file, item=item, field=field
            ) from error

    def plain(self) -> dict[str, Any]:
        """The record as JSON-ready data, without fields that are unset."""
        return self.model_dump(mode="json", exclude_none=True)


class OpenRecord(Record):
    """A frozen record of an outside format: unknown extra fields are kept and passed through."""

    model_config = ConfigDict(frozen=True, extra="allow", arbitrary_types_allowed=True, ser_json_inf_nan="null")


def _to_shape(value: Any) -> BaseGeometry:
    if isinstance(value, BaseGeometry):
        return value
    try:
        return shape(value)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError("this is not a GeoJSON geometry") from error


def _to_geojson(value: BaseGeometry) -> dict[str, Any]:
    # Round trip through JSON turns shapely's tuples into the lists that every reader gives back.
    plain: dict[str, Any] = json.loads(json.dumps(mapping(value)))
    return plain


#: A shapely geometry that is GeoJSON geometry in files.
Shape = Annotated[
    BaseGeometry,
    PlainValidator(_to_shape),
    PlainSerializer(_to_geojson, return_type=dict),
    WithJsonSchema(
        {
            "type": "object",
            "description": "GeoJSON geometry (RFC 7946, section 3.1)",
            "required": ["type"],
            "properties": {"type": {"type": "string"}, "coordinates": {"type": "array"}},
        }
    ),
]


def canonical_json(data: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: one spelling for one value, for hashing.

    Numbers keep Python's shortest round-trip form, so the same float always gives the same bytes.
    """
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 of bytes as 64 hexadecimal digits (FIPS 180-4)."""
    return hashlib.sha256(data).hexdigest()


def new_id(kind: str) -> str:
    """A random id such as ``stm-3f0a…``: never sequential, never derived from a name. Minted once, at ``add``."""
    return f"{kind}-{secrets.token_hex(8)}"


def derived_id(parent: str, role: str, *, key: bytes = b"geoinv") -> str:
    """Id of a computed part: a keyed hash of its parent's id and its role, never of its content.

    Parameters
    ----------
    parent
        Id of the record the part hangs on.
    role
        What the part is to its parent, unique among its siblings (``"wall:north"``).
    key
        The case's own key, so that ids of two cases cannot be joined.
    """
    digest = hmac.new(key, f"{parent}\x1f{role}".encode(), hashlib.sha256).hexdigest()
    return f"{role.split(':', 1)[0]}-{digest[:16]}"
