// Signing out takes this person's drafts off the device, and asks first if finished work waits.
import * as drafts from "../drafts.js";
import * as waiting from "../waiting.js";

export default function leave(form) {
  const dialog = document.getElementById("leave-dialog");

  async function go(rows) {
    await drafts.removeMine();
    for (const row of rows) await waiting.remove(row);
    HTMLFormElement.prototype.submit.call(form);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const rows = await waiting.mine();
    if (!rows.length) return go([]);
    dialog.querySelector("[data-leave-count]").textContent = rows.length;
    dialog.addEventListener("close", () => dialog.returnValue === "leave" && go(rows), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}
