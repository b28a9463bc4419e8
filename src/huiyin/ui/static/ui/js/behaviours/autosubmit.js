// Sends a form of filters as soon as a choice is made, and shortly after typing has stopped.
import { submit } from "../submit.js";

const PAUSE = 350;

export default function autosubmit(form) {
  let timer = 0;
  let composing = false;

  const send = () => {
    clearTimeout(timer);
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
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) send();
  });
}
