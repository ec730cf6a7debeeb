from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from fastapi.testclient import TestClient

BASE = "http://testserver"
MAP = f"{BASE}/facilities/example-centre/map"


def ask(client: TestClient, **parameters: str) -> tuple[int, dict[str, object]]:
    answer = client.get("/oembed", params=parameters)
    return answer.status_code, answer.json()


def test_a_map_comes_as_a_frame_of_this_server(client: TestClient) -> None:
    status, data = ask(client, url=f"{MAP}?lang=ko&by=incidents")
    assert status == 200
    assert (data["version"], data["type"], data["width"], data["height"]) == ("1.0", "rich", 960, 620)
    source = re.search(r'src="([^"]+)"', str(data["html"]))
    assert source is not None
    assert unescape(source.group(1)) == f"{MAP}?lang=ko&by=incidents"
    assert client.get(unescape(source.group(1)).removeprefix(BASE)).status_code == 200


def test_the_frame_is_never_larger_than_there_is_room_for(client: TestClient) -> None:
    _, data = ask(client, url=MAP, maxwidth="400", maxheight="300")
    assert (data["width"], data["height"]) == (400, 300)
    assert 'width="400"' in str(data["html"]) and 'height="300"' in str(data["html"])
    _, large = ask(client, url=MAP, maxwidth="5000")
    assert large["width"] == 960


def test_a_facility_stands_for_its_map_and_a_model_for_itself(client: TestClient) -> None:
    for path in ("", "/model"):
        status, data = ask(client, url=f"{BASE}/facilities/example-centre{path}")
        assert status == 200 and f"example-centre{path or '/map'}" in str(data["html"])


def test_xml_says_the_same(client: TestClient) -> None:
    _, data = ask(client, url=MAP)
    answer = client.get("/oembed", params={"url": MAP, "format": "xml"})
    assert answer.headers["content-type"].startswith("text/xml")
    assert {item.tag: item.text for item in ET.fromstring(answer.text)} == {
        key: str(text) for key, text in data.items()
    }


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"url": "https://example.org/facilities/example-centre/map"}, 404),
        ({"url": f"{BASE}/facilities/nowhere/map"}, 404),
        ({"url": f"{BASE}/facilities/../releases"}, 404),
        ({"url": f"{BASE}/facilities/example-centre/model.glb"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
        ({"url": f"{BASE}@example.org/facilities/example-centre/map"}, 404),
        ({"url": MAP, "format": "yaml"}, 400),
        ({"url": "http://["}, 404),
        ({"url": "\x00"}, 404),
        ({"url": f"{BASE}/facilities/%00/map"}, 404),
        ({"url": MAP, "maxwidth": "0"}, 400),
        ({"url": MAP, "maxwidth": "wide"}, 400),
        ({"url": MAP, "callback": "x"}, 400),
        ({"url": f"{MAP}?lang=xx"}, 400),
        ({"url": "x" * 3000}, 400),
    ],
)
def test_anything_else_is_refused(client: TestClient, parameters: dict[str, str], status: int) -> None:
    answer = client.get("/oembed", params=parameters)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_parameters_of_the_address_cannot_leave_their_attribute(client: TestClient) -> None:
    _, data = ask(client, url=f'{MAP}?by="><script>alert(1)</script>')
    assert "<script" not in str(data["html"])


def test_a_facility_page_tells_how_to_embed_it(client: TestClient) -> None:
    text = client.get("/facilities/example-centre?f=html").text
    found = re.search(r'type="application/json\+oembed" href="([^"]+)"', text)
    assert found is not None
    address = unescape(found.group(1)).removeprefix(BASE)
    assert client.get(address).json()["title"] == "Map: Example County Detention Centre (fictional)"
    assert "&lt;iframe src=" in text and "/model?lang=en" in text
