// A building's plan, drawn to be clicked; and a plan with its lists of buildings and storeys, to pick rooms on.
import { make, word } from "/desk/desk.js";

const NS = "http://www.w3.org/2000/svg";

const svg = (tag, attributes, ...children) => {
  const made = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const path = (geometry) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).flat().map((ring) => "M" + ring.map(([x, y]) => `${x.toFixed(3)},${(-y).toFixed(3)}`).join("L") + "Z").join("");
export const nameOf = (room) => room.labels.join(", ") || word(room.role) || room.role;

// One storey of a building into a box; a room is chosen by click, Enter or space.
export function drawStorey(box, one, storey, styles, choose) {
  box.replaceChildren();
  if (!one) return;
  const points = (one.outline.type === "Polygon" ? one.outline.coordinates : one.outline.coordinates.flat()).flat();
  // The plan is turned so that the building's longest side lies level: it is read more easily so.
  const ring = one.outline.type === "Polygon" ? one.outline.coordinates[0] : one.outline.coordinates[0][0];
  let longest = 0, turn = 0;
  ring.slice(1).forEach((q, i) => { const p = ring[i], length = Math.hypot(q[0] - p[0], q[1] - p[1]); if (length > longest) { longest = length; turn = Math.atan2(q[1] - p[1], q[0] - p[0]); } });
  if (one.north_up) turn = 0;
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
    const all = room.polygon.type === "MultiPolygon" ? room.polygon.coordinates[0][0] : room.polygon.coordinates[0], n = all.length - 1;
    const [x, y] = room.middle ?? [0, 1].map((axis) => all.slice(0, n).reduce((sum, p) => sum + p[axis], 0) / n);
    const flat = all.slice(0, n).map(([a, b]) => c * a + s * b), room_wide = Math.max(...flat) - Math.min(...flat);
    const text = nameOf(room), size = Math.min(Math.max(0.7, wide / 50), (1.7 * room_wide) / Math.max(text.length, 4));
    if (size > 0.22 && inRing(all, x, y)) labels.append(svg("text", { x: c * x + s * y, y: s * x - c * y + size / 3, "text-anchor": "middle", "font-size": size.toFixed(2), fill: "#1d2733" }, text));
  }
  const bar = svg("g", { transform: `translate(${west + 1},${top + tall - 1})` }, svg("path", { d: "M0,0H5M0,-.3V.3M5,-.3V.3", stroke: "#1d2733", "stroke-width": 0.12, fill: "none" }), svg("text", { x: 5.4, y: 0.3, "font-size": 0.8 }, "5 m"));
  const north = svg("g", { transform: `translate(${west + wide - 1.6},${top + 1.6}) rotate(${degrees})` }, svg("path", { d: "M0,-1.1L.45,.6L0,.3L-.45,.6Z", fill: "#1d2733" }));
  box.append(svg("svg", { class: "plan", viewBox: `${west} ${top} ${wide} ${tall}` }, group, labels, bar, north));
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

// A plan to pick rooms on: `pick` is told the room's id; `mark` shows which are picked, by class (id → class). `point`
// waits for one click anywhere and tells where it was, metres east and north; `spot` shows such a place.
export function planPicker(buildings, styles, pick) {
  const inside = make("select", {}, ...buildings.map((one, index) => make("option", { value: index }, one.labels.join(", ") || one.id)));
  const storey = make("select", {});
  const box = make("div", { class: "map" });
  let marks = {}, spot = null, pointing = null;
  const paint = () => {
    box.querySelectorAll("[data-room]").forEach((room) => {
      room.classList.remove("chosen", "from", "to");
      const as = marks[room.dataset.room];
      if (as) room.classList.add(as);
      room.setAttribute("aria-pressed", as ? "true" : "false");
    });
    box.querySelectorAll(".spot").forEach((one) => one.remove());
    if (spot) box.querySelector("svg.plan > g")?.append(svg("circle", { class: "spot", cx: spot[0], cy: -spot[1], r: 0.45 }));
  };
  const draw = () => { const one = buildings[inside.value]; drawStorey(box, one, one?.storeys[storey.value], styles, pick); paint(); };
  const fill = () => { storey.replaceChildren(...(buildings[inside.value]?.storeys ?? []).map((_, index) => make("option", { value: index }, String(index + 1)))); draw(); };
  inside.addEventListener("change", fill);
  storey.addEventListener("change", draw);
  // While a spot is asked for, a click says where it is, not which room.
  box.addEventListener("click", (event) => {
    const group = box.querySelector("svg.plan > g");
    if (!pointing || !group) return;
    event.stopPropagation();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(group.getScreenCTM().inverse());
    pointing([Math.round(at.x * 100) / 100, Math.round(-at.y * 100) / 100]);
  }, true);
  fill();
  const bar = make("div", { class: "bar" }, make("label", {}, word("building"), " ", inside), make("label", {}, word("storey"), " ", storey));
  return {
    element: make("div", { class: "picker", role: "group", "aria-label": word("plan") }, bar, box),
    mark(which) { marks = which; paint(); },
    point(told) { pointing = told; box.classList.toggle("pointing", Boolean(told)); },
    spot(at) { spot = at; paint(); },
  };
}
