// The plan beside the model: what is chosen in one is chosen in the other; a room's property is changed with its source.
import { ask, make, tellTrouble, word } from "/desk/desk.js";
import { mount } from "/static/viewer.js";

const box = document.getElementById("plan");
const { slug, language } = box.dataset, may = box.dataset.may === "yes";
const styles = JSON.parse(document.getElementById("styles").textContent);
const $ = (id) => document.getElementById(id);
const NS = "http://www.w3.org/2000/svg";
let data, viewer = null, chosen = null;

const svg = (tag, attributes, ...children) => {
  const made = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const path = (geometry) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).flat().map((ring) => "M" + ring.map(([x, y]) => `${x.toFixed(3)},${(-y).toFixed(3)}`).join("L") + "Z").join("");
const nameOf = (room) => room.labels.join(", ") || word(room.role) || room.role;
const building = () => data.buildings.find((one) => one.id === $("building").value);

function drawPlan() {
  const one = building();
  box.replaceChildren();
  if (!one) return;
  const storey = one.storeys[$("storey").value] ?? one.storeys[0];
  const points = (one.outline.type === "Polygon" ? one.outline.coordinates : one.outline.coordinates.flat()).flat();
  // The plan is turned so that the building's longest side lies level: it is read more easily so.
  const ring = one.outline.type === "Polygon" ? one.outline.coordinates[0] : one.outline.coordinates[0][0];
  let longest = 0, turn = 0;
  ring.slice(1).forEach((q, i) => { const p = ring[i], length = Math.hypot(q[0] - p[0], q[1] - p[1]); if (length > longest) { longest = length; turn = Math.atan2(q[1] - p[1], q[0] - p[0]); } });
  if (Math.abs(turn) > Math.PI / 2) turn -= Math.sign(turn) * Math.PI;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const turned = points.map(([x, y]) => [c * x + s * y, s * x - c * y]);
  const [xs, ys] = [turned.map((p) => p[0]), turned.map((p) => p[1])];
  const [west, top, wide, tall] = [Math.min(...xs) - 2, Math.min(...ys) - 3, Math.max(...xs) - Math.min(...xs) + 4, Math.max(...ys) - Math.min(...ys) + 6];
  const degrees = (turn * 180) / Math.PI;
  const group = svg("g", { transform: `rotate(${degrees})` });
  group.append(svg("path", { d: path(one.outline), fill: "#dfe4e9", stroke: "#1d2733", "stroke-width": 0.25 }));
  for (const room of storey.rooms) {
    const style = styles[room.status] ?? styles.conjectural;
    const shape = svg("path", { d: path(room.polygon), class: "room", tabindex: 0, role: "button", "aria-label": nameOf(room), "data-room": room.id, fill: room.role === "corridor" ? "#f4f6f8" : "#fff", stroke: style.color, "stroke-width": 0.12, "stroke-dasharray": style.dash ? "0.5 0.3" : null }, svg("title", {}, nameOf(room)));
    shape.addEventListener("click", () => choose(room.id));
    shape.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(room.id); } });
    group.append(shape);
  }
  const labels = svg("g", { "pointer-events": "none" });
  for (const room of storey.rooms) {
    const all = room.polygon.coordinates[0], n = all.length - 1;
    const [x, y] = [0, 1].map((axis) => all.slice(0, n).reduce((sum, p) => sum + p[axis], 0) / n);
    const flat = all.slice(0, n).map(([a, b]) => c * a + s * b), room_wide = Math.max(...flat) - Math.min(...flat);
    const text = nameOf(room), size = Math.min(0.7, (1.7 * room_wide) / Math.max(text.length, 4));
    if (size > 0.22 && inRing(all, x, y)) labels.append(svg("text", { x: c * x + s * y, y: s * x - c * y + size / 3, "text-anchor": "middle", "font-size": size.toFixed(2), fill: "#1d2733" }, text));
  }
  const bar = svg("g", { transform: `translate(${west + 1},${top + tall - 1})` }, svg("path", { d: "M0,0H5M0,-.3V.3M5,-.3V.3", stroke: "#1d2733", "stroke-width": 0.12, fill: "none" }), svg("text", { x: 5.4, y: 0.3, "font-size": 0.8 }, "5 m"));
  const north = svg("g", { transform: `translate(${west + wide - 1.6},${top + 1.6}) rotate(${degrees})` }, svg("path", { d: "M0,-1.1L.45,.6L0,.3L-.45,.6Z", fill: "#1d2733" }));
  box.append(svg("svg", { class: "plan", viewBox: `${west} ${top} ${wide} ${tall}` }, group, labels, bar, north));
  mark();
}
// A corridor that turns a corner has its middle outside itself: no name is put there.
function inRing(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  }
  return inside;
}
function mark() {
  box.querySelectorAll("[data-room]").forEach((one) => one.classList.toggle("chosen", one.dataset.room === chosen));
}
function roomOf(id) {
  for (const one of data.buildings) for (const [index, storey] of one.storeys.entries()) for (const room of storey.rooms) if (room.id === id) return { building: one, index, room };
  return null;
}
function choose(id, from = "plan") {
  const found = roomOf(id);
  chosen = found ? id : null;
  if (found) {
    if ($("building").value !== found.building.id || $("storey").value !== String(found.index)) { $("building").value = found.building.id; storeys(); $("storey").value = found.index; drawPlan(); }
    showRoom(found.room);
  }
  mark();
  if (from !== "model" && viewer && id) viewer.select(id);
}
function showRoom(room) {
  const drawn = room.drawn.map((name) => name);
  const form = may && drawn.length ? make("form", {},
    make("h2", {}, word("set property")),
    make("label", { class: "field" }, word("by which drawing"), make("select", { name: "source" }, ...drawn.map((name) => make("option", {}, name)))),
    make("label", { class: "field" }, word("property"), make("select", { name: "field" }, make("option", { value: "label" }, word("field label")), make("option", { value: "role" }, word("field role")), make("option", { value: "count" }, word("field count")))),
    make("label", { class: "field" }, word("value"), make("input", { name: "value", maxlength: 200 })),
    make("label", { class: "field" }, word("reason with source"), make("input", { name: "reason", required: true, maxlength: 2000 })),
    make("div", { class: "row end" }, make("button", { type: "submit" }, word("record")))) : null;
  if (form) {
    const aim = () => { form.dataset.decide = JSON.stringify({ kind: "set", target: `${slug}/${form.elements.source.value}` }); };
    form.elements.source.addEventListener("change", aim);
    aim();
  }
  $("panel").replaceChildren(make("h2", {}, nameOf(room)),
    make("p", {}, make("span", { class: "tag" }, word(room.status)), make("span", { class: "tag" }, room.role), room.hypothesis ? make("span", { class: "tag warn" }, room.hypothesis) : null),
    make("h3", {}, word("why here")),
    ...room.why.map((row) => make("div", {}, make("p", {}, make("b", {}, row.property), ` ${row.value} ${row.interval ? `(${row.interval})` : ""} `, make("span", { class: "tag" }, word(row.status))), row.note ? make("p", { class: "muted" }, row.note) : null,
      make("ul", {}, ...row.sources.map((source) => make("li", {}, source.includes("#") ? make("a", { href: `/facilities/${slug}/drawings/${encodeURIComponent(source.split("#")[0])}?element=${encodeURIComponent(source.split("#")[1])}` }, source) : source))))),
    form ?? "");
}
function storeys() {
  const one = building();
  $("storey").replaceChildren(...(one?.storeys ?? []).map((_, index) => make("option", { value: index }, String(index + 1))));
}

async function start() {
  data = await ask("GET", `/facilities/${slug}/rooms/data`);
  storeys();
  drawPlan();
  $("building").addEventListener("change", () => { storeys(); drawPlan(); });
  $("storey").addEventListener("change", drawPlan);
  document.querySelectorAll("[data-about]").forEach((button) => button.addEventListener("click", () => {
    const ids = button.dataset.about.split(" ");
    const room = ids.find(roomOf);
    if (room) choose(room); else viewer?.select(ids[0]);
  }));
  if (data.model) {
    const parts = {};
    viewer = await mount($("model"), { glbUrl: data.model, rivals: data.rivals, parts, lang: language, onSelect: (part) => { const id = part?.id ?? part; if (id && id !== chosen) choose(id, "model"); } });
  } else $("model").append(make("p", { class: "over" }, word("not built")));
  document.body.dataset.ready = "yes";
}
start().catch((trouble) => tellTrouble(trouble));
