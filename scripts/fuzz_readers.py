"""Fuzz every reader with mutations of the corpus of odd files, and hold each to its promises.

    python scripts/fuzz_readers.py [--inputs 10000] [--seed 0] [--seconds 10] [--megabytes 600] [--keep FOLDER]
                                   [--traps] [--guided]

Each input is an odd file of the corpus (tests/case/odd), mutated: bytes flipped, cut, repeated, spliced with another
file's, replaced by things that readers trip over; a zip's members are mutated inside it. Its reader must give records
or plain sentences, never another exception; and what looks through every file for names must raise nothing. Every
third input is a whole file of twelve rows, in every format of rows, of which one is odd: each row must be recorded or
named in a sentence, and the eleven others must be recorded.

Every input has its own clock and its own measure of memory: --seconds of processor time (a signal stops it, and a
watching process ends what a signal cannot), and --megabytes beyond what the process held before. The work runs in a
process of its own, so that a library's crash is counted and named, not suffered. --keep keeps the inputs that did not
hold, to be looked at.

--traps reads the files of tests/case/odd/traps.py (bombs, endless views, a million coloured rows), with 60 s each.
--guided mutates towards lines of readers not reached before, with atheris, where it is installed.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geoinv.case.codenames import look_through
from geoinv.case.kinds import kind_of
from geoinv.case.parsed import Context, Parsed
from geoinv.case.parsers import PARSERS
from geoinv.errors import GeoinvError
from geoinv.records.facility import Facility
from tests.case.odd import ODD, Odd
from tests.case.odd.rows import ROWS, whole_file
from tests.case.odd.traps import TRAPS

#: What readers trip over.
TOKENS = (
    *(b"", b"\0", b"\xff" * 8, b"-1", b"1e999", b"nan", b"NaN", b"99999999999999999999", b"0", b"'", b'"', b"<", b">"),
    *(b"]]>", b"<!--", b"&amp;", b"&x;", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{", b"}", b"[" * 50, b",", b"\n", b"\r"),
    *(b"\t", b"../", b"/etc/passwd", b"file:///etc/passwd", b"http://example.invalid/", "정문".encode()),
    *("정문".encode("cp949"), b"\xed\xa0\x80", b"\xe2\x80\xae", b"*a", b"&a", b"!!python/object:os.system", b"%PDF"),
    *(b"PK\x03\x04", b"II*\0", b"=1+1", b"None", b"null", b"true", b"1" * 400, b"a" * 5000),
)
#: One input in so many is a whole file of rows.
WHOLE = 3


class TooLong(BaseException):
    """An input used up its processor time; no reader may catch this."""


@dataclass
class Tally:
    """What came of a run."""

    inputs: int = 0
    records: int = 0
    sentences: int = 0
    refused: int = 0
    lost: int = 0
    slowest: tuple[float, str] = (0.0, "")
    hungriest: tuple[float, str] = (0.0, "")
    formats: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another run's."""
        for name in ("inputs", "records", "sentences", "refused", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest, self.hungriest = max(self.slowest, other.slowest), max(self.hungriest, other.hungriest)
        self.formats += other.formats
        self.whole += other.whole
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


def _writable_zip(data: bytes) -> bool:
    """Whether a file is a zip that zipfile can also write; of a member without a name it cannot."""
    if not data.startswith(b"PK") or not zipfile.is_zipfile(io.BytesIO(data)):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return all(source.namelist())


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


def parsed(path: Path, relative: Path) -> Parsed | GeoinvError:
    """What a file gives, or the sentence it is refused with; it is looked through for names as well."""
    kind, slug = kind_of(relative)
    facility = Facility(slug=slug, name=slug) if slug else None
    look_through(path, relative)
    try:
        return PARSERS[kind](path, Context(relative, facility)) if kind in PARSERS else Parsed()
    except GeoinvError as error:
        return error


def _status(name: str) -> float:
    """A line of this process's status, megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooLong


@dataclass
class Input:
    """One input: a file where it lies, what it was made of, and how many rows it holds if that is known."""

    name: str
    path: Path
    relative: Path
    rows: int | None = None
    passages: bool = False
    beside: tuple[Path, ...] = ()


def measured(one: Input, tally: Tally, seconds: float, megabytes: int) -> Parsed | GeoinvError | None:
    """Read an input against its clock and its measure of memory; ``None`` where it did not hold."""
    Path("/proc/self/clear_refs").write_text("5")  # begin the peak anew (proc(5))
    held, start = _status("VmRSS"), time.process_time()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    found: Parsed | GeoinvError | None = None
    try:
        found = parsed(one.path, one.relative)
    except TooLong:
        tally.faults.append(f"{one.name}: more than {seconds:g} s of processor time")
    except Exception:  # noqa: BLE001 - this is what is looked for
        tally.faults.append(f"{one.name}: {traceback.format_exc(limit=-3)}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent, grown = time.process_time() - start, _status("VmHWM") - held
    tally.inputs += 1
    tally.slowest, tally.hungriest = max(tally.slowest, (spent, one.name)), max(tally.hungriest, (grown, one.name))
    if grown > megabytes:
        tally.faults.append(f"{one.name}: {grown:.0f} MB")
    return found


def judge(one: Input, found: Parsed | GeoinvError, tally: Tally) -> None:
    """Count what an input gave, and note what it should not have lost."""
    if isinstance(found, GeoinvError):
        sentence = found.sentence()
        tally.refused += 1
        if one.rows is not None:
            tally.lost += one.rows - 1
            tally.faults.append(f"{one.name}: refused as a whole: {sentence}")
        if not sentence.endswith(".") or "\n" in sentence.strip():
            tally.faults.append(f"{one.name}: not a sentence: {sentence!r}")
        return
    tally.records += len(found.records)
    tally.sentences += len(found.problems)
    if one.rows is None:
        return
    came = len(found.records[0][2]["passages"]) if one.passages else len(found.records)
    if came + len(found.problems) != one.rows or came < one.rows - 1:
        tally.lost += max(one.rows - came - len(found.problems), one.rows - 1 - came, 1)
        tally.faults.append(f"{one.name}: {came} of {one.rows} rows and {len(found.problems)} sentences")


def a_whole_file(folder: Path, rng: random.Random, tally: Tally) -> Input:
    """Lay a file of twelve rows of which one is odd."""
    name, data, passages = whole_file(rng)
    tally.whole[name] += 1
    relative = Path("facilities/f" if name.startswith("incidents") else "facilities/f/testimony", name)
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    if not name.endswith(".shp"):
        path.write_bytes(data)
        return Input(name, path, relative, ROWS, passages)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        parts.extractall(path.parent)
        beside = tuple(path.parent / part for part in parts.namelist() if part != name)
    return Input(name, path, relative, ROWS, passages, beside)


def a_mutation(folder: Path, odd: Odd, rng: random.Random) -> Input:
    """Lay a mutation of an odd file, and of what lies beside it."""
    other = rng.choice(ODD).data
    inside = _writable_zip(odd.data) and rng.random() < 0.7
    data = mutated_zip(odd.data, rng, other) if inside else mutated(odd.data, rng, other)
    relative = Path("imagery", odd.name) if odd.folder == "imagery" else Path("facilities/f", odd.folder, odd.name)
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    beside = []
    for name, content in odd.beside.items():
        (path.parent / name).write_bytes(mutated(content, rng, data) if rng.random() < 0.5 else content)
        beside.append(path.parent / name)
    return Input(odd.name, path, relative, beside=tuple(beside))


def _begin(seconds: float, megabytes: int) -> None:
    """Set this process's limits: beyond what its parent had, and long enough for its signal to come first."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent, which is asked to stop, ends this
    signal.signal(signal.SIGPROF, _stop)
    had = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = had + (megabytes + 2000) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def batch(seed: int, count: int, seconds: float, megabytes: int, keep: Path | None, folder: str, sender: Any) -> None:
    """Read a batch of inputs in a process of its own."""
    _begin(seconds, megabytes)
    rng, tally = random.Random(seed), Tally()
    for number in range(count):
        if number % WHOLE == 0:
            one = a_whole_file(Path(folder), rng, tally)
        else:
            odd = rng.choice(ODD)
            tally.formats[odd.format] += 1
            one = a_mutation(Path(folder), odd, rng)
        Path(folder, "last").write_text(one.name)
        before = len(tally.faults)
        found = measured(one, tally, seconds, megabytes)
        if found is not None:
            judge(one, found, tally)
        if keep and len(tally.faults) > before:
            shutil.copy(one.path, keep / f"{seed}-{number}-{one.path.name}")
        for path in (one.path, *one.beside):
            path.unlink(missing_ok=True)
    sender.send(tally)


def trap(name: str, seconds: float, megabytes: int, folder: str, sender: Any) -> None:
    """Read one trap in a process of its own."""
    tally = Tally()
    relative = Path("facilities/f", "sketches" if name.endswith((".svg", ".png")) else "testimony", name)
    path = Path(folder, relative)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(TRAPS[name]())
    Path(folder, "last").write_text(name)
    _begin(seconds, megabytes)
    found = measured(Input(name, path, relative), tally, seconds, megabytes)
    path.unlink()
    if found is not None:
        judge(Input(name, path, relative), found, tally)
    sender.send(tally)


def _ended(arguments: tuple[Any, ...], target: Any, folder: Path, seconds: float, total: Tally) -> None:
    """Run a process to its end; one that dies, or that no signal stops, is a fault."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*arguments, str(folder), sender))
    process.start()
    sender.close()
    last = folder / "last"
    try:
        while not receiver.poll(2):
            # On a busy machine a second of processor time may take many of the clock's.
            if last.exists() and time.time() - last.stat().st_mtime > 60 + 20 * seconds:
                total.faults.append(f"{last.read_text()}: no signal stopped it")
                process.kill()
        total.add(receiver.recv())
    except KeyboardInterrupt:
        process.kill()
        process.join()
        raise
    except EOFError:
        process.join()
        total.faults.append(f"the process died ({process.exitcode}) reading {last.read_text()}")
    process.join()


def fuzz(inputs: int, seed: int, seconds: float, megabytes: int, keep: Path | None = None, size: int = 2000) -> Tally:
    """Run batches until there were so many inputs; one that is stopped (Ctrl-C) tells what it did so far."""
    total = Tally()
    with tempfile.TemporaryDirectory() as outer:
        for number, start in enumerate(range(0, inputs, size)):
            count = min(size, inputs - start)
            arguments = (seed * 1_000_003 + number, count, seconds, megabytes, keep)
            try:
                _ended(arguments, batch, Path(outer), seconds, total)
            except KeyboardInterrupt:
                break
            if sys.stderr.isatty():
                print(f"\r{total.inputs} inputs, {len(total.faults)} faults", end="", file=sys.stderr)
    return total


def spring(names: list[str], seconds: float, megabytes: int) -> Tally:
    """Read traps, each in a process of its own."""
    total = Tally()
    with tempfile.TemporaryDirectory() as outer:
        for name in names:
            _ended((name, seconds, megabytes), trap, Path(outer), seconds, total)
    return total


def guided(inputs: int, seed: int) -> int:
    """Let atheris mutate the corpus towards lines of readers not reached before; it ends at the first fault.

    The first two bytes of an input choose the odd file under whose name the others are read.
    """
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: pip install 'geoinv[fuzz]'", file=sys.stderr)
        return 1
    odds = [odd for odd in ODD if odd.folder != "imagery" and len(odd.data) < 20_000]
    for module in [module for name, module in sys.modules.items() if name.startswith("geoinv.files.")]:
        for one in vars(module).values():
            if isinstance(one, FunctionType) and one.__module__ == module.__name__:
                atheris.instrument_func(one)  # in place
    with tempfile.TemporaryDirectory() as outer:
        corpus = Path(outer, "corpus")
        corpus.mkdir()
        for number, odd in enumerate(odds):
            (corpus / f"{number:04}").write_bytes(number.to_bytes(2, "big") + odd.data)

        def once(data: bytes) -> None:
            odd = odds[int.from_bytes(data[:2], "big") % len(odds)]
            relative = Path("facilities/f", odd.folder, odd.name)
            path = Path(outer, relative)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data[2:])
            warnings.simplefilter("ignore")
            parsed(path, relative)
            path.unlink()

        options = [f"-runs={inputs}", f"-seed={seed + 1}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=4096"]
        atheris.Setup([sys.argv[0], *options, str(corpus)], once)
        atheris.Fuzz()
    return 0


def tell(tally: Tally) -> None:
    """Print what came of a run."""
    for fault in tally.faults:
        print(fault)
    print(f"{tally.inputs} inputs: mutations of {len(tally.formats)} formats, whole files of {len(tally.whole)};")
    print(f"{tally.records} records, {tally.sentences} sentences on rows, {tally.refused} files refused in a sentence;")
    print(f"{sum(tally.whole.values())} files of {ROWS} rows with one odd: {tally.lost} rows lost;")
    print(f"slowest {tally.slowest[0]:.2f} s ({tally.slowest[1]}); "
          f"most memory {tally.hungriest[0]:.0f} MB ({tally.hungriest[1]}); {len(tally.faults)} faults")  # fmt: skip


def main() -> int:
    """Fuzz, print what came of it, and fail if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--megabytes", type=int, default=600)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--traps", action="store_true")
    parser.add_argument("--guided", action="store_true")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    if options.guided:
        return guided(options.inputs, options.seed)
    if options.traps:
        tally = spring(list(TRAPS), 60.0, 1500)
    else:
        tally = fuzz(options.inputs, options.seed, options.seconds, options.megabytes, options.keep)
    tell(tally)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
