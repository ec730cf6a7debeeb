"""Fuzz every reader with mutations of the corpus of odd files, and hold each to its promises.

    python scripts/fuzz_readers.py [--inputs 10000] [--seed 0] [--seconds 10] [--megabytes 1500]

Each input is an odd file of the corpus (tests/case/odd), mutated: bytes flipped, cut, repeated, spliced with another
file's, replaced by things that readers trip over; a zip's members are mutated inside it. It must give records or one
plain sentence, never another exception; take less than --seconds of processor time; and not grow the process beyond
--megabytes. Half of the tables, KML, GeoJSON and YAML inputs are whole files of twelve rows of which one is mutated:
the eleven others must arrive.

The work runs in a process of its own, so that a library's crash is counted and named, not suffered.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geoinv.case.kinds import kind_of
from geoinv.case.parsed import Context, Parsed
from geoinv.case.parsers import PARSERS
from geoinv.errors import GeoinvError
from geoinv.records.facility import Facility
from tests.case.odd import ODD, Odd

#: What readers trip over.
TOKENS = (
    *(b"", b"\0", b"\xff" * 8, b"-1", b"1e999", b"nan", b"NaN", b"99999999999999999999", b"0", b"'", b'"', b"<", b">"),
    *(b"]]>", b"<!--", b"&amp;", b"&x;", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{", b"}", b"[" * 50, b",", b"\n", b"\r"),
    *(b"\t", b"../", b"/etc/passwd", b"file:///etc/passwd", b"http://example.invalid/", "정문".encode()),
    *("정문".encode("cp949"), b"\xed\xa0\x80", b"\xe2\x80\xae", b"*a", b"&a", b"!!python/object:os.system", b"%PDF"),
    *(b"PK\x03\x04", b"II*\0", b"=1+1", b"None", b"null", b"true", b"1" * 400, b"a" * 5000),
)
ROWS = 12


@dataclass
class Tally:
    """What came of a run."""

    inputs: int = 0
    records: int = 0
    sentences: int = 0
    refused: int = 0
    whole_files: int = 0
    lost: int = 0
    slowest: float = 0.0
    grown_mb: float = 0.0
    formats: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another run's."""
        for name in ("inputs", "records", "sentences", "refused", "whole_files", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest, self.grown_mb = max(self.slowest, other.slowest), max(self.grown_mb, other.grown_mb)
        self.formats += other.formats
        self.faults += other.faults


def mutated(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """One to six mutations of some bytes."""
    work = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(work) + 1)
        to = min(len(work), at + rng.choice((1, 2, 4, 16, 200)))
        way = rng.randrange(7)
        if way == 0 and work:
            work[min(at, len(work) - 1)] ^= 1 << rng.randrange(8)
        elif way == 1:
            del work[at:to]
        elif way == 2:
            work[at:to] = rng.choice(TOKENS)
        elif way == 3:
            work[at:at] = work[at:to] * rng.randint(1, 30)
        elif way == 4:
            start = rng.randrange(len(other) + 1)
            work[at:to] = other[start : start + rng.choice((4, 40, 400))]
        elif way == 5:
            work[at:to] = rng.randbytes(to - at)
        else:
            del work[max(at, 1) :]
    return bytes(work)


def mutated_zip(data: bytes, rng: random.Random, other: bytes) -> bytes:
    """A zip with one of its members mutated inside it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        chosen = rng.choice(names) if names else ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name in names:
                content = source.read(name)
                target.writestr(name, mutated(content, rng, other) if name == chosen else content)
    return out.getvalue()


def whole_file(rng: random.Random) -> tuple[str, bytes, int]:
    """A file of twelve rows, one of them mutated but kept a row: name, bytes, and how many others must arrive."""
    bad = rng.randrange(ROWS)
    # Only signs that end no row, no quotation and no element: the neighbours must stay whole.
    noise = "".join(rng.choice("abc0189.-+eE정분 °") for _ in range(rng.randint(0, 30)))

    def place(number: int) -> tuple[str, str]:
        return (noise, f"-30.{number:03}") if number == bad else (f"5.{number:03}", f"-30.{number:03}")

    places = [place(number) for number in range(ROWS)]
    kind = rng.choice(("csv", "tsv", "kml", "geojson", "yaml"))
    if kind in ("csv", "tsv"):
        sign = "," if kind == "csv" else "\t"
        lines = [sign.join(("witness", "latitude", "longitude")), *(sign.join(("w1", *pair)) for pair in places)]
        text = "\n".join(lines)
        encoding = rng.choice(("utf-8", "cp949", "utf-16"))
        return f"rows.{kind}", text.encode(encoding, "ignore"), ROWS - 1
    if kind == "kml":
        marks = "".join(f"<Placemark><Point><coordinates>{x},{y}</coordinates></Point></Placemark>" for y, x in places)
        return "rows.kml", f"<kml><Document>{marks}</Document></kml>".encode(), ROWS - 1
    if kind == "geojson":
        shapes = [f'{{"type":"Point","coordinates":[{x},"{y}"]}}' if y == noise else
                  f'{{"type":"Point","coordinates":[{x},{y}]}}' for y, x in places]  # fmt: skip
        features = ",".join(f'{{"type":"Feature","properties":{{}},"geometry":{shape}}}' for shape in shapes)
        return "rows.geojson", f'{{"type":"FeatureCollection","features":[{features}]}}'.encode(), ROWS - 1
    rows = "".join(
        f'  - {{id: s{n}, witness: w1, kind: pin, point: [{x}, "{y}"]}}\n' for n, (y, x) in enumerate(places)
    )
    return "rows.yaml", f"statements:\n{rows}".encode(), ROWS - 1


def parsed(path: Path, relative: Path) -> Parsed | GeoinvError:
    """What a file gives, or the sentence it is refused with."""
    kind, slug = kind_of(relative)
    facility = Facility(slug=slug, name=slug) if slug else None
    try:
        return PARSERS[kind](path, Context(relative, facility)) if kind in PARSERS else Parsed()
    except GeoinvError as error:
        return error


def grown_mb() -> float:
    """Largest size of this process so far, megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(folder: Path, odd: Odd, rng: random.Random, tally: Tally, seconds: float) -> None:
    """Make one input, read it, and note what came of it."""
    wanted: int | None = None
    if odd.name.rpartition(".")[2] in ("csv", "tsv", "kml", "geojson", "yaml") and rng.random() < 0.5:
        name, data, wanted = whole_file(rng)
        relative = Path("facilities/f/testimony", name)
        tally.whole_files += 1
    else:
        other = rng.choice(ODD).data
        inside = odd.data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(odd.data)) and rng.random() < 0.7
        data = mutated_zip(odd.data, rng, other) if inside else mutated(odd.data, rng, other)
        relative = Path("imagery", odd.name) if odd.folder == "imagery" else Path("facilities/f", odd.folder, odd.name)
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    (folder / "last").write_text(odd.name)
    for beside, content in odd.beside.items():
        (path.parent / beside).write_bytes(mutated(content, rng, data) if rng.random() < 0.5 else content)
    start = time.process_time()
    try:
        found = parsed(path, relative)
    except Exception:  # noqa: BLE001 - this is what is looked for
        tally.faults.append(f"{odd.name}: {traceback.format_exc(limit=-3)}")
        found = Parsed()
        wanted = None
        (folder.parent / f"fault-{odd.name}").write_bytes(data)
    spent = time.process_time() - start
    tally.inputs += 1
    tally.formats[odd.format] += 1
    tally.slowest = max(tally.slowest, spent)
    if spent > seconds:
        tally.faults.append(f"{odd.name}: {spent:.1f} s")
        (folder.parent / f"slow-{odd.name}").write_bytes(data)
    if isinstance(found, GeoinvError):
        tally.refused += 1
        if wanted is not None:
            tally.lost += wanted
            tally.faults.append(f"{relative.name}: refused as a whole: {found.sentence()}")
        if not found.sentence().endswith(".") or "\n" in found.sentence().strip():
            tally.faults.append(f"{odd.name}: not a sentence: {found.sentence()!r}")
    else:
        tally.records += len(found.records)
        tally.sentences += len(found.problems)
        if wanted is not None and len(found.records) + len(found.problems) != ROWS:
            tally.lost += ROWS - len(found.records) - len(found.problems)
            tally.faults.append(f"{relative.name}: {len(found.records)} records and {len(found.problems)} sentences")
        elif wanted is not None and len(found.records) < wanted:
            tally.lost += wanted - len(found.records)
            tally.faults.append(f"{relative.name}: only {len(found.records)} of {wanted} whole rows arrived")
    for entry in (path, *(path.parent / name for name in odd.beside)):
        entry.unlink(missing_ok=True)


def batch(seed: int, count: int, seconds: float, megabytes: int, folder: str, sender: object) -> None:
    """Read a batch of inputs in a process of its own."""
    warnings.simplefilter("ignore")
    rng = random.Random(seed)
    tally = Tally()
    start_mb = grown_mb()
    # Beyond what the parent had: a process that has done much before has much address space already.
    had = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = had + (megabytes + 2000) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for _ in range(count):
        one(Path(folder), rng.choice(ODD), rng, tally, seconds)
    tally.grown_mb = grown_mb() - start_mb
    if tally.grown_mb > megabytes:
        tally.faults.append(f"a batch grew by {tally.grown_mb:.0f} MB")
    sender.send(tally)  # type: ignore[attr-defined]


def fuzz(inputs: int, seed: int, seconds: float, megabytes: int, size: int = 2000) -> Tally:
    """Run batches until there were so many inputs; a batch whose process dies is a fault."""
    total = Tally()
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as outer:
        for number, start in enumerate(range(0, inputs, size)):
            folder = Path(outer, "case")
            folder.mkdir(exist_ok=True)
            receiver, sender = context.Pipe(duplex=False)
            count = min(size, inputs - start)
            arguments = (seed * 1_000_003 + number, count, seconds, megabytes, str(folder), sender)
            process = context.Process(target=batch, args=arguments)
            process.start()
            sender.close()
            try:
                total.add(receiver.recv())
            except EOFError:
                process.join()
                last = (folder / "last").read_text()
                total.faults.append(
                    f"the process died ({process.exitcode}) reading a mutation of {last}, batch {number}"
                )
                total.inputs += count
            process.join()
            if sys.stderr.isatty():
                print(f"\r{total.inputs} inputs, {len(total.faults)} faults", end="", file=sys.stderr)
    return total


def main() -> int:
    """Fuzz, print what came of it, and fail if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--megabytes", type=int, default=1500)
    options = parser.parse_args()
    tally = fuzz(options.inputs, options.seed, options.seconds, options.megabytes)
    for fault in tally.faults:
        print(fault)
    print(f"{tally.inputs} inputs of {len(tally.formats)} formats: {tally.records} records,")
    print(f"{tally.sentences} sentences on rows, {tally.refused} files refused in a sentence;")
    print(f"{tally.whole_files} files of {ROWS} rows with one mutated: {tally.lost} other rows lost;")
    print(f"slowest {tally.slowest:.2f} s; a batch grew by at most {tally.grown_mb:.0f} MB; {len(tally.faults)} faults")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
