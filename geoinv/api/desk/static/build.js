// A build, started from the start or from any page of a facility that waits for one, and followed to its end.
import { ask, make, tell, tellNext, tellTrouble, word } from "/desk/desk.js";

const button = document.getElementById("build");
const state = document.getElementById("build-state");
const bar = document.getElementById("build-bar");

// What somebody is in the midst of is not taken from under their hands: they look at what was built when they like.
const busy = () => document.querySelector("dialog") || document.getElementById("draft")?.textContent || document.activeElement?.matches("input, textarea, select");

function ended(job) {
  state.textContent = "";
  if (job.failed) return tell(job.failed, { wrong: true });
  if (!busy()) { tellNext(word("built")); return location.reload(); }
  tell(word("built"), { stay: true });
  document.querySelector("#told .told span").after(make("button", { type: "button", class: "quiet", onclick: () => location.reload() }, word("show built")));
}
async function follow() {
  for (;;) {
    let job;
    try { job = await ask("GET", "/build"); } catch (trouble) { tellTrouble(trouble); return; }
    if (job.ended === undefined) return;
    const doing = job.step ? `${job.facility}: ${word(`step ${job.step}`)}` : job.doing;
    const clock = `${Math.floor(job.seconds / 60)}:${String(job.seconds % 60).padStart(2, "0")}`;
    state.textContent = `${word("building now")} ${doing} · ${clock}`;
    button.disabled = !job.ended;
    if (bar) { bar.hidden = job.ended; bar.value = job.share; }
    if (job.ended) return ended(job);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
async function begin() {
  button.disabled = true;
  try { await ask("POST", "/build", {}); follow(); } catch (trouble) { button.disabled = false; tellTrouble(trouble); }
}
if (button) {
  document.addEventListener("click", (event) => { if (event.target.closest("#build, [data-build]")) begin(); });
  if (state.dataset.running === "yes") follow();
}
