"""A release's folder as a bag (BagIt 1.0, RFC 8493) whose payload is an RO-Crate 1.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from geoinv import __version__
from geoinv.records.base import sha256_hex

__all__ = ["PAYLOAD", "bagged", "crate_metadata", "tag_manifest"]

#: Folder of the payload.
PAYLOAD = "data"
_CRATE = "ro-crate-metadata.json"


def crate_metadata(
    title: str, description: str, published: str, files: Mapping[str, tuple[int, str]], *, licence: str
) -> bytes:
    """``ro-crate-metadata.json``: what the payload is and what is in it (RO-Crate 1.1, sections 4–6).

    Parameters
    ----------
    published
        ISO 8601 date, as coarse as it may be told.
    files
        Path below the payload → size in bytes and media type.
    licence
        On what terms it may be used, in words.
    """
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": description,
        "datePublished": published,
        "license": {"@id": "#licence"},
        "hasPart": [{"@id": path} for path in sorted(files)],
    }
    about = {
        "@id": _CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    parts = [
        {"@id": path, "@type": "File", "contentSize": str(size), "encodingFormat": media.partition(";")[0]}
        for path, (size, media) in sorted(files.items())
    ]
    terms = {"@id": "#licence", "@type": "CreativeWork", "name": licence}
    graph = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, root, terms, *parts]}
    return (json.dumps(graph, ensure_ascii=False, indent=1) + "\n").encode()


def bagged(payload: Mapping[str, bytes], description: str) -> dict[str, bytes]:
    """A bag's files besides ``manifest.json`` and the tag manifest: the payload below ``data/``, and its tags.

    The date of bagging is left out: the same case gives the same bytes whenever it is published.
    """
    files = {f"{PAYLOAD}/{path}": content for path, content in payload.items()}
    sizes = sum(map(len, payload.values()))
    info = {
        "Bag-Software-Agent": f"geoinv {__version__}",
        "External-Description": " ".join(description.split()),
        "Payload-Oxum": f"{sizes}.{len(payload)}",
    }
    return {
        **files,
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{key}: {value}\n" for key, value in info.items()).encode(),
        "manifest-sha256.txt": _sums(files),
    }


def tag_manifest(files: Mapping[str, bytes]) -> bytes:
    """``tagmanifest-sha256.txt``: hashes of every file that is not in the payload, ``manifest.json`` among them."""
    return _sums({path: content for path, content in files.items() if not path.startswith(f"{PAYLOAD}/")})


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256_hex(content)}  {path}\n" for path, content in sorted(files.items())).encode()
