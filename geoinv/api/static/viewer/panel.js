// Beside the picture: the list of parts, and of the chosen one how it is known and what happened there.
import { make, swatch } from "./dom.js";
import { STYLES } from "./words.js";

const INNER = ["room", "opening", "stair", "fixture", "wall", "storey", "roof"];
const OUTER = ["building", "perimeter wall", "gate", "tower", "path", "coping", "wire", "terrain"];

export function titleOf(part, say, given = {}) {
  const told = given[part.id] && given[part.id].title;
  const name = told || part.labels[0];
  const what = say(part.role || part.kind);
  return name ? name : part.kind === "building" ? `${say("building")} (${say("unnamed")})` : what;
}

function rank(kinds, part) {
  const at = kinds.indexOf(part.kind);
  return at < 0 ? kinds.length : at;
}

function ordered(parts, kinds, say) {
  return [...parts].sort((a, b) => rank(kinds, a) - rank(kinds, b) || a.level - b.level
    || titleOf(a, say).localeCompare(titleOf(b, say), undefined, { numeric: true }) || (a.id < b.id ? -1 : 1));
}

export class Panel {
  constructor(say, given, choose) {
    Object.assign(this, { say, given, choose });
    this.search = make("input", { type: "search", class: "gv-find", placeholder: say("find"), "aria-label": say("find"), oninput: () => this.filter() });
    this.total = make("p", { class: "gv-muted" });
    this.list = make("ul", { class: "gv-parts" });
    this.details = make("section", { class: "gv-details", "aria-live": "polite" });
    this.listing = make("section", { class: "gv-listing", "aria-label": say("parts") }, this.search, this.total, this.list);
    this.element = make("div", { class: "gv-panel" }, this.details, this.listing);
  }

  show(parts) {
    this.parts = parts;
    this.buttons = new Map();
    const top = ordered(parts.filter((part) => !part.building), OUTER, this.say);
    this.list.replaceChildren(...top.map((part) => {
      const inside = ordered(parts.filter((one) => one.building === part.id && (one.kind === "room" || one.labels.length)), INNER, this.say);
      const rest = inside.length ? make("ul", {}, ...inside.map((one) => make("li", {}, this.row(one)))) : null;
      return make("li", {}, this.row(part), rest);
    }));
    this.total.textContent = this.say("total", { n: parts.length });
    this.detail(null);
  }

  row(part) {
    const count = this.incidents(part).length;
    const words = `${titleOf(part, this.say, this.given)}, ${this.say(part.placed)}`;
    const button = make("button", { type: "button", class: "gv-row", "aria-pressed": "false", title: words, onclick: () => this.choose(part.id) },
      swatch(STYLES[part.placed] || STYLES.conjectural), make("span", { text: titleOf(part, this.say, this.given) }),
      make("span", { class: "gv-hidden", text: `, ${this.say(part.placed)}` }),
      count ? make("span", { class: "gv-count", text: count, title: this.say("incidents") }) : null);
    this.buttons.set(part.id, button);
    return button;
  }

  incidents(part) { return (this.given[part.id] && this.given[part.id].incidents) || []; }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    for (const item of this.list.querySelectorAll("li")) {
      item.hidden = Boolean(wanted) && !item.textContent.toLowerCase().includes(wanted);
    }
  }

  detail(part) {
    for (const [id, button] of this.buttons) button.setAttribute("aria-pressed", String(Boolean(part) && id === part.id));
    const { say } = this;
    if (!part) {
      this.details.replaceChildren(make("p", { class: "gv-muted", text: say("choose one") }));
      return;
    }
    const button = this.buttons.get(part.id);
    if (button) button.scrollIntoView({ block: "nearest" });
    const told = this.given[part.id] || {};
    const rows = [[say("kind"), part.role && part.role !== part.kind ? `${say(part.kind)} · ${say(part.role)}` : say(part.kind)],
      [say("known"), say(part.status)]];
    if (part.placed !== part.status) rows.push([say("placed"), say(part.placed)]);
    if (part.labels.length > 1) rows.push([say("called"), part.labels.join(", ")]);
    rows.push(...(told.rows || []));
    this.details.replaceChildren(
      make("h2", {}, swatch(STYLES[part.placed] || STYLES.conjectural), titleOf(part, say, this.given)),
      make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })])),
      this.happened(part), this.evidence(part));
  }

  // What happened in a room, and beside it what is known of its building only.
  happened(part) {
    const building = part.building ? this.given[part.building] : null;
    const lists = [["incidents", this.incidents(part)], ["incidents of", (building && building.incidents) || []]];
    return make("div", {}, ...lists.filter(([, told]) => told.length).map(([heading, told]) => make("section", {},
      make("h3", { text: `${this.say(heading)} (${told.length})` }),
      make("ul", { class: "gv-incidents" }, ...told.map((one) => make("li", {},
        make("b", { text: [one.year, one.kind].filter(Boolean).join(" · ") }), one.text ? ` ${one.text}` : ""))))));
  }

  evidence(part) {
    const { say } = this;
    const head = make("tr", {}, ...["property", "known", "interval", "sources"].map((name) => make("th", { scope: "col", text: say(name) })));
    const rows = part.evidence.map((one) => make("tr", {}, make("th", { scope: "row", text: say(one.name) }),
      make("td", { text: say(one.status) }), make("td", { text: range(one, say) }),
      make("td", { text: one.sources.length || "", title: one.sources.join("\n") })));
    const table = rows.length ? make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)) : make("p", { class: "gv-muted", text: say("no evidence") });
    return make("section", {}, make("h3", { text: say("evidence") }), table);
  }
}

function range(one, say) {
  const { interval, value } = one;
  const short = (number) => String(Math.round(number * 100) / 100);
  if (interval) return say("between", { low: short(interval.low), high: short(interval.high), unit: interval.unit || "m" });
  return value === null || value === undefined ? "" : short(value);
}
