// Binding an incident to a building or a room of it, or saying that it cannot be said.
import { decideAnew, make, word } from "/desk/desk.js";

const { slug } = document.getElementById("bind-here").dataset;
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-bind]");
  if (!button) return;
  const list = document.getElementById("places").content.querySelector("select").cloneNode(true);
  const reason = make("input", { name: "reason", required: true, maxlength: 2000, "aria-label": word("reason") });
  const form = make("form", { class: "row" }, make("label", {}, word("where"), " ", list), make("label", {}, word("reason"), " ", reason), make("button", { type: "submit", class: "main" }, word("record")), make("button", { type: "button", class: "quiet", onclick: () => line.remove() }, word("cancel")));
  const line = make("tr", {}, make("td", { colspan: 6 }, form));
  button.closest("tr").after(line);
  list.focus();
  form.addEventListener("submit", (sent) => {
    sent.preventDefault();
    const [kind, id] = list.value.split(" ");
    decideAnew({ kind: "bind", facility: slug, incident: button.dataset.bind, ...(kind === "-" ? {} : { [kind]: id }) }, reason.value);
  });
});
