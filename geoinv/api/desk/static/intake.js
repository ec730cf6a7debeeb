// What dropped files would give: confirm, leave one out, answer for names.
import { Trouble, ask, tell, tellNext, tellTrouble, word } from "/desk/desk.js";

const batch = document.getElementById("batch").value;
document.getElementById("take")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, button = form.querySelector("button[type=submit]");
  button.disabled = true;
  tell(word("taking in"), { stay: true });
  try {
    const told = await ask("POST", `/intake/${batch}/take`, Object.fromEntries(new FormData(form).entries()));
    tellNext(word("taken in", { count: told.taken }) + (told.problems.length ? " " + told.problems.join(" ") : ""));
    location.assign("/");
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    button.disabled = false;
    tellTrouble(trouble);
  }
});
document.addEventListener("click", async (event) => {
  const leave = event.target.closest("button[data-leave]");
  if (!leave) return;
  try {
    const { left } = await ask("POST", `/intake/${batch}/leave`, { name: leave.dataset.leave });
    if (left) location.reload(); else location.assign("/");
  } catch (trouble) { tellTrouble(trouble); }
});
