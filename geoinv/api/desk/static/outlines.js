// Buildings on the scene: what witnesses drew of each, what was made of it, why; accept, reject, draw anew.
import { askReason, ask, decideAnew, draftOf, dropDraft, keepDraft, make, tell, tellTrouble, undoWith, word, words } from "/desk/desk.js";
import { asButton, makeGround, styleOf } from "/desk/ground.js";
import { ringEditor } from "/desk/shapes.js";

const box = document.getElementById("map");
const { slug } = box.dataset, may = box.dataset.may === "yes";
const PAGE = `/facilities/${slug}/outlines`;
const $ = (id) => document.getElementById(id);
const nameOf = (one) => (one.labels?.length ? one.labels.join(", ") : `${word("unnamed building")}${one.role && one.role !== "building" ? ` (${word(one.role)})` : ""}`);
const shapes = new Map();
const drawnLayer = L.layerGroup(), vertices = L.layerGroup();
let ground, data, chosen = null, editing = null;

// ------------------------------------------------------------------------------------------------ the panel

function showPanel() {
  const one = data.footprints.find((item) => item.id === chosen);
  shapes.forEach((layer, id) => layer.setStyle({ ...styleOf(layer.status), ...(id === chosen ? { weight: 5 } : {}) }));
  $("overview").hidden = Boolean(one) || Boolean(editing);
  if (editing) { showEditor(); return; }
  if (!one) { $("panel").replaceChildren(); return; }
  const facts = make("dl", {});
  const fact = (label, value) => { if (value !== undefined && value !== null && value !== "") facts.append(make("dt", {}, label), make("dd", {}, String(value))); };
  fact(word("status"), word(one.status));
  fact(word("outline from"), word(one.outline_from));
  fact(word("area"), one.area_m2 ? `${one.area_m2} m²` : "");
  fact(word("geometry error"), one.confidence ? `± ${one.confidence.geometry_m} m (${Math.round(100 * one.confidence.coverage)} %)` : "");
  fact(word("height"), typeof one.height_m === "number" ? `${one.height_m.toFixed(1)} m` : "");
  fact(word("dates"), [one.not_before, one.not_after].filter(Boolean).join(" – "));
  fact(word("scene"), one.scene);
  const body = (accept) => JSON.stringify({ kind: "judge", facility: slug, footprint: one.id, accept });
  $("panel").replaceChildren(
    make("div", { class: "row" }, make("button", { type: "button", class: "quiet", onclick: () => choose(null) }, "← " + word("buildings"))),
    make("h2", {}, nameOf(one)), facts,
    may ? make("div", { class: "row" },
      make("button", { type: "button", class: "main", "data-judge": body(true) }, word("accept")),
      make("button", { type: "button", "data-judge": body(false) }, word("reject")),
      make("button", { type: "button", onclick: () => edit(one) }, word("edit outline"))) : null,
    make("h2", { id: "why-here" }, word("why here")),
    ...(one.why ?? []).map((row) => make("div", {},
      make("p", {}, make("b", {}, words[`property ${row.property}`] ?? row.property), ` ${row.value} ${row.interval ? `(${row.interval})` : ""} `, make("span", { class: "tag" }, word(row.status))),
      row.note ? make("p", { class: "muted" }, row.note) : null,
      make("ul", {}, ...row.sources.map((source) => make("li", {}, sourceLink(source)))))),
    ...(one.warnings ?? []).map((told) => make("p", { class: "beware" }, told)),
    make("h2", {}, word("decided")),
    ...(one.decisions.length ? one.decisions.map((told) => make("p", { class: told.stands ? "" : "muted" }, `${told.at.slice(0, 10)} ${told.told} `,
      told.stands && may ? make("button", { type: "button", class: "quiet", "data-undo": told.entry }, word("undo")) : null)) : [make("p", { class: "muted" }, word("nobody decided"))]),
    may ? setForm(one) : null);
}
function sourceLink(source) {
  const [file, element] = source.split("#");
  if (!element) return document.createTextNode(source);
  return make("a", { href: `/facilities/${slug}/drawings/${encodeURIComponent(file)}?element=${encodeURIComponent(element)}` }, source);
}
function setForm(one) {
  const form = make("form", { "data-decide": JSON.stringify({ kind: "set", target: `${slug}/${one.id}` }) },
    make("h2", {}, word("set property")),
    make("label", { class: "field" }, word("property"), make("select", { name: "field" }, ...["label", "role", "not_before", "not_after"].map((name) => make("option", { value: name }, word(`field ${name}`))))),
    make("label", { class: "field" }, word("value"), make("input", { name: "value", maxlength: 200 })),
    make("label", { class: "field" }, word("reason with source"), make("input", { name: "reason", required: true, maxlength: 2000 })),
    make("div", { class: "row end" }, make("button", { type: "submit" }, word("record"))));
  return form;
}

function choose(id) {
  chosen = id; editing = null; vertices.clearLayers();
  const address = new URL(location.href);
  if (id) address.searchParams.set("building", id); else address.searchParams.delete("building");
  history.replaceState(null, "", address);
  showPanel();
}

// ------------------------------------------------------------------------------------------------ drawing an outline

// The building's own direction: that of its longest edge. Edges are kept along it or across it.
function directionOf(ring) {
  let best = 0, angle = 0;
  ring.forEach((p, i) => { const q = ring[(i + 1) % ring.length], length = Math.hypot(q[0] - p[0], q[1] - p[1]); if (length > best) { best = length; angle = Math.atan2(q[1] - p[1], q[0] - p[0]); } });
  return angle;
}
const SNAP_M = 1.5;
function snapped(ring, index, point) {
  if (!$("square")?.checked || ring.length < 3) return point;
  const angle = editing.angle, [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turn = ([x, y]) => [c * x + s * y, -s * x + c * y], back = ([x, y]) => [c * x - s * y, s * x + c * y];
  const [u, v] = turn(point), near = [ring[(index + ring.length - 1) % ring.length], ring[(index + 1) % ring.length]].map(turn);
  let [x, y] = [u, v];
  for (const [a, b] of near) { if (Math.abs(a - u) < SNAP_M) x = a; if (Math.abs(b - v) < SNAP_M) y = b; }
  return back([x, y]);
}
function edit(one) {
  const ring = one.geometry.type === "Polygon" ? one.geometry.coordinates[0] : one.geometry.coordinates[0][0];
  beginEdit({ id: one.id, name: nameOf(one), ring: ring.slice(0, -1).map((p) => [...p]) });
}
function beginEdit(what) {
  editing = { ...what, closed: what.closed ?? true };
  editing.angle = editing.ring.length > 1 ? directionOf(editing.ring) : 0;
  editor = ringEditor(ground.map, vertices, editing, { snap: snapped, changed });
  showPanel();
  editor.draw();
}
let editor = null;
undoWith(() => Boolean(editing) && editor.undo());
function changed() { keepDraft(PAGE, { editing }); showArea(); }
function showArea() {
  if (!$("edited")) return;
  let area = 0;
  const { ring } = editing;
  ring.forEach((p, i) => { const q = ring[(i + 1) % ring.length]; area += p[0] * q[1] - q[0] * p[1]; });
  $("edited").textContent = `${word("area")} ${Math.abs(area / 2).toFixed(0)} m² · ${ring.length} ${word("corners")}`;
}
// Every edge laid along the building's own direction or across it, where it is within 20 degrees of that.
function squareUp() {
  const { ring } = editing, angle = directionOf(ring), [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turned = ring.map(([x, y]) => [c * x + s * y, -s * x + c * y]);
  turned.forEach((p, i) => {
    const q = turned[(i + 1) % turned.length], dx = Math.abs(q[0] - p[0]), dy = Math.abs(q[1] - p[1]);
    const axis = dy < dx * 0.36 ? 1 : dx < dy * 0.36 ? 0 : null;
    if (axis !== null) { const mean = (p[axis] + q[axis]) / 2; p[axis] = mean; q[axis] = mean; }
  });
  turned.forEach((p, i) => { ring[i] = [c * p[0] - s * p[1], s * p[0] + c * p[1]]; });
  editing.angle = angle;
  editor.edited();
}
function showEditor() {
  const label = make("input", { id: "new-label", maxlength: 120 });
  $("panel").replaceChildren(
    make("h2", {}, editing.id ? word("edit of", { name: editing.name }) : word("add building")),
    make("p", { class: "hint" }, word(editing.closed ? "edit hint" : "draw hint")),
    make("label", { class: "row" }, make("input", { type: "checkbox", id: "square", checked: true }), word("keep square")),
    make("p", { id: "edited", class: "muted" }),
    editing.id ? null : make("label", { class: "field" }, word("called"), label),
    make("div", { class: "row" }, make("button", { type: "button", class: "quiet", onclick: squareUp }, word("square up"))),
    make("div", { class: "row end" },
      make("button", { type: "button", class: "quiet", onclick: async () => { const back = editing.id; editing = null; await dropDraft(PAGE); choose(back); } }, word("cancel")),
      make("button", { type: "button", class: "main", id: "save-outline", onclick: () => save(label.value.trim()) }, word("record"))));
  showArea();
}
async function save(label) {
  const { ring, id } = editing;
  if (ring.length < 3) { tell(word("three corners"), { wrong: true }); return; }
  const reason = await askReason(word("edit outline"));
  if (!reason) return;
  const geometry = { type: "Polygon", coordinates: [[...ring, ring[0]]] };
  const body = id ? { kind: "outline", facility: slug, element: id, geometry } : { kind: "add", facility: slug, footprint: "new", geometry, labels: label ? [label] : [] };
  await decideAnew(body, reason, { frame: data.frame, draft: PAGE });
}

// ------------------------------------------------------------------------------------------------ the map

function showDrawn(wanted) {
  drawnLayer.clearLayers();
  if (!wanted) return;
  data.drawn.forEach((one) => one.geometry && L.geoJSON(one.geometry, { style: { color: "#fff", weight: 1.5, dashArray: "3 4", fill: false }, interactive: false, pointToLayer: (_, place) => L.circleMarker(place, { radius: 3, color: "#fff" }) }).addTo(drawnLayer));
}
function showList() {
  const rows = [...data.footprints].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  $("list").replaceChildren(...rows.map((one) => make("li", {}, make("button", { type: "button", class: "link", "data-building": one.id, onclick: () => choose(one.id) }, nameOf(one)), " ", make("span", { class: "tag" }, word(one.status)), one.decisions.some((told) => told.stands) ? make("span", { class: "tag good" }, word("decided")) : null)));
  if (data.unplaced.length) $("unplaced").replaceChildren(make("h2", {}, word("drawn not placed")), make("ul", {}, ...data.unplaced.map((one) => make("li", {}, one.label ?? one.labels?.join(", ") ?? one.id))));
}

async function start() {
  [data, ground] = await Promise.all([ask("GET", `${PAGE}/data`), makeGround(box, slug)]);
  drawnLayer.addTo(ground.map);
  // Large shapes first, so that what lies inside a wall can be clicked.
  for (const one of [...data.footprints].sort((a, b) => (b.area_m2 ?? 0) - (a.area_m2 ?? 0))) {
    const layer = L.geoJSON(one.geometry, { style: styleOf(one.status), pointToLayer: (_, place) => L.circleMarker(place, { radius: 6 }) }).addTo(ground.map);
    layer.status = one.status;
    shapes.set(one.id, layer);
    layer.on("click", (event) => { if (!editing && !ground.measuring) { choose(one.id); L.DomEvent.stop(event.originalEvent ?? event); } });
    if (one.labels?.length) layer.bindTooltip(make("span", {}, one.labels[0]), { permanent: true, direction: "center", className: "name-on-map" });
    asButton(layer, nameOf(one), { footprint: one.id });
  }
  data.waiting?.forEach((one) => L.geoJSON(one.geometry, { style: { color: "#b3261e", weight: 2, dashArray: "6 3", fill: false }, interactive: false }).addTo(ground.map));
  vertices.addTo(ground.map);
  if (data.footprints.length) ground.map.fitBounds(L.featureGroup([...shapes.values()]).getBounds().pad(0.15), { animate: false });
  showList();
  showDrawn(true);
  $("show-drawn").addEventListener("change", (event) => showDrawn(event.target.checked));
  $("add")?.addEventListener("click", () => beginEdit({ id: null, name: "", ring: [], closed: false }));
  ground.map.on("click", (event) => { if (editing && !ground.measuring) editor.click(event); });
  const begun = (await draftOf(PAGE)).state?.editing;
  if (begun && may && (!begun.id || shapes.has(begun.id))) { tell(word("draft found", { at: "" }), { stay: true }); chosen = begun.id; beginEdit(begun); }
  else choose(new URLSearchParams(location.search).get("building"));
  document.body.dataset.ready = "yes";
}
start().catch((trouble) => tellTrouble(trouble));
