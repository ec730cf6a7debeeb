// A drawing's sheet with the shapes that were read of it: accepted by naming them, redrawn, taken out, or drawn.
import { ask, askReason, decide, decideAnew, draftOf, dropDraft, keepDraft, make, tell, tellTrouble, undoWith, word } from "/desk/desk.js";
import { asButton, at } from "/desk/ground.js";
import { ringEditor } from "/desk/shapes.js";

const box = document.getElementById("sheet-map");
const { slug, drawing } = box.dataset, may = box.dataset.may === "yes";
const PAGE = `/facilities/${slug}/drawings/${drawing}`;
const $ = (id) => document.getElementById(id);
const COLOURS = { building: "#005f99", room: "#005f99", wall: "#7b1fa2", fence: "#7b1fa2", gate: "#b3261e", door: "#b3261e", tower: "#b3261e", road: "#7a5c00", path: "#7a5c00", water: "#0b7285", corridor: "#14663b" };
const layers = new Map(), vertices = L.layerGroup();
let map, data, editing = null, editor = null;
undoWith(() => Boolean(editing) && editor.undo());

const style = (one, chosen) => ({ color: COLOURS[one.role] ?? "#56616d", weight: chosen ? 5 : 2, dashArray: one.certainty < 0.5 ? "5 4" : null, fillOpacity: one.role === "building" || one.role === "room" ? 0.15 : 0.04 });

function choose(id) {
  const one = data.elements.find((item) => item.id === id);
  layers.forEach((layer, key) => layer.setStyle?.(style(data.elements.find((item) => item.id === key), key === id)));
  if (!one) return;
  const role = $("roles").content.querySelector("select").cloneNode(true), label = make("input", { id: "label", maxlength: 120 });
  role.value = one.role;
  label.value = one.label ?? "";
  const target = `${slug}/${drawing}#${id}`;
  const save = async () => {
    const changes = [["role", role.value, one.role], ["label", label.value.trim() || null, one.label ?? null]].filter(([, now, was]) => now !== was);
    const [field, value] = changes[0] ?? ["role", role.value];
    const reason = await askReason(`${id}: ${field} ${value ?? ""}`, word("as read reason"));
    if (!reason) return;
    for (const [name, now] of changes.slice(1)) if (!(await decide({ kind: "set", target, field: name, value: now }, reason, { quiet: true }))) return;
    await decideAnew({ kind: "set", target, field, value }, reason);
  };
  $("panel").replaceChildren(
    make("h2", {}, one.label ?? one.id), make("p", {}, make("code", {}, id), " ", make("span", { class: "tag" }, word("sure", { percent: Math.round(100 * one.certainty) }))),
    make("label", { class: "field" }, word("role of shape"), role), make("label", { class: "field" }, word("label of shape"), label),
    may ? make("div", { class: "row" }, make("button", { type: "button", class: "main", id: "save-shape", onclick: save }, word("accept")),
      one.geometry.type === "Point" ? null : make("button", { type: "button", onclick: () => redraw(one) }, word("redraw")),
      make("button", { type: "button", id: "gone", onclick: async () => { const reason = await askReason(word("not drawn")); if (reason) decideAnew({ kind: "trace", facility: slug, sketch: drawing, element: id }, reason); } }, word("not drawn"))) : null);
}

function redraw(one) {
  const polygon = one.geometry.type === "Polygon";
  begin({ id: one.id, role: one.role, label: one.label, closed: polygon, ring: (polygon ? one.geometry.coordinates[0].slice(0, -1) : one.geometry.coordinates).map((p) => [...p]) });
}
function begin(what) {
  editing = what;
  editor = ringEditor(map, vertices, editing, { changed: () => keepDraft(PAGE, { editing }) });
  editor.draw();
  const role = $("roles").content.querySelector("select").cloneNode(true), label = make("input", { id: "label", maxlength: 120 });
  role.value = editing.role ?? "building";
  label.value = editing.label ?? "";
  $("panel").replaceChildren(make("h2", {}, editing.id ? word("edit of", { name: editing.label ?? editing.id }) : word("draw new")), make("p", { class: "hint" }, word(editing.id ? "edit hint" : "draw hint")),
    make("label", { class: "field" }, word("role of shape"), role), make("label", { class: "field" }, word("label of shape"), label),
    make("div", { class: "row end" }, make("button", { type: "button", class: "quiet", onclick: async () => { await dropDraft(PAGE); location.reload(); } }, word("cancel")),
      make("button", { type: "button", class: "main", id: "save-shape", onclick: () => save(role.value, label.value.trim() || null) }, word("record"))));
}
async function save(role, label) {
  const { ring, closed, id } = editing;
  if (ring.length < (closed ? 3 : 2)) { tell(word("three corners"), { wrong: true }); return; }
  const reason = await askReason(word(id ? "redraw" : "draw new"));
  if (!reason) return;
  const rounded = ring.map((p) => p.map((value) => Math.round(value * 100) / 100));
  const geometry = closed ? { type: "Polygon", coordinates: [[...rounded, rounded[0]]] } : { type: "LineString", coordinates: rounded };
  await decideAnew({ kind: "trace", facility: slug, sketch: drawing, element: id ?? "new", geometry, role, label }, reason, { draft: PAGE });
}

async function start() {
  data = await ask("GET", `/facilities/${slug}/drawings/${encodeURIComponent(drawing)}/data`);
  if (data.problem) { tell(data.problem, { wrong: true }); return; }
  const [width, height] = data.size, bounds = L.latLngBounds(at(0, 0), at(width, height));
  map = L.map(box, { crs: L.CRS.Simple, minZoom: -8, maxZoom: 6, zoomSnap: 0.25, attributionControl: false, zoomAnimation: false });
  L.imageOverlay(`/facilities/${slug}/drawings/${encodeURIComponent(drawing)}/picture`, bounds, { alt: drawing }).addTo(map);
  map.fitBounds(bounds, { animate: false });
  const size = (one) => { const b = L.geoJSON(one.geometry).getBounds(); return (b.getNorth() - b.getSouth()) * (b.getEast() - b.getWest()); };
  for (const one of [...data.elements].sort((a, b) => size(b) - size(a))) {
    const layer = L.geoJSON(one.geometry, { style: style(one, false), pointToLayer: (_, place) => L.circleMarker(place, { radius: 5 }) }).addTo(map);
    layers.set(one.id, layer);
    layer.bindTooltip(make("span", {}, [one.label ?? one.id, one.role].join(" · ")), { sticky: true });
    layer.on("click", () => { if (!editing) choose(one.id); });
    asButton(layer, [one.label ?? one.id, one.role].join(" · "), { element: one.id });
  }
  vertices.addTo(map);
  map.on("click", (event) => { if (editing) editor.click(event); });
  $("opacity").addEventListener("input", (event) => { map.getPane("overlayPane").style.opacity = ""; box.querySelectorAll(".leaflet-overlay-pane svg").forEach((one) => { one.style.opacity = event.target.value / 100; }); });
  $("draw")?.addEventListener("click", () => begin({ id: null, closed: false, ring: [] }));
  const begun = (await draftOf(PAGE)).state?.editing;
  if (begun && may) { tell(word("draft found", { at: "" }), { stay: true }); begin(begun); }
  else choose(new URLSearchParams(location.search).get("element"));
  document.body.dataset.ready = "yes";
}
start().catch((trouble) => tellTrouble(trouble));
