"""A private PostgreSQL cluster for tests: in a folder of its own, on a socket only its owner reaches."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["cluster", "lacking"]


def _programs() -> Path | None:
    """The folder of the server's own programs, of the newest version there is."""
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = there[-1] if there else shutil.which("initdb")
    return Path(found).parent if found else None


def lacking() -> str | None:
    """What is missing to test with PostGIS, and the line that mends it."""
    mend = "`apt-get install postgresql-postgis`"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: run `make dev`"
    programs = _programs()
    if programs is None:
        return f"no PostgreSQL server: {mend}"
    shared = subprocess.run([programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=True)
    return None if Path(shared.stdout.strip(), "extension", "postgis.control").is_file() else f"no PostGIS: {mend}"


def _owner() -> str | None:
    """The server refuses to run as root; then the distribution's own user for it runs it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster; yields the URL of its database."""
    programs, owner = _programs(), _owner()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="geoinv-pg-"))
    if owner is not None:
        shutil.chown(folder, owner)

    def run(*words: str | Path) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(word) for word in words],
            user=owner,
            extra_groups=[] if owner else None,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    data = folder / "data"
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=20"
    try:
        run(programs / "initdb", "--pgdata", data, "--username=geoinv", "--auth=trust", "--no-sync", "--encoding=UTF8")
        run(programs / "pg_ctl", "start", "--wait", "--pgdata", data, "--log", folder / "log", "--options", settings)
        try:
            yield f"postgresql:///postgres?host={folder}&user=geoinv"
        finally:
            run(programs / "pg_ctl", "stop", "--wait", "--mode=immediate", "--pgdata", data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
