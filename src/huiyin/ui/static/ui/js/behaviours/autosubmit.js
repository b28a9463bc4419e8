// Sends a form of filters as soon as a choice is made, and shortly after typing has stopped.
import { submit } from "../submit.js";

const PAUSE = 350;

export default function autosubmit(form) {
  let timer = 0;
  let composing = false;
  let byKey = false;
  let passed = false;

  const send = () => {
    clearTimeout(timer);
    passed = false;
    if (!composing) submit(form);
  };

  form.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
  });
  form.addEventListener("compositionend", () => {
    composing = false;
    timer = setTimeout(send, PAUSE);
  });
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.target.matches("input:not([type=checkbox], [type=radio])")) timer = setTimeout(send, PAUSE);
  });
  // Arrows pass through the choices of a closed list one by one: Enter, or leaving it, means this one.
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("select")) return;
    if (event.key === "Enter" && passed) send();
    byKey = event.key !== "Enter";
  });
  form.addEventListener("pointerdown", () => {
    byKey = false;
  });
  form.addEventListener("focusout", () => {
    if (passed) send();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("select") && byKey) passed = true;
    else if (event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) send();
  });
}
