// Writing a claim down: whose words, of what kind, and from where to where, picked in lists or on the plan.
import { ask, decideAnew, tellTrouble } from "/desk/desk.js";
import { planPicker } from "/desk/plan.js";

const box = document.getElementById("claim");
const block = (id) => JSON.parse(document.getElementById(id).textContent);

// A part is named by what somebody else drew of it, since a claim is tested without the claimant's own drawings; ids
// of rooms follow from their place in a row and may go to another room.
function nameOf(id, witness, known) {
  const drawn = known.parts[id] ?? [];
  return drawn.find((name) => known.drawers[name.split("#")[0]] !== witness) ?? drawn[0] ?? id;
}

async function start() {
  const { slug } = box.dataset, form = box.querySelector("form"), { elements: field } = form, known = block("drawn");
  const kind = () => field.kind.selectedOptions[0].dataset;
  const data = await ask("GET", `/facilities/${slug}/rooms/data`);
  const picker = planPicker(data.buildings, block("styles"), (room) => {
    // The first click says from where, the second to where, a third begins anew.
    if (kind().ends === "one") field.from.value = room;
    else if (!field.from.value || field.to.value) { field.from.value = room; field.to.value = ""; }
    else field.to.value = room;
    mark();
  });
  document.getElementById("picker").append(picker.element);

  function mark() {
    picker.mark({ ...(field.from.value ? { [field.from.value]: "from" } : {}), ...(field.to.value && kind().ends === "two" ? { [field.to.value]: "to" } : {}) });
  }
  function fit() {
    const { ends, unit } = kind(), sized = field.kind.value === "dimension";
    field.to.closest("label").hidden = ends === "one";
    field.to.required = ends === "two";
    field.measure.closest("label").hidden = !sized;
    document.getElementById("range").hidden = !unit;
    field.low.required = field.high.required = Boolean(unit);
    document.getElementById("unit").textContent = sized && field.measure.value === "area" ? "m²" : unit;
    mark();
  }
  field.kind.addEventListener("change", fit);
  field.measure.addEventListener("change", fit);
  field.from.addEventListener("change", mark);
  field.to.addEventListener("change", mark);
  field.statement.addEventListener("change", () => { field.said.value = field.statement.selectedOptions[0].dataset.said ?? ""; });
  form.addEventListener("submit", async (sent) => {
    sent.preventDefault();
    const { ends, unit } = kind(), { witness } = field.statement.selectedOptions[0].dataset;
    const [low, high] = [Number(field.low.value), Number(field.high.value)].sort((a, b) => a - b);
    const sized = field.kind.value === "dimension";
    const claim = {
      id: "new", witness, kind: field.kind.value, said: field.said.value, negated: field.negated.checked,
      subject: nameOf(field.from.value, witness, known),
      object: ends === "two" ? nameOf(field.to.value, witness, known) : null,
      ...(unit ? { said_value: { low, best: (low + high) / 2, high, unit: sized && field.measure.value === "area" ? "m2" : unit, said: field.said.value } } : {}),
      ...(sized ? { measure: field.measure.value } : {}),
    };
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try { await decideAnew({ kind: "claim", facility: slug, statement: field.statement.value, claim }, field.reason.value); } finally { button.disabled = false; }
  });
  fit();
}
(box ? start() : Promise.resolve()).catch((trouble) => tellTrouble(trouble)).finally(() => { document.body.dataset.ready = "yes"; });
