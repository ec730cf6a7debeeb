"""A release is a bag with an RO-Crate in it, and one flipped byte anywhere is named."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

from geoinv.api.releases import check_release


def _sums(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_the_folder_is_a_bag_whose_manifests_are_whole(published: Path) -> None:
    assert (published / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload, tags = _sums(published / "manifest-sha256.txt"), _sums(published / "tagmanifest-sha256.txt")
    present = {path.relative_to(published).as_posix() for path in published.rglob("*") if path.is_file()}
    assert set(payload) == {path for path in present if path.startswith("data/")}
    assert set(tags) == present - set(payload) - {"tagmanifest-sha256.txt"}
    for path, digest in {**payload, **tags}.items():
        assert hashlib.sha256((published / path).read_bytes()).hexdigest() == digest
    oxum = next(line for line in (published / "bag-info.txt").read_text().splitlines() if line.startswith("Payload-O"))
    sizes = [(published / path).stat().st_size for path in payload]
    assert oxum == f"Payload-Oxum: {sum(sizes)}.{len(sizes)}"


def test_the_payload_is_a_crate_that_describes_every_file_in_it(published: Path) -> None:
    crate = json.loads((published / "data/ro-crate-metadata.json").read_text(encoding="utf-8"))
    items = {item["@id"]: item for item in crate["@graph"]}
    assert items["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = items["./"]
    assert {"name", "description", "datePublished", "license"} <= root.keys()
    parts = {part["@id"] for part in root["hasPart"]}
    data = published / "data"
    present = {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()}
    assert parts == present - {"ro-crate-metadata.json"}
    assert all(int(items[part]["contentSize"]) == (data / part).stat().st_size for part in parts)


def test_one_flipped_byte_in_any_file_is_named(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / published.name
    shutil.copytree(published, copy)
    rng = random.Random(5)
    for path in sorted(item for item in copy.rglob("*") if item.is_file()):
        whole = path.read_bytes()
        body = bytearray(whole)
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(body))
        told = check_release(copy)
        assert any(path.name in sentence for sentence in told), path
        path.write_bytes(whole)
    assert check_release(copy) == []


def test_a_renamed_release_with_another_manifest_is_noticed(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / "renamed"
    shutil.copytree(published, copy)
    assert check_release(copy) == []
    manifest = copy / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"fictional": true', b'"fictional": fals'))
    assert check_release(copy) != []
    manifest.write_bytes((published / "manifest.json").read_bytes().replace(b"Fictional", b"Factual__"))
    assert check_release(copy) == ["tagmanifest-sha256.txt or manifest.json was altered."]
