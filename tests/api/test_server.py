from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geoinv.api.releases import OpenRelease
from geoinv.api.server import create_app
from geoinv.errors import ReleaseError

PAGES = [
    "/",
    "/collections",
    "/collections/footprints",
    "/releases",
    "/facilities/example-centre",
    "/collections/incidents/items",
    "/collections/facilities/items/example-centre",
]


@pytest.mark.parametrize(
    "path", [*PAGES, "/conformance", "/openapi.json", "/health", "/facilities/example-centre/incidents"]
)
def test_every_resource_answers_in_json(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    answer.json()


@pytest.mark.parametrize("path", [*PAGES, "/docs"])
def test_every_page_loads_only_from_its_own_server(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html,*/*"})
    assert answer.headers["content-type"].startswith("text/html")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver/)', answer.text)
    assert "<script>" not in answer.text and " style=" not in answer.text
    assert "<b>&amp;</b>" not in answer.text


def test_counts_and_pages_of_items_add_up(client: TestClient) -> None:
    whole = client.get("/collections/incidents/items", params={"limit": 1000}).json()
    assert whole["numberMatched"] == whole["numberReturned"] == len(whole["features"]) == 18
    found, address = [], "/collections/incidents/items?limit=4"
    while address:
        page = client.get(address).json()
        found += [item["id"] for item in page["features"]]
        assert page["numberReturned"] == len(page["features"])
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert found == [item["id"] for item in whole["features"]]


def test_a_box_gives_the_same_as_looking_at_every_feature(client: TestClient) -> None:
    from shapely.geometry import box, shape

    every = client.get("/collections/footprints/items").json()["features"]
    asked = (-150.0001, -40.0002, -149.9998, -39.9999)
    given = client.get("/collections/footprints/items", params={"bbox": ",".join(map(str, asked))}).json()["features"]
    # An R-tree compares boxes, which is what part 1 of the standard allows at least; boxes are the oracle here.
    expected = [item["id"] for item in every if box(*shape(item["geometry"]).bounds).intersects(box(*asked))]
    assert [item["id"] for item in given] == expected and 0 < len(expected) < len(every)


def test_a_box_across_the_date_line_is_two(client: TestClient) -> None:
    assert client.get("/collections/footprints/items?bbox=170,-50,-140,-30").json()["numberMatched"] == 5
    assert client.get("/collections/footprints/items?bbox=170,-50,-160,-30").json()["numberMatched"] == 0


def test_days_and_properties_narrow_the_items(client: TestClient) -> None:
    every = client.get("/collections/incidents/items").json()["features"]
    undated = [item["id"] for item in every if "year" not in item["properties"]]
    dated = [item["id"] for item in every if item["properties"].get("year") in ("2010", None)]
    found = client.get("/collections/incidents/items?datetime=2010-03-01/2010-06-30").json()
    assert [item["id"] for item in found["features"]] == dated
    # An undated feature matches any time (17-069r4, requirement fc-time-response).
    assert client.get("/collections/incidents/items?datetime=1999-01-01").json()["numberMatched"] == len(undated)
    status = client.get("/collections/footprints/items?status=contested").json()
    assert status["numberMatched"] == 1
    assert client.get("/collections/incidents/items?facility=elsewhere").json()["numberMatched"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "/?foo=1",
        "/conformance?x=",
        "/collections/incidents/items?foo=1",
        "/collections/incidents/items?bbox=1,2,3",
        "/collections/incidents/items?bbox=0,50,1,40",
        "/collections/incidents/items?bbox=a,b,c,d",
        "/collections/incidents/items?bbox=nan,0,1,1",
        "/collections/incidents/items?datetime=soon",
        "/collections/incidents/items?datetime=2011-01-01/2010-01-01",
        "/collections/incidents/items?datetime=2010-13-01",
        "/collections/incidents/items?limit=0",
        "/collections/incidents/items?limit=1e3",
        "/collections/incidents/items?limit=%D9%A3",
        "/collections/incidents/items?crs=EPSG:4326",
        "/collections/footprints/items?incidents=many",
        "/collections/footprints/items?fictional=1",
        "/collections/incidents/items?offset=-1",
        "/collections/incidents/items?f=xml",
        "/collections/incidents/items?limit=1&limit=2",
        "/?lang=fr&f=html",
        "/facilities/example-centre/map?zoom=3",
    ],
)
def test_what_cannot_be_understood_is_refused_as_a_problem(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400 and problem["title"]


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/collections/people",
        "/collections/people/items",
        "/collections/footprints/items/footprint-b1",
        "/facilities/other",
        "/facilities/other/map",
        "/facilities/other/model.glb",
        "/releases/000000000000",
        "/facilities/example-centre/scenes/9.jpg",
        "/facilities/example-centre/scenes/..%2Fmap.html",
        "/facilities/example-centre/figures/map.json",
    ],
)
def test_what_is_not_published_is_not_found(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["../manifest.json", "..%2f..%2f..%2fcase.toml", "%2e%2e/%2e%2e/case.db", "/etc/passwd", "nul"]
)
def test_no_path_leads_out_of_the_release(client: TestClient, published: Path, path: str) -> None:
    assert client.get(f"/releases/{published.name}/files/{path}").status_code == 404


def test_files_come_as_published_and_pages_only_as_downloads(client: TestClient, published: Path) -> None:
    for item in OpenRelease(published).manifest.files:
        answer = client.get(f"/releases/{published.name}/files/{item.path}")
        assert answer.content == (published / item.path).read_bytes()
        assert answer.headers["content-disposition"].startswith("attachment")
        assert not answer.headers["content-type"].startswith("text/html")
    assert client.get(f"/releases/{published.name}").content == (published / "manifest.json").read_bytes()


def test_what_the_client_has_is_not_sent_again(client: TestClient) -> None:
    for path in ("/collections/footprints/items", "/facilities/example-centre/model.glb", "/docs"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304 and not again.content
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_every_answer_carries_a_strict_policy(client: TestClient) -> None:
    for path in ("/", "/nothing", "/facilities/example-centre/map", "/static/map.js", "/collections/footprints/items"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors *" in client.get("/facilities/example-centre/map").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in client.get("/").headers["content-security-policy"]


def test_only_reading_is_possible(client: TestClient) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/collections").status_code == 405


def test_links_and_pages_know_their_prefix(published: Path) -> None:
    with TestClient(create_app(published, root_path="/maps")) as client:
        landing = client.get("/?f=json").json()
        assert all("/maps/" in link["href"] for link in landing["links"])
        page = client.get("/facilities/example-centre/map").text
        assert 'src="/maps/static/map.js"' in page and "/maps/facilities/example-centre/scenes/1.jpg" in page


def test_the_definition_is_openapi_3_0(client: TestClient) -> None:
    definition = client.get("/openapi.json").json()
    assert definition["openapi"].startswith("3.0")
    assert '"null"' not in json.dumps(definition)
    assert "/collections/incidents/items" in definition["paths"]
    assert all(ref.startswith("#/") for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(definition)))


def test_a_name_cannot_end_the_map_s_data(client: TestClient) -> None:
    page = client.get("/facilities/example-centre/map").text
    block = page.split('id="geoinv-map-data">', 1)[1].split("</script>", 1)[0]
    assert "<" not in block
    names = [item["properties"].get("name") for item in json.loads(block)["features"]["features"]]
    assert "Storehouse <b>&amp;</b> !" in names


def test_a_release_whose_database_was_altered_is_not_served(published: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "release"
    shutil.copytree(published, copy)
    body = bytearray((copy / "data/release.gpkg").read_bytes())
    body[-5] ^= 1
    (copy / "data/release.gpkg").write_bytes(bytes(body))
    with pytest.raises(ReleaseError, match="not the one that was published"):
        create_app(copy)


def test_the_server_has_no_way_to_a_case() -> None:
    code = (
        "import sys, geoinv.api.server; "
        "sys.exit(any(m.startswith('geoinv.case') or m == 'geoinv.api.publish' for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
