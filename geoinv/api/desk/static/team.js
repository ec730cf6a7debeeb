// Accounts: a new person's one-time link is shown once, to be handed over.
import { Trouble, ask, tellTrouble, word } from "/desk/desk.js";

document.getElementById("person")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { link } = await ask("POST", "/team", Object.fromEntries(new FormData(event.target).entries()));
    const shown = document.getElementById("link");
    shown.textContent = `${word("hand over")} ${location.origin}${link}`;
    shown.hidden = false;
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    tellTrouble(trouble);
  }
});
