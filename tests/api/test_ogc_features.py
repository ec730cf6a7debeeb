"""The abstract tests of OGC API – Features, part 1 (17-069r4, annex A) and part 2 (18-058r1, annex A), as tests.

Each test is named by the abstract test it is written from; only those of core, GeoJSON, HTML, OpenAPI 3.0 and CRS.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft4Validator
from shapely.geometry import box, shape

COLLECTIONS = ("facilities", "footprints", "rooms", "incidents")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
E4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
E3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
MEDIA = {"application/json": "json", "application/geo+json": "geo", "text/html": "html"}


def _get(client: TestClient, path: str, **more: Any) -> Any:
    answer = client.get(path, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _links(data: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in data["links"] if link["rel"] == rel]


def _definition(client: TestClient) -> dict[str, Any]:
    definition: dict[str, Any] = _get(client, "/openapi.json")
    return definition


def _parameter(client: TestClient, collection: str, name: str) -> dict[str, Any]:
    definition = _definition(client)
    listed = definition["paths"][f"/collections/{collection}/items"]["get"]["parameters"]
    found = [
        definition["components"]["parameters"][one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one
        for one in listed
    ]
    return next(one for one in found if one["name"] == name)


# ----------------------------------------------------------------------------------------------- part 1, core


def test_core_http_and_landing_page_root_op_and_root_success(client: TestClient) -> None:
    landing = _get(client, "/")
    for rels in (("service-desc", "service-doc"), ("conformance",), ("data",)):
        assert any(_links(landing, rel) for rel in rels)


def test_core_api_definition_op_and_success(client: TestClient) -> None:
    for link in [*_links(_get(client, "/"), "service-desc"), *_links(_get(client, "/"), "service-doc")]:
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == link["type"].split(";")[0]


def test_core_conformance_op_and_success(client: TestClient) -> None:
    listed = _get(client, _links(_get(client, "/"), "conformance")[0]["href"])["conformsTo"]
    for name in ("core", "geojson", "html", "oas30"):
        assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" in listed
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in listed


def test_core_fc_md_op_success_and_links(client: TestClient) -> None:
    found = _get(client, "/collections")
    assert {link["type"] for link in found["links"] if link["rel"] in ("self", "alternate")} >= {
        "application/json",
        "text/html; charset=utf-8",
    }
    assert all({"rel", "type"} <= link.keys() for link in found["links"])
    assert [one["id"] for one in found["collections"]] == list(COLLECTIONS)


def test_core_fc_md_items_and_links(client: TestClient) -> None:
    for one in _get(client, "/collections")["collections"]:
        items = _links(one, "items")
        assert {link["type"].split(";")[0] for link in items} == {"application/geo+json", "text/html"}
        assert all({"rel", "type"} <= link.keys() for link in one["links"])
        assert one["itemType"] == "feature"
        for link in items:
            assert client.get(link["href"]).headers["content-type"].split(";")[0] == link["type"].split(";")[0]


def test_core_fc_md_extent(client: TestClient) -> None:
    for one in _get(client, "/collections")["collections"]:
        edges = [
            shape(item["geometry"]).bounds
            for item in _get(client, f"/collections/{one['id']}/items?limit=10000")["features"]
            if item["geometry"]
        ]
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert all(west <= w and south <= s and e <= east and n <= north for w, s, e, n in edges)
        for interval in one.get("extent", {}).get("temporal", {}).get("interval", []):
            assert len(interval) == 2 and all(end is None or re.match(r"^\d{4}-\d\d-\d\dT", end) for end in interval)


def test_core_sfc_md_op_and_success(client: TestClient) -> None:
    for one in _get(client, "/collections")["collections"]:
        assert _get(client, f"/collections/{one['id']}") == one


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_core_fc_op_response_links_and_rel_type(client: TestClient, collection: str) -> None:
    found = _get(client, f"/collections/{collection}/items")
    assert found["type"] == "FeatureCollection" and isinstance(found["features"], list)
    assert len(_links(found, "self")) == 1
    assert {link["type"].split(";")[0] for link in _links(found, "alternate")} == {"text/html"}
    assert all({"rel", "type"} <= link.keys() for link in found["links"])
    assert _get(client, _links(found, "self")[0]["href"]) == found


@pytest.mark.parametrize("name", ["bbox", "limit", "datetime"])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_core_fc_definitions_of_parameters(client: TestClient, collection: str, name: str) -> None:
    found = _parameter(client, collection, name)
    assert (found["in"], found["required"], found["style"], found["explode"]) == ("query", False, "form", False)
    schema = found["schema"]
    if name == "limit":
        assert schema["type"] == "integer" and schema["minimum"] == 1
        assert schema["minimum"] <= schema["default"] <= schema["maximum"]
    elif name == "bbox":
        assert schema["type"] == "array" and schema["items"] == {"type": "number"}
        assert schema["oneOf"] == [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    else:
        assert schema == {"type": "string"}


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize(
    "edges",
    [
        "-150.0001,-40.0002,-149.9998,-39.9999",
        "-180,-90,180,90",
        "0,0,1,1",
        "170,-50,-140,-30",
        "-150.0001,-40.0002,0,-149.9998,-39.9999,9",
    ],
)
def test_core_fc_bbox_response(client: TestClient, collection: str, edges: str) -> None:
    every = _get(client, f"/collections/{collection}/items?limit=10000")["features"]
    found = {
        item["id"] for item in _get(client, f"/collections/{collection}/items?limit=10000&bbox={edges}")["features"]
    }
    numbers = [float(part) for part in edges.split(",")]
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    areas = (
        [box(west, south, east, north)]
        if west <= east
        else [box(west, south, 180, north), box(-180, south, east, north)]
    )
    assert found == {
        item["id"]
        for item in every
        if not item["geometry"] or any(shape(item["geometry"]).intersects(area) for area in areas)
    }


@pytest.mark.parametrize("limit", [1, 3, 100, 10_000, 10_001, 10**30])
def test_core_fc_limit_response(client: TestClient, limit: int) -> None:
    found = _get(client, f"/collections/incidents/items?limit={limit}")
    assert len(found["features"]) == min(limit, 18)


@pytest.mark.parametrize(
    "asked",
    [
        "2010-05-01T00:00:00Z",
        "2010-05-01T00:00:00+09:00/2011-01-01T00:00:00Z",
        "../2010-12-31T23:59:59Z",
        "2011-01-01T00:00:00Z/",
        "/2009-12-31",
        "2012-01-01/..",
    ],
)
def test_core_fc_time_response(client: TestClient, asked: str) -> None:
    every = _get(client, "/collections/incidents/items?limit=10000")["features"]
    found = {
        item["id"]
        for item in _get(client, "/collections/incidents/items", params={"datetime": asked, "limit": 10000})["features"]
    }
    ends = [part[:10] if part not in ("", "..") else None for part in asked.split("/")]
    first, last = ends[0], ends[-1]

    def meets(item: dict[str, Any]) -> bool:
        years = item["properties"].get("year", "").split("/")
        if years == [""]:
            return True
        return (last is None or f"{years[0]}-01-01" <= last) and (first is None or f"{years[-1]}-12-31" >= first)

    assert found == {item["id"] for item in every if meets(item)}


def test_core_fc_number_matched_and_returned_and_next(client: TestClient) -> None:
    whole = _get(client, "/collections/incidents/items")
    seen, address = [], "/collections/incidents/items?limit=7"
    while address:
        page = _get(client, address)
        assert page["numberReturned"] == len(page["features"]) and page["numberMatched"] == whole["numberMatched"]
        seen += [item["id"] for item in page["features"]]
        address = next((link["href"] for link in _links(page, "next")), "")
    assert len(seen) == len(set(seen)) == whole["numberMatched"]


def test_core_query_param_unknown_and_invalid(client: TestClient) -> None:
    for path in ("/", "/collections", "/collections/incidents", "/collections/incidents/items", "/conformance"):
        assert client.get(path, params={"unknown_parameter": "1"}).status_code == 400
    for name, value in (("limit", "0"), ("limit", "x"), ("bbox", "1,2"), ("datetime", "yesterday"), ("offset", "-1")):
        assert client.get("/collections/incidents/items", params={name: value}).status_code == 400


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_core_f_op_success_and_links(client: TestClient, collection: str) -> None:
    for item in _get(client, f"/collections/{collection}/items?limit=3")["features"]:
        found = _get(client, f"/collections/{collection}/items/{item['id']}")
        assert {key: found[key] for key in item} == item
        assert {"self", "alternate", "collection"} <= {link["rel"] for link in found["links"]}
        assert all({"rel", "type"} <= link.keys() for link in found["links"])
        assert _get(client, _links(found, "self")[0]["href"]) == found
        assert _get(client, _links(found, "collection")[0]["href"])["id"] == collection


# ------------------------------------------------------------------------------------- GeoJSON, HTML, OpenAPI


def test_geojson_definition_and_content(client: TestClient) -> None:
    for path in ("/collections/footprints/items", "/collections/footprints/items?f=json"):
        answer = client.get(path, headers={"Accept": "application/geo+json"})
        assert answer.headers["content-type"] == "application/geo+json"
        assert all(shape(item["geometry"]).is_valid for item in answer.json()["features"])


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/collections",
        *(f"/collections/{name}" for name in COLLECTIONS),
        *(f"/collections/{name}/items" for name in COLLECTIONS),
        "/collections/facilities/items/example-centre",
        "/docs",
    ],
)
def test_html_definition_and_content(client: TestClient, path: str) -> None:
    for answer in (client.get(path, headers={"Accept": "text/html"}), client.get(path, params={"f": "html"})):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text.startswith("<!doctype html>") and 'lang="en"' in answer.text


def test_oas30_definition_completeness_and_exception_codes(client: TestClient) -> None:
    definition = _definition(client)
    assert definition["openapi"].startswith("3.0.")
    answer = client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    names = [operation["operationId"] for path in definition["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    for path, methods in definition["paths"].items():
        assert set(re.findall(r"{(\w+)}", path)) == {
            one["name"] for one in methods["get"].get("parameters", []) if one.get("in") == "path"
        }
        assert {"200", "400", "404"} <= methods["get"]["responses"].keys()


def test_oas30_oas_impl_answers_fit_the_schemas_of_the_definition(client: TestClient) -> None:
    definition = _definition(client)
    schemas = json.loads(
        json.dumps(definition["components"]["schemas"]).replace("#/components/schemas/", "#/definitions/")
    )
    for path in (f"/collections/{name}/items" for name in COLLECTIONS):
        data = _get(client, path)
        for item in data["features"]:
            item["geometry"] = item["geometry"] or {"type": "none", "coordinates": []}
        Draft4Validator({"$ref": "#/definitions/features", "definitions": schemas}).validate(data)
    problem = client.get("/collections/incidents/items?limit=0").json()
    Draft4Validator({"$ref": "#/definitions/problem", "definitions": schemas}).validate(problem)


# ------------------------------------------------------------------------------------------------ part 2, CRS


def test_crs_uri_lists_default_and_storage_crs(client: TestClient) -> None:
    for one in _get(client, "/collections")["collections"]:
        assert one["crs"][0] == CRS84 and {E4326, E3857} <= set(one["crs"])
        assert one["storageCrs"] in one["crs"]
        assert all(re.fullmatch(r"http://www\.opengis\.net/def/crs/\w+/[\w.]+/\w+", uri) for uri in one["crs"])


@pytest.mark.parametrize("name", ["crs", "bbox-crs"])
def test_crs_parameters_are_defined_with_their_default(client: TestClient, name: str) -> None:
    found = _parameter(client, "footprints", name)
    assert (found["in"], found["required"], found["style"], found["explode"]) == ("query", False, "form", False)
    assert found["schema"]["type"] == "string" and found["schema"]["default"] == CRS84


@pytest.mark.parametrize("name", ["crs", "bbox-crs"])
def test_crs_parameters_that_are_not_offered_are_refused(client: TestClient, name: str) -> None:
    values = {name: "http://www.opengis.net/def/crs/EPSG/0/32652", "bbox": "0,0,1,1"}
    assert client.get("/collections/footprints/items", params=values).status_code == 400


@pytest.mark.parametrize("path", ["/collections/footprints/items", "/collections/facilities/items/example-centre"])
def test_crs_default_is_crs84_and_told_in_a_header(client: TestClient, path: str) -> None:
    plain, asked = client.get(path), client.get(path, params={"crs": CRS84})
    assert plain.headers["content-crs"] == asked.headers["content-crs"] == f"<{CRS84}>"
    one, other = plain.json(), asked.json()
    assert {**one, "links": 0} == {**other, "links": 0}
    for crs in (E4326, E3857):
        assert client.get(path, params={"crs": crs}).headers["content-crs"] == f"<{crs}>"


def test_crs_transform_agrees_with_proj(client: TestClient) -> None:
    from pyproj import Transformer

    plain = _get(client, "/collections/footprints/items")["features"]
    for crs, name in ((E4326, "EPSG:4326"), (E3857, "EPSG:3857")):
        ways = Transformer.from_crs("OGC:CRS84", name)
        moved = _get(client, "/collections/footprints/items", params={"crs": crs})["features"]
        for one, other in zip(plain, moved, strict=True):
            for (x, y), given in zip(
                one["geometry"]["coordinates"][0], other["geometry"]["coordinates"][0], strict=True
            ):
                assert given == pytest.approx(ways.transform(x, y), abs=0.01 if crs == E3857 else 1e-9)


@pytest.mark.parametrize("crs", [E4326, E3857])
def test_crs_bbox_crs_gives_the_same_features_as_the_same_box_in_crs84(client: TestClient, crs: str) -> None:
    west, south, east, north = -150.0001, -40.0002, -149.9998, -39.9999
    radius = 6378137.0

    def flat(lon: float, lat: float) -> tuple[float, float]:
        if crs == E4326:
            return lat, lon
        return radius * math.radians(lon), radius * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))

    edges = ",".join(repr(value) for corner in ((west, south), (east, north)) for value in flat(*corner))
    moved = _get(client, "/collections/footprints/items", params={"bbox": edges, "bbox-crs": crs})
    plain = _get(client, "/collections/footprints/items", params={"bbox": f"{west},{south},{east},{north}"})
    assert [item["id"] for item in moved["features"]] == [item["id"] for item in plain["features"]] != []


@pytest.mark.parametrize("path", ["/", "/collections", "/conformance", "/releases", "/search", "/docs"])
def test_a_language_without_words_is_refused_and_pages_stand_in_the_definition(client: TestClient, path: str) -> None:
    assert client.get(path, params={"lang": "AAA"}).status_code == 400
    assert client.get(path, params={"f": "AAA"}).status_code == 400
    assert client.get("/collections/rooms/queryables", params={"f": "AAA"}).status_code == 400
    assert client.get(path, params={"lang": "ko"}).status_code == 200
    told = client.get("/openapi.json").json()["paths"][path]["get"]["responses"]["200"]["content"]
    assert any(media.startswith("text/html") for media in told)
