"""Measure the server beside others on the same data: CPU per request, failed requests, GDAL's count.

    python scripts/measure_serving.py RELEASE [--peers VENV] [--peer-python PYTHON] [--spatialite FILE] [--seconds 60]
        [--times 1]

RELEASE is a release's folder (or a folder of releases), such as that of the fictional nation of `geoinv.worlds`. The
others are started where they are: VENV is a virtual environment in which pygeoapi, gunicorn, tipg and psycopg2 are
installed; PYTHON runs pygeoapi (its GeoPackage provider needs a Python whose sqlite3 loads extensions, and FILE, the
extension mod_spatialite). PostGIS is started in a cluster of its own where PostgreSQL and PostGIS are installed. What
cannot be started is left out, and said.

With --times 139 every incident is served 139 times, under as many names (a million in the fictional nation), and this
server is measured alone, once with as many as there are and once with that many.

Each server is one process. CPU is what the kernel counted for it and its children, over a number of requests on one
connection, one after another; the first requests are not counted. The servers take turns, in rounds, and the median
round counts.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from geoinv.api.releases import OpenRelease, find_release
from tests.case.postgis import cluster, lacking

KINDS = ("items", "item", "bbox", "fixed")
GOALS = {"pygeoapi GeoPackage": (12, 40, 7), "pygeoapi PostGIS": (2.5, 4, 7), "tipg": (4, 3, 3)}
LAYER = "incidents"
_ROUNDS = 5
#: Process, port, base of the collection, and a fixed body.
Started = tuple[int, int, str, str]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, its threads and its children, as the scheduler counted it (nanoseconds)."""
    total = 0
    for one in family(pid):
        for stat in Path(f"/proc/{one}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(stat.read_text().split()[0])
    return total / 1e9


@contextlib.contextmanager
def running(words: list[str], port: int, path: str, **environment: str) -> Iterator[int]:
    """A server, once it answers; its process id."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, env={**os.environ, **environment}, stdout=said, stderr=said)
        try:
            for _ in range(900):
                if process.poll() is not None:
                    break
                with contextlib.suppress(OSError):
                    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                    link.request("GET", path)
                    if link.getresponse().status == 200:
                        break
                time.sleep(0.1)
            else:
                process.kill()
            if process.poll() is not None:
                said.seek(0)
                raise RuntimeError(said.read().decode(errors="replace")[-600:])
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def requests_of(kind: str, base: str, fixed: str, ids: list[str], boxes: list[str], count: int) -> list[str]:
    """Addresses to ask for, the same for every server but for how it calls things."""
    if kind == "items":
        return [f"{base}/items?limit=100&f=json"] * count
    if kind == "item":
        return [f"{base}/items/{ids[number % len(ids)]}?f=json" for number in range(count)]
    if kind == "bbox":
        return [f"{base}/items?limit=100&bbox={boxes[number % len(boxes)]}&f=json" for number in range(count)]
    return [fixed] * count


def measured(pid: int, port: int, addresses: list[str]) -> tuple[float, int]:
    """CPU milliseconds a request, and how many failed."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    failed = 0
    warm = max(5, len(addresses) // 20)
    began = 0.0
    for number, address in enumerate([*addresses[:warm], *addresses]):
        if number == warm:
            began = cpu_seconds(pid)
        try:
            link.request("GET", address, headers={"Accept": "application/geo+json, application/json"})
            answer = link.getresponse()
            answer.read()
            failed += answer.status != 200
        except (OSError, http.client.HTTPException):
            failed += 1
            link.close()
    return (cpu_seconds(pid) - began) / len(addresses) * 1000, failed


def sample(release: OpenRelease) -> tuple[list[str], list[str]]:
    """Ids of incidents, and boxes of about a county around places that some have."""
    chance = random.Random(1)
    rows = [json.loads(body) for body in release.features(LAYER, limit=10**6).bodies]
    placed = [row for row in rows if row["geometry"]]
    boxes = []
    for row in chance.sample(placed, min(200, len(placed))):
        flat = row["geometry"]["coordinates"]
        while isinstance(flat[0], list):
            flat = flat[0]
        lon, lat = flat
        boxes.append(f"{lon - 0.4:.4f},{lat - 0.4:.4f},{lon + 0.4:.4f},{lat + 0.4:.4f}")
    return [row["id"] for row in chance.sample(rows, min(300, len(rows)))], boxes


def enlarged(path: Path, times: int, folder: Path) -> Path:
    """A copy of a release in which every incident that is served is there so many times."""
    copy = folder / "release"
    shutil.copytree(path, copy)
    data = copy / "data/release.gpkg"
    with contextlib.closing(sqlite3.connect(data)) as db, db:
        columns = "first_day, last_day, west, south, east, north, upright"
        count = db.execute("SELECT count(*) FROM geojson WHERE collection = ?", (LAYER,)).fetchone()[0]
        for each in range(1, times):
            db.execute(
                f"INSERT INTO geojson (collection, number, id, {columns}, body) "
                f"SELECT collection, number + ?, id || '-' || ?, {columns}, replace(body, id, id || '-' || ?) "
                "FROM geojson WHERE collection = ? AND number <= ?",
                (each * count, each, each, LAYER, count),
            )
    manifest = json.loads((copy / "manifest.json").read_bytes())
    entry = next(one for one in manifest["files"] if one["path"] == "data/release.gpkg")
    content = data.read_bytes()
    entry |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    text = json.dumps(manifest, indent=1).encode()
    (copy / "manifest.json").write_bytes(text)
    return copy.rename(folder / hashlib.sha256(text).hexdigest()[:12])


# ------------------------------------------------------------------------------------------------- the others


def pygeoapi_config(port: int, provider: dict[str, Any], folder: Path) -> Path:
    """A configuration with one collection."""
    url = f"http://127.0.0.1:{port}"
    text = {"title": "measured", "description": "measured", "keywords": ["x"], "terms_of_service": url, "url": url}
    person = {"name": "x", "position": "x", "address": "x", "city": "x", "stateorprovince": "x", "postalcode": "x"}
    person |= {"country": "x", "phone": "x", "fax": "x", "email": "x@example.org", "url": url, "hours": "x"}
    person |= {"instructions": "x", "role": "pointOfContact"}
    collection = {
        "type": "collection",
        "title": LAYER,
        "description": LAYER,
        "keywords": ["x"],
        "links": [],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "providers": [{"type": "feature", **provider}],
    }
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "limits": {"default_items": 100, "max_items": 10000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "x"},
            "admin": False,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**text, "title": "measured", "keywords_type": "theme"},
            "license": {"name": "x", "url": url},
            "provider": {"name": "x", "url": url},
            "contact": person,
        },
        "resources": {LAYER: collection},
    }
    path = folder / "pygeoapi.json"
    path.write_text(json.dumps(config))
    return path


@contextlib.contextmanager
def pygeoapi(options: argparse.Namespace, provider: dict[str, Any]) -> Iterator[tuple[int, int, str, str]]:
    """Process, port, base of the collection, and a fixed body."""
    port = free_port()
    packages = next(Path(options.peers).glob("lib/python3*/site-packages"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = pygeoapi_config(port, provider, folder)
        given = {
            "PYTHONPATH": str(packages),
            "PYGEOAPI_CONFIG": str(config),
            "PYGEOAPI_OPENAPI": str(folder / "openapi.json"),
            "SPATIALITE_LIBRARY_PATH": options.spatialite or "mod_spatialite",
        }
        python = options.peer_python or str(Path(options.peers) / "bin/python")
        openapi = [python, "-c", "from pygeoapi import cli; cli()", "openapi", "generate", str(config)]
        made = subprocess.run([*openapi, "-f", "json"], env={**os.environ, **given}, capture_output=True, check=False)
        if made.returncode:
            raise RuntimeError(made.stderr.decode(errors="replace")[-600:])
        (folder / "openapi.json").write_bytes(made.stdout[made.stdout.index(b"{") :])
        serve = [python, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "--keep-alive", "60"]
        serve += ["-k", "gthread", "--threads", "1", "pygeoapi.flask_app:APP"]
        base = f"/collections/{LAYER}"
        with running(serve, port, f"{base}/items?limit=1&f=json", **given) as pid:
            yield pid, port, base, "/conformance?f=json"


@contextlib.contextmanager
def tipg(options: argparse.Namespace, url: str) -> Iterator[tuple[int, int, str, str]]:
    """As ``pygeoapi``."""
    port = free_port()
    words = [str(Path(options.peers) / "bin/uvicorn"), "tipg.main:app", "--port", str(port), "--no-access-log"]
    base = f"/collections/public.{LAYER}"
    with running(
        words, port, f"{base}/items?limit=1&f=json", DATABASE_URL=url, TIPG_MAX_FEATURES_PER_QUERY="10000"
    ) as pid:
        yield pid, port, base, "/conformance?f=json"


@contextlib.contextmanager
def ours(release: Path) -> Iterator[tuple[int, int, str, str]]:
    """As ``pygeoapi``."""
    port = free_port()
    code = "import sys; from geoinv.cli.main import run; run()"
    words = [sys.executable, "-c", code, "serve", "--release", str(release), "--port", str(port)]
    with running(words, port, "/health") as pid:
        yield pid, port, f"/collections/{LAYER}", "/conformance?f=json"


@contextlib.contextmanager
def postgis(release: OpenRelease) -> Iterator[str]:
    """A database with the incidents in it, indexed."""
    import psycopg

    with cluster() as url:
        columns = [name for name, _ in release.columns[LAYER]]
        with psycopg.connect(url) as db:
            db.execute("CREATE EXTENSION postgis")
            described = ", ".join(f'"{name}" text' for name in columns)
            db.execute(f"CREATE TABLE {LAYER} (fid serial PRIMARY KEY, {described}, geom geometry(Geometry, 4326))")
            holes = ", ".join(["%s"] * len(columns))
            with db.cursor() as cursor:
                for body in release.features(LAYER, limit=10**6).bodies:
                    row = json.loads(body)
                    values = [row["properties"].get(name) for name in columns]
                    shape = json.dumps(row["geometry"]) if row["geometry"] else None
                    names = ", ".join(f'"{name}"' for name in columns)
                    cursor.execute(
                        f"INSERT INTO {LAYER} ({names}, geom) "
                        f"VALUES ({holes}, ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326))",
                        [None if value is None else str(value) for value in values] + [shape],
                    )
            db.execute(f"CREATE INDEX ON {LAYER} USING gist (geom)")
        with psycopg.connect(url, autocommit=True) as db:
            db.execute(f"ANALYZE {LAYER}")
        yield url


@contextlib.contextmanager
def relayed(folder: str) -> Iterator[str]:
    """A URL with a host in it, as tipg wants one, for a cluster that listens on a socket only."""
    listening = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{folder}/.s.PGSQL.5432")
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"postgresql://geoinv:x@127.0.0.1:{listening.getsockname()[1]}/postgres"
    listening.close()


def socket_of(url: str) -> str:
    """The folder of a cluster's socket, from its URL."""
    return url.partition("host=")[2].partition("&")[0]


# ------------------------------------------------------------------------------------------------ what is measured


def eight_at_once(port: int, addresses: list[str], seconds: float) -> tuple[int, int]:
    """Requests answered and failed by eight connections at once."""
    done, failed = [0] * 8, [0] * 8
    until = time.monotonic() + seconds

    def ask(which: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        number = which
        while time.monotonic() < until:
            number += 1
            try:
                link.request("GET", addresses[number % len(addresses)])
                answer = link.getresponse()
                answer.read()
                failed[which] += answer.status != 200
            except (OSError, http.client.HTTPException):
                failed[which] += 1
                link.close()
            done[which] += 1

    threads = [threading.Thread(target=ask, args=(which,)) for which in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done), sum(failed)


def gdal_count(port: int) -> tuple[int, float, float]:
    """Features that GDAL's OAPIF driver counts by reading them all, and seconds by the clock and of its processor."""
    code = (
        "import sys, time, pyogrio; a, c = time.perf_counter(), time.process_time(); "
        f"n = len(pyogrio.read_dataframe(sys.argv[1], layer='{LAYER}', read_geometry=False, use_arrow=False)); "
        f"b, d = time.perf_counter(), time.process_time(); "
        f"m = pyogrio.read_info(sys.argv[1], layer='{LAYER}', force_feature_count=True)['features']; "
        "e = time.perf_counter(); print(n, m, b - a, e - b, d - c)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"OAPIF:http://127.0.0.1:{port}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    read, counted, whole, count, _ = done.stdout.split()
    assert int(read) == int(counted), "reading and counting differ"
    return int(counted), float(count), float(whole)


def servers(
    options: argparse.Namespace, path: Path, release: OpenRelease, stack: contextlib.ExitStack
) -> dict[str, Any]:
    """Every server that can be started here, by name."""
    found: dict[str, Any] = {"geoinv": ours(path)}
    if options.peers is None:
        return found
    # A copy: pygeoapi's provider writes into the file that it reads.
    kept = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "release.gpkg"
    shutil.copyfile(path / "data/release.gpkg", kept)
    data = str(kept)
    found["pygeoapi GeoPackage"] = pygeoapi(
        options, {"name": "SQLiteGPKG", "data": data, "id_field": "id", "table": LAYER}
    )
    why = lacking()
    if why is not None:
        print(f"without PostGIS: {why}")
        return found
    url = stack.enter_context(postgis(release))
    given = {"host": socket_of(url), "dbname": "postgres", "user": "geoinv", "password": "x", "search_path": ["public"]}
    provider = {"name": "PostgreSQL", "data": given, "id_field": "id", "table": LAYER, "geom_field": "geom"}
    found["pygeoapi PostGIS"] = pygeoapi(options, provider)
    found["tipg"] = tipg(options, stack.enter_context(relayed(socket_of(url))))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--spatialite")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    path = find_release(options.release)
    release = OpenRelease(path)
    ids, boxes = sample(release)
    print(f"{release.features(LAYER).matched} {LAYER}; {options.requests} requests of a kind in {_ROUNDS} rounds")
    with contextlib.ExitStack() as stack:
        started: dict[str, Started] = {}
        found = servers(options, path, release, stack)
        if options.times > 1:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            found = {"geoinv": ours(enlarged(path, options.times, folder)), "as published": ours(path)}
        for name, server in found.items():
            try:
                started[name] = stack.enter_context(server)
            except RuntimeError as error:
                print(f"{name}: could not be started: {error}", flush=True)
        table = compared(started, ids, boxes, options.requests)
        _, port, base, fixed = started["geoinv"]
        of_its_own(port, requests_of("bbox", base, fixed, ids, boxes, 200), base, ids, options.seconds)
    for name, goals in GOALS.items():
        if name in table:
            ratios = [theirs / mine for theirs, mine in zip(table[name], table["geoinv"], strict=True)]
            told = ", ".join(
                f"{kind} 1/{ratio:.1f} (goal 1/{goal:g})"
                for kind, ratio, goal in zip(KINDS, ratios, goals, strict=False)
            )
            print(f"geoinv to {name}: {told}")


def compared(started: dict[str, Started], ids: list[str], boxes: list[str], requests: int) -> dict[str, list[float]]:
    """CPU ms a request of each server and kind: of rounds in which all take turns, the median.

    What else a machine does while it measures changes from minute to minute; in turns it burdens all alike.
    """
    costs: dict[tuple[str, str], list[float]] = {(name, kind): [] for name in started for kind in KINDS}
    failed = dict.fromkeys(started, 0)
    for _ in range(_ROUNDS):
        for name, (pid, port, base, fixed) in started.items():
            mine = [str(number + 1) for number in range(300)] if name == "tipg" else ids
            count = max(10, (requests if name == "geoinv" else requests // 4) // _ROUNDS)
            for kind in KINDS:
                cost, broken = measured(pid, port, requests_of(kind, base, fixed, mine, boxes, count))
                costs[name, kind].append(cost)
                failed[name] += broken
    print(f"{'CPU ms a request':22}" + "".join(f"{kind:>9}" for kind in KINDS) + "   failed")
    for name in started:
        row = [statistics.median(costs[name, kind]) for kind in KINDS]
        print(f"{name:22}" + "".join(f"{cost:9.2f}" for cost in row) + f"   {failed[name]}", flush=True)
    return {name: [statistics.median(costs[name, kind]) for kind in KINDS] for name in started}


def of_its_own(port: int, boxes: list[str], base: str, ids: list[str], seconds: float) -> None:
    """What is measured of this server only: GDAL's count, and eight connections at once."""
    count, told, whole = gdal_count(port)
    print(f"  GDAL counts {count} features in {told:.2f} s, reads them all in {whole:.2f} s", flush=True)
    mixed = [*boxes, *(f"{base}/items/{name}" for name in ids), f"{base}/items", "/", "/collections"]
    done, failed = eight_at_once(port, mixed, seconds)
    print(f"  {done} requests of 8 connections in {seconds:g} s, {failed} failed", flush=True)


if __name__ == "__main__":
    main()
