// Puts each message of a list of errors beside its field, when only the list came back.
function clear() {
  for (const field of document.querySelectorAll(".field--wrong")) {
    field.classList.remove("field--wrong");
    for (const input of field.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    const slot = field.querySelector("[data-field-error]");
    if (slot) slot.hidden = true;
  }
}

export default function errors(list) {
  clear();
  for (const entry of list.querySelectorAll("[data-field]")) {
    const control = document.getElementById(entry.dataset.field);
    const field = control?.closest(".field");
    const slot = field?.querySelector("[data-field-error]");
    if (!slot) continue;
    field.classList.add("field--wrong");
    if (control !== field) control.setAttribute("aria-invalid", "true");
    slot.hidden = false;
    slot.lastElementChild.textContent = entry.dataset.message;
  }
}
