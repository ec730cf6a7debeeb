"""What keeps strangers out: hosts, origins, tokens, sessions, guesses, paths, scripts in what people were told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geoinv.api.desk.app import create_desk
from geoinv.api.desk.desk import Desk
from geoinv.api.desk.routes.intake import safe_name
from geoinv.api.desk.sessions import Sessions
from geoinv.case.folder import Case
from geoinv.errors import FieldError
from tests.api.desk.conftest import PASSWORD, Visitor

Sign = Callable[..., Visitor]
UNDO = {"body": {"kind": "undo", "entry": "ent-none"}, "reason": "because", "seen": 0}


def test_only_this_machines_own_name_is_answered(desk: Desk) -> None:
    one = Visitor(desk)
    assert one.client.get("/sign-in", headers={"host": "evil.example:8010"}).status_code == 421
    assert one.client.get("/sign-in", headers={"host": "localhost:8010"}).status_code == 200


def test_nobody_unknown_sees_or_changes_anything(desk: Desk) -> None:
    app = create_desk(desk)
    open_to_all = {"/sign-in", "/enter"}
    paths = [
        (route.path, method)
        for router in app.routes
        for route in getattr(getattr(router, "original_router", router), "routes", [router])
        for method in sorted(getattr(route, "methods", None) or ())
        if not route.path.startswith(("/static", "/desk"))
    ]
    assert len(paths) > 20
    one = Visitor(desk)
    for path, method in paths:
        if path in open_to_all or method == "HEAD":
            continue
        wanted = path.replace("{slug}", "reef").replace("{drawing}", "plan.svg").replace("{batch}", "0" * 16)
        for name in ("scene", "lon", "lat", "z", "x", "y"):
            wanted = wanted.replace(f"{{{name}}}", "1")
        headers = {**one.own, "accept": "application/json"}
        answer = one.client.request(method, wanted + "?name=a&page=b", json={}, headers=headers)
        assert answer.status_code == 401, (method, path)
    assert one.client.get("/publish/preview/anything/").status_code == 303


def test_every_answer_forbids_all_but_the_desks_own_scripts(visitor: Sign) -> None:
    one = visitor()
    for path in ("/", "/history", "/facilities/reef/place", "/facilities/nowhere/place", "/nothing"):
        answer = one.client.get(path, headers={"accept": "text/html"})
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "script-src 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text and "onclick" not in answer.text


def test_another_sites_form_changes_nothing(visitor: Sign) -> None:
    one = visitor()
    stranger = {"origin": "http://evil.example"}
    assert one.send("/decide", UNDO, **stranger).status_code == 403
    assert one.send("/decide", UNDO, origin="null").status_code == 403
    assert one.client.post("/sign-out", headers=stranger).status_code == 403
    one.token = "guessed"
    assert one.send("/decide", UNDO).status_code == 403
    assert one.send("/build", {}).status_code == 403
    answer = one.client.put("/intake/0000000000000000?name=a.txt", content=b"x", headers=one.own)
    assert answer.status_code == 403


def test_a_session_is_never_one_that_the_browser_brought(desk: Desk) -> None:
    one = Visitor(desk)
    one.client.cookies.set(desk.cookie, "chosen-by-a-stranger", domain="127.0.0.1")
    assert one.sign_in() == 303
    cookies = [cookie.value for cookie in one.client.cookies.jar if cookie.name == desk.cookie]
    assert desk.sessions.of("chosen-by-a-stranger") is None
    assert any(desk.sessions.of(value) for value in cookies)


def test_signing_in_again_ends_the_session_before(visitor: Sign) -> None:
    one = visitor()
    first = one.client.cookies.get(one.desk.cookie)
    one.sign_in()
    assert one.client.cookies.get(one.desk.cookie) != first
    assert one.desk.sessions.of(first) is None


def test_the_cookie_is_for_no_script_and_no_other_site(desk: Desk) -> None:
    one = Visitor(desk)
    answer = one.client.post("/sign-in", data={"name": "ines", "password": PASSWORD}, headers=one.own)
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}


def test_sessions_end_by_themselves_and_outlive_a_crash(desk: Desk) -> None:
    now = [1e9]
    sessions = Sessions(desk.root, lambda: now[0])
    cookie, _ = sessions.begin("ines")
    now[0] += 3600
    assert Sessions(desk.root, lambda: now[0]).of(cookie) is not None, "as after a crash"
    now[0] += 3600 * 3
    assert sessions.of(cookie) is None


def test_an_ended_session_is_told_kindly(visitor: Sign) -> None:
    one = visitor()
    one.desk.sessions.end_all("ines")
    answer = one.client.get("/history?facility=reef", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/sign-in?next=/history%3Ffacility%3Dreef"
    assert "Nothing was lost" in one.client.get(answer.headers["location"]).text
    assert "Nothing was lost" in one.send("/decide", UNDO).json()["detail"]


def test_signing_in_leads_to_no_other_site(visitor: Sign, desk: Desk) -> None:
    for to in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = Visitor(desk)
        sent = answer.client.post(
            "/sign-in", data={"name": "ines", "password": PASSWORD, "next": to}, headers=answer.own
        )
        assert sent.headers["location"] == "/"


def test_guessing_waits_ever_longer(desk: Desk) -> None:
    one = Visitor(desk)
    answers = [one.sign_in("ines", f"wrong guess {number}") for number in range(6)]
    assert answers[:4] == [403] * 4 and answers[-1] == 429
    assert one.sign_in("ines", PASSWORD) == 429, "not even the right one is looked at"
    assert Visitor(desk).sign_in("bo") == 303, "others are not locked out"


def test_a_link_lets_in_once(desk: Desk) -> None:
    key = desk.accounts.link("bo")
    one, other = Visitor(desk), Visitor(desk)
    assert one.client.get(f"/enter?key={key}").status_code == 200, "looking uses nothing up"
    assert one.client.post("/enter", data={"key": key}, headers=one.own).headers["location"] == "/password"
    assert other.client.post("/enter", data={"key": key}, headers=other.own).status_code == 403
    old = desk.accounts.link("bo", seconds=-1)
    assert other.client.post("/enter", data={"key": old}, headers=other.own).status_code == 403


def test_roles_hold(visitor: Sign) -> None:
    reader, investigator = visitor("ray"), visitor("bo")
    assert reader.client.get("/").status_code == 200
    assert reader.send("/decide", UNDO).status_code == 403
    assert reader.send("/intake", {}).status_code == 403
    assert investigator.send("/publish", {"audience": "public", "name": "x"}).status_code == 403
    assert investigator.send("/team", {"name": "new", "role": "lead"}).status_code == 403


def test_the_last_lead_stays(desk: Desk) -> None:
    with pytest.raises(FieldError, match="lead"):
        desk.accounts.put("ines", "reader")
    with pytest.raises(FieldError, match="lead"):
        desk.accounts.remove("ines")


@pytest.mark.parametrize("path", ["../../case.toml", "..%2f..%2fcase.toml", "%2e%2e/%2e%2e/case.toml", "/etc/passwd"])
def test_no_path_leads_out(visitor: Sign, path: str) -> None:
    one = visitor()
    for start in ("/desk/", "/static/", "/facilities/reef/drawings/", "/facilities/", "/publish/preview/"):
        answer = one.client.get(start + path)
        assert answer.status_code in (303, 400, 404) and "mint_seed" not in answer.text
    assert one.client.get(f"/facilities/reef/drawings/{path}/picture").status_code in (400, 404)
    assert one.client.get(f"/intake/{path}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../case.toml", "case.toml"), ("C:\\fakepath\\plan.svg", "plan.svg"), ("/etc/passwd", "passwd")],
)
def test_a_sent_name_is_only_a_name(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize("given", ["", ".", "..", ".hidden", "a\nb", "x" * 300, "folder/"])
def test_a_name_that_names_nothing_is_refused(given: str) -> None:
    with pytest.raises(FieldError):
        safe_name(given)


def test_what_people_wrote_is_never_markup(visitor: Sign) -> None:
    one = visitor()
    evil = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    body = {"kind": "set", "target": "reef", "field": "name", "value": evil}
    assert one.send("/decide", {"body": body, "reason": evil, "seen": 10**6}).status_code == 200
    for path in ("/", "/history", "/facilities/reef/place", "/facilities/reef/outlines"):
        page = one.client.get(path, headers={"accept": "text/html"}).text
        assert "<img src=x" not in page and "<script>alert" not in page
        assert "&lt;img" in page


def test_a_strangers_drawing_is_drawn_anew(visitor: Sign, desk: Desk) -> None:
    plan = desk.root / "facilities/reef/sketches/plan.svg"
    text = plan.read_text().replace(
        "</svg>", '<script>alert(1)</script><a href="javascript:alert(2)"><text>x</text></a></svg>'
    )
    plan.write_text(text)
    answer = visitor().client.get("/facilities/reef/drawings/plan.svg/picture")
    assert answer.status_code == 200
    assert "script" not in answer.text and "href" not in answer.text
    assert "sandbox" in answer.headers["content-security-policy"]


def test_too_much_and_too_odd_is_a_sentence(visitor: Sign) -> None:
    one = visitor()
    headers = {**one.own, "x-geoinv-token": one.token, "content-type": "application/json"}
    assert one.client.post("/decide", content=b"[" * 2_000_000, headers=headers).status_code == 400
    for content in (b"{", b"[]", b"\xff", b'{"body": 3}', b'{"body": {"kind": "codenames"}, "seen": 1}'):
        answer = one.client.post("/decide", content=content, headers=headers)
        assert answer.status_code == 400 and answer.json()["detail"].endswith(".")
    assert one.client.get("/tiles/nothing/0/0/0/0/0").status_code == 400
    assert one.client.get("/tiles/nothing/nan/0/0/0/0").status_code == 400
    assert one.client.get("/tiles/nothing/0/0/99/0/0").status_code == 400


def test_the_case_knows_nothing_of_passwords(desk: Desk) -> None:
    kept = (desk.root / ".desk" / "accounts.json").read_text()
    assert PASSWORD not in kept
    assert (desk.root / ".desk").stat().st_mode & 0o077 == 0
    with Case.open(desk.root) as case:
        assert all(PASSWORD.encode() not in (row.content or b"") for row in case.store.chain())
