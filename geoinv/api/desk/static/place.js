// A drawing laid on the scene: ties by clicking pairs, or by hand (move, turn, stretch), with the software's own places
// as ghosts. Matrices take drawing units to metres: [east, north] = M · [x, y, 1].
import { ask, askReason, decideAnew, draftOf, dropDraft, keepDraft, make, tell, tellTrouble, undoWith, word } from "/desk/desk.js";
import { asButton, at, makeGround, metres, middleOf } from "/desk/ground.js";

const sheetBox = document.getElementById("sheet-map");
const { slug, drawing } = sheetBox.dataset;
const PAGE = `/facilities/${slug}/place?drawing=${drawing}`;
const $ = (id) => document.getElementById(id);
const state = { mode: "ties", ties: [], matrix: null, chosen: null, ghost: null };
let data, ground, sheet, shapes = new Map(), pins = L.layerGroup(), laid = L.layerGroup(), handles = L.layerGroup(), suggested = L.layerGroup(), gridLines = L.layerGroup(), overlay;

// ------------------------------------------------------------------------------------------------ plane geometry

const apply = (m, [x, y]) => [m[0][0] * x + m[0][1] * y + m[0][2], m[1][0] * x + m[1][1] * y + m[1][2]];
// Similarity of least squares (Umeyama 1991) for plane points, written out.
export function similarity(from, to) {
  const n = from.length, mean = (points, axis) => points.reduce((sum, p) => sum + p[axis], 0) / n;
  const [fx, fy, tx, ty] = [mean(from, 0), mean(from, 1), mean(to, 0), mean(to, 1)];
  let a = 0, b = 0, spread = 0;
  from.forEach((p, i) => {
    const [x, y, u, v] = [p[0] - fx, p[1] - fy, to[i][0] - tx, to[i][1] - ty];
    a += x * u + y * v; b += x * v - y * u; spread += x * x + y * y;
  });
  if (!spread) return null;
  a /= spread; b /= spread;
  return [[a, -b, tx - a * fx + b * fy], [b, a, ty - b * fx - a * fy]];
}
const elementOf = (id) => data.elements.find((one) => one.id === id);
const matrixNow = () => {
  if (state.mode === "hand") return state.matrix;
  if (state.ties.length >= 2) return similarity(state.ties.map((tie) => elementOf(tie.element).tie), state.ties.map((tie) => tie.point));
  return null;
};

// ------------------------------------------------------------------------------------------------ the sheet over the scene

const Overlay = L.Layer.extend({
  onAdd(map) { this.map = map; this.image = make("img", { class: "sheet", alt: "", src: `/facilities/${slug}/drawings/${encodeURIComponent(drawing)}/picture` }); map.getPane("drawing").append(this.image); map.on("zoom viewreset moveend", this.lay, this); this.image.addEventListener("load", () => this.lay()); },
  onRemove(map) { this.image.remove(); map.off("zoom viewreset moveend", this.lay, this); },
  lay() {
    const m = this.matrix, { naturalWidth: w, naturalHeight: h } = this.image;
    this.image.hidden = !m || !w;
    if (!m || !w) return;
    const [width, height] = data.size, point = (x, y) => this.map.latLngToLayerPoint(at(...apply(m, [x, y])));
    const [p, q, r] = [point(0, height), point(width, height), point(0, 0)];
    this.image.style.width = `${w}px`; this.image.style.height = `${h}px`;
    this.image.style.transform = `matrix(${[(q.x - p.x) / w, (q.y - p.y) / w, (r.x - p.x) / h, (r.y - p.y) / h, p.x, p.y].join(",")})`;
    this.image.style.opacity = $("opacity").value / 100;
  },
});

function drawLaid(m, colour) {
  laid.clearLayers();
  if (!m) return;
  for (const one of data.elements) {
    if (one.role === "other" || one.certainty < 0.3) continue;
    L.geoJSON(one.geometry, { coordsToLatLng: (c) => at(...apply(m, c)), style: { color: colour, weight: 2, fillOpacity: 0.05, dashArray: "5 4" }, pointToLayer: (_, place) => L.circleMarker(place, { radius: 4, color: colour }), interactive: false }).addTo(laid);
  }
}

// ------------------------------------------------------------------------------------------------ showing the state

// What was begun, step by step, so that each step can be taken back before anything is recorded.
const past = [], plain = () => JSON.stringify({ mode: state.mode, ties: state.ties, matrix: state.matrix });
let present = null;
function remember() {
  if (present !== null && plain() !== present) past.push(present);
  present = plain();
}
undoWith(() => {
  if (!past.length) return false;
  present = past.pop();
  Object.assign(state, JSON.parse(present), { chosen: null, ghost: null });
  show();
  return true;
});

function show({ keep = true } = {}) {
  remember();
  const m = state.ghost ? state.ghost.matrix : matrixNow();
  overlay.matrix = m; overlay.lay();
  drawLaid(m, state.ghost ? "#6a3d9a" : "#b3261e");
  showTies(m);
  showHandles();
  for (const id of ["by-ties", "by-hand"]) $(id).setAttribute("aria-pressed", String(id === `by-${state.mode}`));
  $("ties-part").hidden = state.mode !== "ties";
  $("hand-part").hidden = state.mode !== "hand";
  $("how").textContent = state.mode === "ties" ? word(state.chosen ? "click scene" : "click drawing") : "";
  ground.map.getContainer().classList.toggle("crosshair", Boolean(state.chosen));
  if ($("accept")) $("accept").disabled = state.mode === "ties" ? !state.ties.length : !state.matrix;
  if (keep) keepDraft(PAGE, { mode: state.mode, ties: state.ties, matrix: state.matrix });
  fitSoon();
}

function showTies(m) {
  pins.clearLayers();
  sheet.pins.clearLayers();
  shapes.forEach((layer, id) => layer.setStyle?.({ weight: id === state.chosen ? 5 : 2, color: state.ties.some((tie) => tie.element === id) ? "#b3261e" : "#005f99" }));
  const rows = state.ties.map((tie, index) => {
    const one = elementOf(tie.element), icon = L.divIcon({ className: "pin", html: String(index + 1), iconSize: [24, 24] });
    L.marker(at(...tie.point), { icon, draggable: true, keyboard: false, title: one.label ?? one.id })
      .on("dragend", (event) => { tie.point = round(metres(event.target.getLatLng())); show(); }).addTo(pins);
    sheet.pins.addLayer(L.marker(at(...one.tie), { icon, interactive: false }));
    const miss = m && state.mode === "ties" ? Math.hypot(...apply(m, one.tie).map((v, axis) => v - tie.point[axis])) : null;
    return make("li", { class: "row" }, make("b", {}, String(index + 1)), make("span", {}, one.label ?? one.id), make("span", { class: "muted" }, miss === null || state.ties.length < 3 ? "" : `${miss.toFixed(1)} m`),
      make("button", { type: "button", class: "quiet", "aria-label": `${word("leave out")} ${index + 1}`, onclick: () => { state.ties.splice(index, 1); show(); } }, "×"));
  });
  $("ties").replaceChildren(...(rows.length ? rows : [make("li", { class: "muted" }, word("no ties"))]));
}
const round = (point) => point.map((value) => Math.round(value * 100) / 100);

let fitting;
function fitSoon() {
  clearTimeout(fitting);
  $("fit").textContent = "";
  gridLines.clearLayers();
  if (state.mode !== "ties" || state.ties.length < 3) return;
  fitting = setTimeout(async () => {
    const body = { drawn: state.ties.map((tie) => elementOf(tie.element).tie), true: state.ties.map((tie) => tie.point), size: data.size };
    try {
      const told = await ask("POST", `/facilities/${slug}/fit`, body);
      $("fit").textContent = word("fit told", { r2: told.r2.toFixed(3), index: told.distortion_index.toFixed(1) });
      if ($("grid").checked) told.grid.forEach((line) => L.polyline(line.map((p) => at(...p)), { color: "#7b1fa2", weight: 1, opacity: 0.8, interactive: false }).addTo(gridLines));
    } catch (trouble) { tellTrouble(trouble); }
  }, 200);
}

// ------------------------------------------------------------------------------------------------ by hand

function startMatrix() {
  const known = matrixNow() ?? state.matrix ?? state.ghost?.matrix ?? data.decided?.matrix ?? data.ghosts[0]?.matrix;
  if (known) return known.map((row) => [...row]);
  const [width, height] = data.size, centre = metres(ground.map.getCenter()), view = ground.map.getBounds();
  const s = (0.6 * (view.getNorth() - view.getSouth())) / height;
  return [[s, 0, centre[0] - (s * width) / 2], [0, s, centre[1] - (s * height) / 2]];
}
const corner = (x, y) => [data.size[0] * x, data.size[1] * y];
function moved(m, [east, north]) { return [[m[0][0], m[0][1], m[0][2] + east], [m[1][0], m[1][1], m[1][2] + north]]; }
// Another linear part that leaves the sheet's middle, or one of its points, where it is.
function about(m, fixed, linear) {
  const keep = apply(m, fixed), next = [[...linear[0], 0], [...linear[1], 0]], goes = apply(next, fixed);
  return [[...linear[0], keep[0] - goes[0]], [...linear[1], keep[1] - goes[1]]];
}
const times = (a, b) => [0, 1].map((i) => [0, 1].map((j) => a[i][0] * b[0][j] + a[i][1] * b[1][j]));
const linearOf = (m) => [[m[0][0], m[0][1]], [m[1][0], m[1][1]]];
function turned(m, angle, scale) {
  const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  return about(m, corner(0.5, 0.5), times([[c, -s], [s, c]], linearOf(m)));
}
function stretched(m, across, up, fixed) { return about(m, fixed, times(linearOf(m), [[across, 0], [0, up]])); }

function showHandles() {
  handles.clearLayers();
  if (state.mode !== "hand" || !state.matrix) return;
  const add = (kind, spot, drag, title) => {
    const marker = L.marker(at(...apply(state.matrix, spot)), { icon: L.divIcon({ className: `handle ${kind}`, iconSize: [16, 16] }), draggable: true, title, alt: title });
    let before;
    marker.on("dragstart", () => { before = state.matrix; });
    marker.on("drag", (event) => { state.matrix = drag(before, metres(event.target.getLatLng())); overlay.matrix = state.matrix; overlay.lay(); drawLaid(state.matrix, "#b3261e"); });
    marker.on("dragend", () => show());
    marker.addTo(handles);
  };
  const middle = corner(0.5, 0.5);
  add("move", middle, (m, to) => { const p = apply(m, middle); return moved(m, [to[0] - p[0], to[1] - p[1]]); }, word("handle move"));
  add("turn", corner(1, 1), (m, to) => {
    const c = apply(m, middle), p = apply(m, corner(1, 1));
    const angle = Math.atan2(to[1] - c[1], to[0] - c[0]) - Math.atan2(p[1] - c[1], p[0] - c[0]);
    return turned(m, angle, Math.hypot(to[0] - c[0], to[1] - c[1]) / Math.hypot(p[0] - c[0], p[1] - c[1]));
  }, word("handle turn"));
  const side = (spot, fixed, axis) => (m, to) => {
    const o = apply(m, fixed), p = apply(m, spot), d = [p[0] - o[0], p[1] - o[1]], length = d[0] ** 2 + d[1] ** 2;
    const factor = Math.max(0.05, ((to[0] - o[0]) * d[0] + (to[1] - o[1]) * d[1]) / length);
    return axis ? stretched(m, 1, factor, fixed) : stretched(m, factor, 1, fixed);
  };
  add("stretch", corner(1, 0.5), side(corner(1, 0.5), corner(0, 0.5), 0), word("handle stretch"));
  add("stretch", corner(0.5, 1), side(corner(0.5, 1), corner(0.5, 0), 1), word("handle stretch"));
}
document.addEventListener("keydown", (event) => {
  if (state.mode !== "hand" || !state.matrix || event.target.closest("input, textarea, select, dialog")) return;
  const step = event.shiftKey ? 10 : 1;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const turns = { "[": Math.PI / 180, "]": -Math.PI / 180 };
  if (moves[event.key]) state.matrix = moved(state.matrix, moves[event.key]);
  else if (turns[event.key]) state.matrix = turned(state.matrix, turns[event.key] * step, 1);
  else if (event.key === "+" || event.key === "-") state.matrix = turned(state.matrix, 0, event.key === "+" ? 1.02 : 1 / 1.02);
  else return;
  event.preventDefault();
  show();
}, true);

// ------------------------------------------------------------------------------------------------ setting up

function makeSheet() {
  const [width, height] = data.size, bounds = L.latLngBounds(at(0, 0), at(width, height));
  const map = L.map(sheetBox, { crs: L.CRS.Simple, minZoom: -8, maxZoom: 6, zoomSnap: 0.25, attributionControl: false, zoomAnimation: false });
  L.imageOverlay(`/facilities/${slug}/drawings/${encodeURIComponent(drawing)}/picture`, bounds, { alt: drawing }).addTo(map);
  map.fitBounds(bounds, { animate: false });
  sheet = { map, pins: L.layerGroup().addTo(map) };
  const order = [...data.elements].sort((a, b) => Number(Boolean(a.tie)) - Number(Boolean(b.tie)));
  for (const one of order) {
    const layer = L.geoJSON(one.geometry, { style: { color: one.tie ? "#005f99" : "#8a94a0", weight: one.tie ? 2 : 1, fillOpacity: one.tie ? 0.12 : 0 }, interactive: Boolean(one.tie), pointToLayer: (_, place) => L.circleMarker(place, { radius: 4 }) }).addTo(map);
    if (!one.tie) continue;
    shapes.set(one.id, layer);
    layer.bindTooltip(make("span", {}, one.label ?? one.id), { sticky: true });
    layer.on("click", () => { if (state.mode !== "ties") { state.mode = "ties"; state.ghost = null; } state.chosen = one.id; state.ghost = null; show({ keep: false }); });
    asButton(layer, one.label ?? one.id, { element: one.id });
  }
}

function clickedGround(event) {
  if (!state.chosen || ground.measuring) return;
  let point = metres(event.latlng);
  if ($("suggested").checked) {
    const inside = data.candidates.find((one) => contains(one.geometry, point));
    if (inside) point = middleOf(inside.geometry);
  }
  state.ties = [...state.ties.filter((tie) => tie.element !== state.chosen), { element: state.chosen, point: round(point) }];
  state.chosen = null;
  show();
}
function contains(geometry, [x, y]) {
  const ring = geometry.coordinates[0];
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  }
  return inside;
}

function showGhosts() {
  const rows = data.ghosts.map((ghost) => make("li", { class: "row" },
    make("button", { type: "button", class: "link", "aria-pressed": "false", onclick: (event) => { state.ghost = state.ghost === ghost ? null : ghost; document.querySelectorAll("#ghosts [aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", "false")); event.target.setAttribute("aria-pressed", String(Boolean(state.ghost))); if (state.ghost) lookAt(ghost.matrix); show({ keep: false }); } }, word("ghost", { percent: Math.round(100 * ghost.probability) })),
    ghost.mirrored ? make("span", { class: "tag warn" }, word("mirrored")) : null,
    make("button", { type: "button", class: "quiet", onclick: () => { state.mode = "hand"; state.matrix = ghost.matrix.map((row) => [...row]); state.ghost = null; show(); } }, word("take this"))));
  $("ghosts").replaceChildren(...(rows.length ? rows : [make("li", { class: "muted" }, word("no ghosts"))]));
}
function lookAt(m) {
  const bounds = L.latLngBounds([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)].map((p) => at(...apply(m, p))));
  const seen = ground.map.getBounds(), wide = (one) => one.getEast() - one.getWest();
  // What is small or half out of sight is looked at from near.
  if (!seen.contains(bounds) || wide(bounds) < wide(seen) / 3) ground.map.fitBounds(bounds, { animate: false });
}

function showDecided() {
  const one = data.decided;
  if (!one) { $("stands").replaceChildren(make("p", { class: "muted" }, word("not placed by anybody"))); return; }
  $("stands").replaceChildren(make("p", {}, word("placed by", { name: one.by, at: one.at.slice(0, 10) })), make("p", { class: "quote" }, one.reason),
    make("button", { type: "button", class: "quiet", "data-undo": one.entry }, word("undo")));
}

async function accept(none) {
  const m = matrixNow();
  const reason = await askReason(word(none ? "shows no place" : "accept place"));
  if (!reason) return;
  const body = { kind: "place", facility: slug, sketch: drawing };
  if (none) body.none = true;
  else if (state.mode === "hand") body.transform = { matrix: m.map((row) => row.map((value) => Math.round(value * 1e6) / 1e6)), origin: [0, 0] };
  else body.ties = state.ties.map((tie) => ({ sketch: drawing, element: tie.element, point: tie.point }));
  await decideAnew(body, reason, { frame: ground.frame, draft: PAGE });
}

async function start() {
  if (!drawing) { await makeGround("map", slug); return; }
  [data, ground] = await Promise.all([ask("GET", `/facilities/${slug}/place/${encodeURIComponent(drawing)}`), makeGround("map", slug)]);
  if (data.problem) { tell(data.problem, { wrong: true }); return; }
  $("witness").textContent = [data.witness, data.seen_before?.length ? word("seen before", { what: [].concat(data.seen_before).join(", ") }) : ""].filter(Boolean).join(" · ");
  makeSheet();
  overlay = new Overlay();
  if (data.region) L.geoJSON(data.region, { style: { color: "#fff", weight: 2, fill: false, dashArray: "2 6" }, interactive: false }).addTo(ground.map);
  data.candidates.forEach((one) => L.geoJSON(one.geometry, { style: { color: "#ffd24d", weight: 1.5, fillOpacity: 0.05 }, interactive: false }).addTo(suggested));
  for (const layer of [overlay, gridLines, laid, pins, handles]) layer.addTo(ground.map);
  const kept = await draftOf(PAGE);
  const known = new Set(data.elements.filter((one) => one.tie).map((one) => one.id));
  const begun = kept.state ?? {};
  if (begun.ties?.length || begun.matrix) {
    Object.assign(state, { mode: begun.mode ?? "ties", ties: (begun.ties ?? []).filter((tie) => known.has(tie.element)), matrix: begun.matrix ?? null });
    tell(word("draft found", { at: kept.at.slice(0, 16).replace("T", " ") }), { stay: true });
  } else if (data.decided) {
    Object.assign(state, { ties: data.decided.ties.filter((tie) => tie.point && known.has(tie.element)).map((tie) => ({ element: tie.element, point: round(tie.point) })), matrix: data.decided.matrix, mode: data.decided.matrix ? "hand" : "ties" });
  }
  showDecided();
  showGhosts();
  show({ keep: false });
  if (matrixNow()) lookAt(matrixNow()); else if (data.region) ground.map.fitBounds(L.geoJSON(data.region).getBounds().pad(0.1), { animate: false });
  ground.map.on("click", clickedGround);
  $("by-ties").addEventListener("click", () => { state.mode = "ties"; state.ghost = null; show(); });
  $("by-hand").addEventListener("click", () => { state.matrix = startMatrix(); state.mode = "hand"; state.ghost = null; state.chosen = null; show(); });
  $("opacity").addEventListener("input", () => overlay.lay());
  $("suggested").addEventListener("change", (event) => { if (event.target.checked) suggested.addTo(ground.map); else suggested.remove(); });
  $("grid").addEventListener("change", fitSoon);
  $("mirror").addEventListener("change", () => { if (state.matrix) state.matrix = stretched(state.matrix, -1, 1, corner(0.5, 0.5)); show(); });
  $("accept")?.addEventListener("click", () => accept(false));
  $("nowhere")?.addEventListener("click", () => accept(true));
  $("anew").addEventListener("click", async () => { await dropDraft(PAGE); location.reload(); });
  document.body.dataset.ready = "yes";
}
start().catch((trouble) => tellTrouble(trouble));
