// Binding an incident to a building or a room of it, picked in a list or on the plan, or saying that it cannot be said.
import { ask, decideAnew, make, tellTrouble, word } from "/desk/desk.js";
import { planPicker } from "/desk/plan.js";

const { slug } = document.getElementById("bind-here").dataset;
const styles = JSON.parse(document.getElementById("styles").textContent);

async function withPlan(list, cell) {
  const { buildings } = await ask("GET", `/facilities/${slug}/rooms/data`);
  if (!buildings.length) return;
  const mark = () => picker.mark(list.value.startsWith("room ") ? { [list.value.slice(5)]: "to" } : {});
  const picker = planPicker(buildings, styles, (room) => { list.value = `room ${room}`; mark(); });
  list.addEventListener("change", mark);
  cell.append(picker.element);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-bind]");
  if (!button) return;
  const list = document.getElementById("places").content.querySelector("select").cloneNode(true);
  const reason = make("input", { name: "reason", required: true, maxlength: 2000, "aria-label": word("reason") });
  const form = make("form", { class: "row" }, make("label", {}, word("where"), " ", list), make("label", {}, word("reason"), " ", reason), make("button", { type: "submit", class: "main" }, word("record")), make("button", { type: "button", class: "quiet", onclick: () => line.remove() }, word("cancel")));
  const cell = make("td", { colspan: 6 }, form), line = make("tr", {}, cell);
  button.closest("tr").after(line);
  list.focus();
  withPlan(list, cell).catch((trouble) => tellTrouble(trouble));
  form.addEventListener("submit", (sent) => {
    sent.preventDefault();
    const [kind, id] = list.value.split(" ");
    decideAnew({ kind: "bind", facility: slug, incident: button.dataset.bind, ...(kind === "-" ? {} : { [kind]: id }) }, reason.value);
  });
});
