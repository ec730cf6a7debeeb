"""Check this release: every file against the hashes in manifest.json. Needs only Python 3.9 or newer.

    python verify.py [FOLDER]

Exit status 0 if every file is as it was published, 1 if not; each difference is printed. The folder is also a bag
(RFC 8493): any BagIt program checks it too.
"""

import hashlib
import json
import sys
from pathlib import Path

TAGS = "tagmanifest-sha256.txt"


def digest(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    sums = hashlib.sha256()
    with path.open("rb") as stream:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            sums.update(piece)
    return sums.hexdigest()


def tags_of(folder: Path, listed: "list[str]") -> str:
    """What the tag manifest must say: hashes of every listed file outside data/, and of manifest.json."""
    names = sorted([path for path in listed if not path.startswith("data/")] + ["manifest.json"])
    return "".join(digest(folder / name) + "  " + name + "\n" for name in names if (folder / name).is_file())


def differences(folder: Path) -> "list[str]":
    """What is not as published, a sentence each."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return ["manifest.json is missing."]
    found = []
    name = digest(manifest)[:12]
    if len(folder.resolve().name) == 12 and folder.resolve().name != name:
        found.append("manifest.json was altered, or the folder was renamed: it should be called " + name + ".")
    try:
        files = {entry["path"]: entry["sha256"] for entry in json.loads(manifest.read_bytes().decode("utf-8"))["files"]}
    except (ValueError, KeyError, TypeError):
        return [*found, "manifest.json cannot be read."]
    for path, expected in sorted(files.items()):
        target = folder / path
        if not target.is_file():
            found.append(path + " is missing.")
        elif digest(target) != expected:
            found.append(path + " was altered.")
    if not (folder / TAGS).is_file():
        found.append(TAGS + " is missing.")
    elif not found and (folder / TAGS).read_bytes() != tags_of(folder, list(files)).encode():
        found.append(TAGS + " or manifest.json was altered.")
    listed = {*files, "manifest.json", TAGS}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found += [
        path + " does not belong to the release." for path in sorted(present - listed) if "__pycache__" not in path
    ]
    return found


if __name__ == "__main__":
    problems = differences(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
    sys.stdout.write(("\n".join(problems) if problems else "Every file is as it was published.") + "\n")
    sys.exit(1 if problems else 0)
