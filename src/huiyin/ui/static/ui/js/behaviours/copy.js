// Copies a ready message and lets the server log that it was copied.
import { post } from "../server.js";

const SHOWN = 4000;

// On plain http browsers have no clipboard object; the old command still works there.
function copyByCommand(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "hidden-text";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

async function copy(text) {
  if (!navigator.clipboard) return copyByCommand(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function announce(words) {
  const region = document.getElementById("messages");
  if (!region) return;
  const note = document.createElement("p");
  note.className = "hidden-text";
  note.textContent = words;
  region.append(note);
  setTimeout(() => note.remove(), SHOWN);
}

function showText(button, text) {
  const area = document.createElement("textarea");
  area.className = "input__box";
  area.value = text;
  area.rows = 5;
  area.readOnly = true;
  button.closest(".row, .sheet, form, main")?.append(area);
  area.focus();
  area.select();
}

export default function copyButton(button) {
  button.addEventListener("click", async () => {
    const text = button.dataset.copyText ?? "";
    const copied = await copy(text);
    announce(copied ? button.dataset.done : button.dataset.failed);
    if (!copied) return showText(button, text);

    button.focus();
    button.toggleAttribute("data-copied", true);
    setTimeout(() => button.toggleAttribute("data-copied", false), SHOWN);
    const revealed = document.getElementById(button.dataset.reveals);
    if (revealed) revealed.hidden = false;
    if (button.dataset.logUrl) await post(button.dataset.logUrl, { channel: "wechat" });
  });
}
