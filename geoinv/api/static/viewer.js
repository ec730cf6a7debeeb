/**
 * The model viewer: a GLB as geoinv writes it, in a page that allows no script but its own.
 *
 *     import { mount } from "/static/viewer.js";
 *     const viewer = await mount(document.querySelector("#model"), {
 *       glbUrl: "/facilities/example/model.glb",                  // the model
 *       rivals: [{ name: "B", glbUrl: "/facilities/example/model-2.glb" }],  // rival versions, if any
 *       parts: { "building-1": { title: "Main block", rows: [["Height", "3.4 m"]],
 *                                incidents: [{ year: "2012", kind: "beating", text: "…" }] } },
 *       lang: "ko",                                               // or "en"
 *       onSelect: (part) => {},                                   // the chosen part, null when none is
 *       onVersion: (name) => {},                                  // the version that is shown from now on
 *     });
 *     viewer.select("building-1"); viewer.storey(0); viewer.version("B"); viewer.walk(true); viewer.dispose();
 *
 * `parts` adds to what the GLB itself says of each part (names, status, evidence). The page links viewer.css.
 * Where the browser has no WebGL the list of parts and their evidence is shown alone.
 */
import { make, swatch } from "./viewer/dom.js";
import { Looks } from "./viewer/looks.js";
import { load } from "./viewer/model.js";
import { Panel, titleOf } from "./viewer/panel.js";
import { Stage } from "./viewer/stage.js";
import { Walk } from "./viewer/walk.js";
import { STYLES, speaker } from "./viewer/words.js";

const LEAST_DRAG = 5;

export async function mount(element, { glbUrl, rivals = [], parts = {}, lang = "en", onSelect = null, onVersion = null }) {
  const viewer = new Viewer(element, { rivals, given: parts, lang, onSelect, onVersion });
  await viewer.open(glbUrl);
  return viewer;
}

class Viewer {
  constructor(element, { rivals, given, lang, onSelect, onVersion }) {
    Object.assign(this, { element, rivals, given, onSelect, onVersion, say: speaker(lang), names: [], level: null, chosen: null });
    const { say } = this;
    this.canvas = make("canvas", { tabindex: 0, role: "application", "aria-label": say("view") });
    this.tags = make("div", { class: "gv-tags", "aria-hidden": "true" });
    this.needle = make("span", { class: "gv-needle", text: "↑" });
    this.compass = make("div", { class: "gv-compass", "aria-hidden": "true" }, this.needle, make("span", { text: say("north") }));
    this.message = make("p", { class: "gv-message", role: "status", text: say("loading") });
    this.scaleNote = make("span", { class: "gv-scale" });
    this.view = make("div", { class: "gv-view" }, this.canvas, this.tags, this.compass, this.scaleNote, this.message);
    this.bar = make("div", { class: "gv-bar" });
    this.legend = make("details", { class: "gv-legend" }, make("summary", { text: say("legend") }));
    this.panel = new Panel(say, given, (id) => this.select(id, true));
    element.classList.add("gv");
    element.replaceChildren(make("div", { class: "gv-main" }, this.bar, this.view), this.panel.element);
    this.view.append(this.legend);
    this.legend.open = this.view.clientWidth > 640;
    try {
      this.stage = new Stage(this.canvas);
      this.walking = new Walk(this.stage);
      this.looks = new Looks(this.stage.ratio);
      this.stage.after(() => this.label());
      this.listen();
    } catch {
      this.stage = null;
      this.canvas.remove();
    }
  }

  async open(glbUrl) {
    let model;
    try {
      model = await load(glbUrl);
    } catch {
      this.tell(this.say("failed"));
      return;
    }
    this.first = this.first || { name: model.about.hypothesis || "A", glbUrl };
    this.model = model;
    this.level = null;
    this.chosen = null;
    this.panel.show(model.parts);
    this.furnish(glbUrl);
    if (!this.stage) {
      this.tell(this.say("no webgl"));
      return;
    }
    this.tell(null);
    model.parts.forEach((part) => this.looks.dress(part));
    this.stage.show(model.root, model.parts);
    this.name();
    this.storey(null);
    this.stage.look(this.stage.box);
  }

  tell(words) {
    this.message.hidden = words === null;
    this.message.textContent = words || "";
  }

  // What stands around the picture.

  furnish(glbUrl) {
    const { say, model } = this;
    const button = (key, then) => make("button", { type: "button", text: say(key), onclick: then });
    const levels = Array.from({ length: model.storeys }, (_, n) => make("option", { value: n, text: n ? say("cut above", { n: n + 1 }) : say("cut at") }));
    this.levels = make("select", { "aria-label": say("storeys"), onchange: (event) => this.storey(event.target.value === "" ? null : Number(event.target.value)) },
      make("option", { value: "", text: say("whole") }), ...levels);
    const versions = [this.first, ...this.rivals];
    const choice = versions.length > 1 ? make("label", {}, `${say("version")} `, make("select", { onchange: (event) => this.version(event.target.value) },
      ...versions.map((one) => make("option", { value: one.name, text: one.name, selected: one.glbUrl === glbUrl })))) : null;
    this.walkButton = make("button", { type: "button", text: say("walk"), "aria-pressed": "false", onclick: () => this.walk(!this.walking.on) });
    this.pad = make("span", { class: "gv-pad", hidden: true }, ...[["left", "⟲", () => this.walking.turn(1)], ["forward", "▲", () => this.walking.move(2)],
      ["back", "▼", () => this.walking.move(-2)], ["right", "⟳", () => this.walking.turn(-1)]].map(([key, sign, then]) =>
      make("button", { type: "button", "aria-label": say(key), title: say(key), text: sign, onclick: then })));
    const tools = this.stage ? [button("reset", () => this.whole()), button("above", () => this.whole("above")), this.levels, this.walkButton, this.pad] : [];
    const stamp = model.about.fictional ? make("b", { class: "gv-stamp", text: say("fictional") }) : null;
    this.bar.replaceChildren(...[stamp, ...tools, choice].filter(Boolean));
    const used = Object.keys(STYLES).filter((status) => model.parts.some((part) => part.placed === status));
    const left = (model.about.left_out || []).length;
    this.legend.replaceChildren(this.legend.firstChild,
      ...used.map((status) => make("div", { class: "gv-key" }, swatch(STYLES[status]), make("span", { text: say(status) }))),
      left ? make("p", { class: "gv-muted", text: say("left out", { n: left }) }) : "");
  }

  name() {
    const named = this.model.parts.filter((part) => (part.kind === "building" && (part.labels.length || this.given[part.id])) || part.kind === "room");
    this.names = named.map((part) => {
      const count = this.panel.incidents(part).length;
      const mark = part.placed === "contested" ? " !" : "";
      const tag = make("span", { class: part.kind === "room" ? "gv-tag gv-room" : "gv-tag" }, titleOf(part, this.say, this.given) + mark,
        count ? make("span", { class: "gv-count", text: count }) : null);
      return { part, tag, above: part.box.getCenter(part.box.min.clone()).setY(this.top(part)) };
    });
    this.tags.replaceChildren(...this.names.map((one) => one.tag));
    this.scaleNote.textContent = this.say("grid", { n: this.stage.step });
  }

  top(part) {
    const inside = this.model.parts.filter((one) => one.building === part.id && one.kind !== "room");
    return part.kind === "building" ? Math.max(part.box.max.y, ...inside.map((one) => one.box.max.y)) : part.box.max.y + 0.6;
  }

  // Names that would cover one another give way: buildings before rooms, those with incidents first.
  label() {
    this.needle.style.transform = `rotate(${this.stage.north()}deg)`;
    const taken = [];
    const rank = ({ part }) => (part.kind === "building" ? 0 : 2) - (this.panel.incidents(part).length ? 1 : 0);
    for (const one of [...this.names].sort((a, b) => rank(a) - rank(b))) {
      const open = this.level !== null && one.part.kind === "room" && one.part.level === this.level;
      const spot = this.walking.on || !(one.part.kind === "building" ? this.level === null || !this.hasRooms(one.part) : open) ? null : this.stage.spot(one.above);
      const [width, height] = spot ? [one.tag.textContent.length * 4.6 + 10, 11] : [0, 0];
      const clash = !spot || taken.some(([x, y, w, h]) => Math.abs(spot[0] - x) < w + width && Math.abs(spot[1] - y) < h + height);
      one.tag.hidden = clash;
      if (clash) continue;
      taken.push([...spot, width, height]);
      one.tag.style.transform = `translate(-50%, -50%) translate(${spot[0].toFixed(1)}px, ${spot[1].toFixed(1)}px)`;
    }
  }

  hasRooms(building) { return this.model.parts.some((part) => part.building === building.id && part.kind === "room" && part.level === this.level); }

  // What people do.

  /** Choose a part by id, `null` for none; with `go` the camera moves there. */
  select(id, go = false) {
    const part = id === null ? null : this.model.parts.find((one) => one.id === id) || null;
    if (this.stage) {
      if (this.chosen) this.looks.choose(this.chosen, false);
      if (part) this.looks.choose(part, true);
      if (part && part.kind === "room" && this.level !== part.level) this.storey(part.level);
      if (part && go && !this.walking.on) this.look(part);
      this.stage.ask();
    }
    this.chosen = part;
    this.panel.detail(part);
    if (this.onSelect) this.onSelect(part);
  }

  // Into the building where a room is, else at the part from aside.
  look(part) {
    const building = part.building && this.model.parts.find((one) => one.id === part.building);
    this.stage.look((building || part).box, part.kind === "room" ? "over" : "aside");
  }

  /** Open every building at a storey, 0 the lowest; `null` shows them whole. */
  storey(level) {
    this.level = level;
    if (this.levels) this.levels.value = level === null ? "" : String(level);
    for (const part of this.model.parts) {
      const hidden = level !== null && part.building !== null && (part.kind === "roof" ? this.opens(part, level) : part.level > level);
      for (const one of [part.mesh, part.outline]) if (one) one.layers.set(hidden ? 1 : 0);
    }
    if (this.stage) this.stage.ask();
  }

  // A roof over storeys lower than the cut stays closed.
  opens(roof, level) { return roof.level > level; }

  /** Show a rival version by its name. */
  async version(name) {
    const found = [this.first, ...this.rivals].find((one) => one.name === name);
    if (!found) return;
    await this.open(found.glbUrl);
    if (this.onVersion) this.onVersion(found.name);
  }

  whole(from = "aside") {
    this.walk(false);
    this.stage.look(this.stage.box, from);
  }

  /** Walk at eye height from the chosen part, or stop. */
  walk(on) {
    if (!this.stage || on === this.walking.on) return;
    if (on) {
      this.storey(null);
      this.walking.start(this.chosen);
      this.canvas.focus();
    } else this.walking.stop();
    this.walkButton.textContent = this.say(on ? "leave" : "walk");
    this.walkButton.setAttribute("aria-pressed", String(on));
    this.pad.hidden = !on;
    this.canvas.setAttribute("aria-label", this.say(on ? "view walk" : "view"));
    this.scaleNote.textContent = on ? this.say("walk hint") : this.say("grid", { n: this.stage.step });
  }

  listen() {
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; });
    this.canvas.addEventListener("pointermove", (event) => { if (this.walking.on && event.buttons) this.walking.drag(event.movementX, event.movementY); });
    this.canvas.addEventListener("pointerup", (event) => {
      const moved = from ? Math.hypot(event.clientX - from[0], event.clientY - from[1]) : LEAST_DRAG;
      from = null;
      if (moved >= LEAST_DRAG || !this.model) return;
      const part = this.stage.pick(event.clientX, event.clientY);
      this.select(part ? part.id : null);
    });
    this.canvas.addEventListener("keydown", (event) => {
      const act = (this.walking.on ? this.walkKeys : this.viewKeys)[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    const { stage, walking } = this;
    this.viewKeys = {
      ArrowLeft: () => stage.turn(-1, 0), ArrowRight: () => stage.turn(1, 0), ArrowUp: () => stage.turn(0, 1), ArrowDown: () => stage.turn(0, -1),
      "+": () => stage.zoom(0.85), "=": () => stage.zoom(0.85), "-": () => stage.zoom(1.18), Home: () => this.whole(), Escape: () => this.select(null),
    };
    this.walkKeys = {
      ArrowUp: () => walking.move(1), ArrowDown: () => walking.move(-1), ArrowLeft: () => walking.turn(1), ArrowRight: () => walking.turn(-1),
      w: () => walking.move(1), s: () => walking.move(-1), a: () => walking.turn(1), d: () => walking.turn(-1), Escape: () => this.walk(false),
    };
  }

  dispose() {
    if (this.stage) {
      this.looks.dispose();
      this.stage.dispose();
    }
    this.element.replaceChildren();
  }
}
