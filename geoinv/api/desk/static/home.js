// The start: dropped files go to the desk one by one, then a page shows what they would give.
import { Trouble, ask, make, tellTrouble, word } from "/desk/desk.js";

const zone = document.getElementById("drop");
const picker = document.getElementById("files");
const facility = document.getElementById("about");

async function send(files) {
  if (!files.length) return;
  const list = make("ul", { class: "uploads" });
  zone.append(list);
  try {
    const { batch } = await ask("POST", "/intake", { facility: facility.value });
    const token = document.querySelector('meta[name="token"]').content;
    for (const file of files) {
      const line = make("li", {}, file.name);
      list.append(line);
      const answer = await fetch(`/intake/${batch}?name=${encodeURIComponent(file.name)}`, { method: "PUT", body: file, headers: { "x-geoinv-token": token, accept: "application/json" } });
      if (!answer.ok) throw new Trouble(answer.status, await answer.json());
      line.classList.add("done");
    }
    location.assign(`/intake/${batch}`);
  } catch (trouble) {
    list.remove();
    tellTrouble(trouble instanceof Trouble ? trouble : new Trouble(0, { detail: word("offline") }));
  }
}
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!part.length) break;
        for (const one of part) await walk(one);
      }
    }
  };
  for (const entry of entries) await walk(entry);
  return found.filter((file) => !file.name.startsWith("."));
}
if (zone) {
  picker.addEventListener("change", () => send([...picker.files]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => { event.preventDefault(); zone.classList.remove("over"); send(await dropped(event.dataTransfer)); });
}
