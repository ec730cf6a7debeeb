"""What the server does to those who ask for what they must not have, ask badly or slowly, or cut its release short."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geoinv.api.negotiation import NotAcceptableError, prefers_page
from geoinv.api.patience import PatientProtocol, configured
from geoinv.api.publish import publish
from geoinv.api.server import create_app
from geoinv.errors import ReleaseError
from geoinv.records.consent import Audience
from geoinv.records.decisions import RecordConsent
from tests.api.fake_case import FakeCase
from tests.pages import samples

ITEMS = "/collections/incidents/items"
_NASTY = [
    "</script><script>alert(1)</script>", "\x00", "a\x00b", "\u202egnp.exe", "' OR 1=1 --", '"; DROP TABLE geojson; --',
    "../../etc/passwd", "%2e%2e%2f", "${jndi:ldap://x}", "{{7*7}}", "\ud7ff\U0001f600" * 50, "9" * 4000, "NaN", "1e309",
]  # fmt: skip


@pytest.mark.parametrize("text", _NASTY)
def test_no_parameter_or_path_brings_it_down_or_comes_back_unescaped(client: TestClient, text: str) -> None:
    names = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f", "lang", "facility", "kind", "nobody")
    for name in names:
        answer = client.get(ITEMS, params={name: text})
        assert answer.status_code in (200, 400), name
        assert "<script>alert" not in answer.text
        assert client.get(ITEMS, params={name: text, "f": "html"}).status_code in (200, 400)
    for path in (f"{ITEMS}/", "/collections/", "/facilities/", "/releases/", "/static/"):
        quoted = "".join(f"%{byte:02X}" for byte in text[:500].encode("utf-8", "replace"))
        answer = client.get(path + quoted)
        assert answer.status_code in (400, 404), path
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("edges", ["10,0,5,1", "0,1,1,0", "0,0,0,0", "-181,0,1,1", "0,0,inf,1", "", ",,,", "1,2,3,4,5"])
def test_a_box_is_understood_or_refused_never_guessed_at(client: TestClient, edges: str) -> None:
    answer = client.get(ITEMS, params={"bbox": edges})
    # West of east crosses the date line; everything else here but the point is no box.
    assert answer.status_code == (200 if edges in ("10,0,5,1", "0,0,0,0") else 400)


def test_asking_again_and_again_averages_nothing_out(client: TestClient) -> None:
    first = client.get(ITEMS).content
    assert all(client.get(ITEMS).content == first for _ in range(5))


def test_ever_smaller_boxes_find_no_more_than_the_published_place(published: Path, client: TestClient) -> None:
    """The attack that found a point to 0.8 m where filters ran on true coordinates: halve the box 28 times a side."""
    every = client.get("/collections/facilities/items").json()["features"]
    place = every[0]["geometry"]["coordinates"]
    west, south, east, north = -180.0, -90.0, 180.0, 90.0
    for _ in range(34):
        for axis in (0, 1):
            middle = (west + east) / 2 if axis == 0 else (south + north) / 2
            low = (west, south, middle, north) if axis == 0 else (west, south, east, middle)
            inside = client.get("/collections/facilities/items", params={"bbox": ",".join(map(repr, low))}).json()
            if axis == 0:
                west, east = (west, middle) if inside["numberMatched"] else (middle, east)
            else:
                south, north = (south, middle) if inside["numberMatched"] else (middle, north)
    assert west <= place[0] + 1e-6 and east >= place[0] - 1e-6 and abs(west - place[0]) < 1e-6
    assert [round(value, 5) for value in place] == place, "what can be found is what was published: five digits"


def test_a_place_shown_to_its_county_is_no_finer_whatever_is_asked(tmp_path: Path) -> None:
    case = FakeCase(tmp_path, facility=samples.facility(publish_location="county", languages=("en",)))
    path = publish(case, "public")
    assert isinstance(path, Path)
    with TestClient(create_app(path)) as asking:
        cell = asking.get("/collections/facilities/items").json()["features"][0]["geometry"]["coordinates"][0]
        west, south = min(x for x, _ in cell), min(y for _, y in cell)
        answers = set()
        for x in range(10):
            for y in range(10):
                edges = (
                    west + x / 100 + 0.001,
                    south + y / 100 + 0.001,
                    west + x / 100 + 0.009,
                    south + y / 100 + 0.009,
                )
                box = {"bbox": ",".join(f"{edge:.6f}" for edge in edges)}
                told = tuple(
                    asking.get(f"/collections/{name}/items", params=box).json()["numberMatched"]
                    for name in ("facilities", "footprints", "rooms", "incidents")
                )
                answers.add(told)
        assert len(answers) == 1, "every part of the cell gives the same answer"


def test_what_is_sent_packed_is_the_same_and_has_a_tag_of_its_own(client: TestClient) -> None:
    path = "/collections/footprints/items"
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
        tag = answer.headers["etag"]
        assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.headers["etag"] != tag
    assert gzip.decompress(packed) == plain.content
    assert "Accept-Encoding" in plain.headers["vary"]
    assert client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code == 304
    assert "content-encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_head_is_get_without_its_body(client: TestClient) -> None:
    got, head = client.get(ITEMS), client.head(ITEMS)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["etag"] == got.headers["etag"]


def test_other_sites_scripts_may_read_the_public_s_release_only(tmp_path: Path, client: TestClient) -> None:
    assert client.get(ITEMS, headers={"Origin": "https://news.example"}).headers["access-control-allow-origin"] == "*"
    asked = client.options(ITEMS, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
    assert asked.status_code == 200 and asked.headers["access-control-allow-methods"] == "GET, HEAD"
    path = publish(FakeCase(tmp_path), "partners")
    assert isinstance(path, Path)
    with TestClient(create_app(path)) as partners:
        answer = partners.get(ITEMS, headers={"Origin": "https://news.example"})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert partners.options(ITEMS).status_code == 405
        assert (
            "frame-ancestors 'self'"
            in partners.get("/facilities/example-centre/map").headers["content-security-policy"]
        )


def test_an_audience_says_which_sites_may_frame_its_maps(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    named = Audience(name="public", frame_ancestors=("https://news.example", "'self'"))
    case.settings = case.settings.model_copy(update={"audiences": (named,)})
    path = publish(case, "public")
    assert isinstance(path, Path)
    with TestClient(create_app(path)) as asking:
        policy = asking.get("/facilities/example-centre/map").headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://news.example 'self'")
    for bad in ("https://a.example; script-src *", "*\r\nX: y", "javascript:alert(1)"):
        with pytest.raises(ValueError, match="frame_ancestors"):
            Audience(name="public", frame_ancestors=(bad,))


@pytest.mark.parametrize(
    ("accepted", "page"),
    [
        ("", False), ("*/*", False), ("text/html", True), ("application/geo+json", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", True),
        ("text/html;q=0.5, application/json", False), ("text/*, application/json;q=0.1", True),
        ("text/html,*/*", True), ("application/json, text/html", False), ("text/html;q=0, */*", False),
    ],
)  # fmt: skip
def test_formats_are_negotiated_by_weight_and_exactness(accepted: str, page: bool) -> None:
    assert prefers_page(accepted) is page


def test_who_takes_neither_format_is_told(client: TestClient) -> None:
    with pytest.raises(NotAcceptableError):
        prefers_page("image/png")
    answer = client.get(ITEMS, headers={"Accept": "application/xml"})
    assert answer.status_code == 406 and answer.headers["content-type"] == "application/problem+json"


def test_a_release_cut_off_while_it_is_served_is_told_not_shown(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / published.name
    shutil.copytree(published, copy)
    with TestClient(create_app(copy), raise_server_exceptions=False) as asking:
        assert asking.get(ITEMS).status_code == 200
        for name in ("data/release.gpkg", "data/facilities/example-centre/model.glb"):
            os.truncate(copy / name, 5000)
        answers = [asking.get(f"{ITEMS}?limit={limit}&kind=x{limit}") for limit in range(1, 6)]
        answers.append(asking.get("/facilities/example-centre/model.glb"))
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert answers[-1].status_code == 503
        assert all("Traceback" not in answer.text and str(copy) not in answer.text for answer in answers)


@pytest.mark.parametrize(("language", "words"), [("en", "Delete every copy"), ("ko", "사본을 모두 지우고")])
def test_what_is_recalled_is_told_on_the_release_s_page(tmp_path: Path, language: str, words: str) -> None:
    case = FakeCase(tmp_path, languages=("en", "ko"))
    first = publish(case, "public")
    refused = RecordConsent(witness=samples.ALLOWED, audience="public", given=False)
    case.given, case.ledger_head = (refused,), "cd" * 32
    second = publish(case, "public")
    assert isinstance(first, Path) and isinstance(second, Path)
    with TestClient(create_app(second)) as asking:
        told = asking.get(f"/releases?f=html&lang={language}").text
        assert words in told and first.name in told
        assert f'/releases?f=html&amp;lang={language}"' in asking.get(f"/?f=html&lang={language}").text


def test_a_recalled_release_is_not_served(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    first = publish(case, "public")
    case.given = (RecordConsent(witness=samples.ALLOWED, audience="public", given=False),)
    case.ledger_head = "ef" * 32
    second = publish(case, "public")
    assert isinstance(first, Path) and isinstance(second, Path)
    with pytest.raises(ReleaseError, match="recalled"):
        create_app(first)
    with TestClient(create_app(second)) as asking:
        assert asking.get("/releases").json()["recalled"] == [first.name]


# ------------------------------------------------------------------------------------------- a server of its own


@pytest.fixture(scope="module")
def served(published: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    code = (
        "import sys; from pathlib import Path; from geoinv.api import patience; from geoinv.api.server import serve; "
        "patience.PatientProtocol.head_seconds = 2.0; patience.PatientProtocol.stall_seconds = 3.0; "
        "serve(Path(sys.argv[1]), port=int(sys.argv[2]))"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(published), str(port)], stderr=subprocess.PIPE, text=True
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, running
    if running.poll() is None:
        running.kill()


def _ask(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: link.recv(65536), b""))


def test_clients_that_send_slowly_are_let_go_and_others_are_answered(served: tuple[int, object]) -> None:
    port, _ = served
    slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(50)]
    for link in slow:
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert _ask(port, "/health").startswith(b"HTTP/1.1 200")
    began = time.monotonic()
    for link in slow:
        link.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert link.recv(1) == b""
        link.close()
    assert time.monotonic() - began < 8


def test_a_bad_request_line_and_a_huge_head_are_refused(served: tuple[int, object]) -> None:
    port, _ = served
    for sent in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            got = b""
            with contextlib.suppress(ConnectionError):
                link.sendall(sent)
                got = link.recv(100)
            assert got == b"" or got.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert _ask(port, "/health").startswith(b"HTTP/1.1 200")


def test_the_log_names_no_reader_and_no_facility_and_it_stops_when_told(
    served: tuple[int, subprocess.Popen[str]],
) -> None:
    port, running = served
    assert _ask(port, "/facilities/example-centre?f=json").startswith(b"HTTP/1.1 200")
    running.send_signal(signal.SIGTERM)
    _, told = running.communicate(timeout=20)
    assert running.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert any(line["route"] == "/facilities/{facility}" and line["status"] == 200 for line in lines)
    assert all(line.keys() == {"method", "route", "status", "bytes", "ms"} for line in lines)
    assert "127.0.0.1" not in told and "example-centre" not in told


def test_deadlines_are_set_where_the_server_is_made() -> None:
    config = configured(object(), host="127.0.0.1", port=1)
    assert config.http is PatientProtocol and config.access_log is False and not config.server_header
    assert config.limit_concurrency and config.timeout_graceful_shutdown
