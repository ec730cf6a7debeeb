"""Check this release: every file against the hashes in manifest.json. Needs only Python 3.9 or newer.

    python verify.py [FOLDER]

Exit status 0 if every file is as it was published, 1 if not; each difference is printed.
"""

import hashlib
import json
import sys
from pathlib import Path


def differences(folder: Path) -> list[str]:
    """What is not as published, a sentence each."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return ["manifest.json is missing."]
    content = manifest.read_bytes()
    found = []
    name = hashlib.sha256(content).hexdigest()[:12]
    if len(folder.resolve().name) == 12 and folder.resolve().name != name:
        found.append("manifest.json was altered, or the folder was renamed: it should be called " + name + ".")
    try:
        files = {entry["path"]: entry["sha256"] for entry in json.loads(content.decode("utf-8"))["files"]}
    except (ValueError, KeyError, TypeError):
        return [*found, "manifest.json cannot be read."]
    for path, digest in sorted(files.items()):
        target = folder / path
        if not target.is_file():
            found.append(path + " is missing.")
        elif hashlib.sha256(target.read_bytes()).hexdigest() != digest:
            found.append(path + " was altered.")
    listed = {*files, "manifest.json"}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found += [
        path + " does not belong to the release." for path in sorted(present - listed) if "__pycache__" not in path
    ]
    return found


if __name__ == "__main__":
    problems = differences(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
    sys.stdout.write(("\n".join(problems) if problems else "Every file is as it was published.") + "\n")
    sys.exit(1 if problems else 0)
