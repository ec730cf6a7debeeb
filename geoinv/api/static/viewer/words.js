// The viewer's own words, English and Korean. Statuses and their colours are those of pages/words.py and pages/styles.py;
// a test holds the two together.
export const STYLES = {
  corroborated: { color: "#0065a8", width: 3.2, dash: "", pattern: "" },
  observed: { color: "#009e73", width: 1.4, dash: "", pattern: "" },
  attested: { color: "#e69f00", width: 2.4, dash: "9 5", pattern: "stripes" },
  contested: { color: "#c85300", width: 2.8, dash: "9 5", pattern: "cross" },
  inferred: { color: "#cc79a7", width: 2.2, dash: "2 5", pattern: "dots" },
  conjectural: { color: "#b8bcc2", width: 1.4, dash: "2 6", pattern: "sparse" },
};

const WORDS = {
  en: {
    corroborated: "corroborated", observed: "observed", attested: "attested", contested: "contested",
    inferred: "inferred", conjectural: "conjectural",
    fictional: "FICTIONAL", legend: "How it is known", storeys: "Storeys", whole: "Whole buildings",
    "cut at": "Open: ground floor", "cut above": "Open: floor {n}", version: "Version", "left out": "Parts of other versions, not shown here: {n}",
    reset: "Whole site", above: "From above", walk: "Walk here", leave: "Stop walking", forward: "Forward", back: "Back",
    left: "Turn left", right: "Turn right", parts: "Parts", find: "Find a part", unnamed: "without a name",
    loading: "Loading the model…", failed: "The model could not be loaded. Reload the page, or download the GLB file.",
    "no webgl": "This browser cannot draw in three dimensions. The list of parts and their evidence is complete without it.",
    view: "Model in three dimensions. Drag or arrow keys turn it, plus and minus zoom, Home shows the whole site.",
    "view walk": "Walking. Arrow keys move and turn, Escape stops.", "walk hint": "Arrow keys or buttons move; drag to look; Esc stops",
    north: "N", grid: "squares of {n} m", known: "Known", placed: "Where it is", called: "Called", kind: "What it is",
    evidence: "What it rests on", property: "Property", sources: "Sources", interval: "Interval", "no evidence": "Nothing is recorded.",
    incidents: "Incidents here", "incidents of": "Incidents in this building, no room told",
    "choose one": "Choose a part in the model or in the list to see how it is known.", total: "{n} parts",
    building: "building", storey: "walls of a storey", room: "room", opening: "opening", wall: "wall", roof: "roof", stair: "stair",
    fixture: "thing in a room", "perimeter wall": "perimeter wall", coping: "coping", wire: "wire", gate: "gate", tower: "tower",
    path: "path", terrain: "ground", door: "door", hatch: "hatch", window: "window", gap: "gap", cell: "cell", corridor: "corridor",
    latrine: "latrine", guard: "guard room", fence: "fence", between: "{low} to {high} {unit}",
    outline: "outline", polygon: "shape", "outline spread": "outlines differ by", "support over placebos": "support by the scene",
    votes: "votes for and against", labels: "names", drawn: "drawn as", role: "use", width_m: "width", height_m: "height",
    floor_m: "floor level", wall_thickness_m: "thickness of walls", thickness_m: "thickness", at: "place", line: "course",
    sill_m: "sill", head_m: "head", rise_m: "rise",
  },
  ko: {
    corroborated: "교차 확인됨", observed: "영상에서 관측됨", attested: "증언됨", contested: "증언이 엇갈림",
    inferred: "추론됨", conjectural: "가정함",
    fictional: "가상", legend: "알게 된 근거", storeys: "층", whole: "건물 전체",
    "cut at": "열어 보기: 1층", "cut above": "열어 보기: {n}층", version: "가설", "left out": "여기에 보이지 않는 다른 가설의 부분: {n}개",
    reset: "전체 보기", above: "위에서 보기", walk: "걸어서 보기", leave: "걷기 끝내기", forward: "앞으로", back: "뒤로",
    left: "왼쪽으로 돌기", right: "오른쪽으로 돌기", parts: "부분", find: "부분 찾기", unnamed: "이름 없음",
    loading: "모형을 불러오는 중…", failed: "모형을 불러오지 못했다. 페이지를 새로 고치거나 GLB 파일을 내려받으십시오.",
    "no webgl": "이 브라우저는 입체를 그릴 수 없다. 부분과 근거의 목록은 빠짐없이 볼 수 있다.",
    view: "입체 모형. 끌거나 화살표 키로 돌리고, 더하기와 빼기 키로 확대·축소하며, Home 키로 전체를 본다.",
    "view walk": "걷는 중. 화살표 키로 움직이고 돌며, Esc 키로 끝낸다.", "walk hint": "화살표 키나 단추로 이동, 끌어서 둘러보기, Esc로 끝내기",
    north: "북", grid: "한 칸 {n} m", known: "상태", placed: "위치의 근거", called: "부르는 이름", kind: "종류",
    evidence: "무엇에 근거하는가", property: "속성", sources: "출처", interval: "범위", "no evidence": "기록된 것이 없다.",
    incidents: "이곳의 사건", "incidents of": "이 건물의 사건 (방은 밝히지 않음)",
    "choose one": "모형이나 목록에서 부분을 고르면 어떻게 알게 되었는지 볼 수 있다.", total: "부분 {n}개",
    building: "건물", storey: "층의 벽", room: "방", opening: "개구부", wall: "벽", roof: "지붕", stair: "계단",
    fixture: "방 안의 물건", "perimeter wall": "담", coping: "담 덮개", wire: "철조망", gate: "문", tower: "망루",
    path: "길", terrain: "지면", door: "문", hatch: "배식구", window: "창", gap: "틈", cell: "감방", corridor: "복도",
    latrine: "변소", guard: "경비실", fence: "울타리", between: "{low}~{high} {unit}",
    outline: "윤곽", polygon: "모양", "outline spread": "윤곽의 차이", "support over placebos": "영상의 뒷받침",
    votes: "찬반 근거", labels: "이름", drawn: "그려진 것", role: "쓰임", width_m: "너비", height_m: "높이",
    floor_m: "바닥 높이", wall_thickness_m: "벽 두께", thickness_m: "두께", at: "자리", line: "선",
    sill_m: "문턱 높이", head_m: "윗틀 높이", rise_m: "지붕 높이",
  },
};

/** Words of a language: `say("grid", { n: 10 })`. What has no word stays as it is written in the model. */
export function speaker(lang) {
  const table = WORDS[lang] || WORDS.en;
  return (key, given = {}) => {
    const text = Object.hasOwn(table, key) ? table[key] : String(key).replaceAll("_", " ");
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in given ? String(given[name]) : whole));
  };
}

export const LANGUAGES = WORDS;
