"""What every test may rely on: a quiet machine, known needs, and a list of what could not be run and why.

A test that needs more than Python packages says so::

    @pytest.mark.needs("chromium")
    def test_the_map_asks_nothing_of_other_hosts(browser): ...

Where the need is not met the test is skipped with the line that mends it, and the end of the run lists it.
With `GEOINV_REQUIRE_ALL=1`, as in `.ci/run`, nothing may be skipped: every skip is a failure. Only the real cases,
which nobody can install, may be lacking where no folder of them is named.
"""

from __future__ import annotations

import os

# ruff: noqa: E402
# Before numpy is imported: two test processes share two cores, and a thread pool each makes both slower.
for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")

import fcntl
import importlib.util
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.running import copy_example, geoinv

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent
NO_REAL_CASES = "GEOINV_REAL_CASES does not name the folder of real cases"
REQUIRE_ALL = os.environ.get("GEOINV_REQUIRE_ALL", "") not in ("", "0")

hypothesis.settings.register_profile("geoinv", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if REQUIRE_ALL or os.environ.get("CI") else "geoinv")


# What a test may need of the machine. Each finder returns None when the need is met, else what is missing.


def _find_chromium() -> str | None:
    named = os.environ.get("GEOINV_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _lacks_chromium() -> str | None:
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: run `make dev`"
    return None if _find_chromium() else "no Chromium: `apt-get install chromium`, or name one in GEOINV_CHROMIUM"


def _lacks_open3d() -> str | None:
    try:
        import ctypes

        import libusb_package

        ctypes.CDLL(str(libusb_package.get_library_path()), ctypes.RTLD_GLOBAL)
        import open3d  # noqa: F401
    except (ImportError, OSError) as problem:
        return f"open3d does not load ({problem}): `apt-get install libegl1 libgl1 libgomp1`"
    return None


def _lacks_embreex() -> str | None:
    found = importlib.util.find_spec("embreex")
    return None if found else "embreex has no wheel for this machine"


def _lacks_real_cases() -> str | None:
    folder = os.environ.get("GEOINV_REAL_CASES")
    if not folder:
        return NO_REAL_CASES
    return None if Path(folder).is_dir() else f"GEOINV_REAL_CASES names {folder}, which is not a folder"


def _lacks_postgis() -> str | None:
    from tests.case.postgis import lacking

    return lacking()


def _lacks_namespaces() -> str | None:
    inside = ["unshare", "--user", "--map-root-user", "--mount", "true"]
    mend = "no mount namespaces: `sysctl kernel.unprivileged_userns_clone=1`, or run as root"
    try:
        return None if subprocess.run(inside, capture_output=True, check=False).returncode == 0 else mend
    except OSError:
        return "no unshare: `apt-get install util-linux`"


_FINDERS: dict[str, Callable[[], str | None]] = {
    "chromium": _lacks_chromium,
    "open3d": _lacks_open3d,
    "embreex": _lacks_embreex,
    "namespaces": _lacks_namespaces,
    "postgis": _lacks_postgis,
    "real_cases": _lacks_real_cases,
}


@cache
def lacks(need: str) -> str | None:
    """Return what is missing for `need`, or None when the machine has it."""
    return _FINDERS[need]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give whichever test comes first the time to build the example."""
    for item in items:
        if "built_example" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(1800))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose `needs` are not met, saying why."""
    for mark in item.iter_markers("needs"):
        for need in mark.args:
            if need not in _FINDERS:
                pytest.fail(f"unknown need {need!r}: one of {', '.join(sorted(_FINDERS))}", pytrace=False)
            if missing := lacks(need):
                pytest.skip(missing)


# With GEOINV_REQUIRE_ALL a skip is a failure, wherever it comes from.


def _fail_instead(report: Any) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if reason.endswith(NO_REAL_CASES):
        return
    report.outcome = "failed"
    report.longrepr = f"not run, though GEOINV_REQUIRE_ALL is set: {reason.removeprefix('Skipped: ')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    if REQUIRE_ALL and report.skipped:
        _fail_instead(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List, at the end of the run, what could not be run here and what would mend it."""
    why: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        why.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    if not why:
        return
    terminalreporter.section("not run on this machine")
    for reason, tests in sorted(why.items()):
        terminalreporter.write_line(f"{reason}:")
        for test in sorted(tests):
            terminalreporter.write_line(f"    {test}")


# What tests share.


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def built_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the fictional example, built and published once for all test processes; do not write to it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    case, done = shared / "example", shared / "example.done"
    with open(shared / "example.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(case, ignore_errors=True)
            copy_example(case)
            geoinv("build", "--case", case)
            geoinv("publish", "--audience", "public", "--case", case)
            done.touch()
    return case


@pytest.fixture(scope="session")
def real_cases() -> Path:
    """Return the folder of real cases (mark the test `needs("real_cases")`); copy from it, never write to it."""
    return Path(os.environ["GEOINV_REAL_CASES"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start a headless Chromium (mark the test `needs("chromium")`) that looks nothing up by itself."""
    from playwright.sync_api import sync_playwright

    quiet = [
        "--no-sandbox",  # tests run as root in containers
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_find_chromium(), args=quiet)
        yield chromium
        chromium.close()
