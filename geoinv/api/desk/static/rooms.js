// The plan beside the model: what is chosen in one is chosen in the other; a room's property is changed with its source.
import { ask, make, tellTrouble, word, words } from "/desk/desk.js";
import { drawStorey, nameOf } from "/desk/plan.js";
import { mount } from "/static/viewer.js";

const box = document.getElementById("plan");
const { slug, language } = box.dataset, may = box.dataset.may === "yes";
const styles = JSON.parse(document.getElementById("styles").textContent);
const $ = (id) => document.getElementById(id);
let data, viewer = null, chosen = null, version = "A";

const building = () => data.buildings.find((one) => one.id === $("building").value);

function drawPlan() {
  const one = building();
  const storey = one?.storeys[$("storey").value] ?? one?.storeys[0];
  // Of rival versions the plan shows the one that the model shows.
  const shown = (part) => !part.hypothesis || part.hypothesis.split("+").includes(version);
  drawStorey(box, one, storey && { ...storey, rooms: storey.rooms.filter(shown), openings: storey.openings.filter(shown) }, styles, choose);
  mark();
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
  if (from !== "model" && viewer && id) viewer.select(id, true);
}
function showRoom(room) {
  const drawn = room.drawn.map((name) => name);
  const form = may && drawn.length ? make("form", {},
    make("h2", {}, word("set property")),
    make("label", { class: "field" }, word("by which drawing"), make("select", { id: "source" }, ...drawn.map((name) => make("option", {}, name)))),
    make("label", { class: "field" }, word("property"), make("select", { name: "field" }, make("option", { value: "label" }, word("field label")), make("option", { value: "role" }, word("field role")), make("option", { value: "count" }, word("field count")))),
    make("label", { class: "field" }, word("value"), make("input", { name: "value", maxlength: 200 })),
    make("label", { class: "field" }, word("reason with source"), make("input", { name: "reason", required: true, maxlength: 2000 })),
    make("div", { class: "row end" }, make("button", { type: "submit" }, word("record")))) : null;
  if (form) {
    // The drawing has no name in the form: it is part of what the decision is about, not one of its fields.
    const aim = () => { form.dataset.decide = JSON.stringify({ kind: "set", target: `${slug}/${form.elements.source.value}` }); };
    form.elements.source.addEventListener("change", aim);
    aim();
  }
  $("panel").replaceChildren(make("h2", {}, nameOf(room)),
    make("p", {}, make("span", { class: "tag" }, word(room.status)), make("span", { class: "tag" }, room.role), room.hypothesis ? make("span", { class: "tag warn" }, room.hypothesis) : null),
    make("h3", {}, word("why here")),
    ...room.why.map((row) => make("div", {}, make("p", {}, make("b", {}, words[`property ${row.property}`] ?? row.property), ` ${row.value} ${row.interval ? `(${row.interval})` : ""} `, make("span", { class: "tag" }, word(row.status))), row.note ? make("p", { class: "muted" }, row.note) : null,
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
    if (room) choose(room); else viewer?.select(ids[0], true);
  }));
  if (data.model) {
    const parts = {};
    viewer = await mount($("model"), { glbUrl: data.model, rivals: data.rivals, parts, lang: language, onSelect: (part) => { const id = part?.id ?? part; if (id && id !== chosen) choose(id, "model"); }, onVersion: (name) => { version = name; drawPlan(); } });
  } else $("model").append(make("p", { class: "over" }, word("not built")));
  document.body.dataset.ready = "yes";
}
start().catch((trouble) => tellTrouble(trouble));
