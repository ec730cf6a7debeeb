"""CLAIMS.json in, or the same as YAML: what witnesses said that a model can be held to."""

from __future__ import annotations

from pathlib import Path

from geoinv.errors import FieldError
from geoinv.files.yamls import read_data
from geoinv.records.claims import Claims

__all__ = ["read_claims"]


def read_claims(path: Path) -> Claims:
    """The claims in a JSON or YAML file; a bare list is taken as the claims alone.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    FieldError
        If there are no claims in it, two have one id, or a field is missing or impossible.
    """
    data = read_data(path)
    if isinstance(data, list):
        data = {"claims": data}
    if not isinstance(data, dict) or not isinstance(data.get("claims"), list):
        raise FieldError("there are no “claims” in it", do="see “geoinv schema claims”", file=path.name)
    claims = Claims.read({name: value for name, value in data.items() if name != "geoinv"}, file=path.name)
    seen: set[str] = set()
    for claim in claims.claims:
        if claim.id in seen:
            raise FieldError(
                "its id is used before", do="give each claim its own id", file=path.name, item=f"claim {claim.id}"
            )
        seen.add(claim.id)
    return claims
