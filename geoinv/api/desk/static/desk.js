// What every page of the desk shares: requests that carry the session's token, decisions with undo and conflicts,
// drafts that outlive a crash, and one way to ask for a reason. Texts are set as text, never as markup.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const wordBlock = document.getElementById("words");
export const words = wordBlock ? JSON.parse(wordBlock.textContent) : {};
export const word = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key);

let seen = Number(meta("seen"));
const own = [];

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export class Trouble extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.problem = problem;
  }
}

export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { accept: "application/json", "x-geoinv-token": meta("token"), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: "error",
    });
  } catch {
    throw new Trouble(0, { detail: word("offline") });
  }
  const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  if (answer.ok) return told;
  throw new Trouble(answer.status, told);
}

// ------------------------------------------------------------------------------------------------ telling

export function tell(text, { wrong = false, undo = null, stay = false } = {}) {
  const box = document.getElementById("told");
  const line = make("div", { class: wrong ? "told wrong" : "told", role: wrong ? "alert" : "status" }, make("span", {}, text));
  if (undo) line.append(make("button", { type: "button", class: "quiet", "data-take-back": true, onclick: () => takeBack(undo, line) }, word("undo")));
  line.append(make("button", { type: "button", class: "quiet", "aria-label": word("close"), onclick: () => line.remove() }, "×"));
  box.replaceChildren(line);
  if (!wrong && !undo && !stay) setTimeout(() => line.remove(), 6000);
}

export function tellTrouble(trouble) {
  if (trouble.status === 401) {
    tell(trouble.message, { wrong: true });
    const to = encodeURIComponent(location.pathname + location.search);
    document.querySelector("#told .told").append(make("a", { class: "button", href: `/sign-in?next=${to}` }, word("sign in")));
  } else tell(trouble.message, { wrong: true });
}

// Told on the next page, after this one is shown anew.
export function tellNext(text, undo = null) {
  sessionStorage.setItem("geoinv-told", JSON.stringify({ text, undo }));
}

async function takeBack(entry, line) {
  const reason = await askReason(word("undo"), word("undo reason"));
  if (reason === null) return;
  line?.remove();
  if (await decide({ kind: "undo", entry }, reason, { quiet: true })) {
    tellNext(word("taken back"));
    location.reload();
  }
}

// ------------------------------------------------------------------------------------------------ dialogs

function dialog(title, content, buttons) {
  return new Promise((resolve) => {
    const opener = document.activeElement;
    const box = make("dialog", { "aria-label": title });
    const end = (value) => { box.close(); box.remove(); opener?.focus?.(); resolve(value); };
    const row = make("div", { class: "row end" });
    const form = make("form", { method: "dialog" }, make("h2", {}, title), ...content, row);
    for (const [label, kind, value] of buttons) {
      row.append(make("button", { type: kind === "main" ? "submit" : "button", class: kind, onclick: kind === "main" ? () => {} : () => end(value()) }, label));
    }
    form.addEventListener("submit", (event) => { event.preventDefault(); end(buttons.find((one) => one[1] === "main")[2]()); });
    box.addEventListener("cancel", (event) => { event.preventDefault(); end(null); });
    box.append(form);
    document.body.append(box);
    box.showModal();
  });
}

export function askReason(title, suggestion = "") {
  const field = make("textarea", { id: "why", rows: 3, required: true, maxlength: 2000, "aria-describedby": "why-hint" });
  field.value = suggestion;
  setTimeout(() => { field.focus(); field.select(); }, 0);
  return dialog(title, [make("label", { for: "why" }, word("reason")), field, make("p", { class: "hint", id: "why-hint" }, word("reason hint"))], [
    [word("cancel"), "quiet", () => null],
    [word("record"), "main", () => field.value.trim()],
  ]);
}

function askConflict(told) {
  return dialog(word("conflict"), [make("p", { class: "quote" }, told), make("p", {}, word("conflict means"))], [
    [word("keep theirs"), "quiet", () => null],
    [word("record mine"), "main", () => true],
  ]);
}

// ------------------------------------------------------------------------------------------------ decisions

export async function decide(body, reason, { frame = null, draft = null, quiet = false } = {}) {
  // A draft still waiting to be kept would otherwise be kept after what it led to is recorded.
  if (draft) clearTimeout(waiting.get(draft));
  for (let sure = false; ; ) {
    try {
      const made = await ask("POST", "/decide", { body, reason, frame, draft, seen, own });
      own.push(made.entry);
      if (!quiet) tell(word("recorded"), { undo: made.entry });
      return made;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      if (trouble.status === 409 && !sure && (await askConflict(trouble.message))) {
        seen = Number((await ask("GET", "/seen")).number);
        sure = true;
        continue;
      }
      if (trouble.status === 409) location.reload();
      else tellTrouble(trouble);
      return null;
    }
  }
}

// A decision whose page is then shown anew.
export async function decideAnew(body, reason, options = {}) {
  const made = await decide(body, reason, { ...options, quiet: true });
  if (!made) return false;
  tellNext(word("recorded"), made.entry);
  location.reload();
  return true;
}

// ------------------------------------------------------------------------------------------------ drafts

const waiting = new Map();
export function keepDraft(page, state) {
  clearTimeout(waiting.get(page));
  waiting.set(page, setTimeout(async () => {
    try {
      await ask("PUT", "/draft", { page, state });
      const mark = document.getElementById("draft");
      if (mark) mark.textContent = word("draft kept");
    } catch (trouble) { tellTrouble(trouble); }
  }, 400));
}
export async function draftOf(page) {
  try { return await ask("GET", `/draft?page=${encodeURIComponent(page)}`); } catch { return {}; }
}
export async function dropDraft(page) {
  clearTimeout(waiting.get(page));
  await ask("POST", "/draft/drop", { page });
}

// ------------------------------------------------------------------------------------------------ keys

// What a page can take back of what was begun and not recorded: told to go one step back, it says whether it could.
let stepBack = null;
export function undoWith(step) { stepBack = step; }

function showKeys() {
  const page = location.pathname.split("/")[3] ?? "";
  const told = [words[`keys ${page}`], words["keys everywhere"]].filter(Boolean).flatMap((text) => text.split("\n"));
  const rows = told.map((line) => { const [keys, what] = line.split(" — "); return [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what)]; });
  return dialog(word("keys"), [make("dl", {}, ...rows.flat())], [[word("close"), "main", () => null]]);
}
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, dialog")) return;
  if (event.key === "?") { event.preventDefault(); showKeys(); }
  else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (!stepBack?.()) document.querySelector("#told [data-take-back]")?.click();
  }
});
document.getElementById("keys")?.addEventListener("click", showKeys);

// ------------------------------------------------------------------------------------------------ forms

// <form data-post="/path"> sends its fields as JSON and shows the page anew; <form data-decide='{…}'> records a decision
// whose other fields it gives.
async function send(form) {
  const data = Object.fromEntries(new FormData(form).entries());
  const button = form.querySelector("button[type=submit]");
  if (button) button.disabled = true;
  try {
    if (form.dataset.decide) {
      const { reason, ...fields } = data;
      const body = { ...JSON.parse(form.dataset.decide) };
      for (const [key, value] of Object.entries(fields)) body[key] = value === "" ? null : value;
      await decideAnew(body, reason);
    } else {
      const told = await ask("POST", form.dataset.post, data);
      if (form.dataset.told) tellNext(word(form.dataset.told));
      if (form.dataset.to) location.assign(form.dataset.to.replace("{slug}", told.slug ?? ""));
      else location.reload();
    }
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    tellTrouble(trouble);
  } finally {
    if (button) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.post || form.dataset.decide) { event.preventDefault(); send(form); }
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-undo], button[data-judge]");
  if (!button) return;
  if (button.dataset.undo) takeBack(button.dataset.undo, null);
  else {
    const reason = await askReason(button.textContent);
    if (reason) decideAnew(JSON.parse(button.dataset.judge), reason);
  }
});
document.addEventListener("change", (event) => {
  const go = event.target.closest("select[data-go]");
  if (go) location.assign(go.value);
});

const told = JSON.parse(sessionStorage.getItem("geoinv-told") ?? "null");
if (told) { sessionStorage.removeItem("geoinv-told"); tell(told.text, { undo: told.undo }); }
// A page that comes back by the back button shows the case as it was: it is asked for anew.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
