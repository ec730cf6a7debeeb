// Writing a claim down: whose words, what they say, from where to where, and under what conditions; each thing that can
// be claimed shows its own fields only. What was begun is kept as a draft.
import { ask, decideAnew, draftOf, dropDraft, keepDraft, tell, tellTrouble, word } from "/desk/desk.js";
import { planPicker } from "/desk/plan.js";

const box = document.getElementById("claim");
const $ = (id) => document.getElementById(id);
const block = (id) => JSON.parse($(id).textContent);

// A part is named by what somebody else drew of it, since a claim is tested without the claimant's own drawings; ids
// of rooms follow from their place in a row and may go to another room.
function nameOf(id, witness, known) {
  const drawn = known.parts[id] ?? [];
  return drawn.find((name) => known.drawers[name.split("#")[0]] !== witness) ?? drawn[0] ?? id;
}

async function start() {
  const { slug } = box.dataset, form = box.querySelector("form"), { elements: field } = form, known = block("known");
  const PAGE = `/facilities/${slug}/claims`;
  let spot = null;
  const chosen = () => field.form.selectedOptions[0].dataset;
  const asks = () => new Map(chosen().asks.split(" ").map((name) => [name.replace("?", ""), name.endsWith("?")]));
  const data = await ask("GET", `/facilities/${slug}/rooms/data`);
  const picker = planPicker([...data.buildings, ...(known.site ? [known.site] : [])], block("styles"), (part) => {
    // The first click says from where, the second to where, a third begins anew.
    const asked = asks();
    if (!asked.has("from")) return;
    if (!asked.has("to")) field.from.value = part;
    else if (!field.from.value || field.to.value) { field.from.value = part; field.to.value = ""; }
    else field.to.value = part;
    mark();
    keep();
  });
  $("picker").append(picker.element);

  function mark() {
    const asked = asks();
    const from = asked.has("from") && field.from.value ? { [field.from.value]: "from" } : {};
    picker.mark({ ...from, ...(asked.has("to") && field.to.value ? { [field.to.value]: "to" } : {}) });
    picker.spot(asked.has("spot") ? spot : null);
    $("spot-told").textContent = spot ? `${spot[0].toFixed(1)}, ${spot[1].toFixed(1)} m` : "";
    $("spot-none").hidden = !spot;
  }
  function fit() {
    const asked = asks(), units = chosen().units.split(" ").filter(Boolean);
    if (field.by.value === "path") asked.delete("ends");
    form.querySelectorAll("[data-ask]").forEach((one) => {
      const shown = asked.has(one.dataset.ask);
      one.hidden = !shown;
      one.querySelectorAll("[data-need]").forEach((input) => { input.required = shown && !asked.get(one.dataset.ask); });
    });
    const wanted = asked.has("measure") ? [known.measures[field.measure.value]] : units;
    for (const option of field.unit.options) option.hidden = option.disabled = !wanted.includes(option.value);
    field.unit.disabled = wanted.length < 2;
    if (wanted.length && !wanted.includes(field.unit.value)) field.unit.value = wanted[0];
    $("picking").textContent = word(asked.has("to") ? "pick means" : asked.has("from") ? "pick one means" : "pick nothing means");
    $("from-word").textContent = word(asked.has("to") ? "pick from" : chosen().kind === "dimension" ? "pick of what" : "pick room");
    if (!asked.has("spot")) point(false);
    mark();
  }
  function point(on) {
    $("spot").setAttribute("aria-pressed", String(on));
    picker.point(on ? (at) => { spot = at; point(false); mark(); keep(); } : null);
  }

  // -------------------------------------------------------------------------------------------- the claim itself

  const range = (low, high, unit, said = null) => {
    if (field[low].value === "" && field[high].value === "") return null;
    const ends = [field[low].value || field[high].value, field[high].value || field[low].value].map(Number).sort((a, b) => a - b);
    return { low: ends[0], best: (ends[0] + ends[1]) / 2, high: ends[1], unit, ...(said ? { said } : {}) };
  };
  function conditions(asked) {
    const found = {};
    if (asked.has("pose")) found.pose = field.pose.value;
    if (asked.has("standing") && field.standing.value) found.standing_on_m = Number(field.standing.value);
    if (asked.has("eyes") && range("eye_low", "eye_high", "m")) found.eye_height_m = range("eye_low", "eye_high", "m");
    if (asked.has("pace") && range("pace_low", "pace_high", "m/s")) found.pace_m_s = range("pace_low", "pace_high", "m/s");
    if (asked.has("hatch") && field.hatch.value) found.hatch = field.hatch.value;
    for (const name of ["night", "blindfold", "obstruction"]) if (asked.has(name) && field[name].checked) found[name] = true;
    return found;
  }
  function claimed() {
    const asked = asks(), { kind, counted } = chosen(), { witness } = field.statement.selectedOptions[0].dataset;
    const claim = { id: "new", witness, kind, said: field.said.value, negated: field.negated.checked, conditions: conditions(asked) };
    claim.subject = asked.has("what") ? field.what.value : nameOf(field.from.value, witness, known);
    if (asked.has("to")) claim.object = nameOf(field.to.value, witness, known);
    if (asked.has("range")) claim.said_value = range("low", "high", field.unit.value, field.said.value);
    if (asked.has("occupants")) claim.occupants = range("people_low", "people_high", "count");
    if (asked.has("measure")) claim.measure = field.measure.value;
    if (counted) claim.counted = counted;
    if (asked.has("by")) claim.by = field.by.value;
    if (asked.has("ends") && field.by.value === "air") claim.ends = field.ends.value;
    if (asked.has("spot") && spot) claim.viewpoint = spot;
    if (asked.has("date") && field.date.value.trim()) claim.date = field.date.value.trim();
    if (asked.has("season") && field.season.value) {
      if (!/^\d{4}$/.test(claim.date ?? "")) { tell(word("season needs year"), { wrong: true }); field.date.focus(); return null; }
      claim.date = `${claim.date}-${field.season.value}`;
    }
    if (asked.has("time")) claim.time = [field.time_from.value, field.time_to.value].filter(Boolean);
    if (asked.has("utc") && field.utc.value !== "") claim.utc_offset_h = Number(field.utc.value);
    return claim;
  }

  // -------------------------------------------------------------------------------------------- drafts and sending

  const inputs = () => [...field].filter((one) => one.name);
  const keep = () => keepDraft(PAGE, { spot, values: Object.fromEntries(inputs().map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value])) });
  function restore(state) {
    spot = state.spot ?? null;
    for (const one of inputs()) {
      const value = state.values?.[one.name];
      if (value !== undefined) { if (one.type === "checkbox") one.checked = value; else one.value = value; }
    }
  }
  form.addEventListener("input", () => { fit(); keep(); });
  field.statement.addEventListener("change", () => { field.said.value = field.statement.selectedOptions[0].dataset.said ?? ""; keep(); });
  $("spot").addEventListener("click", () => point($("spot").getAttribute("aria-pressed") !== "true"));
  $("spot-none").addEventListener("click", () => { spot = null; mark(); keep(); $("spot").focus(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") point(false); });
  $("anew").addEventListener("click", async () => { await dropDraft(PAGE); form.reset(); spot = null; fit(); $("draft").textContent = ""; });
  form.addEventListener("submit", async (sent) => {
    sent.preventDefault();
    const claim = claimed();
    if (!claim) return;
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try { await decideAnew({ kind: "claim", facility: slug, statement: field.statement.value, claim }, field.reason.value, { draft: PAGE }); } finally { button.disabled = false; }
  });
  const draft = await draftOf(PAGE);
  if (draft.state) {
    restore(draft.state);
    tell(word("draft found", { at: draft.at.slice(0, 16).replace("T", " ") }), { stay: true });
  }
  fit();
}
(box ? start() : Promise.resolve()).catch((trouble) => tellTrouble(trouble)).finally(() => { document.body.dataset.ready = "yes"; });
