"""The words on what people look at, English and Korean: one table.

The Korean has not been reviewed by a native speaker; ``docs/publishing.md`` says so, and so does every Korean page.
"""

from __future__ import annotations

from typing import Literal

from geoinv.errors import FieldError
from geoinv.records.facility import Facility

__all__ = ["LANGUAGES", "WORDS", "Language", "kind_words", "language_of", "word", "words"]

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")

#: Key → (English, Korean). Braces are filled by ``str.format``.
WORDS: dict[str, tuple[str, str]] = {
    # what every page says
    "fictional": ("FICTIONAL", "가상"),
    "fictional note": (
        "Fictional: the place, the people and the events are invented. It lies in the open ocean.",
        "가상 자료: 장소와 사람과 사건은 모두 지어낸 것이며, 위치는 먼바다이다.",
    ),
    "simulated note": (
        "Simulated case: the names of use, the people and the events are invented.",
        "모의 자료: 용도의 이름, 사람, 사건은 지어낸 것이다.",
    ),
    "korean note": ("", "이 한국어 문구는 아직 원어민의 감수를 받지 않았다."),
    "made by": ("Made by geoinv {version}", "geoinv {version}로 만듦"),
    "yes": ("yes", "예"),
    "no": ("no", "아니요"),
    "unknown": ("unknown", "알 수 없음"),
    "none": ("none", "없음"),
    # statuses
    "corroborated": ("corroborated", "교차 확인됨"),
    "observed": ("observed", "영상에서 관측됨"),
    "attested": ("attested", "증언됨"),
    "contested": ("contested", "증언이 엇갈림"),
    "inferred": ("inferred", "추론됨"),
    "conjectural": ("conjectural", "가정함"),
    "corroborated means": (
        "two or more independent sources agree, at least one of them a witness",
        "서로 독립된 둘 이상의 출처가 일치하며, 그중 하나 이상이 증인이다",
    ),
    "observed means": ("seen in imagery alone", "위성영상에서만 확인되었다"),
    "attested means": (
        "one witness, or several who are not independent",
        "증인 한 명, 또는 서로 독립되지 않은 여러 증인",
    ),
    "contested means": ("independent sources exclude each other", "독립된 출처들이 서로 양립하지 않는다"),
    "inferred means": ("computed from the above by a stated rule", "위의 사실에서 밝혀진 규칙으로 계산하였다"),
    "conjectural means": ("assumed so that the model closes", "모형을 완성하기 위해 가정하였다"),
    # map furniture
    "legend": ("How it is known", "알게 된 근거"),
    "map title": ("Site map", "시설 지도"),
    "north": ("N", "북"),
    "metres": ("m", "m"),
    "incidents": ("incidents", "사건"),
    "incident": ("incident", "사건"),
    "incidents here": ("Incidents bound to this building", "이 건물과 연결된 사건"),
    "incident count": ("Incidents", "사건 수"),
    "marker legend": ("number of incidents", "사건 수"),
    "buildings": ("Buildings", "건물"),
    "building": ("Building", "건물"),
    "unnamed building": ("Building without a name", "이름 없는 건물"),
    "unnamed wall": ("Wall without a name", "이름 없는 담"),
    "unnamed gate": ("Gate without a name", "이름 없는 문"),
    "unnamed tower": ("Tower without a name", "이름 없는 망루"),
    "scene": ("Satellite scene", "위성영상"),
    "scene of": ("Scene of {date}", "{date} 영상"),
    "undated scene": ("Scene without a date", "날짜 없는 영상"),
    "simulated pixels": ("simulated picture", "모의 영상"),
    "regions": ("50 % and 90 % region of the place", "위치의 50 %·90 % 영역"),
    "region": ("90 % region of the location", "위치의 90 % 영역"),
    "region 50": ("50 % region of the location", "위치의 50 % 영역"),
    "drawn not placed": ("Drawn, not placed", "그려졌으나 위치를 찾지 못함"),
    "before": ("Before", "이전"),
    "after": ("After", "이후"),
    "before after": ("Before and after", "전후 비교"),
    "status": ("Status", "상태"),
    "outline from": ("Outline from", "윤곽의 출처"),
    "imagery": ("imagery", "위성영상"),
    "imagery prompted": ("imagery, under a placed sketch", "위성영상 (배치된 그림을 따라)"),
    "sketch": ("the sketch as placed", "배치된 그림"),
    "person": ("a person", "사람"),
    "height": ("Height", "높이"),
    "appeared": ("Appeared", "생긴 때"),
    "gone": ("Gone", "없어진 때"),
    "by date": ("by {date}", "{date} 이전"),
    "after date": ("after {date}", "{date} 이후"),
    "between dates": ("between {first} and {last}", "{first}에서 {last} 사이"),
    "accuracy": ("Outline within", "윤곽 오차"),
    "at coverage": ("{metres} m at {coverage} %", "{coverage} % 수준에서 {metres} m"),
    "probability": ("Probability", "확률"),
    "labels": ("Called", "부르는 이름"),
    "warnings": ("Note", "주의"),
    # what a reader of a map may choose
    "show as": ("Colour by", "색 기준"),
    "by known": ("how it is known", "알게 된 근거"),
    "by incidents": ("number of incidents", "사건 수"),
    "kind of incident": ("Kind of incident", "사건 종류"),
    "every kind": ("every kind", "모든 종류"),
    "from year": ("From year", "시작 연도"),
    "to year": ("To year", "끝 연도"),
    "counted": ("Incidents counted: {n} of {all}.", "집계한 사건: {all}건 중 {n}건."),
    "undated out": ("{n} have no year that is shown and are not counted here.", "연도를 밝히지 않은 {n}건은 뺐다."),
    "not placed out": ("{n} of them are bound to no building that is shown.", "그중 {n}건은 건물을 밝히지 않았다."),
    "filter": ("Choose what is shown", "표시할 내용 고르기"),
    "as table": ("Show as a table", "표로 보기"),
    "close": ("Close", "닫기"),
    "ground shown": ("Show the satellite scene", "위성영상 표시"),
    "no incidents shown": ("No incident is published for this facility.", "이 시설에 대해 공개된 사건이 없다."),
    "no counts": ("No incident is bound to a building that is shown.", "표시된 건물과 연결된 사건이 없다."),
    "no year": ("year not told", "연도 미상"),
    "no kind": ("kind not told", "종류 미상"),
    "map help": (
        "Map. Tab moves from building to building, Enter tells of one, arrow keys move the map, plus and minus zoom.",
        "지도. 탭 키로 건물을 옮겨 가고, 엔터 키로 내용을 보며, 화살표 키로 움직이고, 더하기·빼기 키로 확대·축소한다.",
    ),
    "cite release": ("Release {name}", "공개본 {name}"),
    "cite audience": (
        "For the audience “{audience}”; ledger head {head}",
        "공개 대상 “{audience}”; 원장 머리 {head}",
    ),
    "cite working": ("Working map of a case, not a release", "공개본이 아닌 작업 지도"),
    # report
    "report title": ("Facility report", "시설 보고서"),
    "summary": ("What is known, and how well", "무엇을 얼마나 아는가"),
    "agency": ("Agency", "운영 기관"),
    "kind": ("Kind", "종류"),
    "place": ("Place", "소재지"),
    "other names": ("Other names", "다른 이름"),
    "location": ("Where it is", "위치"),
    "best point": ("Best point", "추정 위치"),
    "expected error": ("Expected error", "예상 오차"),
    "area of region": ("Area of the {level} % region", "{level} % 영역의 넓이"),
    "no location": (
        "No location could be computed from what was said.",
        "증언만으로는 위치를 계산할 수 없었다.",
    ),
    "statement": ("Statement", "진술"),
    "witness": ("Witness", "증인"),
    "said": ("As said", "진술 내용"),
    "valid": ("Probability that it holds", "옳을 확률"),
    "shift without": ("Best point moves without it", "제외하면 이동하는 거리"),
    "conflicts": ("Statements that can hardly both be right", "함께 옳기 어려운 진술"),
    "no conflicts": ("No two statements exclude each other.", "서로 모순되는 진술은 없다."),
    "worth sentence": (
        "{solid} of {total} statements very probably hold; doubtful: {doubtful}.",
        "진술 {total}개 가운데 {solid}개는 옳을 가능성이 매우 높고, {doubtful}개는 의심스럽다.",
    ),
    # the map of statements
    "location figure": ("What was said about where, and what it leaves", "위치에 관한 진술과 그 결과"),
    "location legend": ("How to read it", "범례"),
    "moves": ("moves the point", "위치 이동"),
    "said pins": ("pin with its radius", "지도에 찍은 점과 반경"),
    "said ways": ("direction, distance, walk", "방향·거리·걸은 시간"),
    "said places": ("area, near, between", "구역·가까이·사이"),
    "said looks": ("side, sight", "어느 쪽·보이는 것"),
    "said doubtful": ("doubtful statement", "의심스러운 진술"),
    "said pin": ("pin on a map", "지도에 찍은 점"),
    "said published": ("published coordinate", "공표된 좌표"),
    "said area": ("area", "구역"),
    "said from": ("direction or distance", "방향·거리"),
    "said walk": ("walking time", "걸은 시간"),
    "said side": ("side of a line", "강·길의 어느 쪽"),
    "said sees": ("what is seen from it", "보이는 것"),
    "said near": ("near a landmark", "지형지물 가까이"),
    "said between": ("between landmarks", "지형지물 사이"),
    "said denied": ("denied: {what}", "부정: {what}"),
    "more conflicts": ("and {count} more", "그 밖에 {count}건"),
    "conflict even": (
        "{first} and {second} can hardly both be right; nothing else decides between them",
        "{first}, {second}: 함께 옳기 어렵다. 나머지 진술로는 어느 쪽인지 정할 수 없다.",
    ),
    "conflict sentence": (
        "{first} and {second} can hardly both be right; {doubted} is the more doubtful one",
        "{first}, {second}: 함께 옳기 어렵다. 나머지 진술로 보면 {doubted} 쪽이 더 의심스럽다.",
    ),
    # the film strip of a judgement over several scenes
    "change figure": ("What stood when: each building on each scene", "언제 무엇이 서 있었나: 영상마다 본 건물"),
    "change note": (
        "Each row shows the same ground; the outline is the one that was judged, coloured by what was said of it.",
        "한 줄은 모두 같은 땅이다. 윤곽선은 판단한 윤곽이며, 색은 판단한 결과이다.",
    ),
    "state present": ("present", "있음"),
    "state absent": ("absent", "없음"),
    "state altered": ("altered", "달라짐"),
    "state unsure": ("unsure", "불확실"),
    "strip after": ("after {date}", "{date} 이후"),
    "strip before": ("before {date}", "{date} 이전"),
    # the figure of a tracing
    "trace figure": ("A drawing and what was read from it", "그림과 읽어 낸 것"),
    "as received": ("as received", "받은 그대로"),
    "as traced": ("as traced", "옮겨 그린 것"),
    "certainty legend": ("What was read, by certainty", "읽어 낸 것 (확실성)"),
    "certain shapes": ("shapes, certain (0.8 and more): {n}", "도형, 확실 (0.8 이상): {n}"),
    "likely shapes": ("shapes, likely (0.5–0.8): {n}", "도형, 유력 (0.5–0.8): {n}"),
    "doubtful shapes": ("shapes, doubtful: {n}", "도형, 의심스러움: {n}"),
    "traced lines": ("lines: {n}", "선: {n}"),
    "doubtful lines": ("lines, doubtful: {n}", "선, 의심스러움: {n}"),
    "sheet edges": ("Dashed on the left: the sheet’s edges as found.", "왼쪽의 점선: 찾아낸 종이의 가장자리."),
    "trace note": (
        "The drawing as received is in this figure, handwriting and all: it is not for publication.",
        "받은 그림이 손글씨째 들어 있으므로 공개용이 아니다.",
    ),
    # the figure of placements
    "placement figure": ("How the drawings lie on the ground", "그림의 지상 배치"),
    "placement of": ("{sketch} · probability of this placement {best}", "{sketch} · 이 배치의 확률 {best}"),
    "drawn is": ("What is drawn = what it is", "그려진 것 = 실제 건물"),
    "off": ("off", "어긋남"),
    "not matched": ("nothing could be matched", "대응되는 것이 없음"),
    "as drawn": ("as drawn", "그려진 대로"),
    "taken for": ("outline it is taken for", "대응된 윤곽"),
    "not taken": ("other outlines", "그 밖의 윤곽"),
    "distortion grid": ("squares of the paper, bent", "종이의 격자 (왜곡)"),
    "fit said": (
        "{kind}: r² {r2}, distortion index {index}",
        "{kind}: r² {r2}, 왜곡 지수 {index}",
    ),
    "likeliest places": ("The likeliest places, to look at only", "가능성이 가장 높은 배치 (참고용)"),
    "none of these": ("none of these: {none}", "해당 없음: {none}"),
    "no runners": ("No other placement is worth keeping.", "남길 만한 다른 배치가 없다."),
    "rank says": ("{rank}. probability {probability}", "{rank}순위, 확률 {probability}"),
    "sketches": ("Drawings, as traced", "증인의 그림 (옮겨 그림)"),
    "drawn by": ("Drawn by", "그린 사람"),
    "period shown": ("Period shown", "그림의 시기"),
    "site plan": ("plan of the compound", "구내 평면"),
    "interior plan": ("inside of {building}", "{building} 내부"),
    "placement": ("How the drawings lie on the ground", "그림의 지상 배치"),
    "abstains": (
        "No placement is kept: most probably, none of the candidates is the drawn place (probability {none}).",
        "배치를 정하지 않았다. 후보 중에 없을 가능성이 가장 높다 (확률 {none}).",
    ),
    "placement sentence": (
        "The preferred placement has probability {best}; that the drawn place is not among the candidates, {none}.",
        "가장 유력한 배치의 확률은 {best}, 후보 중에 없을 확률은 {none}이다.",
    ),
    "rank": ("Rank", "순위"),
    "drawing": ("Drawing", "그림"),
    "matched": ("Buildings matched", "대응된 건물"),
    "residual": ("Typical residual", "대표 잔차"),
    "fit": ("r² / distortion index", "r² / 왜곡 지수"),
    "mirrored": ("mirrored", "좌우가 뒤집힘"),
    "runners up": ("Runners-up", "다음 후보"),
    "footprints": ("Footprints", "건물 윤곽"),
    "evidence": ("Evidence", "증거"),
    "sources": ("Sources", "출처"),
    "none placed": ("No footprints could be established.", "확정된 건물 윤곽이 없다."),
    "unplaced": ("Drawn buildings that could not be placed", "위치를 찾지 못한 건물"),
    "why": ("Why", "이유"),
    "interior": ("Inside", "내부"),
    "rooms": ("Rooms", "방"),
    "room": ("Room", "방"),
    "use": ("Use", "용도"),
    "clear area": ("Clear floor", "바닥 넓이"),
    "contradictions": ("Contradictions, kept", "모순 (그대로 보존)"),
    "no contradictions": ("No contradiction was found.", "발견된 모순이 없다."),
    "incidents by building": ("Incidents by building", "건물별 사건"),
    "not bound": ("Not bound to a building", "건물과 연결되지 않음"),
    "no incidents": ("No incidents are recorded.", "기록된 사건이 없다."),
    "figures": ("Figures", "그림 자료"),
    "methods": ("Methods and limits", "방법과 한계"),
    "hashes": ("Inputs and hashes", "입력 자료와 해시"),
    "file": ("File", "파일"),
    "date": ("Date", "날짜"),
    "count": ("Count", "수"),
    "contents": ("Contents", "차례"),
    "method location": (
        "Each statement is a likelihood over places; the product, with a share left for the statement being "
        "wrong, gives "
        "the location. Regions are the smallest areas that hold their share of the probability.",
        "진술마다 장소에 대한 우도를 만들고, 진술이 틀릴 가능성을 남겨 두고 곱하여 위치를 얻는다. "
        "영역은 해당 확률을 담는 가장 작은 넓이이다.",
    ),
    "method placement": (
        "Each drawing is laid over building outlines by search; every plausible placement is kept with its "
        "probability, "
        "and so is “none of these”.",
        "그림을 건물 윤곽 위에 탐색으로 배치하고, 가능한 배치를 확률과 함께 모두 남긴다. “해당 없음”도 남긴다.",
    ),
    "method status": (
        "A part takes the status of the weakest property that shapes it. No evidence supports itself: an "
        "outline prompted "
        "by a sketch does not corroborate that sketch.",
        "부분의 상태는 그 모양을 정하는 속성 중 가장 약한 것을 따른다. "
        "그림을 따라 얻은 윤곽은 그 그림의 근거가 되지 않는다.",
    ),
    "method limits": (
        "Probabilities are calibrated on simulated facilities only. A person decides; the software proposes. A "
        "building "
        "missing from this page may still exist.",
        "확률은 모의 시설에서만 보정하였다. 판단은 사람이 하고 소프트웨어는 제안만 한다. "
        "여기에 없는 건물도 실제로는 있을 수 있다.",
    ),
    # served pages
    "facilities": ("Facilities", "시설"),
    "map": ("Map", "지도"),
    "model": ("3D model", "3D 모형"),
    "pages": ("Pages", "페이지"),
    "skip": ("To the text", "본문으로"),
    "data": ("Data", "자료"),
    "search": ("Search", "찾기"),
    "search label": (
        "Find a facility: a name in any spelling, Hangul, an agency or a place",
        "시설 찾기: 이름(표기 무관), 기관, 지명",
    ),
    "search hint": (
        "Any spelling will do: Onsong, Onseong and 온성 find the same places.",
        "표기는 상관없다. Onsong, Onseong, 온성은 같은 곳을 찾는다.",
    ),
    "found": ("{n} for “{text}”, best first", "“{text}”: {n}곳, 가까운 순서"),
    "nothing found": (
        "No facility published here is called “{text}”.",
        "여기에 공개된 시설 가운데 “{text}”은(는) 없다.",
    ),
    "nothing found why": (
        "Try another spelling, a county or an agency. A place that is not here may exist all the same: "
        "it may not be published.",
        "다른 표기나 군, 기관 이름으로 찾아 보십시오. 여기에 없는 곳도 있을 수 있으며, 공개되지 않았을 수 있다.",
    ),
    "not here": ("Not in this release", "이 공개본에 없음"),
    "not here why": (
        "There is no such page here. What was never there and what may not be shown look the same.",
        "여기에는 그런 페이지가 없다. 처음부터 없던 것과 공개할 수 없는 것은 똑같이 보인다.",
    ),
    "not understood": ("This address cannot be understood", "이 주소는 알아볼 수 없음"),
    "mistaken": ("Not to be mistaken:", "혼동 주의:"),
    "home lead": (
        "{facilities} facilities, {buildings} buildings and {incidents} incidents, as far as they may be shown to the "
        "audience “{audience}”. What is not here was removed before publishing, not hidden.",
        "시설 {facilities}곳, 건물 {buildings}동, 사건 {incidents}건. "
        "공개 대상 “{audience}”에게 보일 수 있는 만큼이다. "
        "여기에 없는 것은 감춘 것이 아니라 공개하기 전에 뺀 것이다.",
    ),
    "no facilities": ("No facility is published in this release.", "이 공개본에는 시설이 없다."),
    "n buildings": ("{n} buildings", "건물 {n}동"),
    "n incidents": ("{n} incidents", "사건 {n}건"),
    "no incidents tag": ("no incident published", "공개된 사건 없음"),
    "how to use": ("How to use this", "이용 방법"),
    "use embed": (
        "Put a map or a model into your own page: each facility's page has the text to copy.",
        "지도나 모형을 자기 페이지에 넣으려면 시설 페이지에 있는 글을 복사한다.",
    ),
    "use cite": ("Cite the release; it never changes:", "인용할 때는 공개본을 밝힌다. 공개본은 바뀌지 않는다:"),
    "use data": ("Everything is also there as data:", "모든 내용은 자료로도 받을 수 있다:"),
    "use withheld": ("What was left out, and by which rule:", "무엇을 어떤 규칙으로 뺐는가:"),
    "buildings and works": ("Buildings, walls, gates and towers", "건물·담·문·망루"),
    "role wall": ("wall", "담"),
    "role gate": ("gate", "문"),
    "role tower": ("tower", "망루"),
    "no buildings": (
        "No building is published: the place is not shown, or the outlines rest on accounts that may not be.",
        "공개된 건물이 없다. 위치를 밝히지 않거나, 공개할 수 없는 증언에 근거하기 때문이다.",
    ),
    "look at model": ("Look at the model, and walk through it", "모형 보기, 걸어서 보기"),
    "place withheld why": (
        "Where this facility lies is not published, so there is no map.",
        "이 시설의 위치는 공개하지 않으므로 지도가 없다.",
    ),
    "map whole": ("The map by itself", "지도만 보기"),
    "map offline": ("The map as one file (HTML, works offline)", "지도 파일 하나로 받기 (HTML, 오프라인)"),
    "embed": ("Put it into your page", "내 페이지에 넣기"),
    "embed how": (
        "Copy the HTML into your page, or give the oEmbed address to your editor. The frame loads only from here.",
        "HTML을 페이지에 붙여 넣거나 oEmbed 주소를 편집기에 넣는다. 틀은 이 서버에서만 불러온다.",
    ),
    "copy": ("Copy", "복사"),
    "copied": ("Copied", "복사함"),
    "year": ("Year", "연도"),
    "share": ("Share", "비율"),
    "counts note": (
        "Counts are of what may be shown: small groups are pooled or left out, dates are years.",
        "공개할 수 있는 것만 센 수이다. 작은 묶음은 합치거나 뺐고, 날짜는 연도로만 적었다.",
    ),
    "counts none": (
        "Which building, which year and of what kind is not told: the groups would be too small.",
        "묶음이 너무 작아 건물, 연도, 종류는 밝히지 않는다.",
    ),
    "facility page": ("The facility's page", "시설 페이지"),
    "no model": (
        "No model of this facility is published. Either none was built, or it rests on accounts that may not be shown.",
        "이 시설의 모형은 공개되지 않았다. 만들지 않았거나, 공개할 수 없는 증언에 근거하기 때문이다.",
    ),
    "needs scripts": (
        "The model needs JavaScript, from this server alone. The sheets on the facility's page do without.",
        "모형을 보려면 이 서버의 자바스크립트가 필요하다. 시설 페이지의 도면은 그것 없이도 볼 수 있다.",
    ),
    "sheets": ("Plan sheets", "도면"),
    "sheets to print": ("All sheets to print (PDF)", "인쇄용 도면 전체(PDF)"),
    "withheld": ("What was withheld or generalised", "공개하지 않았거나 일반화한 내용"),
    "rule": ("Rule", "규칙"),
    "release": ("Release", "공개본"),
    "place county": ("shown to the county only", "군 단위까지만 표시"),
    "place withheld": ("place withheld", "위치 비공개"),
    "place exact": ("place shown", "위치 공개"),
    "few": ("fewer than can be shown", "공개 기준 미만"),
    # what was said, tested
    "claims": ("What was said, tested", "증언의 검증"),
    "claim consistent": ("consistent", "들어맞음"),
    "claim inconsistent": ("inconsistent", "들어맞지 않음"),
    "claim undecidable": ("cannot be decided", "판단할 수 없음"),
    "claim from": ("from here", "여기서"),
    "claim to": ("to here", "여기로"),
    "claim route": ("shortest way on foot", "가장 짧은 걷는 길"),
    "claim sight": ("straight line of sight or distance", "시선 또는 직선거리"),
    "claim blocked": ("line of sight, blocked", "막힌 시선"),
    "claim view": (
        "From the eyes, at their height; what was looked for in green",
        "눈높이에서 본 모습 (찾던 것은 초록색)",
    ),
    "claim patch": ("sun on the floor", "바닥의 햇빛"),
    "claims said": ("said", "말한 값"),
    "claims computed": ("from the model", "모형의 값"),
    "claims power": ("discriminating power", "변별력"),
    "claims element": ("what it is about", "사실 요소"),
    "claims independent": ("independent witnesses", "독립된 증인"),
    "claims sources": ("other sources", "다른 출처"),
    "claims verdicts": ("tests", "검증 결과"),
    "claim about": ("what it is about", "증언의 대상"),
    "claim version": (
        "Drawn is version {shown} of the rival versions {all}.",
        "그림은 경쟁안 {all} 가운데 {shown}안임.",
    ),
    "claims rivals": ("rival models", "경쟁 모형"),
    "claims assumed": ("assumed", "가정"),
    "claims flips": ("would be otherwise if", "결과가 바뀌는 경우"),
    "claims without": ("without this witness", "이 증인이 없다면"),
    "claims untested": ("Could not be tested", "검증할 수 없는 것"),
    "claims opposed": ("Claims that exclude each other", "서로 양립하지 않는 증언"),
    "claims note": (
        "A test that every rival model passes corroborates nothing: power is the share of rivals that would fail. "
        "Each claim is tested on the model rebuilt without the claimant.",
        "경쟁 모형도 모두 통과하는 검증은 아무것도 뒷받침하지 않는다. 변별력은 통과하지 못하는 경쟁 모형의 비율이다. "
        "각 증언은 그 증인의 자료를 뺀 모형으로 검증한다.",
    ),
}


def kind_words(facility: Facility) -> str | None:
    """What kind of place a facility is, without the underscores of a vocabulary's terms."""
    return facility.kind.replace("_", " ") if facility.kind else None


def language_of(name: str) -> Language:
    """A language that has words.

    Raises
    ------
    FieldError
        If it is neither ``en`` nor ``ko``.
    """
    for language in LANGUAGES:
        if name == language:
            return language
    raise FieldError(f"there are no words in “{name}”", do="choose en or ko", field="lang")


def words(language: Language) -> dict[str, str]:
    """All words of a language, by key."""
    index = LANGUAGES.index(language)
    return {key: pair[index] for key, pair in WORDS.items()}


def word(key: str, language: Language, **values: object) -> str:
    """One word or sentence, with its braces filled.

    Raises
    ------
    KeyError
        If the table has no such key.
    """
    text = WORDS[key][LANGUAGES.index(language)]
    return text.format(**values) if values else text
